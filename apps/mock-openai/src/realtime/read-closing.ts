import { checkField } from '../fields/field.ts';
import type { Field } from '../fields/field.ts';

/** The code and reason that sessions are closed with. */
export interface Closing {
  /** A close code of the WebSocket protocol (1001, going away). */
  readonly code?: number | undefined;
  readonly reason?: string | undefined;
}

/** A closing, or all its problems. */
export type ClosingResult =
  | { readonly kind: 'closing'; readonly closing: Closing }
  | { readonly kind: 'wrong'; readonly problems: readonly string[] };

const longestReasonBytes = 123;
// 1004 is reserved; 1005 and 1006 say that no code came (RFC 6455, section 7.4.1).
const neverSent = [1004, 1005, 1006];

const fields: Readonly<Record<string, Field>> = {
  code: {
    allowed: 'a close code: 1000 to 1014 but 1004, 1005 and 1006, or 3000 to 4999',
    read: Number,
    isValid: (value) =>
      Number.isInteger(value) && isCloseCode(Number(value)) && !neverSent.includes(Number(value)),
  },
  reason: {
    allowed: `a text of at most ${longestReasonBytes} bytes`,
    read: (text) => text,
    isValid: (value) => typeof value === 'string' && Buffer.byteLength(value) <= longestReasonBytes,
  },
};

/** Reads a closing: an object, or JSON of it such as `{"code":1011,"reason":"internal error"}`; nothing is `{}`. */
export function readClosing(input: unknown): ClosingResult {
  let value = input;
  try {
    if (typeof input === 'string') value = input === '' ? {} : JSON.parse(input);
  } catch (error) {
    return {
      kind: 'wrong',
      problems: [`not JSON: ${error instanceof Error ? error.message : String(error)}`],
    };
  }
  const problems = checkClosing(value);
  return problems.length === 0 ? { kind: 'closing', closing: value as Closing } : { kind: 'wrong', problems };
}

/** Reads a closing, or throws an Error that names every problem. */
export function parseClosing(input: Closing): Closing {
  const result = readClosing(input);
  if (result.kind === 'closing') return result.closing;
  throw new Error(`The closing is wrong:\n${result.problems.map((problem) => `  ${problem}`).join('\n')}`);
}

function checkClosing(value: unknown): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return [`closing: ${JSON.stringify(value)} is not an object such as {"code":1011}`];
  }
  return Object.entries(value).flatMap(([name, one]) => {
    if (one === undefined) return [];
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (field !== undefined) return checkField(field, one, `closing.${name}`);
    return [`closing.${name}: a closing has no such field (it has ${Object.keys(fields).join(', ')})`];
  });
}

function isCloseCode(code: number): boolean {
  return (code >= 1000 && code <= 1014) || (code >= 3000 && code <= 4999);
}
