import { type Random, seededRandom } from '../random.ts';
import { makeBackends, type SimulatedBackend, tokensPerMinute } from './backends/simulated-backend.ts';
import { EventQueue } from './event-queue.ts';
import type { MakeReplica } from './replicas/policies.ts';
import type { Replica } from './replicas/replica.ts';
import { RequestPlaces } from './replicas/request-places.ts';
import { type Held, SimulatedRequest } from './replicas/simulated-request.ts';
import type { SimulationResult, SimulationSettings } from './result/simulation-result.ts';
import { Tally } from './result/tally.ts';
import { Network } from './traffic/network.ts';
import { Traffic } from './traffic/traffic.ts';

/** Events that are about no request: the next comes, and clients send no more. */
const NEXT_REQUEST = -1;
const CLIENTS_STOP = -2;
/** What a request has come to: an event about one is its place times four, plus one of these. */
const AT_BACKEND = 0;
const HEAD_BACK = 1;
const BODY_ENDS = 2;

/** A replica decides within a few turns of its promises, or never will. */
const MAX_TURNS = 1000;

/** Runs clients, replicas and backends in virtual time. The same settings come to the same result. */
export function simulate(settings: SimulationSettings, makeReplica: MakeReplica): Promise<SimulationResult> {
  return new Simulation(settings, makeReplica).run();
}

class Simulation {
  readonly #durationMs: number;
  readonly #backends: readonly SimulatedBackend[];
  readonly #replicas: readonly Replica[];
  readonly #traffic: Traffic;
  readonly #network: Network;
  readonly #tally: Tally;
  readonly #queue = new EventQueue();
  readonly #places = new RequestPlaces();
  /** A replica has been told something, and has neither sent an attempt since nor ended the request. */
  #isDeciding = false;
  #failure: unknown;
  #servedTokens = 0;

  constructor({ backends, replicas, durationMs, load, seed }: SimulationSettings, makeReplica: MakeReplica) {
    const seeds = seededRandom(seed);
    const nextRandom = (): Random => seededRandom(Math.floor(seeds() * 2 ** 32));
    this.#durationMs = durationMs;
    this.#backends = makeBackends(backends);
    // Each has chance of its own, so that every policy meets the same clients.
    this.#traffic = new Traffic(nextRandom(), replicas, tokensPerMinute(backends) * load);
    this.#network = new Network(nextRandom());
    this.#replicas = Array.from({ length: replicas }, () =>
      makeReplica(this.#backends, nextRandom(), () => this.#queue.nowMs),
    );
    this.#tally = new Tally(replicas);
  }

  async run(): Promise<SimulationResult> {
    this.#queue.add(this.#traffic.gapMs(), NEXT_REQUEST);
    this.#queue.add(this.#durationMs, CLIENTS_STOP);
    while (this.#queue.size > 0) {
      this.#handle(this.#queue.take());
      if (this.#isDeciding) await this.#untilDecided();
      if (this.#failure !== undefined) throw this.#failure;
    }
    return {
      tally: this.#tally,
      servedTokens: this.#servedTokens,
      allowedTokens: sum(this.#backends, ({ ledger }) => ledger.allowedTokens(this.#durationMs)),
      inFlight: sum(this.#replicas, (replica) => replica.inFlight(this.#queue.nowMs)),
    };
  }

  async #untilDecided(): Promise<void> {
    let turns = 0;
    while (this.#isDeciding) {
      if (++turns > MAX_TURNS) throw new Error('a replica neither sends a request on nor ends it');
      await undefined;
    }
  }

  #handle(event: number): void {
    if (event === NEXT_REQUEST) return this.#startRequest();
    if (event === CLIENTS_STOP) {
      this.#servedTokens = sum(this.#backends, ({ ledger }) => ledger.servedTokens);
      return;
    }
    const place = event >> 2;
    switch (event & 3) {
      case AT_BACKEND:
        return this.#judge(place);
      case HEAD_BACK:
        this.#isDeciding = true;
        return this.#places.at(place).deliver();
      case BODY_ENDS:
        return this.#endBody(place);
    }
  }

  #startRequest(): void {
    const call = this.#traffic.next();
    const nextMs = this.#queue.nowMs + this.#traffic.gapMs();
    if (nextMs < this.#durationMs) this.#queue.add(nextMs, NEXT_REQUEST);

    const place: number = this.#places.take(new SimulatedRequest(call, () => this.#send(place)));
    this.#tally.countRequest(call);
    this.#isDeciding = true;
    this.#replicas[call.replica]?.serve(this.#places.at(place)).then(
      (held) => this.#endServing(place, held),
      (error: unknown) => this.#fail(error),
    );
  }

  #send(place: number): void {
    this.#isDeciding = false;
    this.#tally.attempts += 1;
    this.#addStep(place, AT_BACKEND, this.#network.toBackendMs());
  }

  /** The request is at a backend, which serves it if its quota allows. */
  #judge(place: number): void {
    const { nowMs } = this.#queue;
    const request = this.#places.at(place);
    const { call, backend } = request;
    const isServed = backend.ledger.hasRoom(call, nowMs);
    if (isServed) backend.ledger.charge(call, nowMs);
    else this.#tally.backendRefusals += 1;
    request.answerWith(isServed ? 200 : 429, backend.ledger.describe(isServed ? undefined : call, nowMs));
    this.#addStep(place, HEAD_BACK, isServed ? call.headMs : this.#network.refusalMs());
  }

  /** The replica has made the last attempt of a request, and passes an answer on or refuses it. */
  #endServing(place: number, held: Held | undefined): void {
    this.#isDeciding = false;
    const { nowMs } = this.#queue;
    const request = this.#places.at(place);
    const { call } = request;
    if (held === undefined) {
      this.#tally.countRefusal(this.#backends.some(({ ledger }) => ledger.hasRoom(call, nowMs)));
      this.#places.leave(place);
    } else {
      this.#tally.countSuccess(call);
      request.hold(held);
      this.#addStep(place, BODY_ENDS, call.bodyMs);
    }
  }

  #endBody(place: number): void {
    const { nowMs } = this.#queue;
    const request = this.#places.at(place);
    request.backend.ledger.finish(request.call, nowMs);
    request.end(nowMs);
    this.#places.leave(place);
  }

  #fail(error: unknown): void {
    this.#isDeciding = false;
    this.#failure = error ?? new Error('a replica failed');
  }

  #addStep(place: number, step: number, delayMs: number): void {
    this.#queue.add(this.#queue.nowMs + delayMs, place * 4 + step);
  }
}

function sum<T>(all: readonly T[], valueOf: (one: T) => number): number {
  return all.reduce((total, one) => total + valueOf(one), 0);
}
