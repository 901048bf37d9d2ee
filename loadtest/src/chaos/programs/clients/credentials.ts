import { createHash } from 'node:crypto';
import type { Issuer } from '../../../process/issuer.ts';

/** The client that uses a token; the others use keys. */
export const TOKEN_CLIENT = 'robot';
export const KEY_CLIENTS: readonly string[] = ['chat', 'nightly', 'search'];
export const CLIENTS: readonly string[] = [...KEY_CLIENTS, TOKEN_CLIENT];

/** A credential in use, until its request's answer begins. */
interface Use {
  readonly headers: Readonly<Record<string, string>>;
  /** Reports that the answer has begun, or that none will come. */
  readonly done: () => void;
}

/** The keys of the clients, two of which are valid at a time, and their numbers. */
export class Credentials {
  readonly #issuer: Issuer;
  /** The number of the key that clients use: at first the second of the two that are valid. */
  #current = 2;
  /** The requests whose answer has not begun, by the number of their key. */
  readonly #waiting = new Map<number, number>();

  constructor(issuer: Issuer) {
    this.#issuer = issuer;
  }

  /** Returns the keys in a client's configuration: the one in use and the next. */
  keysOf(client: string, current: number): readonly { readonly sha256: string }[] {
    return [current, current + 1].map((number) => ({ sha256: sha256(keyOf(client, number)) }));
  }

  /** From now on clients use another key. */
  use(number: number): void {
    this.#current = number;
  }

  /** Resolves when no request with an older key than this is under way. */
  async areUnused(before: number): Promise<void> {
    const isWaiting = () => [...this.#waiting].some(([number, count]) => number < before && count > 0);
    while (isWaiting()) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  /** Takes the credential of a client for one request. */
  take(client: string): Use {
    const number = this.#current;
    const add = (change: number) => this.#waiting.set(number, (this.#waiting.get(number) ?? 0) + change);
    add(1);
    let isDone = false;
    const done = () => {
      if (!isDone) add(-1);
      isDone = true;
    };
    if (client === TOKEN_CLIENT) return { headers: { authorization: `Bearer ${this.#issuer.token}` }, done };
    return { headers: { 'api-key': keyOf(client, number) }, done };
  }
}

function keyOf(client: string, number: number): string {
  return `key-of-${client}-number-${number}`;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
