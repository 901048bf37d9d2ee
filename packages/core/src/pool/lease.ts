import type { Backend } from '../backend.ts';
import type { Charge, Usage } from '../quota/charge.ts';
import type { Quota } from '../quota/quota.ts';
import type { BackendState } from './backend-state.ts';

/** What was asked for, and what it takes. */
interface Asked {
  readonly requested: string;
  readonly quota: Quota;
  readonly charge: Charge;
}

/**
 * A counted in-flight slot at a backend. It is held from the selection until the response's body has ended, which is
 * long after the attempt itself has been judged when the answer is a stream.
 */
export class Lease<B extends Backend = Backend> {
  readonly backend: B;
  /** The deployment's name at the backend. */
  readonly deployment: string;
  /** The deployment that the client asked for. */
  readonly requested: string;
  /** When the attempt began, ms on the pool's clock. */
  readonly startedMs: number;
  /** The quota that the attempt draws on. */
  readonly quota: Quota;
  /** What it was charged. */
  readonly charge: Charge;
  /** Whether the pool has taken note of how the attempt ended. */
  isSettled = false;
  /** What is known of the backend, even when it is no longer one of the pool; for the pool alone. */
  readonly state: BackendState<B>;
  #isReleased = false;

  constructor(
    state: BackendState<B>,
    deployment: string,
    startedMs: number,
    { requested, quota, charge }: Asked,
  ) {
    this.state = state;
    this.backend = state.backend;
    this.deployment = deployment;
    this.requested = requested;
    this.startedMs = startedMs;
    this.quota = quota;
    this.charge = charge;
  }

  /** Whether `finish` should be told what the answer has really taken. */
  get wantsUsage(): boolean {
    return this.quota.wantsUsage;
  }

  /** Takes note of what the answer has really taken of the quota. */
  finish(usage: Usage, nowMs: number): void {
    this.quota.finish(this.charge, usage, nowMs);
  }

  /** Gives the slot back. Calling it again does nothing. */
  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.state.release();
  }
}
