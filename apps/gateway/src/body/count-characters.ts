const LETTER_U = 0x75;

/** Of a longer string only so much is counted; it is over every model's window anyway. */
const COUNTED_BYTES = 1_048_576;

/**
 * Answers how many characters the JSON string has that stands between two places in a body, as it is read: an escape is
 * the character that it stands for. Characters are UTF-16 units, of which an emoji has two, escaped or not. What is beyond a
 * megabyte is taken to be like what is before.
 */
export function countCharacters(body: Buffer, start: number, end: number): number {
  const bytes = end - start;
  if (bytes <= COUNTED_BYTES) return countRead(body.toString('utf8', start, end));
  const counted = countRead(body.toString('utf8', start, start + COUNTED_BYTES));
  return Math.round((counted / COUNTED_BYTES) * bytes);
}

function countRead(text: string): number {
  let characters = text.length;
  let at = text.indexOf('\\');
  while (at !== -1) {
    const length = escapeLength(text.charCodeAt(at + 1));
    characters -= length - 1;
    at = text.indexOf('\\', at + length);
  }
  return characters;
}

/** Answers how many bytes an escape has, by the letter after its backslash. */
export function escapeLength(letter: number | undefined): number {
  return letter === LETTER_U ? 6 : 2;
}
