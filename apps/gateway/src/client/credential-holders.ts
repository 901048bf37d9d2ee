import { readEphemeralKey } from '../headers/session-key.ts';
import type { RefusalReason } from './authentication-failed.ts';
import type { Client } from './client.ts';
import { type CredentialHead, credentialOf } from './credentials-of.ts';
import { claimsOf, type EntraTokens } from './entra-token.ts';
import type { HashedCredential } from './hashed-credential.ts';
import { type KeyTable, sha256 } from './keys.ts';
import type { MintedKeys } from './minted-keys.ts';

/** Tells which client a credential that was once admitted belongs to now. */
export class CredentialHolders {
  readonly #keys: KeyTable | undefined;
  readonly #tokens: EntraTokens | undefined;
  readonly #minted: MintedKeys;

  /** Without keys or tokens, none are accepted. */
  constructor(keys: KeyTable | undefined, tokens: EntraTokens | undefined, minted: MintedKeys) {
    this.#keys = keys;
    this.#tokens = tokens;
    this.#minted = minted;
  }

  /** Returns the credential of an admitted request; for an ephemeral key, the one that it was requested with. */
  read(head: CredentialHead): HashedCredential | undefined {
    const ephemeral = readEphemeralKey(head.headers);
    if (ephemeral !== undefined) return this.#minted.find(ephemeral, Date.now())?.credential;
    const sent = credentialOf(head, this.#keys === undefined);
    if (sent === undefined) return undefined;
    return { sha256: sha256(sent.value), claims: sent.mayBeToken ? claimsOf(sent.value) : undefined };
  }

  /**
   * Returns the client that has a credential now. A token was valid when it was read: what it opened may outlive it, but
   * not the rule that made it this client's.
   *
   * @param nowMs wall-clock milliseconds since the epoch
   */
  holderOf({ sha256: hash, claims }: HashedCredential, nowMs: number): Client | RefusalReason {
    const found = this.#keys?.find(hash, nowMs) ?? 'unknown';
    if (found !== 'unknown' || claims === undefined) return found;
    return this.#tokens?.whoseNow(claims) ?? found;
  }

  /** Returns the client that requested an ephemeral key, if it still has the credential that it requested it with. */
  ofEphemeral(key: string, nowMs: number): Client | RefusalReason {
    const made = this.#minted.find(key, nowMs);
    if (made === undefined) return 'unknown';
    const holder = this.holderOf(made.credential, nowMs);
    return typeof holder === 'string' || holder.name === made.client ? holder : 'unknown';
  }
}
