import type { TokenEstimate } from '../routing-request.ts';

/** What a client asks to be admitted. */
export interface AdmissionRequest {
  /** The deployment that it names. */
  readonly deployment: string;
  /** What it is expected to take; without it, it counts as a request, and its tokens only once they are told. */
  readonly estimate?: TokenEstimate | undefined;
  /** The longest that all its answers may be together, where it asks for several: the estimate, as Azure's, has one. */
  readonly allowedTokens?: number | undefined;
  /**
   * How large it certainly is: the tokens of its text alone, without images, audio and files, of which an estimate may be
   * absurdly high. Absent: the whole prompt is text.
   */
  readonly textTokens?: number | undefined;
  /** Set where no longest answer was named, so that the estimate's `outputTokens` is what Azure assumes, and no bound. */
  readonly isOutputOpen?: boolean | undefined;
}

/** What a request needs of every budget that covers it. */
export interface Need {
  /** The prompt and the longest answer, which is what a minute is charged, as Azure does. */
  readonly tokens: number;
  /** The prompt and an answer as they usually are, which is what days and months are charged. */
  readonly expectedTokens: number;
  readonly textTokens: number;
  readonly promptTokens: number;
  /** The expected answer alone. */
  readonly answerTokens: number;
}

/** @param usualOutput the tokens of an answer as they usually are */
export function needOf(
  { estimate, allowedTokens = 0, textTokens, isOutputOpen }: AdmissionRequest,
  usualOutput: number,
): Need {
  const promptTokens = estimate?.promptTokens ?? 0;
  const outputTokens = Math.max(estimate?.outputTokens ?? 0, allowedTokens);
  const answerTokens = isOutputOpen === true ? usualOutput : Math.min(outputTokens, usualOutput);
  return {
    tokens: promptTokens + outputTokens,
    expectedTokens: promptTokens + answerTokens,
    promptTokens,
    textTokens: textTokens ?? promptTokens,
    answerTokens,
  };
}
