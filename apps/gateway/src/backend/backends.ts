import { isDeepStrictEqual } from 'node:util';
import type { BackendConfig, Config } from '../config/schema.ts';
import { type AzureBackend, createBackend } from './azure-backend.ts';
import type { Credentials } from './credentials/credentials.ts';
import type { BackendDispatcher } from './dispatcher.ts';

/** The backends of a configuration before they are in use. */
export interface PreparedBackends {
  readonly backends: readonly AzureBackend[];
  /** Backends whose address or access changed under the same name: the old failures do not count against them. */
  readonly renewed: readonly AzureBackend[];
  /** The old and new names of backends in use whose name changes. */
  readonly renamed: ReadonlyMap<string, string>;
  /** Puts them in use. Connections that only their predecessors have end with the requests on them. */
  commit(): void;
}

/** A backend, and the configuration that it was created from. */
interface Made {
  readonly config: BackendConfig;
  readonly backend: AzureBackend;
}

/**
 * Creates the backends of one configuration after another. An unchanged backend stays the same object, and one whose
 * address, proxy and certificates are unchanged keeps its connections.
 */
export class Backends {
  readonly #credentials: Credentials;
  readonly #onConnectError: (error: NodeJS.ErrnoException) => void;
  /** Those in use, by name. */
  #made: ReadonlyMap<string, Made> = new Map();
  /** Dispatchers of former backends that still have requests under way. */
  readonly #draining = new Set<BackendDispatcher>();

  constructor(credentials: Credentials, onConnectError: (error: NodeJS.ErrnoException) => void) {
    this.#credentials = credentials;
    this.#onConnectError = onConnectError;
  }

  /**
   * Creates the backends of a configuration. Those in use are not affected.
   *
   * @throws what `readPem` throws, if certificates cannot be read any more
   */
  prepare({ backends: configs, timeouts }: Pick<Config, 'backends' | 'timeouts'>): PreparedBackends {
    const made: Made[] = [];
    try {
      for (const config of configs) made.push(this.#make(config, timeouts));
    } catch (error) {
      this.#credentials.keepOnly([...this.#made.values()].map(({ backend }) => backend));
      this.#closeAllBut(this.#dispatchers, made);
      throw error;
    }
    const renewed = made.filter((one) => this.#isRenewed(one));
    return {
      backends: made.map(({ backend }) => backend),
      renewed: renewed.map(({ backend }) => backend),
      renamed: this.#renamedBy(made),
      commit: () => {
        const former = [...this.#made.values()];
        this.#made = new Map(made.map((one) => [one.backend.name, one]));
        this.#closeAllBut(this.#dispatchers, former);
        this.#credentials.keepOnly(made.map(({ backend }) => backend));
      },
    };
  }

  /** Breaks off everything under way. */
  async destroy(): Promise<void> {
    await Promise.all([...this.#dispatchers, ...this.#draining].map((dispatcher) => dispatcher.destroy()));
  }

  get #dispatchers(): ReadonlySet<BackendDispatcher> {
    return new Set([...this.#made.values()].map(({ backend }) => backend.dispatcher));
  }

  #make(config: BackendConfig, timeouts: Config['timeouts']): Made {
    const known = this.#made.get(config.name ?? '');
    const backend = createBackend(config, timeouts, this.#credentials, this.#onConnectError, known?.backend);
    const isSame =
      known?.backend.dispatcher === backend.dispatcher && isDeepStrictEqual(known.config, config);
    return isSame ? known : { config, backend };
  }

  #isRenewed({ backend, config }: Made): boolean {
    const known = this.#made.get(backend.name);
    if (known === undefined) return false;
    const isSame = known.backend.dispatcher === backend.dispatcher;
    return !isSame || !isDeepStrictEqual(accessOf(known.config), accessOf(config));
  }

  /**
   * Backends without a name are numbered, so removing one renames all that follow. A backend is recognised by its
   * address.
   */
  #renamedBy(made: readonly Made[]): ReadonlyMap<string, string> {
    const pairs = [...this.#made.values()].flatMap(({ backend: { name, url } }): [string, string][] => {
      const same = made.filter(({ backend }) => backend.url === url).map(({ backend }) => backend.name);
      const [other] = same;
      return other === undefined || same.includes(name) ? [] : [[name, other]];
    });
    return new Map(pairs);
  }

  #closeAllBut(kept: ReadonlySet<BackendDispatcher>, made: readonly Made[]): void {
    for (const { backend } of made) {
      const { dispatcher } = backend;
      if (kept.has(dispatcher) || this.#draining.has(dispatcher)) continue;
      this.#draining.add(dispatcher);
      const forget = () => this.#draining.delete(dispatcher);
      dispatcher.close().then(forget, forget);
    }
  }
}

/** The address of a backend, and how the gateway authenticates there. */
function accessOf({ url, apiKey, apiKeyFile, tokenScope, identity }: BackendConfig) {
  return { url, apiKey, apiKeyFile, tokenScope, identity };
}
