import type { BackendConfig } from '../../config/schema.ts';
import type { Log } from '../../telemetry/log.ts';
import { apiKeyCredential, type Credential } from './credential.ts';
import { createEntraCredential, identityKeyOf } from './entra-identity.ts';
import { KeyFileCredential } from './key-file-credential.ts';

/**
 * The self-renewing credentials of all backends. Backends with the same identity and scope share one, and a credential
 * that a new configuration also has is kept.
 */
export class Credentials {
  /** Called with the name of a backend that has another key from now on. */
  noteNewKey: (backend: string) => void = () => {};
  readonly #known = new Map<string, Credential>();
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  /**
   * Returns the credential of a backend. Fetches nothing yet.
   *
   * @throws if its file holds no credential
   */
  of(config: BackendConfig): Credential {
    const { name = '', apiKey, apiKeyFile } = config;
    if (apiKey !== undefined) return apiKeyCredential(apiKey);
    if (apiKeyFile === undefined)
      return this.#share(identityKeyOf(config), () => createEntraCredential(config, this.#log));
    // Not shared: one backend may know a new key before another does.
    const key = JSON.stringify([name, apiKeyFile]);
    return this.#share(key, () => new KeyFileCredential(apiKeyFile, this.#log, () => this.noteNewKey(name)));
  }

  /** Stops the credentials that no backend has any more. */
  keepOnly(backends: readonly { readonly credential: Credential }[]): void {
    const kept = new Set(backends.map(({ credential }) => credential));
    for (const [key, credential] of this.#known) {
      if (kept.has(credential)) continue;
      credential.stop?.();
      this.#known.delete(key);
    }
  }

  stop(): void {
    this.keepOnly([]);
  }

  #share(key: string, make: () => Credential): Credential {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const made = make();
    this.#known.set(key, made);
    return made;
  }
}
