import { type PriorityClass, priorityClasses, type RoutingRequest } from '../routing-request.ts';
import type { Quota } from '../quota/quota.ts';
import {
  needsAsMuch,
  nextLookMs,
  rankOf,
  type Reservations,
  type WaitingRequest,
  type Way,
} from './waiting-request.ts';

/** How many requests may wait, and for how long. */
export interface WaitingRoomBounds {
  /** The longest wait. */
  readonly maxWaitMs: number;
  readonly maxRequests: number;
  /** The bodies of all waiting requests together. */
  readonly maxBytes: number;
}

/** Above this number, a look of all of them takes long enough that it is taken once for all that happens in a moment. */
const MANY = 100;

/** Rings once, after a time. */
export interface Alarm {
  /** Sets it to ring in this many ms (whole, above 0), replacing any earlier setting. */
  set(ms: number, ring: () => void): void;
  clear(): void;
}

/**
 * The place where requests wait while everything that could serve them is throttled, until one of them has room. They
 * look for room in the order of their classes, within a class in the order of arrival, and each takes its lease before
 * the next one looks. A request that finds no room reserves the quota that will have some first: otherwise small
 * requests behind it would take every bit of room before there is enough for a large one.
 */
export class WaitingRoom {
  #bounds: WaitingRoomBounds;
  readonly #alarm: Alarm;
  readonly #nowMs: () => number;
  /** By class, the most urgent first, each in the order of arrival. */
  readonly #queues: readonly WaitingRequest[][] = priorityClasses.map(() => []);
  #size = 0;
  #bytes = 0;
  #isClosed = false;
  #ringsAtMs = Number.POSITIVE_INFINITY;

  /** @param nowMs a monotonic clock in milliseconds, the one of the failover */
  constructor(bounds: WaitingRoomBounds, alarm: Alarm, nowMs: () => number) {
    this.#bounds = bounds;
    this.#alarm = alarm;
    this.#nowMs = nowMs;
  }

  /**
   * Replaces the bounds for requests that come from now on: those already waiting keep the bounds they were promised.
   */
  configure(bounds: WaitingRoomBounds): void {
    this.#bounds = bounds;
  }

  get isEmpty(): boolean {
    return this.#size === 0;
  }

  get maxWaitMs(): number {
    return this.#bounds.maxWaitMs;
  }

  /** How many requests wait, by class. */
  get sizes(): Record<PriorityClass, number> {
    const sizes = this.#queues.map(({ length }, rank) => [priorityClasses[rank], length]);
    return Object.fromEntries(sizes) as Record<PriorityClass, number>;
  }

  /**
   * Lets a request in, behind those of its class that came before it. When the room is full, the latest arrivals of
   * lower classes make place for it. Returns whether there was a place.
   */
  enter(waitingRequest: WaitingRequest): boolean {
    if (this.#isClosed || !this.#makePlace(waitingRequest)) return false;
    const queue = this.#queueOf(waitingRequest);
    // A request that has been here before, and was then refused by its backend, has its place back.
    const place = queue.findLastIndex(({ sinceMs }) => sinceMs <= waitingRequest.sinceMs) + 1;
    queue.splice(place, 0, waitingRequest);
    this.#size++;
    this.#bytes += waitingRequest.bytes;
    this.#ringAt(Math.min(this.#ringsAtMs, nextLookMs(waitingRequest)));
    return true;
  }

  /** Lets a request go whose client has left. */
  leave(waitingRequest: WaitingRequest): void {
    if (this.#remove(waitingRequest)) this.lookAgain();
  }

  /**
   * Lets the waiting requests look first that are in the class of a new request, or in a higher one. Returns their
   * claims.
   */
  makeWay(routing: RoutingRequest): Way {
    const nowMs = this.#nowMs();
    const lastRank = rankOf(routing.priorityClass);
    if (this.#ringsAtMs <= nowMs) this.#goRound(lastRank, nowMs);
    const reservations = new Map<Quota, number>();
    let isPatient = false;
    for (const queue of this.#queues.slice(0, lastRank + 1)) {
      for (const waitingRequest of queue) {
        reserve(waitingRequest, reservations);
        isPatient ||= waitingRequest.routing.deployment === routing.deployment;
      }
    }
    return { reservations, isPatient };
  }

  /**
   * Lets all waiting requests look again, because a change may have made room: at once, or where many wait, in a moment.
   * A request that comes before that lets them look first.
   */
  lookAgain(): void {
    if (this.#size > MANY) this.#ringAt(Math.min(this.#ringsAtMs, this.#nowMs()));
    else this.#lookAll();
  }

  #lookAll(): void {
    if (this.#size > 0) this.#goRound(this.#queues.length - 1, this.#nowMs());
  }

  /** Sends all away, and lets nobody in any more. */
  close(): void {
    this.#isClosed = true;
    for (const queue of this.#queues)
      for (const waitingRequest of queue.slice()) this.#sendAway(waitingRequest);
  }

  /** Goes through the queues, down to a class, and sets the alarm for the next moment at which that is worth while. */
  #goRound(lastRank: number, nowMs: number): void {
    const reservations = new Map<Quota, number>();
    const refused: WaitingRequest[] = [];
    let ringsAtMs = Number.POSITIVE_INFINITY;
    for (const [rank, queue] of this.#queues.entries()) {
      for (const waitingRequest of queue.slice()) {
        if (rank <= lastRank && !this.#look(waitingRequest, reservations, refused, nowMs)) continue;
        reserve(waitingRequest, reservations);
        ringsAtMs = Math.min(ringsAtMs, nextLookMs(waitingRequest));
      }
    }
    this.#ringAt(ringsAtMs);
  }

  /**
   * Lets one request look for a backend; it is skipped if another has just found no room for less or as much. Returns
   * whether it goes on waiting.
   */
  #look(
    waitingRequest: WaitingRequest,
    reservations: Reservations,
    refused: WaitingRequest[],
    nowMs: number,
  ): boolean {
    const smaller =
      nowMs < waitingRequest.untilMs && refused.find((other) => needsAsMuch(waitingRequest, other));
    if (smaller) {
      waitingRequest.looksAtMs = Math.max(waitingRequest.looksAtMs, smaller.looksAtMs);
      return true;
    }
    const waits = waitingRequest.look(reservations);
    if (!waits) this.#remove(waitingRequest);
    else if (!waitingRequest.isRestricted) refused.push(waitingRequest);
    return waits;
  }

  #makePlace({ bytes, routing }: WaitingRequest): boolean {
    const { maxRequests, maxBytes } = this.#bounds;
    const isFull = () => this.#size >= maxRequests || this.#bytes + bytes > maxBytes;
    if (!isFull()) return true;
    const lower = this.#queues.slice(rankOf(routing.priorityClass) + 1).flatMap((queue) => [...queue]);
    const theirBytes = lower.reduce((sum, waitingRequest) => sum + waitingRequest.bytes, 0);
    if (lower.length === 0 || this.#bytes - theirBytes + bytes > maxBytes) return false;
    for (let last = lower.pop(); last !== undefined && isFull(); last = lower.pop()) this.#sendAway(last);
    return true;
  }

  #sendAway(waitingRequest: WaitingRequest): void {
    this.#remove(waitingRequest);
    waitingRequest.dismiss();
  }

  #remove(waitingRequest: WaitingRequest): boolean {
    const queue = this.#queueOf(waitingRequest);
    const place = queue.indexOf(waitingRequest);
    if (place === -1) return false;
    queue.splice(place, 1);
    this.#size--;
    this.#bytes -= waitingRequest.bytes;
    if (this.#size === 0) this.#ringAt(Number.POSITIVE_INFINITY);
    return true;
  }

  #ringAt(atMs: number): void {
    if (atMs === this.#ringsAtMs) return;
    this.#ringsAtMs = atMs;
    if (atMs === Number.POSITIVE_INFINITY) this.#alarm.clear();
    else this.#alarm.set(Math.max(1, Math.ceil(atMs - this.#nowMs())), this.#ring);
  }

  readonly #ring = (): void => {
    this.#ringsAtMs = Number.POSITIVE_INFINITY;
    this.#lookAll();
  };

  #queueOf({ routing }: WaitingRequest): WaitingRequest[] {
    return this.#queues[rankOf(routing.priorityClass)] as WaitingRequest[];
  }
}

function reserve({ awaited, looksAtMs }: WaitingRequest, reservations: Map<Quota, number>): void {
  if (awaited !== undefined && !reservations.has(awaited)) reservations.set(awaited, looksAtMs);
}
