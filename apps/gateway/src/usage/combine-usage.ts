import type { AnswerUsage } from '../telemetry/exchange.ts';

export const NO_TOKENS: AnswerUsage = {
  promptTokens: 0,
  outputTokens: 0,
  cachedTokens: 0,
  reasoningTokens: 0,
};

/** Returns the sum of two answers' usages. */
export function addUsage(a: AnswerUsage, b: AnswerUsage): AnswerUsage {
  return {
    promptTokens: a.promptTokens + b.promptTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    cachedTokens: a.cachedTokens + b.cachedTokens,
    reasoningTokens: a.reasoningTokens + b.reasoningTokens,
  };
}

/** Returns the usage of an answer that reports it repeatedly while it grows: the larger of each number. */
export function largerUsage(a: AnswerUsage, b: AnswerUsage): AnswerUsage {
  return {
    promptTokens: Math.max(a.promptTokens, b.promptTokens),
    outputTokens: Math.max(a.outputTokens, b.outputTokens),
    cachedTokens: Math.max(a.cachedTokens, b.cachedTokens),
    reasoningTokens: Math.max(a.reasoningTokens, b.reasoningTokens),
  };
}
