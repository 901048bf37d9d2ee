import type { CallSize } from './estimate-tokens.ts';
import type { Limits } from './limits.ts';

/** A deployment's report on its limits; a limit that it does not have is undefined. */
export type Usage =
  | {
      readonly kind: 'rates';
      readonly limitRequests: number | undefined;
      readonly remainingRequests: number | undefined;
      readonly limitTokens: number | undefined;
      readonly remainingTokens: number | undefined;
    }
  /** `utilization` is 1 when all provisioned throughput is in use. */
  | { readonly kind: 'utilization'; readonly utilization: number };

/** Whether a call fits into its deployment's quota; one that fits is charged. */
export type Judgement =
  | { readonly kind: 'admitted'; readonly tokens: number; readonly usage: Usage }
  | {
      readonly kind: 'refused';
      /** The charge it would have had. */
      readonly tokens: number;
      /** The limit that it has to wait for the longest. */
      readonly by: 'requests' | 'tokens' | 'utilization';
      /** How long it has to wait if nothing else is charged until then. */
      readonly waitMs: number;
      readonly usage: Usage;
    };

/** The quota of one deployment as it is spent; times come in order. */
export interface DeploymentQuota {
  readonly limits: Limits;
  /** Judges an arriving call, and charges it if it fits; `cachedTokens` returns how much of its prompt is cached. */
  judge(size: CallSize, nowMs: number, cachedTokens?: () => number): Judgement;
  /** Corrects the charge of a finished call to the answer's real usage. Returns the difference in tokens. */
  finish(size: CallSize, outputTokens: number, nowMs: number): number;
  /** Returns the present state of its limits. */
  usageAt(nowMs: number): Usage;
}
