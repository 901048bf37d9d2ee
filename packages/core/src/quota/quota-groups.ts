import type { Backend, QuotaSettings } from '../backend.ts';
import * as healths from '../health/health.ts';
import type { Health } from '../health/health.ts';
import { Quota, type QuotaWindows } from './quota.ts';

/** What draws on one quota: it counts together, and where that are several deployments, it rests together. */
export interface QuotaGroup {
  readonly quota: Quota;
  readonly isShared: boolean;
  /** Of what is shared: its rests for spent quota. */
  health: Health;
}

/** Finds the quota group of each deployment of each backend. */
export class QuotaGroups {
  readonly #windows: QuotaWindows;
  readonly #shared = new Map<string, QuotaGroup>();
  readonly #untouched = new Map<QuotaSettings, QuotaGroup>();

  constructor(backends: readonly Backend[], windows: QuotaWindows) {
    this.#windows = windows;
    for (const [name, settings] of groupSettings(backends)) {
      this.#shared.set(name, this.#make(settings, true));
    }
  }

  /** Answers the group of a deployment, by its name at the backend: its group's, or a new one of its own. */
  groupOf(backend: Backend, deployment: string): QuotaGroup {
    const settings = settingsOf(backend, deployment);
    return this.#groupOf(settings) ?? this.#make(settings, false);
  }

  /** Answers the group of a deployment that nothing was sent to: like all untouched ones of the same settings. */
  untouchedGroupOf(backend: Backend, deployment: string): QuotaGroup {
    const settings = settingsOf(backend, deployment);
    const known = this.#groupOf(settings) ?? this.#untouched.get(settings);
    if (known !== undefined) return known;
    const group = this.#make(settings, false);
    this.#untouched.set(settings, group);
    return group;
  }

  #groupOf({ quotaGroup }: QuotaSettings): QuotaGroup | undefined {
    return quotaGroup === undefined ? undefined : this.#shared.get(quotaGroup);
  }

  #make(settings: QuotaSettings, isShared: boolean): QuotaGroup {
    return { quota: new Quota(settings, this.#windows), isShared, health: healths.READY };
  }
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
