import { type Backend, deploymentAt, quotaAt, type QuotaSettings } from '@spillway/core';
import type { LoggedRequest } from '../log/logged-request.ts';
import type { GivenQuota, QuotaSource, QuotaTruth } from './quota-truth.ts';
import { ServedMinutes } from './served-minutes.ts';

/** The sources of quotas. */
interface QuotaSources {
  readonly backends: readonly Backend[];
  /** In the order of arrival. */
  readonly requests: readonly LoggedRequest[];
  /** By the backend's name. */
  readonly given: ReadonlyMap<string, GivenQuota>;
}

/** The quotas of all backends for all deployments in the log, by `quotaNameOf`. */
export type Quotas = ReadonlyMap<string, QuotaTruth>;

/** Returns the name of the quota that requests for a deployment spend at a backend. */
export function quotaNameOf(backend: Backend, requested: string): string {
  const deployment = deploymentAt(backend, requested);
  const { quotaGroup } = settingsOf(backend, deployment);
  return quotaGroup === undefined ? `${backend.name} for ${deployment}` : `group ${quotaGroup}`;
}

/**
 * Finds the quota of each backend and deployment: from the command line, else from the file, else from the log.
 *
 * @throws Error that names all quotas of which nothing is known
 */
export function findQuotas({ backends, requests, given }: QuotaSources): Quotas {
  const deployments = countByDeployment(requests);
  const served = new ServedMinutes(backends, requests, quotaNameOf);
  const quotas = new Map<string, QuotaTruth>();
  const unknown = new Set<string>();
  for (const backend of backends) {
    for (const [requested, count] of deployments) {
      const name = quotaNameOf(backend, requested);
      const quota = decideQuota(name, settingsOf(backend, deploymentAt(backend, requested)), {
        given: given.get(backend.name),
        served,
        requests: count,
      });
      if (quota === undefined) unknown.add(`${backend.name} for ${requested}`);
      else quotas.set(name, merge(quotas.get(name), quota));
    }
  }
  if (unknown.size > 0)
    throw new Error(
      `the quota of ${namesOf([...unknown])} is unknown: the file does not say it, and no request in the log was served ` +
        'there. Say `tpm` in the file, or --quota name=tpm[,rpm], or --quota name=none',
    );
  return quotas;
}

function countByDeployment(requests: readonly LoggedRequest[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { deployment } of requests) counts.set(deployment, (counts.get(deployment) ?? 0) + 1);
  return counts;
}

/** Nobody reads more, and a page of plots would be megabytes. */
const MAX_SHOWN = 20;

/** Returns the quotas to show, which most requests may spend, and those that are only summed. */
export function splitQuotas(quotas: Quotas): {
  readonly shown: readonly QuotaTruth[];
  readonly others: readonly QuotaTruth[];
} {
  const all = [...quotas.values()];
  if (all.length <= MAX_SHOWN) return { shown: all, others: [] };
  const sorted = all.toSorted((one, other) => other.requests - one.requests);
  return { shown: sorted.slice(0, MAX_SHOWN), others: sorted.slice(MAX_SHOWN) };
}

/** Returns the sum of the tokens per minute of all quotas that have a limit. */
export function limitOf(quotas: readonly QuotaTruth[]): number {
  return quotas.reduce((sum, { tpm }) => sum + (Number.isFinite(tpm) ? tpm : 0), 0);
}

function namesOf(unknown: readonly string[]): string {
  const others = unknown.length - MAX_SHOWN;
  return unknown.slice(0, MAX_SHOWN).join(', ') + (others > 0 ? ` and ${others} others` : '');
}

interface Evidence {
  readonly given: GivenQuota | undefined;
  readonly served: ServedMinutes;
  readonly requests: number;
}

function decideQuota(
  name: string,
  { tpm, rpm = Infinity, spillAt }: QuotaSettings,
  { given, served, requests }: Evidence,
): QuotaTruth | undefined {
  const isProvisioned = spillAt !== undefined;
  const known = { name, rpm, isProvisioned, requests };
  if (given !== undefined) return { ...known, tpm: given.tpm, rpm: given.rpm ?? rpm, source: 'given' };
  if (tpm !== undefined) return { ...known, tpm, source: 'stated' };
  const most = served.mostTokensOf(name);
  if (most === undefined) return undefined;
  return served.wasShort(name)
    ? { ...known, tpm: most, source: 'learned' }
    : { ...known, tpm: Infinity, source: 'unlimited' };
}

/** The most reliable first. */
const SOURCES: readonly QuotaSource[] = ['given', 'stated', 'learned', 'unlimited'];

/** For a group, the statement of one member counts for all. */
function merge(known: QuotaTruth | undefined, quota: QuotaTruth): QuotaTruth {
  if (known === undefined) return quota;
  const isProvisioned = known.isProvisioned || quota.isProvisioned;
  const better = SOURCES.indexOf(quota.source) < SOURCES.indexOf(known.source) ? quota : known;
  const requests = known.requests + quota.requests;
  return { ...better, rpm: Math.min(known.rpm, quota.rpm), isProvisioned, requests };
}

const NO_SETTINGS: QuotaSettings = {};

function settingsOf(backend: Backend, deployment: string): QuotaSettings {
  return quotaAt(backend, deployment) ?? NO_SETTINGS;
}
