/** The number of characters in a block. */
export const blockCharacters = 256;

/**
 * Cuts a text into blocks and returns a key for each that depends on the block, all blocks before it and the owner: two
 * texts of one owner share as many keys as they share blocks at their beginning.
 */
export function blockKeys(owner: string, text: string): number[] {
  const keys: number[] = [];
  const hash = new Hash();
  hash.add(owner, 0, owner.length);
  for (let start = 0; start < text.length; start += blockCharacters) {
    hash.add(text, start, Math.min(start + blockCharacters, text.length));
    keys.push(hash.key);
  }
  return keys;
}

/** The hash cyrb53, which is fast; with 53 bits, some 100,000 blocks have no collision. */
class Hash {
  #high = 0xdeadbeef;
  #low = 0x41c6ce57;

  add(text: string, start: number, end: number): void {
    let high = this.#high;
    let low = this.#low;
    for (let index = start; index < end; index += 1) {
      const code = text.charCodeAt(index);
      high = Math.imul(high ^ code, 0x9e3779b1);
      low = Math.imul(low ^ code, 0x5f356495);
    }
    this.#high = Math.imul(high ^ (high >>> 16), 0x85ebca6b) ^ Math.imul(low ^ (low >>> 13), 0xc2b2ae35);
    this.#low = Math.imul(low ^ (low >>> 16), 0x85ebca6b) ^ Math.imul(high ^ (high >>> 13), 0xc2b2ae35);
  }

  get key(): number {
    return 2 ** 32 * (this.#high & 0x1fffff) + (this.#low >>> 0);
  }
}
