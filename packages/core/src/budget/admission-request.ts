import type { TokenEstimate } from '../routing-request.ts';

/** A client's request for admission. */
export interface AdmissionRequest {
  /** The deployment that it names. */
  readonly deployment: string;
  /** Its estimated tokens; without an estimate, it counts as a request, and its tokens only once they are known. */
  readonly estimate?: TokenEstimate | undefined;
  /** The most tokens of all its answers together, where it asks for several: the estimate, like Azure's, has one. */
  readonly allowedTokens?: number | undefined;
  /**
   * A lower bound of its size: the tokens of its text alone, without images, audio and files, whose estimate may be
   * absurdly high. Absent: the whole prompt is text.
   */
  readonly textTokens?: number | undefined;
  /**
   * Set where this many tokens are charged in any case, as nothing will report the usage: a day and a month must have
   * room for all of them.
   */
  readonly chargedTokens?: number | undefined;
  /**
   * Set where the request names no longest answer, so that the estimate's `outputTokens` is Azure's assumption, not a
   * bound.
   */
  readonly isOutputOpen?: boolean | undefined;
}

/** The tokens a request needs of every budget that covers it. */
export interface Need {
  /** The prompt and the longest answer: a minute is charged this, as Azure does. */
  readonly tokens: number;
  /** The prompt and an answer of usual length: days and months are charged this. */
  readonly expectedTokens: number;
  readonly textTokens: number;
  /** The tokens that certainly count in days and months. */
  readonly certainTokens: number;
  readonly promptTokens: number;
  /** The expected answer alone. */
  readonly answerTokens: number;
}

/** @param usualOutput the tokens of an answer of usual length */
export function needOf(
  { estimate, allowedTokens = 0, textTokens, chargedTokens = 0, isOutputOpen }: AdmissionRequest,
  usualOutput: number,
): Need {
  const promptTokens = estimate?.promptTokens ?? 0;
  const outputTokens = Math.max(estimate?.outputTokens ?? 0, allowedTokens);
  const answerTokens = isOutputOpen === true ? usualOutput : Math.min(outputTokens, usualOutput);
  const certainTokens = textTokens ?? promptTokens;
  return {
    tokens: promptTokens + outputTokens,
    expectedTokens: Math.max(promptTokens + answerTokens, chargedTokens),
    promptTokens,
    textTokens: certainTokens,
    certainTokens: Math.max(certainTokens, chargedTokens),
    answerTokens,
  };
}
