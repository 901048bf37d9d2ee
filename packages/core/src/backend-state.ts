import type { Backend } from './backend.ts';
import { BoundedMap } from './bounded-map.ts';
import type { Cooldown } from './cooldown.ts';
import * as healths from './health.ts';
import type { Availability, Health } from './health.ts';
import type { Standing } from './select-backend.ts';

/** What is remembered of one deployment at a backend. */
interface DeploymentState {
  health: Health;
  /** The pool's pick counter when it was last picked. */
  lastPick: number;
}

/** A backend has a few dozen deployments. */
const MOST_KNOWN = 1000;
/** Names that clients asked for and the backend has never served. Anyone can make these up, so few are kept. */
const MOST_STRANGERS = 100;

const SEVERITY: Readonly<Record<Availability, number>> = {
  available: 0,
  saturated: 1,
  failing: 2,
  throttled: 3,
};

/** How one backend stands: as a whole and for each deployment it was asked for. Only `BackendPool` touches it. */
export class BackendState<B extends Backend> {
  readonly backend: B;
  #whole: Health = healths.READY;
  readonly #known = new BoundedMap<DeploymentState>(MOST_KNOWN);
  readonly #strangers = new BoundedMap<DeploymentState>(MOST_STRANGERS);
  #inFlight = 0;

  constructor(backend: B) {
    this.backend = backend;
  }

  /**
   * Answers how the backend stands for a deployment: the worse of the backend's health and the deployment's. Without a
   * deployment, the best that it can do for any deployment it is known to have.
   */
  standing(deployment: string | undefined, nowMs: number): Standing<B> {
    const state = deployment === undefined ? undefined : this.#find(deployment);
    const health = deployment === undefined ? this.#healthiest(nowMs) : (state?.health ?? healths.READY);
    const worst = compareHealth(health, this.#whole, nowMs) >= 0 ? health : this.#whole;
    return {
      backend: this.backend,
      inFlight: this.#inFlight,
      lastPick: state?.lastPick ?? 0,
      availability: healths.availabilityAt(worst, nowMs),
      failedAtMs: Math.max(healths.failedAtMs(health, nowMs), healths.failedAtMs(this.#whole, nowMs)),
      recoversAtMs: healths.restEndsAtMs(worst, nowMs),
    };
  }

  begin(deployment: string, pick: number, nowMs: number): void {
    this.#inFlight++;
    this.#whole = healths.beginAt(this.#whole, nowMs);
    const state = this.#findOrAdd(deployment);
    state.health = healths.beginAt(state.health, nowMs);
    state.lastPick = pick;
  }

  /** An attempt that began at `startedMs` awaits its outcome no longer. */
  end(deployment: string, startedMs: number): void {
    this.#whole = healths.endAttempt(this.#whole, startedMs);
    const state = this.#find(deployment);
    if (state !== undefined) state.health = healths.endAttempt(state.health, startedMs);
  }

  release(): void {
    this.#inFlight--;
  }

  rest(deployment: string, cooldown: Cooldown, nowMs: number): void {
    if (cooldown.scope === 'backend') {
      this.#whole = healths.restFor(this.#whole, cooldown, nowMs);
    } else {
      const state = this.#findOrAdd(deployment);
      state.health = healths.restFor(state.health, cooldown, nowMs);
    }
  }

  /** The backend can be reached and takes the gateway's credential. */
  succeedAsWhole(startedMs: number, nowMs: number): void {
    this.#whole = healths.succeedAt(this.#whole, startedMs, nowMs);
  }

  succeed(deployment: string, startedMs: number, nowMs: number): void {
    const state = this.#findOrAdd(deployment);
    state.health = healths.succeedAt(state.health, startedMs, nowMs);
  }

  /** The backend has this deployment. */
  know(deployment: string): void {
    if (this.#known.get(deployment) !== undefined) return;
    this.#known.set(deployment, this.#findOrAdd(deployment));
    this.#strangers.delete(deployment);
  }

  #find(deployment: string): DeploymentState | undefined {
    return this.#known.get(deployment) ?? this.#strangers.get(deployment);
  }

  #findOrAdd(deployment: string): DeploymentState {
    const found = this.#find(deployment);
    if (found !== undefined) return found;
    const state: DeploymentState = { health: healths.READY, lastPick: 0 };
    this.#strangers.set(deployment, state);
    return state;
  }

  #healthiest(nowMs: number): Health {
    let best: Health | undefined;
    for (const { health } of this.#known.values()) {
      if (best === undefined || compareHealth(health, best, nowMs) < 0) best = health;
    }
    return best ?? healths.READY;
  }
}

/** Above 0 if `a` stands worse than `b`, or as badly but for longer. */
function compareHealth(a: Health, b: Health, nowMs: number): number {
  const difference = SEVERITY[healths.availabilityAt(a, nowMs)] - SEVERITY[healths.availabilityAt(b, nowMs)];
  if (difference !== 0) return difference;
  const [endA, endB] = [healths.restEndsAtMs(a, nowMs), healths.restEndsAtMs(b, nowMs)];
  return endA === endB ? 0 : endA - endB;
}
