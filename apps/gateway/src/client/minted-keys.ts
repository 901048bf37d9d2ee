import { sha256 } from './keys.ts';

/** Azure's expire after two hours at the latest. */
const LONGEST_LIFE_MS = 2 * 60 * 60 * 1000;
const MAX_KEYS = 10_000;

/** Who has had an ephemeral key made, and for which deployment. */
interface MintedKey {
  readonly client: string;
  /** Empty where nothing named it. */
  readonly deployment: string;
}

/** Which client has had which ephemeral key made. Keys are remembered by their hash, and only as long as they may live. */
export class MintedKeys {
  readonly #clients = new Map<string, MintedKey & { readonly untilMs: number }>();

  /** @param nowMs wall-clock milliseconds since the epoch, as in `clientOf` */
  remember(key: string, { client, deployment }: MintedKey, nowMs: number): void {
    this.#clients.set(sha256(key), { client, deployment, untilMs: nowMs + LONGEST_LIFE_MS });
    if (this.#clients.size <= MAX_KEYS) return;
    const [oldest] = this.#clients.keys();
    if (oldest !== undefined) this.#clients.delete(oldest);
  }

  /** Returns the name of the client that has had a key made; undefined if none has, or too long ago. */
  clientOf(key: string, nowMs: number): string | undefined {
    const found = this.#clients.get(sha256(key));
    return found !== undefined && nowMs < found.untilMs ? found.client : undefined;
  }

  /** Returns the deployment that a key is for; undefined if that is not known. */
  deploymentOf(key: string): string | undefined {
    return this.#clients.get(sha256(key))?.deployment || undefined;
  }
}
