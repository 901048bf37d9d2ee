/** No request is for so few tokens. */
const NONE = -1;
/** More than any quota. */
const MOST = 2 ** 30;

/**
 * What was last found out about the room in a quota, so that not every request has to find it out again: what there is room
 * for until something is charged or told, and what has none until a moment.
 */
export class KnownRoom {
  // Every request looks at these of every backend, and most at nothing else: whole numbers, which objects hold themselves.
  /** So many tokens and requests beside so much that is reserved have room for sure. */
  #sureTokens = NONE;
  #sureRequests = 0;
  #sureReserved = 0;
  /** So many tokens or more have no room until then. */
  #fullTokens = 0;
  #fullReserved = 0;
  #fullUntilMs = 0;

  /** Whether there is room for a request for sure. */
  isSureOf(tokens: number, reserved: number): boolean {
    return tokens <= this.#sureTokens && this.#sureRequests >= 1 && reserved <= this.#sureReserved;
  }

  /** Returns until when there is no room for a request for sure, as one that wanted no more has found none; 0 if unknown. */
  fullUntilMs(tokens: number, reserved: number): number {
    return tokens >= this.#fullTokens && reserved >= this.#fullReserved ? this.#fullUntilMs : 0;
  }

  /** There is room for so many tokens and requests beside what is reserved. */
  noteRoom(tokens: number, requests: number, reserved: number): void {
    this.#sureTokens = wholeOf(tokens);
    this.#sureRequests = wholeOf(requests);
    this.#sureReserved = reserved;
    this.#fullUntilMs = 0;
  }

  /** There is no room for so many tokens beside what is reserved until a moment. */
  noteFull(tokens: number, reserved: number, untilMs: number): void {
    this.#fullTokens = Math.ceil(Math.min(tokens, MOST));
    this.#fullReserved = reserved;
    this.#fullUntilMs = Math.floor(untilMs);
  }

  /** A request has taken so many tokens. */
  take(tokens: number): void {
    this.#sureTokens = Math.max(NONE, this.#sureTokens - Math.ceil(tokens));
    this.#sureRequests--;
  }

  /** Something was given back: there is no less room than before. */
  noteGivenBack(): void {
    this.#fullUntilMs = 0;
  }

  /** Something was told, or charged afterwards: there may be less room, or more. */
  forget(): void {
    this.#sureTokens = NONE;
    this.#fullUntilMs = 0;
  }
}

function wholeOf(spare: number): number {
  return Math.floor(Math.min(spare, MOST));
}
