import type { Backend, QuotaSettings } from '../backend.ts';
import * as healths from '../health/health.ts';
import type { Health } from '../health/health.ts';
import { Quota, type QuotaWindows } from './quota.ts';

/** What draws on one quota: it counts together, and where that are several deployments, it rests together. */
export interface QuotaGroup {
  readonly quota: Quota;
  /** The windows that it is counted in. */
  readonly windows: QuotaWindows;
  readonly isShared: boolean;
  /** Of what is shared: its rests for spent quota. */
  health: Health;
  /** When it was first told that it rests, without having recovered since; undefined if it is well. */
  downSinceMs: number | undefined;
}

/** Finds the quota group of each deployment of each backend. */
export class QuotaGroups {
  #windows: QuotaWindows;
  readonly #shared = new Map<string, QuotaGroup>();
  readonly #untouched = new Map<QuotaSettings, QuotaGroup>();

  constructor(backends: readonly Backend[], windows: QuotaWindows) {
    this.#windows = windows;
    this.update(backends);
  }

  /**
   * Takes other backends, and other settings. What is known of the groups that are still there stays; with other windows it is
   * counted anew, as counts of one length say nothing of another.
   */
  update(backends: readonly Backend[], windows: QuotaWindows = this.#windows): void {
    const areSame = isSame(windows, this.#windows);
    this.#windows = windows;
    const groups = groupSettings(backends);
    for (const name of this.#shared.keys()) if (!groups.has(name)) this.#shared.delete(name);
    for (const [name, settings] of groups) {
      const known = this.#shared.get(name);
      if (known === undefined) this.#shared.set(name, this.#make(settings, true));
      else if (areSame) known.quota.configure(settings);
      else this.#shared.set(name, this.#makeAnew(settings, known));
    }
    this.#untouched.clear();
  }

  /**
   * Returns the group of a deployment, by its name at the backend: the shared one that it is in, or one of its own.
   *
   * @param own the one that it has had so far, which it keeps if it is its own
   */
  groupOf(backend: Backend, deployment: string, own?: QuotaGroup): QuotaGroup {
    const settings = settingsOf(backend, deployment);
    const shared = this.#sharedOf(settings);
    if (shared !== undefined || own === undefined || own.isShared)
      return shared ?? this.#make(settings, false);
    if (!isSame(own.windows, this.#windows)) return this.#makeAnew(settings, own);
    own.quota.configure(settings);
    return own;
  }

  /** Answers the group of a deployment that nothing was sent to: like all untouched ones of the same settings. */
  untouchedGroupOf(backend: Backend, deployment: string): QuotaGroup {
    const settings = settingsOf(backend, deployment);
    const known = this.#sharedOf(settings) ?? this.#untouched.get(settings);
    if (known !== undefined) return known;
    const group = this.#make(settings, false);
    this.#untouched.set(settings, group);
    return group;
  }

  /** Makes a group that rests like another, and counts from nothing. */
  #makeAnew(settings: QuotaSettings, { isShared, health, downSinceMs }: QuotaGroup): QuotaGroup {
    return { ...this.#make(settings, isShared), health, downSinceMs };
  }

  #sharedOf({ quotaGroup }: QuotaSettings): QuotaGroup | undefined {
    return quotaGroup === undefined ? undefined : this.#shared.get(quotaGroup);
  }

  #make(settings: QuotaSettings, isShared: boolean): QuotaGroup {
    return {
      quota: new Quota(settings, this.#windows),
      windows: this.#windows,
      isShared,
      health: healths.READY,
      downSinceMs: undefined,
    };
  }
}

function isSame(a: QuotaWindows, b: QuotaWindows): boolean {
  return a.tokenWindowMs === b.tokenWindowMs && a.requestWindowMs === b.requestWindowMs;
}

const NO_SETTINGS: QuotaSettings = {};

/** Requests for no deployment spend nothing of any. */
function settingsOf(backend: Backend, deployment: string): QuotaSettings {
  if (deployment === '') return NO_SETTINGS;
  return backend.quotas?.get(deployment) ?? backend.quota ?? NO_SETTINGS;
}

/** One quota has one setting of each kind: the first that is said of it, by whichever of its members. */
function groupSettings(backends: readonly Backend[]): Map<string, QuotaSettings> {
  const groups = new Map<string, QuotaSettings>();
  for (const { quota, quotas } of backends) {
    for (const settings of [quota, ...(quotas?.values() ?? [])]) {
      if (settings?.quotaGroup === undefined) continue;
      groups.set(settings.quotaGroup, { ...settings, ...said(groups.get(settings.quotaGroup)) });
    }
  }
  return groups;
}

function said(settings: QuotaSettings | undefined): QuotaSettings {
  return Object.fromEntries(Object.entries(settings ?? {}).filter(([, value]) => value !== undefined));
}
