import type { TokenEstimate } from '@spillway/core';
import type { PromptScan } from './prompt-scan.ts';

/** The longest answer that Azure reckons with where a request names none, according to Microsoft's simulator. */
const USUAL_OUTPUT_TOKENS = 16;

/** JSON can say 1e999, which is no number to reckon with. */
const MAX_TOKENS = 1_000_000_000;

/** Estimates what a request will be charged when it arrives: its prompt, and the longest answer that it allows. */
export function estimateTokens(operation: string, scan: PromptScan): TokenEstimate {
  return { promptTokens: scan.tokens, outputTokens: operation === 'embeddings' ? 0 : outputTokens(scan) };
}

/** Of `best_of` answers one is sent, but all are charged. */
function outputTokens({ maxTokens, maxCompletionTokens, bestOf = 1 }: PromptScan): number {
  const longest = Math.floor(maxCompletionTokens ?? maxTokens ?? 0);
  if (longest < 1) return USUAL_OUTPUT_TOKENS;
  return Math.min(longest * Math.max(Math.floor(bestOf), 1), MAX_TOKENS);
}
