/**
 * A text to be found in bodies. Node's search stops at each first letter, so the part that begins with a letter that is
 * rare in text is looked for first: in 6 KB that takes 0.2 µs instead of 3.
 */
export interface Word {
  readonly whole: Buffer;
  readonly rare: Buffer;
  /** Where the rare part begins in it. */
  readonly offset: number;
}

/** This many places with the rare part are looked at one by one; then the whole is searched for. */
const FEW = 8;

/** @param rare the part of it that is looked for first */
export function word(whole: string, rare = whole): Word {
  return { whole: Buffer.from(whole), rare: Buffer.from(rare), offset: whole.indexOf(rare) };
}

/** Returns whether a word is in a body. */
export function has(body: Buffer, { whole, rare, offset }: Word): boolean {
  let at = body.indexOf(rare);
  for (let looks = 0; at !== -1; at = body.indexOf(rare, at + 1)) {
    if (isAt(body, whole, at - offset)) return true;
    if (++looks === FEW) return body.includes(whole, Math.max(0, at + 1 - offset));
  }
  return false;
}

function isAt(body: Buffer, text: Buffer, start: number): boolean {
  for (let index = 0; index < text.length; index++) if (body[start + index] !== text[index]) return false;
  return true;
}
