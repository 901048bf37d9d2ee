import { drawLogNormal, type Random, type Travel } from '@spillway/simulation';

const TO_BACKEND_MS = 5;
/** With the way there, a refusal takes 20 ms. */
const REFUSAL_MS = 15;
const SPREAD = 0.3;

/** Travel whose times are drawn anew each time. */
export class Network implements Travel {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Draws how long a request is on its way to a backend. */
  toBackendMs(): number {
    return drawLogNormal(this.#random, TO_BACKEND_MS, SPREAD);
  }

  /** Draws how long after a request's arrival at a backend its refusal is at the replica. */
  refusalMs(): number {
    return drawLogNormal(this.#random, REFUSAL_MS, SPREAD);
  }
}
