import type { Backend } from '../backend.ts';

/** A source of chance: returns a number in [0, 1). Passed in, so that a test can script it. */
export type Random = () => number;

/** A backend that may be chosen, with everything a strategy may weigh. */
export interface Candidate<B extends Backend = Backend> {
  readonly backend: B;
  /** Requests that hold a lease, streams included. */
  readonly inFlight: number;
  /** The pool's pick counter when this backend was last picked; 0 if never. */
  readonly lastPick: number;
  /** The share of its quota that is left, from 0 to 1; undefined if that is not known. */
  readonly headroom: number | undefined;
}

/** How one of several equally suitable backends is chosen. */
export interface Strategy {
  /**
   * Whether the remaining quota counts, so that prompts are worth a look and a backend whose quota is spent is full.
   */
  readonly regardsHeadroom: boolean;
  /**
   * Chooses one of the candidates of a priority group. The list is never empty.
   *
   * @param affinityKey returns a number shared by requests whose prompts begin alike
   */
  pick<C extends Candidate>(
    candidates: readonly [C, ...C[]],
    random: Random,
    affinityKey?: () => number | undefined,
  ): C;
}
