import type { BackendPool, Lease, WaitingRoom } from '@spillway/core';
import type { BackendResponse } from '../backend/attempt-handler.ts';
import type { AzureBackend } from '../backend/azure-backend.ts';
import { createTransports, type TransportOf } from '../backend/request-transport.ts';
import { type ClientMemory, type Clients, createClients } from '../client/authenticate.ts';
import type { Config } from '../config/schema.ts';
import { Cors } from '../headers/cors.ts';
import { Links } from '../headers/links.ts';
import type { KeptBytes } from '../overload/kept-bytes.ts';
import type { Load } from '../overload/load.ts';
import { ModelLists } from '../ownership/model-lists.ts';
import type { OwnerStore } from '../ownership/owner-store.ts';
import { Ownership } from '../ownership/ownership.ts';
import { SessionOwners } from '../ownership/session-owners.ts';
import type { AcceptedRequest } from '../request/accept.ts';
import { createPathReader, type PathReader } from '../request/base-path.ts';
import type { Sink } from '../telemetry/exchange.ts';
import type { Log } from '../telemetry/log.ts';
import type { BeginTrace } from '../telemetry/tracing/request-trace.ts';
import { createRoutingRequestOf, type RoutingRequestOf } from './routing-request.ts';

/** The parts of the process that outlive any configuration. */
export interface ProcessParts {
  /** All that is under way, and whether the process can take more. */
  readonly load: Load;
  /** The bytes that are read of connections before anything can be done with them. */
  readonly readAhead: KeptBytes;
  readonly log: Log;
  /** A monotonic clock in milliseconds. */
  readonly nowMs: () => number;
  readonly nextId: () => string;
  /** Decides whether spans are made of a request, where any are. */
  readonly beginTrace: BeginTrace | undefined;
  /** What is known of clients. */
  readonly clientMemory: ClientMemory;
}

/** The parts that a configuration determines. */
export interface ConfiguredParts {
  readonly config: Config;
  readonly pool: BackendPool<AzureBackend>;
  /** Where requests wait for quota, if they do. */
  readonly room: WaitingRoom | undefined;
  /** Which backend has which stored object. */
  readonly owners: OwnerStore;
  /** Take the record of each request that is over, in this order. */
  readonly sinks: readonly Sink[];
  /** Whether one of them wants to know what each answer has taken, in tokens. */
  readonly wantsUsage: boolean;
}

/**
 * All that a request is served with. Each reads it once, at its start, and keeps it to its end: a new configuration is a new
 * runtime, and no request sees a mixture of two.
 */
export interface Runtime extends ConfiguredParts, ProcessParts {
  readonly readPath: PathReader;
  /** Who may call. */
  readonly clients: Clients;
  /** What web pages are told, where that is configured. */
  readonly cors: Cors | undefined;
  readonly links: Links;
  readonly routingRequestOf: RoutingRequestOf;
  readonly transportOf: TransportOf;
  readonly modelLists: ModelLists<RoutedRequest, Routed, AzureBackend, BackendResponse>;
  readonly sessionOwners: SessionOwners<RoutedRequest, Routed, AzureBackend, BackendResponse>;
  readonly ownership: Ownership<Parameters<TransportOf>[0], AzureBackend, AnswerOf<ReturnType<TransportOf>>>;
}

type RoutedRequest = Parameters<TransportOf>[0] & Pick<Accepted, 'headers' | 'client'>;
type Accepted = AcceptedRequest<Lease<AzureBackend>>;
type Routed = Parameters<TransportOf>[1] & { readonly operation: string };

/** The answer that a transport brings. */
type AnswerOf<T> = T extends { discard(body: infer Answer): void } ? Answer : never;

/** Makes the runtime of a configuration. */
export function createRuntime(process: ProcessParts, configured: ConfiguredParts): Runtime {
  const { config, pool, room, owners } = configured;
  const { allowBackendPin } = config;
  const { nowMs } = process;
  const transportOf = createTransports(config, room);
  const ownership = new Ownership({ pool, owners, nowMs, allowBackendPin, transportOf });
  return {
    ...process,
    ...configured,
    ownership,
    modelLists: new ModelLists<RoutedRequest, Routed, AzureBackend, BackendResponse>({
      pool,
      nowMs,
      transportOf,
    }),
    sessionOwners: new SessionOwners<RoutedRequest, Routed, AzureBackend, BackendResponse>({
      pool,
      owners,
      nowMs,
      transportOf,
    }),
    transportOf,
    clients: createClients(config, process.clientMemory),
    readPath: createPathReader(config.server?.basePath),
    cors: config.cors && new Cors(config.cors),
    links: new Links(pool.backends, config.server?.basePath, config.server?.tls !== undefined),
    routingRequestOf: createRoutingRequestOf(config),
  };
}
