import { isDeepStrictEqual } from 'node:util';
import type { BackendConfig, Config } from '../config/schema.ts';
import { type AzureBackend, createBackend } from './azure-backend.ts';
import type { Credentials } from './credentials/credentials.ts';
import type { BackendDispatcher } from './dispatcher.ts';

/** The backends of a configuration, before anybody uses them. */
export interface PreparedBackends {
  readonly backends: readonly AzureBackend[];
  /** Those that are reached in another way than the ones that had their names: nothing is known against them. */
  readonly renewed: readonly AzureBackend[];
  /** Of backends in use that have another name in it, the names of before and those that they get. */
  readonly renamed: ReadonlyMap<string, string>;
  /** They are in use: connections that only their predecessors have end with the requests on them. */
  commit(): void;
}

/** A backend, and the configuration that it is of. */
interface Made {
  readonly config: BackendConfig;
  readonly backend: AzureBackend;
}

/**
 * Makes the backends of one configuration after the other. One that has not changed stays the same, and one whose address,
 * proxy and certificates have not changed keeps its connections.
 */
export class Backends {
  readonly #credentials: Credentials;
  readonly #onConnectError: (error: NodeJS.ErrnoException) => void;
  /** Those in use, by name. */
  #made: ReadonlyMap<string, Made> = new Map();
  /** Of former ones, with requests under way. */
  readonly #draining = new Set<BackendDispatcher>();

  constructor(credentials: Credentials, onConnectError: (error: NodeJS.ErrnoException) => void) {
    this.#credentials = credentials;
    this.#onConnectError = onConnectError;
  }

  /**
   * Makes the backends of a configuration. Those in use do not hear of it.
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

  /** Breaks off whatever is under way. */
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

  /** Those without a name are counted, so that removing one renames all that follow. A backend is known by its address. */
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

/** How a backend lets the gateway in. */
function accessOf({ url, apiKey, apiKeyFile, tokenScope, identity }: BackendConfig) {
  return { url, apiKey, apiKeyFile, tokenScope, identity };
}
