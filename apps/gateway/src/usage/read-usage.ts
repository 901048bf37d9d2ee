import type { AnswerUsage } from '../telemetry/exchange.ts';

const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;
const KEY = Buffer.from('"usage"');

/**
 * Reads what an answer says that it has taken, from its end: of a plain one or of an event stream, which must not begin
 * before its last `usage`. Returns `undefined` if there is none with numbers, as in streams that were not asked for it.
 *
 * It need not know what is text: within a JSON string a quote is always escaped, so the key can stand only where it is one.
 */
export function readUsage(end: Buffer): AnswerUsage | undefined {
  for (let at = end.lastIndexOf(KEY); at !== -1; at = at === 0 ? -1 : end.lastIndexOf(KEY, at - 1)) {
    const usage = usageOf(parseObject(end, at + KEY.length));
    if (usage !== undefined) return usage;
  }
  return undefined;
}

/**
 * Returns what a `usage` object says; undefined if it tells no tokens. Chat completions, completions and embeddings speak of
 * prompts, everything newer of inputs; Claude’s input leaves out what was cached.
 */
export function usageOf(json: Readonly<Record<string, unknown>> | undefined): AnswerUsage | undefined {
  const promptTokens = json?.['prompt_tokens'] ?? json?.['input_tokens'];
  if (json === undefined || typeof promptTokens !== 'number') return undefined;
  const readTokens = numberOf(json['cache_read_input_tokens']);
  const input = firstOf(json, 'prompt_tokens_details', 'input_tokens_details', 'input_token_details');
  const output = firstOf(json, 'completion_tokens_details', 'output_tokens_details', 'output_token_details');
  return {
    promptTokens: promptTokens + readTokens + numberOf(json['cache_creation_input_tokens']),
    outputTokens: numberOf(json['completion_tokens'] ?? json['output_tokens']),
    cachedTokens: readTokens + detailOf(input, 'cached_tokens'),
    reasoningTokens: detailOf(output, 'reasoning_tokens'),
  };
}

/** The APIs name the same details in several ways. */
function firstOf(json: Readonly<Record<string, unknown>>, ...keys: readonly string[]): unknown {
  return keys.map((key) => json[key]).find((value) => value !== undefined);
}

function detailOf(details: unknown, key: string): number {
  return numberOf((details as Record<string, unknown> | null | undefined)?.[key]);
}

function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}

/** Parses the object that is the value of a key that ends at `from`. */
function parseObject(bytes: Buffer, from: number): Readonly<Record<string, unknown>> | undefined {
  const start = bytes.indexOf(OPENING_BRACE, from);
  if (start === -1 || bytes.toString('latin1', from, start).trim() !== ':') return undefined;
  try {
    // Cut from a longer text, it would take twice the time.
    return JSON.parse(bytes.toString('latin1', start, endOfObject(bytes, start))) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

/** A usage has no strings in which a brace could stand; what has is no usage, and no JSON when it is cut here. */
function endOfObject(bytes: Buffer, start: number): number {
  let depth = 0;
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === OPENING_BRACE) depth++;
    else if (byte === CLOSING_BRACE && --depth === 0) return at + 1;
  }
  return bytes.length;
}
