import { isCountable } from '@spillway/core';
import { JsonCursor } from '../body/json-cursor.ts';
import { parseJson } from '../body/parse-json.ts';
import type { AnswerUsage } from '../telemetry/exchange.ts';
import { addUsage } from './combine-usage.ts';

const KEY = Buffer.from('"usage"');
/** The usage of a response's tools, such as image generation, which its `usage` leaves out. */
const TOOLS_KEY = Buffer.from('"tool_usage"');
const RETURN = 0x0d;
const NEWLINE = 0x0a;
/** After each usage the whole rest is walked over, and a client may have hundreds of them repeated. */
const MAX_LOOKS = 32;

/** Whether an answer is one JSON object, or a stream of events that each have one. */
export type AnswerKind = 'json' | 'events';

/**
 * Reads an answer's usage from its end, which must not begin before the answer: the last usage that is the answer's
 * own, or an event's. Other usages are nested deeper, where clients' tools and schemas are repeated. Returns
 * `undefined` if there is none with numbers, as in streams that were not asked for it.
 *
 * Strings need no special treatment: within a JSON string a quote is always escaped, so the quoted text can only be a
 * key. The bytes after it show how deeply it is nested, as the beginning may be missing.
 *
 * @param isWhole whether the answer has come to its end
 */
export function readUsage(end: Buffer, kind: AnswerKind, isWhole: boolean): AnswerUsage | undefined {
  const found = readLast(end, KEY, kind, isWhole);
  if (found === undefined || !mayUseTools(found, end)) return found?.usage;
  const ofTools = readLast(end, TOOLS_KEY, kind, isWhole);
  return ofTools === undefined ? found.usage : addUsage(found.usage, ofTools.usage);
}

/** A usage, and how it is written. */
interface Found {
  readonly usage: AnswerUsage;
  readonly json: UsageFields;
}

/** Whether an answer may have a `tool_usage`. Those that speak of prompts have none, and need not be searched for it. */
function mayUseTools({ json }: Found, answer: Buffer): boolean {
  return json.prompt_tokens === undefined && answer.includes(TOOLS_KEY);
}

function readLast(end: Buffer, key: Buffer, kind: AnswerKind, isWhole: boolean): Found | undefined {
  let looks = 0;
  for (let at = end.lastIndexOf(key); at !== -1; at = at === 0 ? -1 : end.lastIndexOf(key, at - 1)) {
    const cursor = new JsonCursor(end);
    const found = readAt(cursor, at, kind);
    if (found === undefined) continue;
    if (kind === 'json' ? isWhole && endsAnswer(cursor) : endsEvent(cursor, isWhole)) return found;
    if (++looks === MAX_LOOKS) return undefined;
  }
  return undefined;
}

/**
 * Reads the first usage of a stream, if it is an event's: Claude's first one reports the input, which the last may not.
 */
export function readFirstUsage(beginning: Buffer): AnswerUsage | undefined {
  const at = beginning.indexOf(KEY);
  if (at === -1) return undefined;
  const cursor = new JsonCursor(beginning);
  const found = readAt(cursor, at, 'events');
  return found !== undefined && endsEvent(cursor, false) ? found.usage : undefined;
}

/**
 * Reads the usage of a complete JSON answer: its own `usage`, not that of something in it. Returns `undefined` if that
 * is not the last `usage` in it, has no numbers, or may leave out tools.
 */
export function readOwnUsage(json: Buffer): AnswerUsage | undefined {
  const at = json.lastIndexOf(KEY);
  if (at === -1) return undefined;
  const cursor = new JsonCursor(json);
  const found = readAt(cursor, at, 'json');
  if (found === undefined || !endsAnswer(cursor)) return undefined;
  return mayUseTools(found, json) ? undefined : found.usage;
}

function readAt(cursor: JsonCursor, at: number, kind: AnswerKind): Found | undefined {
  cursor.at = at;
  if (cursor.pass() !== 'key') return undefined;
  const json = readObject(cursor);
  if (json === undefined) return undefined;
  const usage = usageOfTools(json) ?? (kind === 'json' ? usageOf(json) : usageOfEvent(json));
  return usage && { usage, json };
}

/** Whether only further members of the usage's object follow, which is then the whole answer. */
function endsAnswer(cursor: JsonCursor): boolean {
  passMembers(cursor);
  return cursor.passLastBrace();
}

/** Whether the usage's object is an event, or the subject of an event: a response or a message. */
function endsEvent(cursor: JsonCursor, isWhole: boolean): boolean {
  for (let depth = 0; depth < 2; depth++) {
    passMembers(cursor);
    if (!cursor.passCloseBrace()) return false;
    if (isAtLineEnd(cursor, isWhole)) return true;
  }
  return false;
}

function passMembers(cursor: JsonCursor): void {
  while (cursor.passKey()) cursor.passValue();
}

function isAtLineEnd({ body, at }: JsonCursor, isWhole: boolean): boolean {
  const byte = body[at];
  return byte === undefined ? isWhole : byte === RETURN || byte === NEWLINE;
}

/**
 * Returns the usage in a `usage` object; undefined if it has no tokens, or numbers that are impossible for an answer.
 * Chat completions, completions and embeddings speak of prompts, everything newer of inputs; Claude’s input leaves out
 * cached tokens.
 */
function usageOf(json: Readonly<Partial<UsageFields>> | undefined): AnswerUsage | undefined {
  const promptTokens = json?.['prompt_tokens'] ?? json?.['input_tokens'];
  if (json === undefined || typeof promptTokens !== 'number') return undefined;
  const readTokens = numberOf(json['cache_read_input_tokens']);
  // The APIs have several names for the same details.
  const input = json['prompt_tokens_details'] ?? json['input_tokens_details'] ?? json['input_token_details'];
  const output =
    json['completion_tokens_details'] ?? json['output_tokens_details'] ?? json['output_token_details'];
  const usage = {
    promptTokens: promptTokens + readTokens + numberOf(json['cache_creation_input_tokens']),
    outputTokens: outputOf(json, promptTokens),
    cachedTokens: readTokens + detailOf(input, 'cached_tokens'),
    reasoningTokens: detailOf(output, 'reasoning_tokens'),
  };
  if (!isCountable(usage.promptTokens) || !isCountable(usage.outputTokens)) return undefined;
  return withIterations(usage, json['iterations']);
}

/** Grok's reasoning tokens are part of the total only. */
function outputOf(json: Readonly<Partial<UsageFields>>, promptTokens: number): number {
  const outputTokens = numberOf(json['completion_tokens'] ?? json['output_tokens']);
  const totalTokens = numberOf(json['total_tokens']);
  return isCountable(totalTokens) ? Math.max(outputTokens, totalTokens - promptTokens) : outputTokens;
}

/** Claude's main numbers leave out compactions of the context and the advice of another model. */
const LEFT_OUT: ReadonlySet<unknown> = new Set(['compaction', 'advisor_message']);

function withIterations(usage: AnswerUsage, iterations: unknown): AnswerUsage {
  if (!Array.isArray(iterations)) return usage;
  const leftOut = (iterations as readonly (Readonly<Partial<UsageFields & { type: unknown }>> | null)[])
    .filter((one) => LEFT_OUT.has(one?.type))
    .map((one) => usageOf(one ?? undefined));
  return leftOut.reduce<AnswerUsage>((sum, one) => (one === undefined ? sum : addUsage(sum, one)), usage);
}

/** Returns the usage in the `tool_usage` of a response: that of images, as other tools are not counted in tokens. */
export function usageOfTools(json: Readonly<{ image_gen?: unknown }> | undefined): AnswerUsage | undefined {
  const { image_gen: images } = json ?? {};
  return typeof images === 'object' && images !== null
    ? usageOf(images as Readonly<Partial<UsageFields>>)
    : undefined;
}

/** Returns the usage in the `usage` of an event: Claude's last one may report only the output. */
export function usageOfEvent(json: Readonly<Partial<UsageFields>> | undefined): AnswerUsage | undefined {
  const isAlone = typeof json?.['output_tokens'] === 'number' && json['input_tokens'] === undefined;
  return usageOf(json) ?? (isAlone ? usageOf({ ...json, input_tokens: 0 }) : undefined);
}

function detailOf(details: unknown, key: string): number {
  return numberOf((details as Record<string, unknown> | null | undefined)?.[key]);
}

function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}

/** All fields that `usageOf` reads. The fixed shape keeps V8's property access fast. */
class UsageFields {
  prompt_tokens: unknown;
  completion_tokens: unknown;
  total_tokens: unknown;
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
  iterations: unknown;
  image_gen: unknown;
}

interface WantedField {
  readonly name: keyof UsageFields;
  readonly kind: 'number' | 'object' | 'list';
}

/** By the length of their names. */
const WANTED: WantedField[][] = [];
for (const name of Object.keys(new UsageFields()) as (keyof UsageFields)[])
  (WANTED[name.length] ??= []).push({ name, kind: kindOf(name) });

function kindOf(name: keyof UsageFields): WantedField['kind'] {
  if (name === 'iterations') return 'list';
  return name.endsWith('details') || name === 'image_gen' ? 'object' : 'number';
}

/** Reads the next object, if it is complete, without parsing it: only the wanted fields. */
function readObject(cursor: JsonCursor): UsageFields | undefined {
  if (!cursor.passOpenBrace()) return void cursor.passValue();
  const object = new UsageFields();
  while (cursor.passKey()) {
    const field = fieldAt(cursor);
    if (field === undefined) cursor.passValue();
    else object[field.name] = readField(cursor, field.kind);
  }
  return cursor.pass() === 'close' ? object : undefined;
}

function readField(cursor: JsonCursor, kind: WantedField['kind']): unknown {
  if (kind === 'number') return cursor.passNumber();
  return kind === 'object' ? readObject(cursor) : readList(cursor);
}

/** Parses a list; few answers have one. */
function readList(cursor: JsonCursor): unknown {
  const start = cursor.at;
  cursor.passValue();
  return parseJson(cursor.body.toString('utf8', start, cursor.at));
}

/**
 * Returns the field of the last passed key, if it is wanted. Not by `find`, which costs more than the rest of this
 * function.
 */
function fieldAt(cursor: JsonCursor): WantedField | undefined {
  const fields = WANTED[cursor.end - cursor.start];
  if (fields === undefined) return undefined;
  for (const field of fields) if (cursor.isWritten(field.name)) return field;
  return undefined;
}
