import { isDeepStrictEqual } from 'node:util';
import type { Backend } from '@spillway/core';
import type { Dispatcher } from 'undici';
import { readPem } from '../config/network.ts';
import { proxyOf } from '../config/proxies.ts';
import { poolBackendOf } from '../config/pool-settings.ts';
import type { BackendConfig, Config } from '../config/schema.ts';
import type { LimitNames } from './added-limit.ts';
import type { Credential } from './credentials/credential.ts';
import {
  type BackendConnections,
  type BackendDispatcher,
  createDispatcher,
  dispatchAfresh,
} from './dispatcher.ts';
import { tryToConnect } from './try-to-connect.ts';

/** A backend that the gateway can send to. */
export interface AzureBackend extends Backend {
  /** The endpoint as configured. Never shown to clients unless `exposeBackendUrl` is on. */
  readonly url: string;
  /** The scheme, host and port of the endpoint. */
  readonly origin: string;
  /** Prefix of every path, without a trailing slash; usually empty. */
  readonly basePath: string;
  readonly credential: Credential;
  readonly dispatcher: BackendDispatcher;
  /** The settings that its connections share, keys included. */
  readonly connections: BackendConnections;
  /**
   * Opens a connection, TLS and proxy included, and closes it again. Rejects if a connection, or a credential, cannot
   * be had (`NoCredentialError`).
   */
  readonly tryToConnect: () => Promise<void>;
  /** Sends on a connection of its own. */
  readonly dispatchAfresh: (options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler) => void;
  /** How its deployments call the limit that the gateway adds to requests, where that has been learned. */
  readonly limitNames: LimitNames;
}

/** There is nothing to authenticate with, so a connection has not been tried. */
export class NoCredentialError extends Error {}

function refuseWithout({ message }: Error): never {
  throw new NoCredentialError(message);
}

/**
 * Creates a backend from its configuration. Does not connect yet.
 *
 * @param known a backend whose connections it keeps using, if its own would be the same
 * @throws what `readPem` throws, if its certificates cannot be read
 */
export function createBackend(
  config: BackendConfig,
  timeouts: Config['timeouts'],
  credentials: { of(config: BackendConfig): Credential },
  onConnectError: (error: NodeJS.ErrnoException) => void,
  known?: AzureBackend,
): AzureBackend {
  const { origin, pathname } = new URL(config.url);
  const tls = config.tls && readPem(config.tls);
  const credential = credentials.of(config);
  const { connectMs, responseIdleMs, connectionMaxAgeMs } = timeouts;
  const made = {
    origin,
    timeouts: { connectMs, responseIdleMs, connectionMaxAgeMs },
    tls,
    proxy: proxyOf(config.url),
    onConnectError,
  };
  const shared = known && isDeepStrictEqual(known.connections, made) ? known : undefined;
  const connections = shared?.connections ?? made;
  return {
    ...poolBackendOf(config),
    url: config.url,
    origin,
    basePath: pathname.replace(/\/+$/, ''),
    credential,
    connections,
    dispatcher: shared?.dispatcher ?? createDispatcher(connections),
    tryToConnect: async () => {
      if (credential.current() === undefined) await credential.fetch().catch(refuseWithout);
      await tryToConnect(connections);
    },
    dispatchAfresh: (options, handler) => dispatchAfresh(connections, options, handler),
    limitNames: shared?.limitNames ?? new Map(),
  };
}
