/** A reproducible source of uniformly distributed numbers in [0, 1) (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const TEXTS = [
  '',
  'model',
  '"',
  '\\',
  '\\\\"',
  '{"model":"no"}',
  '[,]}',
  'é',
  '模型',
  '🙂',
  '\u0000\n\t',
  'a b',
];
const SPACES = ['', ' ', '\n', '\t ', '\r\n  '];

/** Writes random JSON: every kind of value, nested, with escapes and white space wherever they are allowed. */
export class JsonWriter {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  /** An object that may have these keys at its top, and others. */
  object(keys: readonly string[], depth = 3): string {
    const names = [...keys, ...TEXTS.map((text, index) => `${text}${index}`)].filter(
      () => this.#random() < 0.4,
    );
    const fields = this.#shuffle(names).map(
      (name) => `${this.#space()}${JSON.stringify(name)}${this.#space()}:${this.#value(depth)}`,
    );
    return `${this.#space()}{${fields.join(',') || this.#space()}}${this.#space()}`;
  }

  /** A whole number below `limit`. */
  below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  #value(depth: number): string {
    const value = () => {
      switch (this.below(depth > 0 ? 6 : 4)) {
        case 0:
          return this.#pick(['true', 'false', 'null']);
        case 1:
          return this.#pick(['0', '-1.5', '12345678901', '1e-7']);
        case 2:
          return this.#escaped(this.#pick(TEXTS) + this.#pick(TEXTS));
        case 3:
          return JSON.stringify(this.#pick(TEXTS));
        case 4:
          return this.object(['model', 'store'], depth - 1);
        default:
          return `[${Array.from({ length: this.below(4) }, () => this.#value(depth - 1)).join(',')}]`;
      }
    };
    return `${this.#space()}${value()}${this.#space()}`;
  }

  /** A string in which any character may be written as an escape, and half of a surrogate pair must be. */
  #escaped(text: string): string {
    const isEscaped = (unit: string) => /[\ud800-\udfff]/.test(unit) || this.#random() < 0.3;
    const write = (unit: string) => (isEscaped(unit) ? escape(unit) : JSON.stringify(unit).slice(1, -1));
    return `"${text.split('').map(write).join('')}"`;
  }

  #space(): string {
    return this.#pick(SPACES);
  }

  #pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }

  #shuffle<T>(list: readonly T[]): T[] {
    return list
      .map((item) => [this.#random(), item] as const)
      .sort(([a], [b]) => a - b)
      .map(([, item]) => item);
  }
}

function escape(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
