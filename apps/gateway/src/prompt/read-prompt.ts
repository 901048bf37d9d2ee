import type { TokenEstimate } from '@spillway/core';
import { affinityKey } from './affinity-key.ts';
import { estimateTokens } from './estimate-tokens.ts';
import { scanPrompt } from './prompt-scan.ts';

/** What a request's prompt says about where to send it. */
export interface Prompt {
  readonly estimate: TokenEstimate;
  /** Returns the same number for prompts that a backend may have cached together; absent where nothing is cached. */
  readonly affinityKey: (() => number | undefined) | undefined;
}

/**
 * Reads what a request's prompt will be charged and which others it resembles, in one walk over its body. Answers
 * `undefined` where nothing is charged by tokens or the body is no JSON object; of one that is broken it reads what there is.
 */
export function readPrompt(operation: string, body: Buffer | undefined): Prompt | undefined {
  const promptKey = promptKeyOf(operation);
  const scan = promptKey && body && scanPrompt(body, promptKey);
  if (!scan) return undefined;
  return {
    estimate: estimateTokens(operation, scan),
    affinityKey: operation === 'embeddings' ? undefined : () => affinityKey(scan),
  };
}

function promptKeyOf(operation: string): string | undefined {
  switch (operation) {
    case 'chat/completions':
      return 'messages';
    case 'completions':
      return 'prompt';
    case 'embeddings':
    case 'responses':
      return 'input';
    default:
      return undefined;
  }
}
