import type { Backend } from '../backend.ts';
import type { Timing } from '../failover/deadline.ts';
import type { FailoverRequest } from '../failover/decide-next-step.ts';
import { runFailover } from '../failover/run-failover.ts';
import type { Progress, Transport, WaitingClient } from '../failover/transport.ts';
import type { Verdict } from '../failover/verdict.ts';
import { BackendPool } from '../pool/backend-pool.ts';
import type { PoolOptions } from '../pool/pool-options.ts';
import { type Alarm, WaitingRoom, type WaitingRoomBounds } from '../waiting/waiting-room.ts';
import { seededRandom } from './make-random.ts';
import { type ScriptedTransport, scriptedTransport } from './scripted-transport.ts';

/** A test's request, besides its routing. */
export interface Arrival extends Partial<FailoverRequest> {
  readonly name?: string;
  readonly bytes?: number;
  readonly timing?: Partial<Timing>;
}

/** One request of a test, and its progress so far. */
export interface Arrived {
  readonly name: string;
  readonly client: WaitingClient;
  readonly verdict: Promise<Verdict<Backend, string>>;
  /** When it ended and how; undefined while it waits. */
  ending: string | undefined;
}

/** A pool with a waiting room, and a clock that stands still until a test moves it. */
export class WaitingScene {
  nowMs = 0;
  /** How late the alarm rings, as timers do. */
  lateMs = 0;
  readonly pool: BackendPool;
  readonly room: WaitingRoom;
  readonly transport: ScriptedTransport;
  /** The request that is being sent to a backend. */
  asking: FailoverRequest | undefined;
  /** All requests, in the order in which they came. */
  readonly arrived: Arrived[] = [];
  /** The names of those that have ended, with their results, in the order of their ends. */
  readonly ended: string[] = [];
  #ringsAtMs = Number.POSITIVE_INFINITY;
  #ring: () => void = () => {};

  constructor(
    backends: readonly Backend[],
    script: Readonly<Record<string, () => Progress<string> | Promise<Progress<string>>>>,
    bounds: Partial<WaitingRoomBounds> = {},
    options: Partial<PoolOptions> = {},
  ) {
    this.transport = scriptedTransport(script);
    this.pool = new BackendPool(backends, {
      strategy: 'round-robin',
      cooldown: { defaultMs: 10_000, floorMs: 1, ceilingMs: 300_000 },
      random: seededRandom(1),
      ...options,
    });
    const alarm: Alarm = {
      set: (ms, ring) => {
        this.#ringsAtMs = this.nowMs + ms;
        this.#ring = ring;
      },
      clear: () => (this.#ringsAtMs = Number.POSITIVE_INFINITY),
    };
    const whole = { maxWaitMs: 10_000, maxRequests: 1000, maxBytes: 1_000_000, ...bounds };
    this.room = new WaitingRoom(whole, alarm, () => this.nowMs);
  }

  /** Whether the alarm is set. */
  get isAlarmSet(): boolean {
    return this.#ringsAtMs < Number.POSITIVE_INFINITY;
  }

  get size(): number {
    return Object.values(this.room.sizes).reduce((sum, size) => sum + size, 0);
  }

  /** A request comes, and goes as far as it can at this moment. */
  async arrive({ name, bytes = 100, timing, ...request }: Arrival = {}): Promise<Arrived> {
    const client: WaitingClient = { hasLeft: false, current: undefined, waitedMs: 0 };
    const whole = { deployment: 'x', createsObject: false, ...request };
    const transport: Transport<Backend, string> = {
      ...this.transport,
      forward: (attempt, timeLimitMs) => {
        this.asking = whole;
        return this.transport.forward(attempt, timeLimitMs);
      },
      timing: { ...this.transport.timing, ...timing },
      waiting: { room: this.room, client, bytes },
    };
    const verdict = runFailover(this.pool, whole, transport, () => this.nowMs);
    const arrived: Arrived = {
      name: name ?? String(this.arrived.length + 1),
      client,
      verdict,
      ending: undefined,
    };
    this.arrived.push(arrived);
    void this.#noteEnd(arrived);
    await this.settle();
    return arrived;
  }

  async #noteEnd(arrived: Arrived): Promise<void> {
    const end = await arrived.verdict;
    if (end.kind === 'relay') end.lease.release();
    arrived.ending = `${describe(end)} at ${this.nowMs}`;
    this.ended.push(`${arrived.name}: ${arrived.ending}`);
  }

  /** A client leaves. */
  async leave({ client }: Arrived): Promise<void> {
    (client as { hasLeft: boolean }).hasLeft = true;
    client.current?.abort();
    await this.settle();
  }

  /** Lets time pass up to a moment, and the alarm ring whenever it is due. */
  async passTo(ms: number): Promise<void> {
    while (this.#ringsAtMs + this.lateMs <= ms) {
      this.nowMs = this.#ringsAtMs + this.lateMs;
      this.#ringsAtMs = Number.POSITIVE_INFINITY;
      this.#ring();
      await this.settle();
    }
    this.nowMs = ms;
    await this.settle();
  }

  /** Lets everything happen that can without time passing. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 50; turn++) await undefined;
  }
}

function describe(verdict: Verdict<Backend, string>): string {
  switch (verdict.kind) {
    case 'relay':
      return `${verdict.answer.status} from ${verdict.lease.backend.name}`;
    case 'exhausted':
      return `${verdict.cause}, recovery in ${verdict.recoveryMs}`;
    case 'abandoned':
      return 'abandoned';
  }
}
