import type { Availability, DeploymentSnapshot, StateChange } from '@spillway/core';
import { describeOutcome } from './failover-log.ts';

/** A change of the state of a backend, or of one of its deployments. */
export interface RecentChange {
  readonly backend: string;
  /** By its name at the backend; undefined for the backend as a whole. */
  readonly deployment: string | undefined;
  readonly from: ChangingState;
  readonly to: ChangingState;
  readonly why: string | undefined;
  /** On the pool's clock. */
  readonly atMs: number;
}

type ChangingState = Availability | 'draining';
type Subject = Pick<RecentChange, 'backend' | 'deployment'>;
type Move = Pick<RecentChange, 'from' | 'to' | 'why'>;

const MAX_CHANGES = 8;
/** One that comes and goes within this time would hide the others: only its last changes are kept. */
const GROUP_MS = 10_000;

/** The newest changes of state, as they happen. */
export class ChangeLog {
  /** The newest first. */
  readonly #changes: RecentChange[] = [];

  get newest(): readonly RecentChange[] {
    return this.#changes;
  }

  /** Records a change that attempts have caused. A probe is none, as each cooldown ends with one. */
  note(change: StateChange, nowMs: number): void {
    if ('downMs' in change) {
      const move = { from: 'probing', to: 'available', why: undefined } as const;
      if (change.kind === 'recovered') this.#add(change, move, nowMs);
      return;
    }
    const { from, reason, outcome } = change;
    const to = reason === 'throttled' ? 'throttled' : 'cooling';
    this.#add(change, { from, to, why: describeOutcome(outcome) }, nowMs);
  }

  /** Records what an operator has changed, if anything. */
  noteAction(subject: Subject, before: DeploymentSnapshot, after: DeploymentSnapshot, nowMs: number): void {
    const [from, to] = [stateOf(before), stateOf(after)];
    if (from !== to) this.#add(subject, { from, to, why: undefined }, nowMs);
  }

  #add({ backend, deployment }: Subject, { from, to, why }: Move, atMs: number): void {
    const isAlike = (change: RecentChange) =>
      change.backend === backend &&
      change.deployment === deployment &&
      change.to === to &&
      atMs - change.atMs <= GROUP_MS;
    const place = this.#changes.findIndex(isAlike);
    if (place !== -1) this.#changes.splice(place, 1);
    this.#changes.unshift({ backend, deployment, from, to, why, atMs });
    this.#changes.splice(MAX_CHANGES);
  }
}

/** A backend may become full and free again every second, which would hide the other changes. */
function stateOf({ availability }: DeploymentSnapshot): ChangingState {
  return availability === 'full' ? 'available' : availability;
}
