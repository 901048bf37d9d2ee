import type { Usage } from './judgement.ts';
import type { Limits } from './limits.ts';
import type { Quotas } from './quota.ts';
import type { SpentPeriod } from './spending.ts';

/** The limits of a deployment, their remainders and its spending; its times are in the quota's time. */
export interface DeploymentState {
  readonly limits: Limits;
  readonly usage: Usage;
  readonly admitted: number;
  readonly refused: number;
  /** Tokens charged, corrections included. */
  readonly tokens: number;
  readonly periods: readonly SpentPeriod[];
}

/** The quotas of a mock and their spending. */
export interface QuotaState {
  /** How many times as fast as real time the quota's time passes. */
  readonly timeScale: number;
  /** When the quota was set, in milliseconds since 1970: its time is `(now − startedAtMs) × timeScale`. */
  readonly startedAtMs: number;
  /** The quota's time, from when it was set. */
  readonly nowMs: number;
  readonly quotas: Quotas;
  /** Every deployment that was configured or called. */
  readonly deployments: Readonly<Record<string, DeploymentState>>;
}
