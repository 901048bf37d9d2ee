import { drawLogNormal, type Random, type Travel } from '@spillway/simulation';

const TO_BACKEND_MS = 5;
/** Including the way there, a refusal takes 20 ms. */
const REFUSAL_MS = 15;
const SPREAD = 0.3;

/** Travel with randomly drawn times. */
export class Network implements Travel {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Draws how long a request travels to a backend. */
  toBackendMs(): number {
    return drawLogNormal(this.#random, TO_BACKEND_MS, SPREAD);
  }

  /** Draws the time from a request's arrival at a backend to its refusal's arrival at the replica. */
  refusalMs(): number {
    return drawLogNormal(this.#random, REFUSAL_MS, SPREAD);
  }
}
