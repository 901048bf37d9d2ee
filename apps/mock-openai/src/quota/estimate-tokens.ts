/** A part of a prompt: text, or a count of tokens. */
export type PromptPart = string | number;

/** The size of a call, as far as its quota depends on it. */
export interface CallSize {
  readonly prompt: readonly PromptPart[];
  /** The longest requested answer; undefined when the call does not say, 0 when there is no text to answer. */
  readonly maxTokens: number | undefined;
}

/** The `max_tokens` charged for a call without one. */
export const usualMaxTokens = 16;

/** The number of prompt characters that count as one token. */
export const usualCharactersPerToken = 4;

// JSON can say 1e999, which is no number to calculate with.
const mostTokens = 1_000_000_000;

/** Reads the size of a chat completion: the texts of its messages, not their images. */
export function chatSize(body: Readonly<Record<string, unknown>>): CallSize {
  const messages = listOf(body['messages']);
  return {
    prompt: messages.flatMap((message) => textsOf(fieldOf(message, 'content'))),
    maxTokens: maxTokens(body),
  };
}

/** Reads the size of a completion; `best_of` answers are charged, though only one is sent. */
export function completionSize(body: Readonly<Record<string, unknown>>): CallSize {
  const asked = maxTokens(body);
  const bestOf = positive(body['best_of']) ?? 1;
  return { prompt: inputParts(body['prompt']), maxTokens: asked === undefined ? undefined : asked * bestOf };
}

/** Reads the size of embeddings, which have an input and nothing else. */
export function embeddingSize(body: Readonly<Record<string, unknown>>): CallSize {
  return { prompt: inputParts(body['input']), maxTokens: 0 };
}

/** Reads the size of a response: the texts of its input and instructions; earlier responses are not counted. */
export function responseSize(body: Readonly<Record<string, unknown>>): CallSize {
  const { input, instructions, max_output_tokens: maxTokens } = body;
  const messages = [{ content: instructions }, ...(Array.isArray(input) ? input : [{ content: input }])];
  return chatSize({ messages, max_tokens: maxTokens });
}

/** Estimates the tokens of a prompt, each part rounded up, from its number of characters. */
export function estimatePrompt(parts: readonly PromptPart[], charactersPerToken: number): number {
  let tokens = 0;
  for (const part of parts) {
    tokens += typeof part === 'number' ? part : Math.ceil(part.length / charactersPerToken);
  }
  return tokens;
}

function maxTokens(body: Readonly<Record<string, unknown>>): number | undefined {
  return positive(body['max_completion_tokens'] ?? body['max_tokens']);
}

function positive(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 1 ? Math.min(Math.floor(value), mostTokens) : undefined;
}

/** A text, tokens, or a list of texts or of lists of tokens. */
function inputParts(input: unknown): PromptPart[] {
  if (typeof input === 'string') return [input];
  const list = listOf(input);
  if (typeof list[0] === 'number') return [list.length];
  return list.map((one) => (typeof one === 'string' ? one : listOf(one).length));
}

/** A text, or a list of parts, some of which have a text. */
function textsOf(content: unknown): string[] {
  if (typeof content === 'string') return [content];
  return listOf(content)
    .map((part) => fieldOf(part, 'text'))
    .filter((text) => typeof text === 'string');
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
