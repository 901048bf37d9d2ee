import { isCountable } from '@spillway/core';
import { JsonCursor } from '../body/json-cursor.ts';
import type { AnswerUsage } from '../telemetry/exchange.ts';

const KEY = Buffer.from('"usage"');

/**
 * Reads what an answer says that it has taken, from its end: of a plain one or of an event stream, which must not begin
 * before its last `usage`. Returns `undefined` if there is none with numbers, as in streams that were not asked for it.
 *
 * It need not know what is text: within a JSON string a quote is always escaped, so the key can stand only where it is one.
 */
export function readUsage(end: Buffer): AnswerUsage | undefined {
  for (let at = end.lastIndexOf(KEY); at !== -1; at = at === 0 ? -1 : end.lastIndexOf(KEY, at - 1)) {
    const cursor = new JsonCursor(end);
    cursor.at = at;
    const usage = cursor.pass() === 'key' ? usageOf(readObject(cursor)) : undefined;
    if (usage !== undefined) return usage;
  }
  return undefined;
}

/**
 * Reads what a JSON answer that is whole says that it has taken: by its own `usage`, not by that of something in it. Returns
 * `undefined` if that is not the last `usage` in it, or has no numbers.
 */
export function readOwnUsage(json: Buffer): AnswerUsage | undefined {
  const at = json.lastIndexOf(KEY);
  if (at === -1) return undefined;
  const cursor = new JsonCursor(json);
  cursor.at = at;
  const usage = cursor.pass() === 'key' ? usageOf(readObject(cursor)) : undefined;
  // Behind it are only further members of the object that it is in, which then is the whole answer.
  while (cursor.passKey()) cursor.passValue();
  return cursor.passLastBrace() ? usage : undefined;
}

/**
 * Returns what a `usage` object says; undefined if it tells no tokens, or more or less than an answer can take. Chat completions, completions and embeddings speak of
 * prompts, everything newer of inputs; Claude’s input leaves out what was cached.
 */
export function usageOf(json: Readonly<Partial<UsageFields>> | undefined): AnswerUsage | undefined {
  const promptTokens = json?.['prompt_tokens'] ?? json?.['input_tokens'];
  if (json === undefined || typeof promptTokens !== 'number') return undefined;
  const readTokens = numberOf(json['cache_read_input_tokens']);
  // The APIs name the same details in several ways.
  const input = json['prompt_tokens_details'] ?? json['input_tokens_details'] ?? json['input_token_details'];
  const output =
    json['completion_tokens_details'] ?? json['output_tokens_details'] ?? json['output_token_details'];
  const usage = {
    promptTokens: promptTokens + readTokens + numberOf(json['cache_creation_input_tokens']),
    outputTokens: numberOf(json['completion_tokens'] ?? json['output_tokens']),
    cachedTokens: readTokens + detailOf(input, 'cached_tokens'),
    reasoningTokens: detailOf(output, 'reasoning_tokens'),
  };
  return isCountable(usage.promptTokens) && isCountable(usage.outputTokens) ? usage : undefined;
}

function detailOf(details: unknown, key: string): number {
  return numberOf((details as Record<string, unknown> | null | undefined)?.[key]);
}

function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}

/** All that `usageOf` looks for. Of one shape, which V8 knows its way about in. */
class UsageFields {
  prompt_tokens: unknown;
  completion_tokens: unknown;
  prompt_tokens_details: unknown;
  completion_tokens_details: unknown;
  cached_tokens: unknown;
  reasoning_tokens: unknown;
  input_tokens: unknown;
  output_tokens: unknown;
  input_tokens_details: unknown;
  output_tokens_details: unknown;
  input_token_details: unknown;
  output_token_details: unknown;
  cache_read_input_tokens: unknown;
  cache_creation_input_tokens: unknown;
}

/** Their names by length. */
const WANTED: (keyof UsageFields)[][] = [];
for (const name of Object.keys(new UsageFields()) as (keyof UsageFields)[])
  (WANTED[name.length] ??= []).push(name);

/** Reads the object that comes next, if it is whole, without parsing it: as much of it as is wanted. */
function readObject(cursor: JsonCursor): UsageFields | undefined {
  if (!cursor.passOpenBrace()) return void cursor.passValue();
  const object = new UsageFields();
  while (cursor.passKey()) {
    const key = WANTED[cursor.end - cursor.start]?.find((name) => cursor.isWritten(name));
    if (key === undefined) cursor.passValue();
    else object[key] = key.endsWith('details') ? readObject(cursor) : cursor.passNumber();
  }
  return cursor.pass() === 'close' ? object : undefined;
}
