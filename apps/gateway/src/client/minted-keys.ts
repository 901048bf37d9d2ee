import { sha256 } from './keys.ts';

/** Azure's expire after two hours at the latest. */
const LONGEST_LIFE_MS = 2 * 60 * 60 * 1000;
const MAX_KEYS = 10_000;

/** The client that requested an ephemeral key, and the key's deployment. */
interface MintedKey {
  readonly client: string;
  /** Empty where the request named none. */
  readonly deployment: string;
}

/**
 * The clients that requested ephemeral keys. Keys are remembered by their hash, and only for their longest lifetime.
 */
export class MintedKeys {
  readonly #clients = new Map<string, MintedKey & { readonly untilMs: number }>();

  /** @param nowMs wall-clock milliseconds since the epoch, as in `clientOf` */
  remember(key: string, { client, deployment }: MintedKey, nowMs: number): void {
    this.#clients.set(sha256(key), { client, deployment, untilMs: nowMs + LONGEST_LIFE_MS });
    if (this.#clients.size <= MAX_KEYS) return;
    const [oldest] = this.#clients.keys();
    if (oldest !== undefined) this.#clients.delete(oldest);
  }

  /** Returns the name of the client that requested a key; undefined if none did, or too long ago. */
  clientOf(key: string, nowMs: number): string | undefined {
    const found = this.#clients.get(sha256(key));
    return found !== undefined && nowMs < found.untilMs ? found.client : undefined;
  }

  /** Returns the deployment of a key; undefined if that is unknown. */
  deploymentOf(key: string): string | undefined {
    return this.#clients.get(sha256(key))?.deployment || undefined;
  }
}
