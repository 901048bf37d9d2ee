import type { ByteRange } from './byte-range.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/**
 * Finds top-level values of a JSON object without parsing it: strings are skipped by searching for their closing quote,
 * so ten megabytes of base64 cost about as much as a memory scan. Stops as soon as every key has been found. Answers
 * what it found so far when the text is no JSON object; judging that is the backend's business.
 */
export function scanJson(body: Buffer, keys: readonly string[]): Map<string, ByteRange> {
  const found = new Map<string, ByteRange>();
  let at = skipSpace(body, 0);
  if (body[at] !== OPEN_BRACE) return found;
  at = skipSpace(body, at + 1);
  while (body[at] === QUOTE && found.size < keys.length) {
    const keyEnd = skipString(body, at);
    const key = keys.find((name) => isKey(body, at + 1, keyEnd - 1, name));
    at = skipSpace(body, keyEnd);
    if (body[at] !== COLON) break;
    const start = skipSpace(body, at + 1);
    const end = skipValue(body, start);
    if (key !== undefined && end <= body.length) found.set(key, { start, end });
    at = skipSpace(body, end);
    if (body[at] !== COMMA) break;
    at = skipSpace(body, at + 1);
  }
  return found;
}

/** Answers a string value, or `undefined` if the range holds anything else. */
export function readJsonString(body: Buffer, range: ByteRange | undefined): string | undefined {
  if (range === undefined || body[range.start] !== QUOTE) return undefined;
  try {
    return JSON.parse(body.toString('utf8', range.start, range.end)) as string;
  } catch {
    return undefined;
  }
}

function isKey(body: Buffer, start: number, end: number, name: string): boolean {
  return end - start === name.length && body.toString('latin1', start, end) === name;
}

function skipSpace(body: Buffer, from: number): number {
  let at = from;
  while (body[at] === 0x20 || body[at] === 0x0a || body[at] === 0x0d || body[at] === 0x09) at++;
  return at;
}

/** From an opening quote to just after the closing one, or past the end if there is none. */
function skipString(body: Buffer, from: number): number {
  let at = from + 1;
  for (;;) {
    const quote = body.indexOf(QUOTE, at);
    if (quote === -1) return body.length + 1;
    let escapes = 0;
    while (body[quote - 1 - escapes] === BACKSLASH) escapes++;
    if (escapes % 2 === 0) return quote + 1;
    at = quote + 1;
  }
}

function skipValue(body: Buffer, from: number): number {
  let depth = 0;
  let at = from;
  while (at < body.length) {
    switch (body[at]) {
      case QUOTE:
        at = skipString(body, at);
        if (depth === 0) return at;
        continue;
      case OPEN_BRACE:
      case OPEN_BRACKET:
        depth++;
        break;
      case CLOSE_BRACE:
      case CLOSE_BRACKET:
        if (depth === 0) return trimEnd(body, at);
        depth--;
        if (depth === 0) return at + 1;
        break;
      case COMMA:
        if (depth === 0) return trimEnd(body, at);
        break;
    }
    at++;
  }
  return body.length + 1;
}

function trimEnd(body: Buffer, end: number): number {
  let at = end;
  while (at > 0 && (body[at - 1] ?? 0x21) <= 0x20) at--;
  return at;
}
