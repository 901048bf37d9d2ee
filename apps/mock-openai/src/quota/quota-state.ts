import type { Usage } from './judgement.ts';
import type { Limits } from './limits.ts';
import type { Quotas } from './quota.ts';
import type { SpentPeriod } from './spending.ts';

/** What limits a deployment, what is left of it and what it has spent; its times are the quota's. */
export interface DeploymentState {
  readonly limits: Limits;
  readonly usage: Usage;
  readonly admitted: number;
  readonly refused: number;
  /** Tokens charged, corrections included. */
  readonly tokens: number;
  readonly periods: readonly SpentPeriod[];
}

/** What the quotas of a mock are and what was spent of them. */
export interface QuotaState {
  /** How many times as fast as real time the quota's time passes. */
  readonly timeScale: number;
  /** When the quota was set, in milliseconds since 1970: its time is `(now − startedAtMs) × timeScale`. */
  readonly startedAtMs: number;
  /** The quota's time, from when it was set. */
  readonly nowMs: number;
  readonly quotas: Quotas;
  /** Every deployment that is named or was called. */
  readonly deployments: Readonly<Record<string, DeploymentState>>;
}
