/** No request has so few tokens. */
const NONE = -1;
/** More than any quota. */
const MAX_ROOM = 2 ** 30;

/**
 * The last known room in a quota, so that not every request has to compute it again: the size for which there is room
 * until something is charged or reported, and the size for which there is none until a moment.
 */
export class KnownRoom {
  // Every request reads these for every backend, and mostly nothing else: whole numbers, which objects store directly.
  /** This many tokens and requests certainly have room beside this reserved share. */
  #sureTokens = NONE;
  #sureRequests = 0;
  #sureReserved = 0;
  /** This many tokens or more have no room until then. */
  #fullTokens = 0;
  #fullReserved = 0;
  #fullUntilMs = 0;

  /** Returns whether there certainly is room for a request. */
  isSureOf(tokens: number, reserved: number): boolean {
    return tokens <= this.#sureTokens && this.#sureRequests >= 1 && reserved <= this.#sureReserved;
  }

  /** Returns until when there certainly is no room for a request, as one no larger has found none; 0 if unknown. */
  fullUntilMs(tokens: number, reserved: number): number {
    return tokens >= this.#fullTokens && reserved >= this.#fullReserved ? this.#fullUntilMs : 0;
  }

  /** There is room for this many tokens and requests beside the reserved share. */
  noteRoom(tokens: number, requests: number, reserved: number): void {
    this.#sureTokens = wholeOf(tokens);
    this.#sureRequests = wholeOf(requests);
    this.#sureReserved = reserved;
    this.#fullUntilMs = 0;
  }

  /** There is no room for this many tokens beside the reserved share until a moment. */
  noteFull(tokens: number, reserved: number, untilMs: number): void {
    this.#fullTokens = Math.ceil(Math.min(tokens, MAX_ROOM));
    this.#fullReserved = reserved;
    this.#fullUntilMs = Math.floor(untilMs);
  }

  /** A request has taken this many tokens. */
  take(tokens: number): void {
    this.#sureTokens = Math.max(NONE, this.#sureTokens - Math.ceil(tokens));
    this.#sureRequests--;
  }

  /** Something was refunded: there is at least as much room as before. */
  noteRefund(): void {
    this.#fullUntilMs = 0;
  }

  /** A report came, or a later charge: there may be less room, or more. */
  forget(): void {
    this.#sureTokens = NONE;
    this.#fullUntilMs = 0;
  }
}

function wholeOf(spare: number): number {
  return Math.floor(Math.min(spare, MAX_ROOM));
}
