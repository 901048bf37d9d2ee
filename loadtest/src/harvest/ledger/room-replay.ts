/** A backend's charge for an accepted request. */
export interface TakenCharge {
  readonly tokens: number;
  /** When the backend charged it. */
  readonly judgedAtMs: number;
  /** From when it counts; earlier than `judgedAtMs` if it counts as soon as it is on its way. */
  readonly fromMs: number;
}

/** A backend's limits: tokens and requests in any window of these lengths. */
export interface Rates {
  readonly tokens: number;
  readonly tokenWindowMs: number;
  readonly requests: number;
  readonly requestWindowMs: number;
}

/** Running sums over time, which can be read at any moment. */
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

/** A backend's rolling windows at any moment, computed from its charges. */
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

  /** Returns whether a request would be accepted at a moment, after all charges of that moment. */
  hasRoomAt(tokens: number, atMs: number): boolean {
    return this.#isRoom(tokens, this.#taken.until(atMs), this.#requestsTaken.until(atMs), atMs);
  }

  /** Returns whether the request that arrived at a moment fitted: its own charge does not count. */
  hadRoomOnArrival(tokens: number, atMs: number): boolean {
    return this.#isRoom(tokens, this.#taken.before(atMs), this.#requestsTaken.before(atMs), atMs);
  }

  /** Returns whether there was room at a moment even without the room returned shortly before. */
  hadRoomFor(whileMs: number, tokens: number, atMs: number): boolean {
    const [taken, requestsTaken] = [this.#taken.until(atMs), this.#requestsTaken.until(atMs)];
    return this.#isRoom(tokens, taken, requestsTaken, atMs - whileMs);
  }

  /** Returns the first moment of a period at which a request would have been accepted. */
  firstRoom(tokens: number, fromMs: number, toMs: number): number | undefined {
    return [fromMs, ...within(this.#returns, fromMs, toMs)].find((atMs) => this.hasRoomAt(tokens, atMs));
  }

  /** Returns the moments of a period at which room for a request came back. */
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

/** The moments after one and not after another. */
function within(moments: readonly number[], afterMs: number, toMs: number): number[] {
  return moments.filter((atMs) => atMs > afterMs && atMs <= toMs);
}

function inOrder(moments: readonly number[]): number[] {
  return moments.toSorted((one, other) => one - other);
}
