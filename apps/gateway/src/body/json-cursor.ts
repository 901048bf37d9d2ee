import { endOfString, StringReader } from './string-reader.ts';

/** White space is this, or below it. */
const SPACE = 0x20;
const QUOTE = 0x22;
const PLUS = 0x2b;
const COMMA = 0x2c;
const SLASH = 0x2f;
const COLON = 0x3a;
const ZERO = 0x30;
const NINE = 0x39;
const SMALL_A = 0x61;
const SMALL_Z = 0x7a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

type Leaf = 'string' | 'number' | 'literal';
type Token = Leaf | 'key' | 'object' | 'list' | 'close' | 'separator' | 'end';

/**
 * Walks over the JSON of a body, once and without parsing it: what nobody wants to know costs a look at its bytes, and
 * of a long string not even that. What is no JSON is walked over too, and never beyond its end.
 */
export class JsonCursor {
  readonly body: Buffer;
  /** Where it stands. */
  at = 0;
  /** How many objects and lists it stands in. */
  depth = 0;
  /** Where the string, number or literal that was passed last begins and ends; a string without its quotes. */
  start = 0;
  end = 0;
  /** Whether there was a byte outside all strings that JSON has only inside: lenient readers see comments there, or strings. */
  isStrange = false;
  readonly #strings: StringReader;

  constructor(body: Buffer) {
    this.body = body;
    this.#strings = new StringReader(body);
  }

  /** Passes the beginning of an object, if one comes next; returns whether it did. */
  passOpenBrace(): boolean {
    return this.#peek() === OPEN_BRACE && this.pass() === 'object';
  }

  /** Passes the next key of the object that it stands in; returns whether there was one. */
  passKey(): boolean {
    if (this.#peek() === COMMA) this.at++;
    return this.#peek() === QUOTE && this.pass() === 'key';
  }

  /** Passes a value of any kind. */
  passValue(): void {
    if (this.passLeaf() !== undefined) return;
    const byte = this.#peek();
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) this.passNested();
  }

  /** Passes an object or list, which comes next, without a look at what is in it. */
  protected passNested(): void {
    const { body } = this;
    let depth = 0;
    for (let { at } = this; at < body.length; at++) {
      switch (body[at]) {
        case QUOTE:
          at = endOfString(body, at + 1);
          break;
        case OPEN_BRACE:
        case OPEN_BRACKET:
          depth++;
          break;
        case CLOSE_BRACE:
        case CLOSE_BRACKET:
          depth--;
          if (depth > 0) break;
          this.at = at + 1;
          return;
        default:
          if (!isPlain(body[at] as number)) this.isStrange = true;
      }
    }
    this.at = body.length;
  }

  /** Passes a value that is no object or list, and returns its kind; nothing if there is none. */
  passLeaf(): Leaf | undefined {
    const byte = this.#peek();
    if (byte === QUOTE) return this.#passString();
    return byte === undefined || isSign(byte) ? undefined : this.#passWord(byte);
  }

  /** Passes whatever comes next: a key with its colon, a leaf, the beginning or end of an object or list, or a comma. */
  pass(): Token {
    const byte = this.#peek();
    if (byte === QUOTE) {
      this.#passString();
      return this.#passColon() ? 'key' : 'string';
    }
    if (byte === undefined) return 'end';
    if (!isSign(byte)) return this.#passWord(byte);
    this.at++;
    return this.#noteSign(byte);
  }

  /** Passes a value of any kind, and answers it if it is a number. */
  passNumber(): number | undefined {
    const kind = this.passLeaf();
    if (kind === undefined) this.passValue();
    if (kind !== 'number') return undefined;
    const { body, end } = this;
    let number = 0;
    for (let at = this.start; at < end; at++) {
      const digit = (body[at] ?? 0) - ZERO;
      // Written in another way than as digits, which is rare.
      if (digit < 0 || digit > 9) return toNumber(body.toString('latin1', this.start, end));
      number = number * 10 + digit;
    }
    return number;
  }

  /** Returns whether the leaf that was passed last is written so. */
  isWritten(text: string): boolean {
    const { body, start, end } = this;
    if (end - start !== text.length) return false;
    for (let index = 0; index < text.length; index++)
      if (body[start + index] !== text.charCodeAt(index)) return false;
    return true;
  }

  /** Returns whether the key that was passed last is this one, however it is spelt: escapes are read as JSON has them. */
  isKey(name: string): boolean {
    return this.isWritten(name) || (this.#mayBeEscaped && this.#readKey() === name);
  }

  /** Returns whether the key that was passed last is this one to a reader that does not tell capitals. */
  isKeyInAnyCase(lowerCase: string): boolean {
    const { start, end } = this;
    if (end - start !== lowerCase.length && !this.#mayBeEscaped) return false;
    return this.#readKey()?.toLowerCase() === lowerCase;
  }

  /** Passes the end of the object that it stands in, if it comes next; returns whether it did. */
  passCloseBrace(): boolean {
    return this.#peek() === CLOSE_BRACE && this.pass() === 'close';
  }

  /** Passes the end of the object that began the body; returns whether nothing but white space is behind it. */
  passLastBrace(): boolean {
    return this.passCloseBrace() && this.#peek() === undefined;
  }

  /** An escape has more bytes than the character that it stands for, as has a character beyond ASCII. */
  get #mayBeEscaped(): boolean {
    return this.#strings.characters !== this.end - this.start;
  }

  #readKey(): string | undefined {
    try {
      return JSON.parse(this.body.toString('utf8', this.start - 1, this.end + 1)) as string;
    } catch {
      return undefined;
    }
  }

  /** How many characters the string has that was passed last, as it is read. */
  get characters(): number {
    return this.#strings.characters;
  }

  #noteSign(byte: number): Token {
    switch (byte) {
      case OPEN_BRACE:
        this.depth++;
        return 'object';
      case OPEN_BRACKET:
        this.depth++;
        return 'list';
      case CLOSE_BRACE:
      case CLOSE_BRACKET:
        this.depth--;
        return 'close';
      default:
        return 'separator';
    }
  }

  /** Passes a colon, if one comes next; returns whether it did, so that the string before it was a key. */
  #passColon(): boolean {
    if (this.#peek() !== COLON) return false;
    this.at++;
    return true;
  }

  #passString(): 'string' {
    this.start = this.at + 1;
    this.end = this.#strings.pass(this.start);
    this.at = Math.min(this.end + 1, this.body.length);
    return 'string';
  }

  #passWord(first: number): 'number' | 'literal' {
    const { body } = this;
    let { at } = this;
    this.start = at;
    if (!isPlain(first)) this.isStrange = true;
    for (;;) {
      const byte = body[++at];
      if (byte === undefined || byte <= SPACE || byte === QUOTE || isSign(byte)) break;
      if (!isPlain(byte)) this.isStrange = true;
    }
    this.end = at;
    this.at = at;
    return first <= NINE ? 'number' : 'literal';
  }

  /** Passes white space and answers the byte after it. */
  #peek(): number | undefined {
    const { body } = this;
    for (;;) {
      const byte = body[this.at];
      if (byte === undefined || byte > SPACE) return byte;
      this.at++;
    }
  }
}

function toNumber(text: string): number | undefined {
  const number = Number(text);
  return Number.isNaN(number) ? undefined : number;
}

/** White space, digits, letters, and what stands between values or in numbers: `+`, `,`, `-`, `.`, `:`. */
function isPlain(byte: number): boolean {
  if (byte < SLASH || byte > COLON) return byte <= SPACE || isLetter(byte) || (byte >= PLUS && byte < SLASH);
  return byte !== SLASH;
}

function isLetter(byte: number): boolean {
  const lower = byte | SPACE;
  return lower >= SMALL_A && lower <= SMALL_Z;
}

function isSign(byte: number): boolean {
  if (byte < OPEN_BRACKET) return byte === COMMA || byte === COLON;
  return byte === OPEN_BRACE || byte === CLOSE_BRACE || byte === OPEN_BRACKET || byte === CLOSE_BRACKET;
}
