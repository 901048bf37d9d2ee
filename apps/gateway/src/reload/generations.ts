import { BackendPool, type NoteChange, WaitingRoom } from '@spillway/core';
import type { AzureBackend } from '../backend/azure-backend.ts';
import type { Backends, PreparedBackends } from '../backend/backends.ts';
import { poolOptionsOf } from '../config/pool-settings.ts';
import type { Config } from '../config/schema.ts';
import type { EmbeddedOwners } from '../ownership/owner-store.ts';
import { createRuntime, type ProcessParts, type Runtime } from '../proxy/runtime.ts';
import { TimerAlarm } from '../proxy/timer-alarm.ts';
import type { Sink } from '../telemetry/exchange.ts';
import { createStateLog } from '../telemetry/state-log.ts';

/** What takes the records of requests, whatever the configuration. */
interface GenerationTelemetry {
  readonly wantsUsage: boolean;
  sinksFor(config: Config): readonly Sink[];
  begin(backends: readonly AzureBackend[], config: Config): void;
}

/** What all generations are made with. */
export interface GenerationParts {
  readonly process: ProcessParts;
  readonly backends: Backends;
  readonly telemetry: GenerationTelemetry;
  /** Which backend has which stored object. */
  readonly owners: EmbeddedOwners;
}

/** A room that nobody enters any more. */
const CLOSED = { maxWaitMs: 0, maxRequests: 0, maxBytes: 0 };

/**
 * The runtimes of one configuration after the other. What is known of backends, objects and quotas, and what is counted, is
 * of the process: each runtime has it from the one before.
 */
export class Generations {
  readonly #parts: GenerationParts;
  readonly #pool: BackendPool<AzureBackend>;
  readonly #noteChange: NoteChange;
  #room: WaitingRoom | undefined;
  #current: Runtime;

  /** @param first the backends of the configuration, which are in use from now on */
  constructor(parts: GenerationParts, config: Config, first: PreparedBackends) {
    this.#parts = parts;
    this.#noteChange = createStateLog(parts.process.log);
    this.#pool = new BackendPool(first.backends, this.#poolOptions(config));
    first.commit();
    this.#current = this.#make(config);
  }

  /** What serves requests that come now. */
  get current(): Runtime {
    return this.#current;
  }

  /**
   * Serves requests that come from now on with another configuration. Those under way go on. Returns its backends.
   *
   * @throws what `readPem` throws, if certificates cannot be read any more; all is then as it was
   */
  replace(config: Config): readonly AzureBackend[] {
    const { backends, telemetry, process, owners } = this.#parts;
    const prepared = backends.prepare(config);
    telemetry.begin(prepared.backends, config);
    this.#pool.update(prepared.backends, this.#poolOptions(config));
    for (const backend of prepared.renewed) this.#pool.clearCooldowns(backend, undefined, process.nowMs());
    owners.rename(prepared.renamed);
    owners.configure(config.ownership);
    prepared.commit();
    this.#current = this.#make(config);
    process.clientMemory.sessions.endRevoked(this.#current.clients);
    // There may be room at once for those who wait.
    this.#room?.lookAgain();
    return prepared.backends;
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

  /** Those who wait stay where they are, also if nobody is to wait any more. */
  #roomFor({ waitingRoom }: Config): WaitingRoom | undefined {
    const room = this.#room;
    if (room === undefined)
      return waitingRoom && new WaitingRoom(waitingRoom, new TimerAlarm(), this.#parts.process.nowMs);
    room.configure(waitingRoom ?? CLOSED);
    return waitingRoom === undefined && room.isEmpty ? undefined : room;
  }

  #poolOptions(config: Config) {
    return { ...poolOptionsOf(config), random: Math.random, noteChange: this.#noteChange };
  }
}
