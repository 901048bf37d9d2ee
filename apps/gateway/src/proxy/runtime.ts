import { type BackendPool, hasTags, type Lease, type WaitingRoom } from '@spillway/core';
import type { BackendResponse } from '../backend/backend-response.ts';
import type { AzureBackend } from '../backend/azure-backend.ts';
import { createTransports, type TransportOf } from '../backend/request-transport.ts';
import { type ClientMemory, type Clients, createClients } from '../client/authenticate.ts';
import type { Client } from '../client/client.ts';
import type { Config } from '../config/schema.ts';
import { Cors } from '../headers/cors.ts';
import { Links } from '../headers/links.ts';
import type { KeptBytes } from '../overload/kept-bytes.ts';
import type { Load } from '../overload/load.ts';
import { ClientObjects } from '../ownership/client-objects.ts';
import { ModelLists } from '../ownership/model-lists.ts';
import type { OwnerStore } from '../ownership/owner-store.ts';
import { Ownership } from '../ownership/ownership.ts';
import { SessionOwners } from '../ownership/session-owners.ts';
import type { AcceptedRequest } from '../request/accept.ts';
import { createPathReader, type PathReader } from '../request/base-path.ts';
import type { Sink } from '../telemetry/exchange.ts';
import type { Log } from '../telemetry/log.ts';
import type { BeginTrace } from '../telemetry/tracing/request-trace.ts';
import { createFallbackOf, type FallbackOf } from './fallbacks.ts';
import { createMeterOf, type MeterMemory, type MeterOf } from './meter-of.ts';
import { createRoutingRequestOf, type RoutingRequestOf } from './routing-request.ts';

/** The parts of the process that outlive any configuration. */
export interface ProcessParts {
  /** Everything under way, and whether the process can take more. */
  readonly load: Load;
  /** The bytes of later requests that are held on all connections. */
  readonly readAhead: KeptBytes;
  readonly log: Log;
  /** A monotonic clock in milliseconds. */
  readonly nowMs: () => number;
  readonly nextId: () => string;
  /** Decides whether a request gets spans, where tracing is configured. */
  readonly beginTrace: BeginTrace | undefined;
  /** The memory of clients. */
  readonly clientMemory: ClientMemory;
  readonly meters: MeterMemory;
  /** Creates meters instead of those that clients with budgets have. */
  readonly meterOf?: MeterOf | undefined;
}

/** The parts that depend on the configuration. */
export interface ConfiguredParts {
  readonly config: Config;
  readonly pool: BackendPool<AzureBackend>;
  /** Where requests wait for quota; undefined if they do not. */
  readonly room: WaitingRoom | undefined;
  /** Which backend has which stored object. */
  readonly owners: OwnerStore;
  /** Consumers of each finished request's record, in this order. */
  readonly sinks: readonly Sink[];
  /** Whether one of them wants each answer's usage, in tokens. */
  readonly wantsUsage: boolean;
}

/**
 * Everything that serves a request. Each request reads it once, at its start, and keeps it to its end: a new
 * configuration is a new runtime, and no request sees a mixture of two.
 */
export interface Runtime extends ConfiguredParts, Omit<ProcessParts, 'meterOf'> {
  readonly readPath: PathReader;
  readonly meterOf: MeterOf;
  /** The clients that may call. */
  readonly clients: Clients;
  /** The headers for web pages, where they are configured. */
  readonly cors: Cors | undefined;
  readonly links: Links;
  readonly routingRequestOf: RoutingRequestOf;
  /** Finds the deployments that serve instead of others, if there are any. */
  readonly fallbackOf: FallbackOf | undefined;
  readonly transportOf: TransportOf;
  readonly modelLists: ModelLists<RoutedRequest, Routed, AzureBackend, BackendResponse>;
  readonly sessionOwners: SessionOwners<RoutedRequest, Routed, AzureBackend, BackendResponse>;
  /**
   * The stored objects of the one client that this is for; undefined where it may use all, or clients are not told
   * apart.
   */
  readonly objects: ClientObjects | undefined;
  /** Returns the runtime for a client: its pool has only the backends that it may use, and its objects are its own. */
  ofClient(client: Client): Runtime;
  readonly ownership: Ownership<RoutedRequest, AzureBackend, AnswerOf<ReturnType<TransportOf>>>;
}

type RoutedRequest = Parameters<TransportOf>[0] & Pick<Accepted, 'url' | 'headers' | 'client' | 'caller'>;
type Accepted = AcceptedRequest<Lease<AzureBackend>>;
type Routed = Parameters<TransportOf>[1] & { readonly operation: string };

/** The answer type of a transport. */
type AnswerOf<T> = T extends { discard(body: infer Answer): void } ? Answer : never;

/** Creates the runtime of a configuration. */
export function createRuntime(process: ProcessParts, configured: ConfiguredParts): Runtime {
  const clients = createClients(configured.config, process.clientMemory, configured.pool.backends);
  const meterOf = process.meterOf ?? createMeterOf(process.meters);
  const sharedParts = createSharedParts(configured);
  const shared = { ...process, ...configured, ...sharedParts, clients, meterOf };
  const ofClients = new Map<Client, Runtime>();
  const ofClient = (client: Client) => {
    const known = ofClients.get(client);
    if (known !== undefined) return known;
    const made = { ...shared, ...createPoolParts(process, configured, shared, client), ofClient };
    ofClients.set(client, made);
    return made;
  };
  return { ...shared, ...createPoolParts(process, configured, shared), ofClient };
}

/** Creates the parts that are the same for all clients. */
function createSharedParts({ config, pool }: ConfiguredParts) {
  return {
    readPath: createPathReader(config.server?.basePath),
    cors: config.cors && new Cors(config.cors),
    links: new Links(pool.backends, config.server?.basePath, config.server?.tls !== undefined),
    routingRequestOf: createRoutingRequestOf(config),
    fallbackOf: createFallbackOf(config),
  };
}

/**
 * Creates the parts that use the pool and the stored objects: for a client, with the backends and objects that it may
 * use.
 */
function createPoolParts(
  { nowMs, clientMemory }: ProcessParts,
  configured: ConfiguredParts,
  { links, clients }: Pick<Runtime, 'links' | 'clients'>,
  client?: Client,
) {
  const { config, room } = configured;
  const { allowBackendPin } = config;
  const pool = client === undefined ? configured.pool : poolOf(client, configured.pool);
  const names = pool.backends.map(({ name }) => name);
  const objects = client && new ClientObjects(configured.owners, client, names);
  const ofClient = client?.allObjects === true ? undefined : objects;
  const owners = objects ?? configured.owners;
  const transportOf = createTransports(config, room);
  const parts = { pool, owners, nowMs, links, transportOf };
  return {
    pool,
    owners,
    objects: ofClient,
    transportOf,
    ownership: new Ownership<RoutedRequest, AzureBackend, BackendResponse>({
      ...parts,
      ofClient,
      allowBackendPin,
    }),
    modelLists: new ModelLists<RoutedRequest, Routed, AzureBackend, BackendResponse>(parts),
    sessionOwners: new SessionOwners<RoutedRequest, Routed, AzureBackend, BackendResponse>({
      ...parts,
      onKey: (key, request, deployment) => {
        const credential = clients.credentialOf(request);
        if (request.caller === undefined || credential === undefined) return;
        const made = { client: request.caller.name, credential, deployment };
        clientMemory.minted.remember(key, made, Date.now());
      },
    }),
  };
}

/** Returns the pool of backends with all tags that a client requires; one without tags has none of them. */
function poolOf({ tags }: Client, pool: BackendPool<AzureBackend>): BackendPool<AzureBackend> {
  if (tags.length === 0) return pool;
  return pool.only((backend) => hasTags(backend, tags));
}
