const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LETTER_U = 0x75;

/** Only this much of a longer string is counted; it exceeds every model's window anyway. */
const COUNTED_BYTES = 1_048_576;

/**
 * Strings are read here up to this length. Native code passes a longer rest sooner, which is counted only on demand.
 */
const NEAR = 16_384;

/**
 * Finds the ends of JSON strings in a body, and their decoded number of characters: an escape counts as its character,
 * and an emoji as two, as in UTF-16. Most strings are so short that one look at their bytes gives both.
 */
export class StringReader {
  readonly #body: Buffer;
  /** A view of the body, four bytes at a time. */
  readonly #words: DataView;
  #end = 0;
  /** How far the string has been read, and its number of characters up to there. */
  #readTo = 0;
  #characters = 0;

  constructor(body: Buffer) {
    this.#body = body;
    this.#words = new DataView(body.buffer, body.byteOffset, body.length);
  }

  /**
   * Passes the string that begins at `from`; returns the position of its closing quote, or the end of the body if it
   * has none.
   */
  pass(from: number): number {
    const body = this.#body;
    const readTo = this.#read(from, Math.min(from + NEAR, body.length));
    this.#end = body[readTo] === QUOTE ? readTo : endOfString(body, readTo);
    return this.#end;
  }

  /** The number of characters of the last passed string. */
  get characters(): number {
    if (this.#readTo >= this.#end) return this.#characters;
    return this.#characters + countCharacters(this.#body, this.#readTo, this.#end);
  }

  /** Reads on until the closing quote, or roughly until `near`; returns where it stopped. */
  #read(from: number, near: number): number {
    const body = this.#body;
    let surplus = 0;
    let at = from;
    while (at < near) {
      at = passPlain(this.#words, at, near);
      const byte = body[at];
      if (byte === QUOTE || byte === undefined) break;
      if (byte === BACKSLASH) {
        surplus += escapeLength(body[at + 1]) - 1;
        // Hexadecimal digits are counted like ordinary ones: in broken text they may be missing.
        at += 2;
      } else {
        surplus += surplusOf(byte);
        for (at++; isContinuation(body[at]); at++) surplus++;
      }
    }
    // Not in the middle of a character, as the rest is read without it.
    for (; isContinuation(body[at]); at++) surplus++;
    this.#readTo = at;
    this.#characters = Math.max(0, at - from - surplus);
    return at;
  }
}

/** Passes plain text four bytes at a time; returns where something else follows, or fewer than four bytes do. */
function passPlain(words: DataView, from: number, near: number): number {
  let at = from;
  for (const last = near - 4; at <= last; at += 4) {
    const marks = marksOf(words.getInt32(at, true));
    if (marks !== 0) return at + lowestByte(marks);
  }
  return at;
}

/**
 * Marks the highest bit of each of four bytes that is a quote, a backslash or beyond ASCII. Only the lowest mark is
 * certain, as a quote may have the byte above it marked too.
 */
function marksOf(word: number): number {
  const noQuote = (word ^ 0x22222222) - 0x01010101;
  const noBackslash = (word ^ 0x5c5c5c5c) - 0x01010101;
  return (word | noQuote | noBackslash) & 0x80808080;
}

/** Returns which of four bytes has the lowest bit that is set. */
function lowestByte(word: number): number {
  return (31 - Math.clz32(word & -word)) >> 3;
}

/** In UTF-8 only the first byte of a character counts, and twice if the character has four bytes. */
function surplusOf(byte: number): number {
  if (byte >= 0xf0) return -1;
  return isContinuation(byte) ? 1 : 0;
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

/**
 * Returns the position of the closing quote of a string that begins at `from`, or the end of the body if there is none.
 */
export function endOfString(body: Buffer, from: number): number {
  let at = from;
  for (;;) {
    at = body.indexOf(QUOTE, at);
    if (at === -1) return body.length;
    let first = at;
    while (first > from && body[first - 1] === BACKSLASH) first--;
    if ((at - first) % 2 === 0) return at;
    at++;
  }
}

/**
 * Returns the decoded number of characters of the JSON string between two places in a body: an escape counts as its
 * character. Characters are UTF-16 units, of which an emoji has two, escaped or not. Everything beyond a megabyte is
 * extrapolated from the part before.
 */
function countCharacters(body: Buffer, start: number, end: number): number {
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

/** Returns the number of bytes of an escape, by the letter after its backslash. */
function escapeLength(letter: number | undefined): number {
  return letter === LETTER_U ? 6 : 2;
}
