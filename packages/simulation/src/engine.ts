import type { Backend } from '@spillway/core';
import type { Ledger } from './ledgers/ledger.ts';
import type { EventQueue } from './event-queue.ts';
import { RequestPlaces } from './request-places.ts';
import type { Held, SimulatedRequest } from './simulated-request.ts';
import type { Call } from './call.ts';
import type { Travel } from './travel.ts';

/** A client's request that comes at a time. */
export interface Arrival<C extends Call> {
  readonly atMs: number;
  readonly call: C;
}

/** Receives everything that happens, in order. */
export interface Observer<C extends Call, B extends Backend> {
  arrived(call: C): void;
  sent(request: SimulatedRequest<C, B>): void;
  /** A backend has served a request's attempt, or refused it. */
  judged(request: SimulatedRequest<C, B>, isServed: boolean): void;
  /** The client gets an answer. */
  served(request: SimulatedRequest<C, B>): void;
  /** The client gets a refusal. */
  refused(request: SimulatedRequest<C, B>): void;
}

/** The parts of a world: its clients, its policy, its backends and its observers. */
export interface World<C extends Call, B extends Backend> {
  /** Returns the arrival after the last one; `undefined` when no more come. */
  readonly nextArrival: () => Arrival<C> | undefined;
  readonly makeRequest: (call: C, onSend: () => void) => SimulatedRequest<C, B>;
  /**
   * Serves a request with as many attempts as needed. Resolves to the hold of its answer, or `undefined` if it is
   * refused.
   */
  readonly serve: (request: SimulatedRequest<C, B>) => Promise<Held | undefined>;
  /** Returns the quota that the backend of a request charges it to. */
  readonly ledgerOf: (request: SimulatedRequest<C, B>) => Ledger;
  readonly travel: Travel;
  readonly observer: Observer<C, B>;
}

/** The one event without a request: the next request comes. Scheduled actions have the numbers below it. */
const NEXT_REQUEST = -1;
/** The stages of a request: an event about a request is its place times four, plus one of these. */
const AT_BACKEND = 0;
const HEAD_BACK = 1;
const BODY_ENDS = 2;

/** A replica decides within a few turns of its promises, or never will. */
const MAX_TURNS = 1000;

/** Runs a world in virtual time: after each event, the next is taken only when everyone concerned has decided. */
export class Engine<C extends Call, B extends Backend> {
  readonly #queue: EventQueue;
  readonly #world: World<C, B>;
  readonly #places = new RequestPlaces<C, B>();
  /** The actions scheduled for a time, by the number of their event. */
  readonly #scheduled = new Map<number, () => void>();
  #lastScheduled = NEXT_REQUEST;
  #next: Arrival<C> | undefined;
  /** How many requests have received news, and have since neither sent an attempt, nor begun to wait, nor ended. */
  #deciding = 0;
  #failure: unknown;

  constructor(queue: EventQueue, world: World<C, B>) {
    this.#queue = queue;
    this.#world = world;
  }

  /** Schedules an action after a time. */
  schedule(delayMs: number, run: () => void): void {
    const event = --this.#lastScheduled;
    this.#scheduled.set(event, run);
    this.#queue.add(this.#queue.nowMs + delayMs, event);
  }

  /** A request waits until something scheduled happens, and decides nothing until then. */
  readonly noteWaiting = (isWaiting: boolean): void => {
    this.#deciding += isWaiting ? -1 : 1;
  };

  /** Runs until nothing is left to happen. Rejects with an error that a replica throws. */
  async run(): Promise<void> {
    this.#awaitNext();
    while (this.#queue.size > 0) {
      this.#handle(this.#queue.take());
      if (this.#deciding > 0) await this.#untilDecided();
      if (this.#failure !== undefined) throw this.#failure;
    }
  }

  async #untilDecided(): Promise<void> {
    let turns = 0;
    while (this.#deciding > 0) {
      if (++turns > MAX_TURNS) throw new Error('a replica neither sends a request on nor ends it');
      await undefined;
    }
  }

  #handle(event: number): void {
    if (event === NEXT_REQUEST) return this.#startRequest();
    if (event < NEXT_REQUEST) {
      const run = this.#scheduled.get(event);
      this.#scheduled.delete(event);
      return run?.();
    }
    const place = event >> 2;
    switch (event & 3) {
      case AT_BACKEND:
        return this.#judge(place);
      case HEAD_BACK:
        this.#deciding += 1;
        return this.#places.at(place).deliver();
      case BODY_ENDS:
        return this.#endBody(place);
    }
  }

  #awaitNext(): void {
    this.#next = this.#world.nextArrival();
    if (this.#next !== undefined) this.#queue.add(this.#next.atMs, NEXT_REQUEST);
  }

  #startRequest(): void {
    const { call } = this.#next as Arrival<C>;
    this.#awaitNext();
    const { makeRequest, observer, serve } = this.#world;
    const place: number = this.#places.take(makeRequest(call, () => this.#send(place)));
    observer.arrived(call);
    this.#deciding += 1;
    serve(this.#places.at(place))
      .then((held) => this.#endServing(place, held))
      .catch((error: unknown) => this.#fail(error));
  }

  #send(place: number): void {
    this.#deciding -= 1;
    const { observer, travel } = this.#world;
    observer.sent(this.#places.at(place));
    this.#addStep(place, AT_BACKEND, travel.toBackendMs());
  }

  /** The request is at a backend, which serves it if its quota allows. */
  #judge(place: number): void {
    const { nowMs } = this.#queue;
    const { ledgerOf, observer, travel } = this.#world;
    const request = this.#places.at(place);
    const { call } = request;
    const ledger = ledgerOf(request);
    const isServed = ledger.hasRoom(call, nowMs);
    if (isServed) ledger.charge(call, nowMs);
    observer.judged(request, isServed);
    request.answerWith(isServed ? 200 : 429, ledger.describe(isServed ? undefined : call, nowMs));
    this.#addStep(place, HEAD_BACK, isServed ? call.headMs : travel.refusalMs());
  }

  /** The replica has made the last attempt of a request, and passes an answer on or refuses it. */
  #endServing(place: number, held: Held | undefined): void {
    this.#deciding -= 1;
    const { observer } = this.#world;
    const request = this.#places.at(place);
    if (held === undefined) {
      observer.refused(request);
      this.#places.leave(place);
    } else {
      observer.served(request);
      request.hold(held);
      this.#addStep(place, BODY_ENDS, request.call.bodyMs);
    }
  }

  #endBody(place: number): void {
    const { nowMs } = this.#queue;
    const request = this.#places.at(place);
    this.#world.ledgerOf(request).finish(request.call, nowMs);
    request.end(nowMs);
    this.#places.leave(place);
  }

  #fail(error: unknown): void {
    this.#deciding = 0;
    this.#failure = error ?? new Error('a replica failed');
  }

  #addStep(place: number, step: number, delayMs: number): void {
    this.#queue.add(this.#queue.nowMs + delayMs, place * 4 + step);
  }
}
