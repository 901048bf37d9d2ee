import type { Backend } from '../backend.ts';
import type { Charge, Usage } from '../quota/charge.ts';
import type { Quota } from '../quota/quota.ts';
import type { RoutingRequest } from '../routing-request.ts';
import type { BackendState } from './backend-state.ts';
import type { Operation } from './declined-operations.ts';

/** The request of a lease, and its charge. */
interface Asked extends Operation {
  readonly requested: string;
  readonly quota: Quota;
  readonly charge: Charge;
}

/**
 * A counted in-flight slot at a backend. It is held from the selection until the end of the response's body, which for
 * a stream is long after the attempt itself has been judged.
 */
export class Lease<B extends Backend = Backend> {
  readonly backend: B;
  /** The deployment's name at the backend. */
  readonly deployment: string;
  /** The deployment that the client asked for. */
  readonly requested: string;
  readonly method: string | undefined;
  readonly operation: string | undefined;
  /** When the attempt began, ms on the pool's clock. */
  readonly startedMs: number;
  /** The quota that the attempt draws on. */
  readonly quota: Quota;
  /** Its charge. */
  readonly charge: Charge;
  /** Whether the pool has noted how the attempt ended. */
  isSettled = false;
  /** The state of the backend, even when it is no longer one of the pool; for the pool alone. */
  readonly state: BackendState<B>;
  #isReleased = false;

  constructor(
    state: BackendState<B>,
    deployment: string,
    startedMs: number,
    { requested, method, operation, quota, charge }: Asked,
  ) {
    this.state = state;
    this.backend = state.backend;
    this.deployment = deployment;
    this.requested = requested;
    this.method = method;
    this.operation = operation;
    this.startedMs = startedMs;
    this.quota = quota;
    this.charge = charge;
  }

  /** Whether `finish` should be told the real usage of the answer. */
  get wantsUsage(): boolean {
    return this.quota.wantsUsage;
  }

  /** Whether the backend has served requests that began after this one. */
  get isServingOthers(): boolean {
    return this.state.servedFromMs > this.startedMs;
  }

  /** Corrects the quota to the real usage of the answer. */
  finish(usage: Usage, nowMs: number): void {
    this.quota.finish(this.charge, usage, nowMs);
  }

  /** The backend has done what it may have declined before. */
  excuse(routing: RoutingRequest): void {
    this.state.excuse(this.deployment, routing);
  }

  /** Gives the slot back. Calling it again does nothing. */
  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.state.release();
  }
}
