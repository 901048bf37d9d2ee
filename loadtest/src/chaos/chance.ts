import { drawBetween, type Random, seededRandom } from '@spillway/simulation';

/** Returns a 32-bit hash of a text (FNV-1a). */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** A source of chance that is the same for the same words. */
export class Chance {
  readonly #random: Random;

  /** @param words the purpose of the chance, such as a seed, a program and the number of a case */
  constructor(...words: readonly (string | number)[]) {
    this.#random = seededRandom(hashText(words.join(' ')));
  }

  /** Returns true in this share of all cases. */
  is(share: number): boolean {
    return this.#random() < share;
  }

  /** Returns a whole number between two others, both included. */
  between(least: number, most: number): number {
    return drawBetween(this.#random, least, most);
  }

  /** Returns one of a list that is not empty. */
  pick<T>(list: readonly T[]): T {
    return list[this.between(0, list.length - 1)] as T;
  }

  /** Returns one of several kinds, each in proportion to its weight. */
  weigh<K extends string>(weights: Readonly<Record<K, number>>): K {
    const entries = Object.entries(weights) as [K, number][];
    let left = this.#random() * entries.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [kind, weight] of entries) {
      left -= weight;
      if (left < 0) return kind;
    }
    return (entries.at(-1) as [K, number])[0];
  }

  /** Returns random bytes. */
  bytes(count: number): Buffer {
    return Buffer.from(Array.from({ length: count }, () => this.between(0, 255)));
  }

  /** Cuts bytes into at most this many pieces at random places. */
  cut(bytes: Buffer, mostPieces: number): Buffer[] {
    const places = Array.from({ length: this.between(0, mostPieces - 1) }, () =>
      this.between(0, bytes.length),
    );
    const ends = [...places.sort((a, b) => a - b), bytes.length];
    const pieces = ends.map((end, i) => bytes.subarray(ends[i - 1] ?? 0, end));
    return pieces.filter(({ length }) => length > 0);
  }
}
