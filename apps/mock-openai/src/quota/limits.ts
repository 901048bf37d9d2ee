import type { TimedCut } from './quota-cuts.ts';

/** The limits of a deployment; its times are in the quota's time, and a limit that it does not have is undefined. */
export type Limits =
  | {
      readonly kind: 'rates';
      /** Tokens in each `tokenWindowMs`, cuts left out. */
      readonly tpm: number | undefined;
      readonly tokenWindowMs: number;
      /** Whether a token is back one window after it was charged, or all at the next multiple of the window. */
      readonly window: 'rolling' | 'fixed';
      readonly rpm: number | undefined;
      /** The share of `rpm` that any `requestWindowMs` allows, cuts left out. */
      readonly requestsPerWindow: number | undefined;
      readonly requestWindowMs: number;
      /** Every cut that was set, past ones included. */
      readonly cuts: readonly TimedCut[];
    }
  | {
      readonly kind: 'utilization';
      /** The number of tokens that is 100 %. */
      readonly capacityTokens: number;
      /** The time in which that amount drains. */
      readonly emptiesInMs: number;
    };
