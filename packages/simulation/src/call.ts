/** One client's request, and the size and timing of its answer. The same for every policy that serves it. */
export interface Call {
  /** The replica that the client's request comes to. */
  readonly replica: number;
  /** The prompt's tokens as a backend counts them. */
  readonly promptTokens: number;
  /** The prompt's tokens as the gateway estimates them. */
  readonly estimatedTokens: number;
  /** The longest answer it allows, `max_tokens`. */
  readonly maxTokens: number;
  /** The real tokens of the answer. */
  readonly outputTokens: number;
  /** The prompt's tokens that the backend has in its prompt cache. */
  readonly cachedTokens: number;
  /** From its arrival at a backend until its answer's head leaves it. */
  readonly headMs: number;
  /** From the answer's head until the end of its body; 0 if it is not streamed. */
  readonly bodyMs: number;
}

/** The charge of a pay-as-you-go quota for a call, whatever its answer turns out to be. */
export function chargedTokens({ promptTokens, maxTokens }: Call): number {
  return promptTokens + maxTokens;
}
