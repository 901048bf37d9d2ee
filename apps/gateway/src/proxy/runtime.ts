import type { BackendPool, WaitingRoom } from '@spillway/core';
import type { AzureBackend } from '../backend/azure-backend.ts';
import { createTransports, type TransportOf } from '../backend/request-transport.ts';
import type { Config } from '../config/schema.ts';
import type { KeptBytes } from '../overload/kept-bytes.ts';
import type { Load } from '../overload/load.ts';
import type { OwnerStore } from '../ownership/owner-store.ts';
import { Ownership } from '../ownership/ownership.ts';
import type { Sink } from '../telemetry/exchange.ts';
import type { Log } from '../telemetry/log.ts';
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
}

/**
 * All that a request is served with. Each reads it once, at its start, and keeps it to its end: a new configuration is a new
 * runtime, and no request sees a mixture of two.
 */
export interface Runtime extends ConfiguredParts, ProcessParts {
  readonly routingRequestOf: RoutingRequestOf;
  readonly transportOf: TransportOf;
  readonly ownership: Ownership<Parameters<TransportOf>[0], AzureBackend, AnswerOf<ReturnType<TransportOf>>>;
}

/** The answer that a transport brings. */
type AnswerOf<T> = T extends { discard(body: infer Answer): void } ? Answer : never;

/** Makes the runtime of a configuration. */
export function createRuntime(process: ProcessParts, configured: ConfiguredParts): Runtime {
  const { config, pool, room, owners } = configured;
  const { allowBackendPin } = config;
  const transportOf = createTransports(config, room);
  const ownership = new Ownership({ pool, owners, nowMs: process.nowMs, allowBackendPin, transportOf });
  return {
    ...process,
    ...configured,
    ownership,
    transportOf,
    routingRequestOf: createRoutingRequestOf(config),
  };
}
