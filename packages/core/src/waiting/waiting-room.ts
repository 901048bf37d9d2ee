import { type Guest, nextLookMs, rankOf, wantsNoLess, type Way } from './waiting-request.ts';
import type { Keeper, Keepers } from './reservations.ts';
import { type PriorityClass, priorityClasses } from '../priority-class.ts';
import type { Quota } from '../quota/quota.ts';
import type { Wish } from '../routing-request.ts';

/** How many may wait, and for how long. */
export interface WaitingRoomBounds {
  /** No request waits longer. */
  readonly maxWaitMs: number;
  readonly maxRequests: number;
  /** The bodies of all that wait, together. */
  readonly maxBytes: number;
}

/** Rings once, after a time. */
export interface Alarm {
  /** Sets it to ring in so many ms (whole, above 0), instead of whenever it was set to. */
  set(ms: number, ring: () => void): void;
  clear(): void;
}

/**
 * Where requests wait while everything that could serve them is throttled, until one of them has room. They look for it in
 * the order of their classes, within a class in the order in which they came, and each takes its lease before the next one
 * looks. One that finds no room has a backend kept for it: those behind it, as they may want less, go first where that does
 * not make it later, and nowhere else.
 */
export class WaitingRoom {
  readonly #bounds: WaitingRoomBounds;
  readonly #alarm: Alarm;
  readonly #nowMs: () => number;
  /** By class, the most urgent first, each in the order of arrival. */
  readonly #queues: readonly Guest[][] = priorityClasses.map(() => []);
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

  get isEmpty(): boolean {
    return this.#size === 0;
  }

  get maxWaitMs(): number {
    return this.#bounds.maxWaitMs;
  }

  /** How many wait, by class. */
  get sizes(): Record<PriorityClass, number> {
    const sizes = this.#queues.map(({ length }, rank) => [priorityClasses[rank], length]);
    return Object.fromEntries(sizes) as Record<PriorityClass, number>;
  }

  /**
   * Takes a request in, behind those of its class that came before it did. When the room is full, those of lower classes
   * that came last make place for it. Answers whether there was any.
   */
  enter(guest: Guest): boolean {
    if (this.#isClosed || !this.#makePlace(guest)) return false;
    const queue = this.#queueOf(guest);
    // One that has been here before, and was then refused by its backend, has its place back.
    const place = queue.findLastIndex(({ sinceMs }) => sinceMs <= guest.sinceMs) + 1;
    queue.splice(place, 0, guest);
    this.#size++;
    this.#bytes += guest.bytes;
    this.#ringAt(Math.min(this.#ringsAtMs, nextLookMs(guest)));
    return true;
  }

  /** Lets a request go, whose client has left. */
  leave(guest: Guest): void {
    if (this.#remove(guest)) this.lookAgain();
  }

  /**
   * Lets those look first that have waited in the class of a request that comes now, or in a higher one. Answers what they
   * leave to it.
   */
  makeWay(wish: Wish): Way {
    const nowMs = this.#nowMs();
    const lastRank = rankOf(wish.priorityClass);
    if (this.#ringsAtMs <= nowMs) this.#goRound(lastRank, nowMs);
    const keepers = new Map<Quota, Keeper>();
    let isPatient = false;
    for (const queue of this.#queues.slice(0, lastRank + 1)) {
      for (const guest of queue) {
        noteKeeper(guest, keepers);
        isPatient ||= guest.wish.deployment === wish.deployment;
      }
    }
    return { keepers, isPatient };
  }

  /** Lets all that wait look again, because something has changed that may have made room. */
  lookAgain(): void {
    if (this.#size > 0) this.#goRound(this.#queues.length - 1, this.#nowMs());
  }

  /** Sends all away, and takes nobody in any more. */
  close(): void {
    this.#isClosed = true;
    for (const queue of this.#queues) for (const guest of queue.slice()) this.#sendAway(guest);
  }

  /** Goes from one to the next, down to a class, and sets the alarm for when that is worth while again. */
  #goRound(lastRank: number, nowMs: number): void {
    const keepers = new Map<Quota, Keeper>();
    const refused: Guest[] = [];
    let ringsAtMs = Number.POSITIVE_INFINITY;
    for (const [rank, queue] of this.#queues.entries()) {
      for (const guest of queue.slice()) {
        if (rank <= lastRank && !this.#look(guest, keepers, refused, nowMs)) continue;
        noteKeeper(guest, keepers);
        ringsAtMs = Math.min(ringsAtMs, nextLookMs(guest));
      }
    }
    this.#ringAt(ringsAtMs);
  }

  /** Lets one look for a backend, unless another has just looked in vain for less. Answers whether it goes on waiting. */
  #look(guest: Guest, keepers: Keepers, refused: Guest[], nowMs: number): boolean {
    const inVain = nowMs < guest.untilMs && refused.find((other) => wantsNoLess(guest, other));
    if (inVain) {
      guest.looksAtMs = Math.max(guest.looksAtMs, inVain.looksAtMs);
      return true;
    }
    const waits = guest.look(keepers);
    if (!waits) this.#remove(guest);
    else if (!guest.isRestricted) refused.push(guest);
    return waits;
  }

  #makePlace({ bytes, wish }: Guest): boolean {
    const { maxRequests, maxBytes } = this.#bounds;
    const isFull = () => this.#size >= maxRequests || this.#bytes + bytes > maxBytes;
    if (!isFull()) return true;
    const lower = this.#queues.slice(rankOf(wish.priorityClass) + 1).flatMap((queue) => [...queue]);
    const theirBytes = lower.reduce((sum, guest) => sum + guest.bytes, 0);
    if (lower.length === 0 || this.#bytes - theirBytes + bytes > maxBytes) return false;
    for (let last = lower.pop(); last !== undefined && isFull(); last = lower.pop()) this.#sendAway(last);
    return true;
  }

  #sendAway(guest: Guest): void {
    this.#remove(guest);
    guest.dismiss();
  }

  #remove(guest: Guest): boolean {
    const queue = this.#queueOf(guest);
    const place = queue.indexOf(guest);
    if (place === -1) return false;
    queue.splice(place, 1);
    this.#size--;
    this.#bytes -= guest.bytes;
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
    this.lookAgain();
  };

  #queueOf({ wish }: Guest): Guest[] {
    return this.#queues[rankOf(wish.priorityClass)] as Guest[];
  }
}

function noteKeeper(guest: Guest, keepers: Map<Quota, Keeper>): void {
  const { awaited } = guest;
  if (awaited !== undefined && !keepers.has(awaited)) keepers.set(awaited, guest);
}
