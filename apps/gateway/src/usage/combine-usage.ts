import type { AnswerUsage } from '../telemetry/exchange.ts';

export const NO_TOKENS: AnswerUsage = {
  promptTokens: 0,
  outputTokens: 0,
  cachedTokens: 0,
  reasoningTokens: 0,
};

/** Returns what two answers have taken together. */
export function addUsage(a: AnswerUsage, b: AnswerUsage): AnswerUsage {
  return {
    promptTokens: a.promptTokens + b.promptTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    cachedTokens: a.cachedTokens + b.cachedTokens,
    reasoningTokens: a.reasoningTokens + b.reasoningTokens,
  };
}

/** Returns what an answer has taken that tells it again while it grows: the larger of each number. */
export function largerUsage(a: AnswerUsage, b: AnswerUsage): AnswerUsage {
  return {
    promptTokens: Math.max(a.promptTokens, b.promptTokens),
    outputTokens: Math.max(a.outputTokens, b.outputTokens),
    cachedTokens: Math.max(a.cachedTokens, b.cachedTokens),
    reasoningTokens: Math.max(a.reasoningTokens, b.reasoningTokens),
  };
}
