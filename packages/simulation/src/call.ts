/** What one client asks for, and what its answer will be like. The same for whatever policy serves it. */
export interface Call {
  /** The replica that the client's request comes to. */
  readonly replica: number;
  /** The prompt's tokens as a backend counts them. */
  readonly promptTokens: number;
  /** The prompt's tokens as the gateway estimates them. */
  readonly estimatedTokens: number;
  /** The longest answer it allows, `max_tokens`. */
  readonly maxTokens: number;
  /** What the answer really has. */
  readonly outputTokens: number;
  /** From its arrival at a backend until its answer's head leaves it. */
  readonly headMs: number;
  /** From the answer's head until the end of its body; 0 if it is not streamed. */
  readonly bodyMs: number;
}

/** What a quota of pay-as-you-go charges for a call, whatever its answer will have. */
export function chargedTokens({ promptTokens, maxTokens }: Call): number {
  return promptTokens + maxTokens;
}
