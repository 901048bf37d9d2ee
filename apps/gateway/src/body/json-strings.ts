import { SealHash } from './seal-hash.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * The receiver of strings in a JSON text. A path is the keys that lead to a value, joined by dots; lists add nothing.
 */
export interface StringReader {
  /** Returns whether it wants the string at a path. */
  wants(path: string): boolean;
  /** Receives a wanted string as written, with its escapes. */
  onString(path: string, text: string): void;
  /** Returns whether the string at a path is sealed content. Only its name is wanted then, however long it is. */
  isSealed?(path: string): boolean;
  onSeal?(name: string): void;
}

/** Values below this depth are skipped. */
const DEEPEST = 10;

interface Container {
  readonly isObject: boolean;
  readonly path: string;
  /** The path of the next value; in an object known only after the key. */
  valuePath: string;
}

/**
 * Walks over JSON as it arrives, in chunks that may end anywhere, and reads the wanted strings. All others are skipped
 * by a search for their closing quote. Invalid JSON is walked over too, with meaningless results.
 */
export class JsonStrings {
  readonly #reader: StringReader;
  readonly #longest: number;
  #open: Container[] = [];
  /** The number of open containers below `DEEPEST`. */
  #deeper = 0;
  #isKeyNext = false;
  #string: 'none' | 'key' | 'wanted' | 'sealed' | 'skipped' = 'none';
  #seal: SealHash | undefined;
  #text = '';
  /** The number of backslashes at the present end of the string. */
  #backslashes = 0;

  /** @param longest longer strings are skipped, in characters */
  constructor(reader: StringReader, longest: number) {
    this.#reader = reader;
    this.#longest = longest;
  }

  /** Walks over the next bytes. */
  write(chunk: Buffer, from = 0, to = chunk.length): void {
    let at = from;
    while (at < to) {
      at = this.#string === 'none' ? this.#walk(chunk, at, to) : this.#readString(chunk, at, to);
    }
  }

  /** Forgets everything so far: the next bytes are another text. */
  reset(): void {
    this.#open = [];
    this.#deeper = 0;
    this.#isKeyNext = false;
    this.#string = 'none';
  }

  #walk(chunk: Buffer, from: number, to: number): number {
    for (let at = from; at < to; at++) {
      switch (chunk[at]) {
        case QUOTE:
          this.#beginString();
          return at + 1;
        case 0x7b: // {
          this.#enter(true);
          break;
        case 0x5b: // [
          this.#enter(false);
          break;
        case 0x7d: // }
        case 0x5d: // ]
          this.#leave();
          break;
        case 0x2c: // ,
          this.#isKeyNext = this.#open.at(-1)?.isObject === true;
          break;
      }
    }
    return to;
  }

  #enter(isObject: boolean): void {
    if (this.#deeper > 0 || this.#open.length === DEEPEST) {
      this.#deeper++;
      return;
    }
    const path = this.#open.at(-1)?.valuePath ?? '';
    this.#open.push({ isObject, path, valuePath: path });
    this.#isKeyNext = isObject;
  }

  #leave(): void {
    this.#isKeyNext = false;
    if (this.#deeper > 0) {
      this.#deeper--;
      return;
    }
    this.#open.pop();
  }

  #beginString(): void {
    const container = this.#open.at(-1);
    this.#text = '';
    this.#backslashes = 0;
    if (this.#deeper > 0 || container === undefined) this.#string = 'skipped';
    else if (this.#isKeyNext) this.#string = 'key';
    else this.#string = this.#kindAt(container.valuePath);
  }

  #kindAt(path: string): 'wanted' | 'sealed' | 'skipped' {
    if (this.#reader.wants(path)) return 'wanted';
    if (this.#reader.isSealed?.(path) !== true) return 'skipped';
    this.#seal = new SealHash();
    return 'sealed';
  }

  #readString(chunk: Buffer, from: number, to: number): number {
    const end = indexOfQuote(chunk, from, to);
    if (this.#string === 'sealed') {
      this.#seal?.push(chunk, { start: from, end });
    } else if (this.#string !== 'skipped' && this.#text.length <= this.#longest) {
      const last = Math.min(end, from + this.#longest + 1);
      this.#text += chunk.toString('latin1', from, last);
    }
    let start = end;
    while (start > from && chunk[start - 1] === BACKSLASH) start--;
    this.#backslashes = end - start + (start === from ? this.#backslashes : 0);
    if (end === to) return to;
    if (this.#backslashes % 2 === 0) {
      this.#endString();
    } else {
      if (this.#string === 'sealed') this.#seal?.push(chunk, { start: end, end: end + 1 });
      else if (this.#string !== 'skipped') this.#text += '"';
      this.#backslashes = 0;
    }
    return end + 1;
  }

  #endString(): void {
    const container = this.#open.at(-1);
    const string = this.#string;
    this.#string = 'none';
    if (container === undefined || string === 'skipped') return;
    if (string === 'sealed') {
      if (this.#seal !== undefined) this.#reader.onSeal?.(this.#seal.end());
      this.#seal = undefined;
    } else if (string === 'key') {
      this.#isKeyNext = false;
      container.valuePath = container.path === '' ? this.#text : `${container.path}.${this.#text}`;
    } else if (this.#text.length <= this.#longest) {
      this.#reader.onString(container.valuePath, this.#text);
    }
  }
}

/** The number of bytes that a loop inspects in the time of one call of the native search. */
const NEAR = 48;

/** Returns where the next quote is, or `to` if there is none before. */
export function indexOfQuote(chunk: Buffer, from: number, to: number): number {
  const near = Math.min(from + NEAR, to);
  for (let at = from; at < near; at++) if (chunk[at] === QUOTE) return at;
  const far = near === to ? -1 : chunk.indexOf(QUOTE, near);
  return far === -1 || far > to ? to : far;
}
