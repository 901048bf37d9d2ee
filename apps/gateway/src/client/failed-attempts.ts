import { randomInt } from 'node:crypto';
import { isIPv6 } from 'node:net';

const MINUTE_MS = 60_000;
/** A power of two. With this many active addresses, few share both of their counters with others. */
const SIZE = 8192;

/**
 * Counts failed authentications by address and minute, in a table of fixed size. Each address has two counters, which
 * it may share with others; the lower of the two is its count (count-min sketch). The choice of counters differs in
 * each process.
 */
export class FailedAttempts {
  readonly #counts = new Uint32Array(2 * SIZE);
  readonly #seeds = [randomInt(2 ** 32), randomInt(2 ** 32)] as const;
  readonly #max: number;
  #minute = 0;

  /** @param max the number of failures allowed in a minute */
  constructor(max: number) {
    this.#max = max;
  }

  /**
   * Records a failure. Returns how long the address has to wait, in seconds, if there were too many; else 0.
   *
   * @param nowMs a clock in milliseconds
   */
  note(address: string, nowMs: number): number {
    const minute = Math.floor(nowMs / MINUTE_MS);
    if (minute !== this.#minute) {
      this.#minute = minute;
      this.#counts.fill(0);
    }
    const [first, second] = this.#seeds;
    const network = networkOf(address);
    const one = hash(network, first) & (SIZE - 1);
    const other = SIZE + (hash(network, second) & (SIZE - 1));
    const counts = this.#counts;
    const count = Math.min((counts[one] ?? 0) + 1, (counts[other] ?? 0) + 1);
    counts[one] = Math.max(counts[one] ?? 0, count);
    counts[other] = Math.max(counts[other] ?? 0, count);
    return count <= this.#max ? 0 : Math.ceil(((minute + 1) * MINUTE_MS - nowMs) / 1000);
  }
}

/** Returns an address; for IPv6 the network of one subscriber: its first 64 bits. */
export function networkOf(address: string): string {
  const [plain = ''] = address.split('%');
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(plain)?.[1];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(plain)) return plain;
  const [before = '', after] = plain.split('::');
  const groups = before === '' ? [] : before.split(':');
  const behind = after === undefined || after === '' ? 0 : after.split(':').length;
  const zeros = after === undefined ? 0 : 8 - groups.length - behind;
  const all = [...groups, ...Array.from({ length: zeros }, () => '0'), ...(after?.split(':') ?? [])];
  return `${all
    .slice(0, 4)
    .map((group) => Number.parseInt(group || '0', 16).toString(16))
    .join(':')}::/64`;
}

/** FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/) with a random seed, and the bits mixed at the end. */
function hash(text: string, seed: number): number {
  let value = seed ^ 0x811c9dc5;
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  value = Math.imul(value ^ (value >>> 15), 0x2c1b3c6d);
  return (value ^ (value >>> 13)) >>> 0;
}
