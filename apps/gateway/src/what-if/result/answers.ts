import { type Figure, percentile } from '@spillway/simulation';
import type { Quotas } from '../quotas/find-quotas.ts';
import type { QuotaTruth } from '../quotas/quota-truth.ts';
import type { UnprovenDeployment } from '../quotas/find-unproven.ts';
import type { ClientCount, Findings } from './findings.ts';

/** A configuration, and the result of the log under it. */
export interface Answer {
  /** The name of the configuration. */
  readonly name: string;
  readonly quotas: Quotas;
  readonly unproven: readonly UnprovenDeployment[];
  readonly findings: Findings;
}

/** The results of a log under each of several configurations. */
export interface Outcome {
  readonly requests: number;
  /** The arrival of the first request. */
  readonly startMs: number;
  /** From then to the arrival of the last. */
  readonly lastedMs: number;
  /** The assumptions, one sentence each. */
  readonly assumptions: readonly string[];
  readonly answers: readonly Answer[];
}

/** The use of a quota; 1 is all of it. */
export interface QuotaUse {
  readonly name: string;
  readonly isProvisioned: boolean;
  /** `Infinity` without a limit. */
  readonly tokensPerMinute: number;
  readonly requestsPerMinute: number;
  readonly meanShare: number;
  readonly p99Share: number | null;
  /** The share of the time in which it was full. */
  readonly fullShare: number;
}

/** With less left, hardly any request finds room. */
const FULL = 0.98;

/** Returns the use of each of these quotas. */
export function quotaUsesOf({ findings }: Answer, quotas: Iterable<QuotaTruth>): QuotaUse[] {
  return [...quotas].map(({ name, isProvisioned, tpm, rpm }) => {
    const shares = findings.uses.get(name)?.shares ?? [];
    return {
      name,
      isProvisioned,
      tokensPerMinute: tpm,
      requestsPerMinute: rpm,
      meanShare: meanOf(shares),
      p99Share: shares.length === 0 ? null : percentile(shares, 0.99),
      fullShare: shares.filter((share) => share >= FULL).length / Math.max(1, shares.length),
    };
  });
}

/** Returns the figures by which configurations are compared. */
export function figuresOf({ findings, quotas, unproven }: Answer): Figure[] {
  const { total, attempts, backendRefusals, spilled } = findings;
  return [
    { name: 'requests', value: total.requests, unit: '' },
    ...(unproven.length > 0
      ? [
          {
            name: 'for unknown deployments',
            value: countUnproven(unproven),
            unit: '',
            better: 'lower' as const,
          },
        ]
      : []),
    { name: 'served', value: percent(total.served, total.requests), unit: '%', better: 'higher' },
    { name: '429s to clients', value: total.refused, unit: '', better: 'lower' },
    { name: 'other failures', value: total.failed, unit: '', better: 'lower' },
    { name: 'waited', value: percent(total.waitsMs.length, total.requests), unit: '%' },
    { name: 'waited p50', value: waitOf(total, 0.5), unit: 's' },
    { name: 'waited p99', value: waitOf(total, 0.99), unit: 's' },
    { name: 'spilled', value: percent(spilled, total.served), unit: '%' },
    { name: '429s of backends', value: backendRefusals, unit: '', better: 'lower' },
    { name: 'attempts per served', value: ratio(attempts, total.served), unit: '' },
    ...utilisationOf(findings, quotas),
  ];
}

/** Returns the number of requests for deployments that no backend is known to have. */
export function countUnproven(unproven: readonly UnprovenDeployment[]): number {
  return unproven.reduce((sum, { requests }) => sum + requests, 0);
}

/** Of all provisioned throughput: the average and the maximum use. */
function utilisationOf({ uses }: Findings, quotas: Quotas): Figure[] {
  const shares = [...quotas.values()]
    .filter(({ isProvisioned, tpm }) => isProvisioned && Number.isFinite(tpm))
    .map(({ name }) => uses.get(name)?.shares ?? []);
  if (shares.length === 0) return [];
  const all = shares.flat();
  return [
    { name: 'PTU utilisation', value: percent(meanOf(all), 1), unit: '%' },
    { name: 'PTU utilisation p99', value: percent(percentile(all, 0.99), 1), unit: '%' },
  ];
}

/** Returns the mean; 0 for an empty list. */
export function meanOf(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Returns a percentile of the waiting times, in seconds; `null` if no request waited. */
export function waitOf({ waitsMs }: ClientCount, share: number): number | null {
  return waitsMs.length === 0 ? null : Math.round(percentile(waitsMs, share)) / 1000;
}

/** Returns a share in percent, with two digits; `null` if the whole is 0. */
export function percent(part: number, whole: number): number | null {
  return whole === 0 || !Number.isFinite(part) ? null : Math.round((10_000 * part) / whole) / 100;
}

function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : Math.round((1000 * part) / whole) / 1000;
}
