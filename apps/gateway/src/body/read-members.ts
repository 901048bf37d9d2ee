import { startOfText } from './byte-order-mark.ts';
import type { ByteRange } from './byte-range.ts';
import { JsonCursor } from './json-cursor.ts';
import { parseJson } from './parse-json.ts';

/** A member of a JSON object, and the positions of its key (with quotes) and value. */
export interface Member {
  readonly key: string;
  readonly keyRange: ByteRange;
  readonly range: ByteRange;
  readonly kind: 'string' | 'number' | 'literal' | 'object' | 'list';
}

/** The wanted members of an object in a JSON text. */
export interface ObjectMembers {
  /** By their decoded keys, whatever escapes are used; of members with the same key, the last. */
  readonly byKey: ReadonlyMap<string, Member>;
  /** Wanted keys that occur more than once: readers differ in which one they take. */
  readonly repeated: ReadonlySet<string>;
  /** Whether another key differs from a wanted one in its letter case only, which some readers ignore. */
  readonly hasOtherCase: boolean;
  readonly isEmpty: boolean;
  /** The position of its closing brace. */
  readonly end: number;
}

const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const SPACE = 0x20;

/**
 * Reads the members of an object whose keys are wanted.
 *
 * @param from where it begins; 0 for the whole text, after which nothing may follow
 * @returns undefined if it is no object, or broken
 */
export function readMembers(body: Buffer, wanted: ReadonlySet<string>, from = 0): ObjectMembers | undefined {
  const cursor = new JsonCursor(body);
  cursor.at = from === 0 ? startOfText(body) : from;
  if (!cursor.passOpenBrace()) return undefined;
  const byKey = new Map<string, Member>();
  const repeated = new Set<string>();
  let hasOtherCase = false;
  let isEmpty = true;
  while (cursor.passKey()) {
    isEmpty = false;
    const keyRange = { start: cursor.start - 1, end: cursor.end + 1 };
    const key = keyOf(body, keyRange);
    const member = passMember(cursor, key, keyRange);
    if (member === undefined) return undefined;
    if (!wanted.has(key)) {
      hasOtherCase ||= wanted.has(key.toLowerCase());
      continue;
    }
    if (byKey.has(key)) repeated.add(key);
    byKey.set(key, member);
  }
  passSpace(cursor);
  if (body[cursor.at] !== CLOSE_BRACE) return undefined;
  const end = cursor.at++;
  passSpace(cursor);
  if (from === 0 && cursor.at < body.length) return undefined;
  return { byKey, repeated, hasOtherCase, isEmpty, end };
}

/** Returns whether readers may differ in which of an object's wanted members they take. */
export function isUnclear({ repeated, hasOtherCase }: ObjectMembers): boolean {
  return repeated.size > 0 || hasOtherCase;
}

/** Returns the value of a member; undefined if it is missing or broken. */
export function valueOf(body: Buffer, member: Member | undefined): unknown {
  return member && parseJson(textOf(body, member));
}

/** Returns the value of a numeric member; undefined if it is missing or anything else. */
export function numberOf(body: Buffer, member: Member | undefined): number | undefined {
  return member?.kind === 'number' ? Number(textOf(body, member)) : undefined;
}

/** Returns whether a member is this literal, such as `null`. */
export function isWritten(body: Buffer, member: Member, literal: 'true' | 'false' | 'null'): boolean {
  return member.kind === 'literal' && textOf(body, member) === literal;
}

function textOf(body: Buffer, { range }: Member): string {
  return body.toString('utf8', range.start, range.end);
}

function passMember(cursor: JsonCursor, key: string, keyRange: ByteRange): Member | undefined {
  passSpace(cursor);
  const start = cursor.at;
  const first = cursor.body[start];
  if (first === OPEN_BRACE || first === OPEN_BRACKET) {
    cursor.passValue();
    const kind = first === OPEN_BRACE ? 'object' : 'list';
    return { key, keyRange, kind, range: { start, end: cursor.at } };
  }
  const kind = cursor.passLeaf();
  return kind && { key, keyRange, kind, range: { start, end: cursor.at } };
}

function passSpace(cursor: JsonCursor): void {
  while ((cursor.body[cursor.at] ?? SPACE + 1) <= SPACE) cursor.at++;
}

function keyOf(body: Buffer, { start, end }: ByteRange): string {
  if (!body.subarray(start, end).includes(BACKSLASH)) return body.toString('utf8', start + 1, end - 1);
  const key = parseJson(body.toString('utf8', start, end)) as string | undefined;
  return key ?? body.toString('utf8', start + 1, end - 1);
}
