import type { RateWindow } from './rate-window.ts';
import type { RequestWindows } from './request-windows.ts';

/** The remainder of a quota, reported or learned; unknown values are undefined. */
export interface Headroom {
  /** The share that is left, from 0 to 1. */
  readonly share: number | undefined;
  /** Per minute. */
  readonly limitTokens: number | undefined;
  readonly remainingTokens: number | undefined;
  /** The used tokens that others than this gateway have taken, as far as the backend's answers show. */
  readonly othersTokens: number | undefined;
  /** Per minute or 10 s, whichever the backend reports. */
  readonly limitRequests: number | undefined;
  readonly remainingRequests: number | undefined;
  /** Of provisioned throughput: the share in use. */
  readonly utilization: number | undefined;
}

/** Returns the share of a limit that is left, undefined where either is not known. */
export function shareOf(remaining: number | undefined, limit: number | undefined): number | undefined {
  return remaining === undefined || limit === undefined ? undefined : remaining / limit;
}

/** Returns a headroom, with the remainders of its windows; without one of tokens, they are not what is counted. */
export function headroomOf(
  used: Pick<Headroom, 'share' | 'utilization'>,
  tokens: RateWindow | undefined,
  requests: RequestWindows,
  nowMs: number,
): Headroom {
  return {
    ...used,
    limitTokens: tokens?.limit,
    remainingTokens: tokens?.remainingAt(nowMs),
    othersTokens: tokens?.limit === undefined ? undefined : tokens.othersAt(nowMs),
    limitRequests: requests.limit,
    remainingRequests: requests.remainingAt(nowMs),
  };
}
