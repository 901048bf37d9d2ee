import { isMiswritten, sha256 } from './keys.ts';

interface Hashed {
  readonly credential: string;
  readonly hash: string;
}

/**
 * The hash of each connection's last credential. A client sends the same one again and again, and hashing it takes as
 * long as the rest of the authentication. Permissions are still checked with every request.
 */
export class LastHashes {
  readonly #byConnection = new WeakMap<object, Hashed>();

  /** Returns a credential's SHA-256, in hexadecimal digits; undefined if it has the form of our keys, but is none. */
  of(connection: object, credential: string): string | undefined {
    const last = this.#byConnection.get(connection);
    if (last?.credential === credential) return last.hash;
    if (isMiswritten(credential)) return undefined;
    const hash = sha256(credential);
    this.#byConnection.set(connection, { credential, hash });
    return hash;
  }
}
