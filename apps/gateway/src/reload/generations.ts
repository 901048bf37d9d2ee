import { BackendPool, type NoteChange, WaitingRoom } from '@spillway/core';
import type { AzureBackend } from '../backend/azure-backend.ts';
import type { Backends, PreparedBackends } from '../backend/backends.ts';
import { poolOptionsOf } from '../config/pool-settings.ts';
import type { Config } from '../config/schema.ts';
import type { EmbeddedOwners } from '../ownership/owner-store.ts';
import { createRuntime, type ProcessParts, type Runtime } from '../proxy/runtime.ts';
import type { Sink } from '../telemetry/exchange.ts';

/** The consumers of request records, whatever the configuration. */
interface GenerationTelemetry {
  readonly wantsUsage: boolean;
  readonly noteChange: NoteChange;
  sinksFor(config: Config): readonly Sink[];
  begin(backends: readonly AzureBackend[], config: Config): void;
}

/** The parts that all generations are created from. */
export interface GenerationParts {
  readonly process: ProcessParts;
  readonly backends: Backends;
  readonly telemetry: GenerationTelemetry;
  /** Which backend has which stored object. */
  readonly owners: EmbeddedOwners;
}

/** The settings of a waiting room that nobody enters any more. */
const CLOSED = { maxWaitMs: 0, maxRequests: 0, maxBytes: 0 };

/**
 * The runtimes of one configuration after another. Knowledge about backends, objects and quotas, and all counters,
 * belong to the process: each runtime gets them from the one before.
 */
export class Generations {
  readonly #parts: GenerationParts;
  readonly #pool: BackendPool<AzureBackend>;
  #room: WaitingRoom | undefined;
  #current: Runtime;

  /** @param first the backends of the configuration, which are in use from now on */
  constructor(parts: GenerationParts, config: Config, first: PreparedBackends) {
    this.#parts = parts;
    this.#pool = new BackendPool(first.backends, this.#poolOptions(config));
    parts.owners.useBackends(namesOf(first));
    first.commit();
    this.#current = this.#make(config);
  }

  /** The runtime for new requests. */
  get current(): Runtime {
    return this.#current;
  }

  /**
   * Serves new requests with another configuration. Requests under way continue. Returns its backends.
   *
   * @throws what `readPem` throws, if certificates cannot be read any more; nothing has then changed
   */
  replace(config: Config): readonly AzureBackend[] {
    const { backends, telemetry, process, owners } = this.#parts;
    const prepared = backends.prepare(config);
    telemetry.begin(prepared.backends, config);
    this.#pool.update(prepared.backends, this.#poolOptions(config));
    for (const backend of prepared.renewed) this.#pool.clearCooldowns(backend, undefined, process.nowMs());
    owners.rename(prepared.renamed);
    owners.useBackends(namesOf(prepared));
    owners.configure(config.ownership);
    prepared.commit();
    this.#current = this.#make(config);
    process.clientMemory.sessions.endRevoked(this.#current.clients);
    // There may be room at once for waiting requests.
    this.#room?.lookAgain();
    return prepared.backends;
  }

  /** The old failures of a backend do not count against it, as it has another key: it is tried at once. */
  renew(name: string): void {
    this.#pool.clearCooldowns({ name }, undefined, this.#parts.process.nowMs());
    this.#room?.lookAgain();
  }

  #make(config: Config): Runtime {
    const { process, telemetry, owners } = this.#parts;
    this.#room = this.#roomFor(config);
    const sinks = telemetry.sinksFor(config);
    const { wantsUsage } = telemetry;
    return createRuntime(process, {
      config,
      pool: this.#pool,
      room: this.#room,
      owners,
      sinks,
      wantsUsage,
    });
  }

  /** Waiting requests stay where they are, even if no more may enter. */
  #roomFor({ waitingRoom }: Config): WaitingRoom | undefined {
    const room = this.#room;
    if (room === undefined)
      return waitingRoom && new WaitingRoom(waitingRoom, new TimerAlarm(), this.#parts.process.nowMs);
    room.configure(waitingRoom ?? CLOSED);
    return waitingRoom === undefined && room.isEmpty ? undefined : room;
  }

  #poolOptions(config: Config) {
    return { ...poolOptionsOf(config), random: Math.random, noteChange: this.#parts.telemetry.noteChange };
  }
}

function namesOf({ backends }: Pick<PreparedBackends, 'backends'>): string[] {
  return backends.map(({ name }) => name);
}

/** A timer that rings once, and can be set anew. */
class TimerAlarm {
  #timer: NodeJS.Timeout | undefined;

  set(ms: number, ring: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(ring, ms);
  }

  clear(): void {
    clearTimeout(this.#timer);
  }
}
