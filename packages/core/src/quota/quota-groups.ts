import { type Backend, quotaAt, type QuotaSettings } from '../backend.ts';
import * as healths from '../health/health.ts';
import type { Health } from '../health/health.ts';
import type { Outcome } from '../outcome.ts';
import { Quota, type QuotaWindows } from './quota.ts';

/**
 * The deployments that share one quota: they are counted together, and if there are several, they cool down together.
 */
export interface QuotaGroup {
  readonly quota: Quota;
  /** The windows that it is counted in. */
  readonly windows: QuotaWindows;
  readonly isShared: boolean;
  /** Of a shared quota: its cooldowns for spent quota. */
  health: Health;
  /** When its cooldown was first reported, without a recovery since; undefined if it is healthy. */
  downSinceMs: number | undefined;
  /** Of a shared quota: the outcome behind its present or last cooldown. */
  coolsDownFor: Outcome | undefined;
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
   * Replaces the backends and their settings. The known state of groups that remain stays; under other windows counting
   * begins anew, as counts of one length say nothing about another.
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
   * @param own its group so far, which it keeps if it is its own
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

  /**
   * Returns the group of a deployment that nothing was sent to: the same for all untouched ones with equal settings.
   */
  untouchedGroupOf(backend: Backend, deployment: string): QuotaGroup {
    const settings = settingsOf(backend, deployment);
    const known = this.#sharedOf(settings) ?? this.#untouched.get(settings);
    if (known !== undefined) return known;
    const group = this.#make(settings, false);
    this.#untouched.set(settings, group);
    return group;
  }

  /** Makes a group with the cooldowns of another, and no counts. */
  #makeAnew(settings: QuotaSettings, known: QuotaGroup): QuotaGroup {
    const { isShared, health, downSinceMs, coolsDownFor } = known;
    return { ...this.#make(settings, isShared), health, downSinceMs, coolsDownFor };
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
      coolsDownFor: undefined,
    };
  }
}

function isSame(a: QuotaWindows, b: QuotaWindows): boolean {
  return a.tokenWindowMs === b.tokenWindowMs && a.requestWindowMs === b.requestWindowMs;
}

const NO_SETTINGS: QuotaSettings = {};

/** Requests for no deployment use no deployment's quota. */
function settingsOf(backend: Backend, deployment: string): QuotaSettings {
  return deployment === '' ? NO_SETTINGS : (quotaAt(backend, deployment) ?? NO_SETTINGS);
}

/** One quota has one setting of each kind: the first one stated, by whichever member. */
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
