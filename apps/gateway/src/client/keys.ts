import crypto, { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import zlib from 'node:zlib';
import type { Config } from '../config/schema.ts';
import type { Client } from './client.ts';

const PREFIX = 'spw_';
const SECRET_LENGTH = 43;
const CHECKSUM_LENGTH = 6;
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const OWN = /^spw_([\dA-Za-z]{43})([\dA-Za-z]{6})$/;

/** Creates a key: 256 random bits, and a checksum that detects a truncated or mistyped key. */
export function makeKey(): string {
  const secret = toBase62(BigInt(`0x${randomBytes(32).toString('hex')}`), SECRET_LENGTH);
  return PREFIX + secret + checksumOf(secret);
}

/** Returns whether a key has the form of ours, but a wrong checksum. */
export function isMiswritten(key: string): boolean {
  if (!key.startsWith(PREFIX)) return false;
  const [, secret, checksum] = OWN.exec(key) ?? [];
  return secret === undefined || checksumOf(secret) !== checksum;
}

function checksumOf(secret: string): string {
  return toBase62(BigInt(zlib.crc32(secret)), CHECKSUM_LENGTH);
}

function toBase62(number: bigint, length: number): string {
  let text = '';
  for (let rest = number; text.length < length; rest /= 62n) text = DIGITS[Number(rest % 62n)] + text;
  return text;
}

/** Returns the SHA-256 of a credential, in hexadecimal digits. Older versions of Node 20 have only the slower API. */
export const sha256: (text: string) => string =
  'hash' in crypto
    ? (text) => crypto.hash('sha256', text, 'hex')
    : (text) => createHash('sha256').update(text).digest('hex');

/** Why a key is refused. Clients are not told. */
export type KeyRefusal = 'unknown' | 'expired' | 'disabled';

interface KnownKey {
  readonly client: Client;
  readonly digest: Buffer;
  readonly expiresMs: number;
  readonly isDisabled: boolean;
}

const NOBODYS = Buffer.alloc(64);

/** The keys of all clients, by their hashes. */
export class KeyTable {
  readonly #keys: ReadonlyMap<string, KnownKey>;

  /** @param clients each with its configuration */
  constructor(clients: readonly (readonly [Client, NonNullable<Config['clients']>[number]])[]) {
    this.#keys = new Map(
      clients.flatMap(([client, { keys = [] }]) =>
        keys.map(({ sha256: hash, expires, disabled }) => {
          const expiresMs = expires === undefined ? Number.POSITIVE_INFINITY : Date.parse(expires);
          return [hash, { client, digest: Buffer.from(hash), expiresMs, isDisabled: disabled }];
        }),
      ),
    );
  }

  /**
   * Finds the client whose key has a hash.
   *
   * @param nowMs wall-clock milliseconds since the epoch
   */
  find(hash: string, nowMs: number): Client | KeyRefusal {
    const key = this.#keys.get(hash);
    // The timing of the look-up may reveal how a hash begins, which leads to no key. This comparison protects the rest.
    const isEqual = timingSafeEqual(Buffer.from(hash), key?.digest ?? NOBODYS);
    if (key === undefined || !isEqual) return 'unknown';
    if (key.isDisabled) return 'disabled';
    return key.expiresMs <= nowMs ? 'expired' : key.client;
  }
}
