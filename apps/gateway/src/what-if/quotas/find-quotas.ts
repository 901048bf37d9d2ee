import { type Backend, deploymentAt, type QuotaSettings } from '@spillway/core';
import type { LoggedRequest } from '../log/logged-request.ts';
import type { GivenQuota, QuotaSource, QuotaTruth } from './quota-truth.ts';
import { ServedMinutes } from './served-minutes.ts';

/** What quotas are found from. */
interface QuotaSources {
  readonly backends: readonly Backend[];
  /** In the order in which they came. */
  readonly requests: readonly LoggedRequest[];
  /** By the backend's name. */
  readonly given: ReadonlyMap<string, GivenQuota>;
}

/** The quotas of all backends for all deployments that the log asks for, by `quotaNameOf`. */
export type Quotas = ReadonlyMap<string, QuotaTruth>;

/** Returns the name of the quota that requests for a deployment spend at a backend. */
export function quotaNameOf(backend: Backend, requested: string): string {
  const deployment = deploymentAt(backend, requested);
  const { quotaGroup } = settingsOf(backend, deployment);
  return quotaGroup === undefined ? `${backend.name} for ${deployment}` : `group ${quotaGroup}`;
}

/**
 * Finds the quota of each backend and deployment: what the command line says, else the file, else what the log shows.
 *
 * @throws Error that names all quotas of which nothing is known
 */
export function findQuotas({ backends, requests, given }: QuotaSources): Quotas {
  const deployments = [...new Set(requests.map(({ deployment }) => deployment))];
  const served = new ServedMinutes(backends, requests, quotaNameOf);
  const quotas = new Map<string, QuotaTruth>();
  const unknown = new Set<string>();
  for (const backend of backends) {
    for (const requested of deployments) {
      const name = quotaNameOf(backend, requested);
      const quota = decideQuota(name, settingsOf(backend, deploymentAt(backend, requested)), {
        given: given.get(backend.name),
        served,
      });
      if (quota === undefined) unknown.add(`${backend.name} for ${requested}`);
      else quotas.set(name, merge(quotas.get(name), quota));
    }
  }
  if (unknown.size > 0)
    throw new Error(
      `the quota of ${[...unknown].join(', ')} is unknown: the file does not say it, and no request in the log was served ` +
        'there. Say `tpm` in the file, or --quota name=tpm[,rpm], or --quota name=none',
    );
  return quotas;
}

interface Evidence {
  readonly given: GivenQuota | undefined;
  readonly served: ServedMinutes;
}

function decideQuota(
  name: string,
  { tpm, rpm = Infinity, spillAt }: QuotaSettings,
  { given, served }: Evidence,
): QuotaTruth | undefined {
  const isProvisioned = spillAt !== undefined;
  if (given !== undefined)
    return { name, tpm: given.tpm, rpm: given.rpm ?? rpm, isProvisioned, source: 'given' };
  if (tpm !== undefined) return { name, tpm, rpm, isProvisioned, source: 'stated' };
  const most = served.mostTokensOf(name);
  if (most === undefined) return undefined;
  return served.wasShort(name)
    ? { name, tpm: most, rpm, isProvisioned, source: 'learned' }
    : { name, tpm: Infinity, rpm, isProvisioned, source: 'unlimited' };
}

/** The most reliable first. */
const SOURCES: readonly QuotaSource[] = ['given', 'stated', 'learned', 'unlimited'];

/** Of a group, what one of its members states counts for all. */
function merge(known: QuotaTruth | undefined, quota: QuotaTruth): QuotaTruth {
  if (known === undefined) return quota;
  const isProvisioned = known.isProvisioned || quota.isProvisioned;
  const better = SOURCES.indexOf(quota.source) < SOURCES.indexOf(known.source) ? quota : known;
  return { ...better, rpm: Math.min(known.rpm, quota.rpm), isProvisioned };
}

const NO_SETTINGS: QuotaSettings = {};

function settingsOf(backend: Backend, deployment: string): QuotaSettings {
  return backend.quotas?.get(deployment) ?? backend.quota ?? NO_SETTINGS;
}
