import type { HashedCredential } from './hashed-credential.ts';
import { sha256 } from './keys.ts';

/** Azure's expire after two hours at the latest. */
const LONGEST_LIFE_MS = 2 * 60 * 60 * 1000;
const MAX_KEYS = 10_000;

/** The client that requested an ephemeral key, and the key's deployment. */
interface MintedKey {
  readonly client: string;
  /** The credential that it was requested with. The key is worth no more than that. */
  readonly credential: HashedCredential;
  /** Empty where the request named none. */
  readonly deployment: string;
}

/**
 * The clients that requested ephemeral keys. Keys are remembered by their hash, and only for their longest lifetime.
 */
export class MintedKeys {
  readonly #keys = new Map<string, MintedKey & { readonly untilMs: number }>();

  /** @param nowMs wall-clock milliseconds since the epoch, as in `find` */
  remember(key: string, made: MintedKey, nowMs: number): void {
    this.#keys.set(sha256(key), { ...made, untilMs: nowMs + LONGEST_LIFE_MS });
    if (this.#keys.size <= MAX_KEYS) return;
    const [oldest] = this.#keys.keys();
    if (oldest !== undefined) this.#keys.delete(oldest);
  }

  /** Returns who requested a key, and for what; undefined if none did, or too long ago. */
  find(key: string, nowMs: number): MintedKey | undefined {
    const found = this.#keys.get(sha256(key));
    return found !== undefined && nowMs < found.untilMs ? found : undefined;
  }

  /** Returns the deployment of a key; undefined if that is unknown. */
  deploymentOf(key: string): string | undefined {
    return this.#keys.get(sha256(key))?.deployment || undefined;
  }
}
