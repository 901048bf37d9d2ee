import type { Backend } from '../backend.ts';
import type { BackendState } from './backend-state.ts';
import { firstPriorityOf } from './spill.ts';

interface Indexed<B extends Backend> {
  readonly all: readonly BackendState<B>[];
  readonly byName: ReadonlyMap<string, BackendState<B>>;
  readonly firstPriority: number;
}

/** The states of a pool's backends, or of those of them that a part of the pool has. */
export class PoolStates<B extends Backend> {
  readonly #whole: PoolStates<B> | undefined;
  readonly #isAllowed: (backend: B) => boolean;
  #indexed: Indexed<B> = index([]);
  /** The states of the whole that those of this part were taken from. */
  #takenFrom: Indexed<B> | undefined;

  /** @param isAllowed which backends of the whole a part has */
  constructor(whole?: PoolStates<B>, isAllowed: (backend: B) => boolean = () => true) {
    this.#whole = whole;
    this.#isAllowed = isAllowed;
  }

  get all(): readonly BackendState<B>[] {
    return this.#current.all;
  }

  /** By the backend's name. */
  get byName(): ReadonlyMap<string, BackendState<B>> {
    return this.#current.byName;
  }

  /** Infinity where no backend gets regular traffic. */
  get firstPriority(): number {
    return this.#current.firstPriority;
  }

  /** @throws if the pool has no such backend */
  of({ name }: B): BackendState<B> {
    const state = this.byName.get(name);
    if (state === undefined) throw new Error(`backend "${name}" is not of this pool`);
    return state;
  }

  /** Replaces the states of the whole pool, and so those of its parts. */
  replace(states: readonly BackendState<B>[]): void {
    this.#indexed = index(states);
  }

  /** Another backend may have got the name of one that a part has, which does not make it one of its own. */
  get #current(): Indexed<B> {
    if (this.#whole === undefined) return this.#indexed;
    const whole = this.#whole.#current;
    if (whole !== this.#takenFrom) {
      this.#takenFrom = whole;
      this.#indexed = index(whole.all.filter(({ backend }) => this.#isAllowed(backend)));
    }
    return this.#indexed;
  }
}

function index<B extends Backend>(all: readonly BackendState<B>[]): Indexed<B> {
  const byName = new Map(all.map((state) => [state.backend.name, state]));
  return { all, byName, firstPriority: firstPriorityOf(all.map(({ backend }) => backend)) };
}
