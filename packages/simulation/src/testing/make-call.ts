import type { Call } from '../call.ts';

/** Returns a call of 60 tokens of prompt and 40 of answer, but for what is said otherwise. */
export function makeCall(different: Partial<Call> = {}): Call {
  return {
    replica: 0,
    promptTokens: 60,
    estimatedTokens: 60,
    maxTokens: 40,
    outputTokens: 10,
    headMs: 1000,
    bodyMs: 0,
    ...different,
  };
}
