import type { TokenEstimate } from '../routing-request.ts';
import type { Mark } from './rate-window.ts';
import type { RequestMark } from './request-windows.ts';
import type { GaugeMark } from './utilization-gauge.ts';

/** The charge of an attempt, kept so that it can be corrected. */
export interface Charge {
  readonly estimate: TokenEstimate | undefined;
  /** Whether no room was known for it. */
  readonly isProbe: boolean;
  /** Whether it was larger than the limit as the backend has reported or shown it. */
  readonly isTrial: boolean;
  readonly tokens: Mark;
  readonly request: RequestMark;
  /** Of provisioned throughput. */
  readonly gauge: GaugeMark | undefined;
}

/** The real usage, as an answer reports it. */
export interface Usage {
  readonly promptTokens: number;
  readonly outputTokens: number;
  /** The prompt tokens that were in the backend's cache. */
  readonly cachedTokens: number;
}

/** More than any answer takes. */
const MAX_TOKENS = 1e12;

/** Whether an answer can have taken this many tokens: a backend may report any number that JSON can hold. */
export function isCountable(tokens: number): boolean {
  return tokens >= 0 && tokens <= MAX_TOKENS;
}

/** Returns the tokens of an estimate, or of a usage, together; none without one. */
export function tokensOf(estimate: TokenEstimate | undefined): number {
  return estimate === undefined ? 0 : estimate.promptTokens + estimate.outputTokens;
}
