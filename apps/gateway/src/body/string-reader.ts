const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LETTER_U = 0x75;

/** Of a longer string only so much is counted; it is over every model's window anyway. */
const COUNTED_BYTES = 1_048_576;

/** Keys are no longer, nor most names and numbers. */
const SHORT = 32;

/** As far as this a string is read here; what is longer native code passes sooner, and counts only if somebody asks. */
const NEAR = 16_384;

/**
 * Finds the ends of the JSON strings in a body, and how many characters they have, as they are read: an escape is the one
 * that it stands for, and an emoji is two, as in UTF-16. Most strings are so short that one look at their bytes tells both.
 */
export class StringReader {
  readonly #body: Buffer;
  /** Of the body, four bytes at a time; made for the first long string. */
  #words: DataView | undefined;
  #end = 0;
  /** How far the string has been read, and how many characters it has up to there. */
  #readTo = 0;
  #characters = 0;

  constructor(body: Buffer) {
    this.#body = body;
  }

  /** Passes the string that begins at `from`; answers where its closing quote is, or the end of the body if it has none. */
  pass(from: number): number {
    const body = this.#body;
    const shortEnd = endOfShort(body, from);
    if (shortEnd !== undefined) {
      this.#characters = shortEnd - from;
      this.#readTo = shortEnd;
      this.#end = shortEnd;
      return shortEnd;
    }
    const readTo = this.#read(from, Math.min(from + NEAR, body.length));
    this.#end = body[readTo] === QUOTE ? readTo : endOfString(body, readTo);
    return this.#end;
  }

  /** How many characters the string has that was passed last. */
  get characters(): number {
    if (this.#readTo >= this.#end) return this.#characters;
    return this.#characters + countCharacters(this.#body, this.#readTo, this.#end);
  }

  /** Reads on until the closing quote, or about as far as `near`; answers where it has stopped. */
  #read(from: number, near: number): number {
    const body = this.#body;
    const words = (this.#words ??= new DataView(body.buffer, body.byteOffset, body.length));
    let surplus = 0;
    let at = from;
    while (at < near) {
      // Two at a time, as most of a prompt is plain.
      while (at + 8 <= near && isPlain(words.getInt32(at, true)) && isPlain(words.getInt32(at + 4, true)))
        at += 8;
      if (at + 4 <= near && isPlain(words.getInt32(at, true))) at += 4;
      const byte = body[at];
      if (byte === QUOTE || byte === undefined) break;
      if (byte === BACKSLASH) {
        surplus += escapeLength(body[at + 1]) - 1;
        // The digits of one in hex come as what they look like: in what is broken they may be missing.
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

/** Returns where the closing quote of a string is that is short and has nothing special, as keys are; undefined if it is another. */
function endOfShort(body: Buffer, from: number): number | undefined {
  const limit = Math.min(from + SHORT, body.length);
  for (let at = from; at < limit; at++) {
    const byte = body[at] as number;
    if (byte === QUOTE) return at;
    if (byte === BACKSLASH || byte >= 0x80) return undefined;
  }
  return undefined;
}

/** Returns whether none of four bytes is a quote, a backslash or beyond ASCII. */
function isPlain(word: number): boolean {
  const noQuote = (word ^ 0x22222222) - 0x01010101;
  const noBackslash = (word ^ 0x5c5c5c5c) - 0x01010101;
  return ((word | noQuote | noBackslash) & 0x80808080) === 0;
}

/** Of UTF-8 the first byte of a character counts, and twice if it has four. */
function surplusOf(byte: number): number {
  if (byte >= 0xf0) return -1;
  return isContinuation(byte) ? 1 : 0;
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

/** Returns where the closing quote of a string is that begins at `from`, or the end of the body if there is none. */
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
 * Returns how many characters the JSON string has that stands between two places in a body, as it is read: an escape is
 * the character that it stands for. Characters are UTF-16 units, of which an emoji has two, escaped or not. What is beyond a
 * megabyte is taken to be like what is before.
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

/** Returns how many bytes an escape has, by the letter after its backslash. */
function escapeLength(letter: number | undefined): number {
  return letter === LETTER_U ? 6 : 2;
}
