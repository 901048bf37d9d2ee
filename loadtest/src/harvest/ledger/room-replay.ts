/** What a backend was charged for a request that it took. */
export interface TakenCharge {
  readonly tokens: number;
  /** When the backend charged it. */
  readonly judgedAtMs: number;
  /** From when it counts; earlier than `judgedAtMs` when it counts as soon as it is on its way. */
  readonly fromMs: number;
}

/** What a backend allows: so many tokens and requests in any window of these lengths. */
export interface Rates {
  readonly tokens: number;
  readonly tokenWindowMs: number;
  readonly requests: number;
  readonly requestWindowMs: number;
}

/** Sums that grow over time, for which any moment can be asked. */
class Growth {
  readonly #moments: readonly number[];
  readonly #sums: readonly number[];

  constructor(steps: readonly { readonly atMs: number; readonly amount: number }[]) {
    const sorted = [...steps].sort((one, other) => one.atMs - other.atMs);
    let sum = 0;
    this.#moments = sorted.map(({ atMs }) => atMs);
    this.#sums = sorted.map(({ amount }) => (sum += amount));
  }

  /** Returns the sum of all steps until a moment, those at it included. */
  until(atMs: number): number {
    return this.#sumOf((moment) => moment <= atMs);
  }

  /** Returns the sum of all steps before a moment. */
  before(atMs: number): number {
    return this.#sumOf((moment) => moment < atMs);
  }

  #sumOf(isCounted: (moment: number) => boolean): number {
    let low = 0;
    let high = this.#moments.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isCounted(this.#moments[middle] ?? Infinity)) low = middle + 1;
      else high = middle;
    }
    return this.#sums[low - 1] ?? 0;
  }
}

/** A backend's rolling windows as they were at any moment, from what it was charged. */
export class RoomReplay {
  readonly #rates: Rates;
  readonly #taken: Growth;
  readonly #returned: Growth;
  readonly #requestsTaken: Growth;
  readonly #requestsReturned: Growth;
  /** The moments at which room goes, in order. */
  readonly #takings: readonly number[];
  /** The moments at which room comes back, in order. */
  readonly #returns: readonly number[];

  constructor(charges: readonly TakenCharge[], rates: Rates) {
    this.#rates = rates;
    const comings = charges.map(({ tokens, fromMs }) => ({ atMs: fromMs, amount: tokens }));
    const tokensBack = charges.map(({ tokens, judgedAtMs }) => ({
      atMs: judgedAtMs + rates.tokenWindowMs,
      amount: tokens,
    }));
    const requestsBack = charges.map(({ judgedAtMs }) => ({
      atMs: judgedAtMs + rates.requestWindowMs,
      amount: 1,
    }));
    this.#taken = new Growth(comings);
    this.#returned = new Growth(tokensBack);
    this.#requestsTaken = new Growth(comings.map(({ atMs }) => ({ atMs, amount: 1 })));
    this.#requestsReturned = new Growth(requestsBack);
    this.#takings = inOrder(comings.map(({ atMs }) => atMs));
    this.#returns = inOrder([...tokensBack, ...requestsBack].map(({ atMs }) => atMs));
  }

  /** Returns whether a request would be taken at a moment, after all that is charged then. */
  hasRoomAt(tokens: number, atMs: number): boolean {
    return this.#isRoom(tokens, this.#taken.until(atMs), this.#requestsTaken.until(atMs), atMs);
  }

  /** Returns whether the request that arrived at a moment was to be taken: what it was charged itself does not count. */
  hadRoomOnArrival(tokens: number, atMs: number): boolean {
    return this.#isRoom(tokens, this.#taken.before(atMs), this.#requestsTaken.before(atMs), atMs);
  }

  /** Returns whether there was room at a moment even without what had come back for less than a while by then. */
  hadRoomFor(whileMs: number, tokens: number, atMs: number): boolean {
    const [taken, requestsTaken] = [this.#taken.until(atMs), this.#requestsTaken.until(atMs)];
    return this.#isRoom(tokens, taken, requestsTaken, atMs - whileMs);
  }

  /** Returns the first moment of a stretch at which a request would have been taken. */
  firstRoom(tokens: number, fromMs: number, toMs: number): number | undefined {
    return [fromMs, ...within(this.#returns, fromMs, toMs)].find((atMs) => this.hasRoomAt(tokens, atMs));
  }

  /** Returns the moments of a stretch at which room for a request came back. */
  openings(tokens: number, fromMs: number, toMs: number): number[] {
    let hadRoom = this.hasRoomAt(tokens, fromMs);
    const moments = inOrder([...within(this.#takings, fromMs, toMs), ...within(this.#returns, fromMs, toMs)]);
    return moments.filter((atMs) => {
      const hasRoom = this.hasRoomAt(tokens, atMs);
      const isOpening = hasRoom && !hadRoom;
      hadRoom = hasRoom;
      return isOpening;
    });
  }

  #isRoom(tokens: number, takenTokens: number, takenRequests: number, returnedByMs: number): boolean {
    const usedTokens = takenTokens - this.#returned.until(returnedByMs);
    const usedRequests = takenRequests - this.#requestsReturned.until(returnedByMs);
    return usedTokens + tokens <= this.#rates.tokens && usedRequests + 1 <= this.#rates.requests;
  }
}

/** Those after one moment and not after another. */
function within(moments: readonly number[], afterMs: number, toMs: number): number[] {
  return moments.filter((atMs) => atMs > afterMs && atMs <= toMs);
}

function inOrder(moments: readonly number[]): number[] {
  return moments.toSorted((one, other) => one - other);
}
