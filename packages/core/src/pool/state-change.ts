import type { Cooldown } from '../health/cooldown.ts';
import { type Availability, availabilityAt, type Health, coolDown } from '../health/health.ts';
import type { Outcome } from '../outcome.ts';

/** A change in the state of a backend or of one of its deployments. */
export type StateChange = {
  readonly backend: string;
  /** By its name at the backend; undefined if the backend as a whole has changed. */
  readonly deployment: string | undefined;
} & (
  | {
      /** `ejected`: for failures that its peers do not have. */
      readonly kind: 'cooled' | 'ejected';
      /** Its state before. */
      readonly from: Availability;
      readonly reason: Cooldown['reason'];
      readonly outcome: Outcome;
      readonly durationMs: number;
    }
  | {
      /** `probing`: the first request since the cooldown is on its way. `recovered`: it takes as many as before. */
      readonly kind: 'probing' | 'recovered';
      /** Since the first of the cooldowns that it has not recovered from in between. */
      readonly downMs: number;
    }
);

/** Receives a change. It must not throw. */
export type NoteChange = (change: StateChange) => void;

/** An owner of a changing health. */
export interface HealthOwner {
  health: Health;
  /** When its cooldown was first reported, without a recovery since; undefined if it is healthy. */
  downSinceMs: number | undefined;
}

/** Changes the healths of the parts of one backend, and reports when one of them begins a cooldown or recovers. */
export class HealthMoves {
  readonly #backend: string;
  readonly #noteChange: NoteChange | undefined;

  constructor(backend: string, noteChange: NoteChange | undefined) {
    this.#backend = backend;
    this.#noteChange = noteChange;
  }

  /**
   * Starts a cooldown of an owner.
   *
   * @param deployment undefined for the backend as a whole, `null` if nobody needs the report
   */
  coolDown(
    owner: HealthOwner,
    deployment: string | undefined | null,
    { cooldown, outcome }: { readonly cooldown: Cooldown; readonly outcome: Outcome },
    nowMs: number,
  ): void {
    const from = availabilityAt(owner.health, nowMs);
    owner.health = coolDown(owner.health, cooldown, nowMs);
    if (deployment === null || from === availabilityAt(owner.health, nowMs)) return;
    owner.downSinceMs ??= nowMs;
    const { reason, durationMs, isEjection = false } = cooldown;
    const kind = isEjection ? 'ejected' : 'cooled';
    this.#noteChange?.({ backend: this.#backend, deployment, kind, from, reason, outcome, durationMs });
  }

  /** Gives an owner its health after an attempt has begun or succeeded, which is nearly always unchanged. */
  move(owner: HealthOwner, after: Health, deployment: string | undefined, nowMs: number): void {
    const { health: before, downSinceMs } = owner;
    if (after === before) return;
    owner.health = after;
    if (after.kind === before.kind || after.kind === 'in-cooldown' || downSinceMs === undefined) return;
    const kind = after.kind === 'recovering' ? 'probing' : 'recovered';
    if (kind === 'recovered') owner.downSinceMs = undefined;
    this.#noteChange?.({ backend: this.#backend, deployment, kind, downMs: nowMs - downSinceMs });
  }
}
