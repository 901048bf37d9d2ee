import { residentBytes } from '../overload/memory-meter.ts';
import type { Runtime } from '../proxy/runtime.ts';
import type { EventLoopDelay } from '../telemetry/event-loop-delay.ts';
import type { Reloader } from '../reload/reloader.ts';
import type { LiveTraffic } from '../telemetry/live/live-traffic.ts';
import { version } from '../version.ts';
import { EventStream } from './event-stream.ts';
import type { StateSnapshot } from './snapshot.ts';
import { takeSnapshot } from './take-snapshot.ts';
import { rounded } from './rounded.ts';

const TICK_MS = 1000;

/** The process's description of itself, for operators. */
export interface ProcessReport {
  readonly connections: number;
  readonly inFlight: number;
  readonly keptBytes: number;
  /** Requests refused before any backend was asked, by status. */
  readonly refused: Readonly<Record<number, number>>;
  readonly escapedErrors: number;
  readonly droppedLogLines: number;
  /** Spans that no receiver has taken. */
  readonly droppedSpans: number;
  /** Whether the state that outlives a restart is being saved; undefined where none is configured. */
  readonly isStateKept?: boolean | undefined;
}

/** The sources that the operators' listener reads. */
export interface LiveParts {
  readonly current: () => Pick<Runtime, 'pool' | 'room' | 'nowMs' | 'clients' | 'load'>;
  readonly isStopping: () => boolean;
  readonly describeProcess: () => ProcessReport;
  readonly traffic: LiveTraffic;
  readonly delay: EventLoopDelay;
  readonly memoryLimitBytes: number;
  readonly reloader: Pick<Reloader, 'report'>;
}

/** Takes a snapshot of everything once a second while there are viewers, and shows it to all of them. */
export class LiveState {
  readonly events = new EventStream();
  readonly #parts: LiveParts;
  readonly #startedMs: number;
  readonly #timer: NodeJS.Timeout;

  constructor(parts: LiveParts) {
    this.#parts = parts;
    this.#startedMs = parts.current().nowMs();
    this.#timer = setInterval(() => this.#tick(), TICK_MS).unref();
  }

  get traffic(): LiveTraffic {
    return this.#parts.traffic;
  }

  snapshot(): StateSnapshot {
    const { current, traffic, delay, memoryLimitBytes, isStopping, describeProcess, reloader } = this.#parts;
    const { pool, room, nowMs, clients, load } = current();
    const now = nowMs();
    const reports = pool.report(now);
    const { connections, inFlight, escapedErrors, droppedLogLines } = describeProcess();
    const { p99Ms, maxMs } = delay.worst;
    const { report } = reloader;
    const wallMs = Date.now();
    const process = {
      uptimeMs: Math.round(now - this.#startedMs),
      isStopping: isStopping(),
      isConfigurationRefused: report.result === 'refused',
      reloadedAgoMs: report.applied > 0 ? Math.max(0, wallMs - report.lastSuccessMs) : undefined,
      whyRefusing: load.whyRefusing,
      inFlight,
      connections,
      residentBytes: residentBytes(),
      memoryLimitBytes,
      eventLoopDelayP99Ms: rounded(p99Ms, 10),
      eventLoopDelayMaxMs: rounded(maxMs, 10),
      escapedErrors,
      droppedLogLines,
    };
    const sources = {
      version,
      process,
      waiting: room?.sizes,
      reports,
      clients: clients.byName,
      traffic,
    };
    return takeSnapshot({ ...sources, atMs: wallMs }, now);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#parts.delay.stop();
    this.events.end();
  }

  #tick(): void {
    const { delay, traffic, current } = this.#parts;
    delay.tick();
    traffic.clients.keep(current().clients.byName);
    if (this.events.isWatched) this.events.send(this.snapshot());
  }
}
