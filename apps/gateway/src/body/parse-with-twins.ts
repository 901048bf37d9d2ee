import { GatewayError } from '../errors.ts';
import { parseBody, startOfText } from './byte-order-mark.ts';
import { JsonCursor } from './json-cursor.ts';
import { endOfString } from './string-reader.ts';

/** White space is this byte or below. */
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;

/** Parsing holds up all other requests: this many keys and values may take 0.2 s, and the 27 MB of a body 5 s. */
const MAX_VALUES = 500_000;

/** The values of a duplicate key, in one flat list, so that none is nested deeper than a single value would be. */
class Twins extends Array<unknown> {}

interface Container {
  readonly value: unknown[] | Record<string, unknown>;
  /** The key of the next value; empty in a list. */
  key: string;
}

/**
 * Parses a JSON body as all readers together would: a duplicate key, in whatever spelling, has a list of its values,
 * because some readers take the first and some the last. In a body with duplicate keys, numbers, literals and strings
 * that are too long are null.
 *
 * @param longest the longest wanted string, in bytes as it is written
 * @throws SyntaxError if it is no JSON
 * @throws GatewayError `body-too-large` if it has too many keys and values
 */
export function parseWithTwins(body: Buffer, longest: number): unknown {
  // A form, which is none, is told by its first byte, so its signs do not count.
  const keys = beginsContainer(body) ? countColons(body) : 0;
  const value = parseBody(body);
  return countKeys(value) === keys ? value : readTwins(body, longest);
}

/** `JSON.parse` keeps only the last of duplicate keys. */
function countKeys(value: unknown): number {
  let count = 0;
  const left = [value];
  while (left.length > 0) {
    const one = left.pop();
    if (typeof one !== 'object' || one === null) continue;
    const values = Object.values(one) as unknown[];
    if (!Array.isArray(one)) count += values.length;
    for (const inner of values) if (typeof inner === 'object') left.push(inner);
  }
  return count;
}

function beginsContainer(body: Buffer): boolean {
  let at = startOfText(body);
  while ((body[at] ?? SPACE + 1) <= SPACE) at++;
  return body[at] === OPEN_BRACE || body[at] === OPEN_BRACKET;
}

/**
 * Each key is followed by one.
 *
 * @throws GatewayError as soon as there are too many keys and values, as their commas and brackets show
 */
function countColons(body: Buffer): number {
  let colons = 0;
  let others = 0;
  for (let at = 0; at < body.length; at++) {
    const byte = body[at];
    if (byte === QUOTE) at = endOfString(body, at + 1);
    else if (byte === COLON) colons++;
    else if (byte === COMMA || byte === OPEN_BRACE || byte === OPEN_BRACKET) others++;
    if (colons + others > MAX_VALUES) throw tooMany();
  }
  return colons;
}

function tooMany(): GatewayError {
  const number = MAX_VALUES.toLocaleString('en');
  return new GatewayError(
    'body-too-large',
    `JSON with more than ${number} keys and values cannot be checked for what the client may use; send it in parts.`,
  );
}

function readTwins(body: Buffer, longest: number): unknown {
  const cursor = new JsonCursor(body);
  cursor.at = startOfText(body);
  const root: unknown[] = [];
  const open: Container[] = [{ value: root, key: '' }];
  for (let token = cursor.pass(); token !== 'end'; token = cursor.pass()) {
    const top = open.at(-1);
    if (top === undefined) break;
    if (token === 'key') top.key = textOf(cursor);
    else if (token === 'close') open.pop();
    else if (token === 'object' || token === 'list') {
      const value = token === 'list' ? [] : (Object.create(null) as Record<string, unknown>);
      add(top, value);
      open.push({ value, key: '' });
    } else if (token === 'string') add(top, cursor.end - cursor.start > longest ? null : textOf(cursor));
    else if (token !== 'separator') add(top, null);
  }
  return root[0];
}

function add({ value: container, key }: Container, value: unknown): void {
  if (Array.isArray(container)) return void container.push(value);
  const before = container[key];
  if (before instanceof Twins) before.push(value);
  else container[key] = key in container ? Twins.of(before, value) : value;
}

/** Returns the string that was passed last, unescaped. */
function textOf(cursor: JsonCursor): string {
  return cursor.unescaped ?? cursor.body.toString('utf8', cursor.start, cursor.end);
}
