import { parseJson } from './parse-json.ts';
import { endOfString, StringReader } from './string-reader.ts';

/** White space is this byte or below. */
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
 * Walks over the JSON of a body, once and without parsing it. Unwanted parts cost one look at their bytes, and long
 * strings less. Invalid JSON is walked over too, and never beyond its end.
 */
export class JsonCursor {
  readonly body: Buffer;
  /** Its position. */
  at = 0;
  /** The number of objects and lists around its position. */
  depth = 0;
  /** The range of the last passed string, number or literal; a string's is without its quotes. */
  start = 0;
  end = 0;
  /**
   * Whether a byte was outside strings that JSON allows only inside: lenient readers see comments there, or strings.
   */
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

  /** Passes the next key of the current object; returns whether there was one. */
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

  /** Passes the object or list that comes next, without inspecting it. */
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

  /** Passes a value that is neither an object nor a list, and returns its kind; undefined if there is none. */
  passLeaf(): Leaf | undefined {
    const byte = this.#peek();
    if (byte === QUOTE) return this.#passString();
    return byte === undefined || isSign(byte) ? undefined : this.#passWord(byte);
  }

  /** Passes the next token: a key with its colon, a leaf, the beginning or end of an object or list, or a comma. */
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

  /** Passes a value of any kind, and returns it if it is a number. */
  passNumber(): number | undefined {
    const kind = this.passLeaf();
    if (kind === undefined) this.passValue();
    if (kind !== 'number') return undefined;
    const { body, end } = this;
    let number = 0;
    for (let at = this.start; at < end; at++) {
      const digit = (body[at] ?? 0) - ZERO;
      // Not plain digits, which is rare.
      if (digit < 0 || digit > 9) return toNumber(body.toString('latin1', this.start, end));
      number = number * 10 + digit;
    }
    return number;
  }

  /** Returns whether the last passed leaf is written like this. */
  isWritten(text: string): boolean {
    const { body, start, end } = this;
    if (end - start !== text.length) return false;
    for (let index = 0; index < text.length; index++)
      if (body[start + index] !== text.charCodeAt(index)) return false;
    return true;
  }

  /** Returns whether the last passed key is this one, in any spelling: JSON escapes are decoded. */
  isKey(name: string): boolean {
    return this.isWritten(name) || (this.#mayBeEscaped && this.#readKey() === name);
  }

  /** Returns whether the last passed key is this one to a case-insensitive reader. */
  isKeyInAnyCase(lowerCase: string): boolean {
    const { start, end } = this;
    if (end - start !== lowerCase.length && !this.#mayBeEscaped) return false;
    return this.#readKey()?.toLowerCase() === lowerCase;
  }

  /** Passes the end of the current object, if it comes next; returns whether it did. */
  passCloseBrace(): boolean {
    return this.#peek() === CLOSE_BRACE && this.pass() === 'close';
  }

  /** Passes the end of the body's outermost object; returns whether only white space follows. */
  passLastBrace(): boolean {
    return this.passCloseBrace() && this.#peek() === undefined;
  }

  /** The decoded key or text passed last, if it may have escapes or characters beyond ASCII. */
  get unescaped(): string | undefined {
    return this.#mayBeEscaped ? this.#readKey() : undefined;
  }

  /** An escape has more bytes than its character, as has a character beyond ASCII. */
  get #mayBeEscaped(): boolean {
    return this.#strings.characters !== this.end - this.start;
  }

  #readKey(): string | undefined {
    return parseJson(this.body.toString('utf8', this.start - 1, this.end + 1)) as string | undefined;
  }

  /** The number of characters of the last passed string, with escapes decoded. */
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

  /** Passes a colon, if one comes next; returns whether it did, that is, whether the string before it was a key. */
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

  /** Passes white space and returns the byte after it. */
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

/** White space, digits, letters, and the signs between values or in numbers: `+`, `,`, `-`, `.`, `:`. */
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
