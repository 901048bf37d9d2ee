/** A part of a text between two separators. */
export interface TextPart {
  readonly text: string;
  /** Where it begins in the whole. */
  readonly offset: number;
  /** The separator after it; empty at the end. */
  readonly separator: string;
  /** The problem with its quotes or brackets, if there is one. */
  readonly problem?: string;
}

/** Splits a text at any of the separators, but not within quotes or brackets; the parts are trimmed. */
export function splitText(whole: string, separators: string): TextPart[] {
  const parts: TextPart[] = [];
  let start = 0;
  let depth = 0;
  let quoteAt = -1;
  const add = (end: number, separator: string) => {
    const raw = whole.slice(start, end);
    const offset = start + (raw.length - raw.trimStart().length);
    const part = { text: raw.trim(), offset, separator };
    if (quoteAt >= 0) parts.push({ ...part, offset: quoteAt, problem: 'a quote is opened and never closed' });
    else if (depth > 0) parts.push({ ...part, problem: 'a bracket is opened and never closed' });
    else parts.push(part);
    start = end + 1;
  };
  for (let index = 0; index < whole.length; index += 1) {
    const character = whole.charAt(index);
    if (quoteAt >= 0) {
      if (character === '\\') index += 1;
      else if (character === '"') quoteAt = -1;
    } else if (character === '"') quoteAt = index;
    else if (character === '(') depth += 1;
    else if (character === ')') depth -= 1;
    else if (depth <= 0 && separators.includes(character)) add(index, character);
  }
  add(whole.length, '');
  return parts;
}

/** Names a place in a text as line and column, both from 1. */
export function placeOf(whole: string, offset: number): string {
  const before = whole.slice(0, offset).split('\n');
  return `${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
}

/** Removes the double quotes around a text, if any, and resolves its escapes. */
export function unquote(raw: string): string {
  if (!raw.startsWith('"')) return raw;
  try {
    return String(JSON.parse(raw));
  } catch {
    return raw.slice(1, -1);
  }
}
