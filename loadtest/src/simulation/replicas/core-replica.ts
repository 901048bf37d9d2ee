import { BackendPool, runFailover, type StrategyName } from '@spillway/core';
import {
  DEPLOYMENT,
  type Held,
  type Random,
  type SimulatedBackend,
  type SimulatedRequest,
} from '@spillway/simulation';
import type { Replica } from './replica.ts';

/** The gateway's defaults. */
const COOLDOWN = { defaultMs: 10_000, floorMs: 100, ceilingMs: 300_000 };

/** A replica of the gateway: the core's own pool and failover. */
export class CoreReplica implements Replica {
  readonly #pool: BackendPool<SimulatedBackend>;
  readonly #nowMs: () => number;

  constructor(
    backends: readonly SimulatedBackend[],
    strategy: StrategyName,
    random: Random,
    nowMs: () => number,
  ) {
    this.#pool = new BackendPool(backends, { strategy, cooldown: COOLDOWN, random });
    this.#nowMs = nowMs;
  }

  async serve(request: SimulatedRequest): Promise<Held | undefined> {
    const verdict = await runFailover(this.#pool, request.routing, request, this.#nowMs);
    return verdict.kind === 'relay' ? verdict.lease : undefined;
  }

  inFlight(nowMs: number): number {
    return this.#pool.snapshots(DEPLOYMENT, nowMs).reduce((sum, { inFlight }) => sum + inFlight, 0);
  }
}
