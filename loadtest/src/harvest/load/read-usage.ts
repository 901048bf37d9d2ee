/** An answer's report on its prompt. */
export interface PromptUsage {
  readonly promptTokens: number;
  /** How many of them were in the backend's cache. */
  readonly cachedTokens: number;
}

interface Reply {
  readonly usage?: {
    readonly prompt_tokens: number;
    readonly prompt_tokens_details?: { readonly cached_tokens?: number };
  } | null;
}

/** Reads the usage of a chat completion, from its JSON or from the last event of its stream that reports it. */
export function readUsage(body: string): PromptUsage | undefined {
  const replies = body.startsWith('{') ? [body] : eventsOf(body).toReversed();
  for (const reply of replies) {
    const { usage } = JSON.parse(reply) as Reply;
    if (usage === undefined || usage === null) continue;
    return {
      promptTokens: usage.prompt_tokens,
      cachedTokens: usage.prompt_tokens_details?.cached_tokens ?? 0,
    };
  }
  return undefined;
}

function eventsOf(stream: string): string[] {
  return stream
    .split('\n')
    .filter((line) => line.startsWith('data: {'))
    .map((line) => line.slice('data: '.length));
}
