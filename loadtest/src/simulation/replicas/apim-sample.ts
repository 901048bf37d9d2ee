import {
  DEPLOYMENT,
  type Held,
  type Random,
  type SimulatedBackend,
  type SimulatedRequest,
} from '@spillway/simulation';
import type { Replica } from './replica.ts';

const NOTHING_HELD: Held = {
  finish() {
    // The sample reads no usage,
  },
  release() {
    // and counts no requests.
  },
};

const NOT_COOLING = 0;
/** The sample policy's maximum number of repetitions of a request. */
const MAX_RETRIES = 50;

/**
 * The policy of Azure's sample (openai-apim-lb): any backend of the first group that is not cooling, or the first of
 * all backends while all of them are. A backend cools for as long as a refusal says.
 */
export class ApimSample implements Replica {
  readonly #backends: readonly SimulatedBackend[];
  readonly #coolsUntilMs: number[];
  readonly #random: Random;
  readonly #nowMs: () => number;

  constructor(backends: readonly SimulatedBackend[], random: Random, nowMs: () => number) {
    this.#backends = backends;
    this.#coolsUntilMs = backends.map(() => NOT_COOLING);
    this.#random = random;
    this.#nowMs = nowMs;
  }

  async serve(request: SimulatedRequest): Promise<Held | undefined> {
    for (let number = 1; number <= 1 + MAX_RETRIES; number++) {
      const index = this.#choose(this.#nowMs());
      const backend = this.#backends[index];
      if (backend === undefined) return undefined;
      const { status, header } = await request.forward({ number, backend, deployment: DEPLOYMENT });
      if (status !== 429) return NOTHING_HELD;
      this.#coolsUntilMs[index] = this.#nowMs() + Number(header('retry-after') ?? '10') * 1000;
      if (!this.#coolsUntilMs.includes(NOT_COOLING)) return undefined;
    }
    return undefined;
  }

  inFlight(): number {
    return 0;
  }

  #choose(nowMs: number): number {
    let group: number[] = [];
    let priority = Number.POSITIVE_INFINITY;
    for (const [index, backend] of this.#backends.entries()) {
      if ((this.#coolsUntilMs[index] ?? NOT_COOLING) > nowMs) continue;
      // As in the sample, the end of a backend's cooldown is noticed only here.
      this.#coolsUntilMs[index] = NOT_COOLING;
      if (backend.priority > priority) continue;
      if (backend.priority < priority) group = [];
      priority = backend.priority;
      group.push(index);
    }
    return group[Math.floor(this.#random() * group.length)] ?? 0;
  }
}
