import type { Call } from '../call.ts';

/** Returns a call with 60 prompt tokens and 40 answer tokens, except for these overrides. */
export function makeCall(different: Partial<Call> = {}): Call {
  return {
    replica: 0,
    promptTokens: 60,
    estimatedTokens: 60,
    maxTokens: 40,
    outputTokens: 10,
    cachedTokens: 0,
    headMs: 1000,
    bodyMs: 0,
    ...different,
  };
}
