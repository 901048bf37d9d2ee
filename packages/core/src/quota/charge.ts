import type { TokenEstimate } from '../routing-request.ts';
import type { Mark } from './rate-window.ts';
import type { RequestMark } from './request-windows.ts';
import type { GaugeMark } from './utilization-gauge.ts';

/** What an attempt was charged of a quota, so that it can be corrected. */
export interface Charge {
  readonly estimate: TokenEstimate | undefined;
  /** Whether there was no room for it, as far as was known. */
  readonly isProbe: boolean;
  readonly tokens: Mark;
  readonly request: RequestMark;
  /** Of provisioned throughput. */
  readonly gauge: GaugeMark | undefined;
}

/** What an answer says that it has really taken. */
export interface Usage {
  readonly promptTokens: number;
  readonly outputTokens: number;
  /** Those of the prompt's tokens that were in the backend's cache. */
  readonly cachedTokens: number;
}

/** More than any answer takes. */
const MAX_TOKENS = 1e12;

/** Whether an answer can have taken so many tokens: a backend may tell any number that JSON can hold. */
export function isCountable(tokens: number): boolean {
  return tokens >= 0 && tokens <= MAX_TOKENS;
}

/** Returns the tokens that a request is charged; none if nothing is known of it. */
export function tokensOf(estimate: TokenEstimate | undefined): number {
  return estimate === undefined ? 0 : estimate.promptTokens + estimate.outputTokens;
}
