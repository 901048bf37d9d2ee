import type { AttemptRecord, HeaderLookup, Spill } from '../attempt.ts';
import { deploymentAt, type Backend } from '../backend.ts';
import type { DeclineCause, Outcome } from '../outcome.ts';
import type { RoutingRequest } from '../routing-request.ts';
import { QuotaGroups } from '../quota/quota-groups.ts';
import type { Quota } from '../quota/quota.ts';
import { type Manner, recoveryOf, selectBackend, type Selection } from '../selection/select-backend.ts';
import { firstToRecover, type Recovery } from '../selection/soonest-recovery.ts';
import { strategies } from '../selection/strategies.ts';
import type { Strategy } from '../selection/strategy.ts';
import { type BackendReport, reportOf } from './backend-report.ts';
import { BackendState } from './backend-state.ts';
import { isOfObject } from './declined-operations.ts';
import type { DeploymentSnapshot, DeploymentState } from './deployment-state.ts';
import { Drains } from './drains.ts';
import { LateAnswers } from './late-answers.ts';
import { Lease } from './lease.ts';
import { type PoolOptions, reservedBy, windowsOf } from './pool-options.ts';
import { PoolStates } from './pool-states.ts';
import type { Question, RoomSought } from './question.ts';
import { limitRetries, type RetryBudget } from './retry-budget.ts';
import { noteAnswerEnd } from './note-answer-end.ts';
import { noteSilence } from './note-silence.ts';
import { settleLease, type Settling } from './settle-lease.ts';
import { spillFrom } from './spill.ts';

/** A request small enough to fit wherever any request does. */
const MIN_ROOM = { estimate: undefined, reserved: 0 };

/** The backends and their states: the one mutable object of the core. */
export class BackendPool<B extends Backend = Backend> {
  readonly #states: PoolStates<B>;
  /** The pool that this one is a part of. */
  readonly #whole: BackendPool<B>;
  /** How long answers take. */
  readonly lateAnswers: LateAnswers;
  /** The operators' drains. */
  readonly drains: Drains;
  readonly #groups: QuotaGroups;
  #strategy: Strategy;
  #options: PoolOptions;
  #reserved = reservedBy(undefined);
  /** How many retries and hedges there may be; undefined for any number. */
  retries: RetryBudget | undefined;
  #picks = 0;

  /**
   * @param whole the pool that this one is to be a part of
   * @param states those that the part has
   */
  constructor(
    backends: readonly B[],
    options: PoolOptions,
    whole?: BackendPool<B>,
    states = new PoolStates<B>(),
  ) {
    this.#whole = whole ?? this;
    this.#states = states;
    this.lateAnswers = whole?.lateAnswers ?? new LateAnswers();
    this.drains = whole?.drains ?? new Drains();
    this.#groups = whole === undefined ? new QuotaGroups(backends, windowsOf(options)) : whole.#groups;
    this.#options = options;
    this.#strategy = strategies[options.strategy];
    this.#reserved = reservedBy(options.reserves);
    this.retries = whole?.retries;
    if (whole === undefined) this.update(backends, options);
  }

  get backends(): readonly B[] {
    return this.#states.all.map(({ backend }) => backend);
  }

  /**
   * Replaces the backends or their settings. The known state of a backend stays if its name does: cooldowns, failures,
   * quotas, and the attempts under way. Attempts at a backend that is gone end as they would have.
   *
   * @param options the options from now on; unchanged if left out
   */
  update(backends: readonly B[], options: PoolOptions = this.#options): void {
    this.#options = options;
    this.#strategy = strategies[options.strategy];
    this.#reserved = reservedBy(options.reserves);
    this.retries = limitRetries(this.retries, options.retryBudget);
    this.#groups.update(backends, windowsOf(options));
    this.#states.replace(
      backends.map((backend) => {
        const known = this.#states.byName.get(backend.name);
        known?.update(backend);
        return known ?? new BackendState(backend, this.#groups, this.drains, this.#options.noteChange);
      }),
    );
  }

  /**
   * Returns the part of the pool that has only some of its backends, also after an update. Both share everything they
   * learn about these backends; no request given to the part reaches any other backend.
   */
  only(isAllowed: (backend: B) => boolean): BackendPool<B> {
    return new BackendPool([], this.#options, this.#whole, new PoolStates(this.#states, isAllowed));
  }

  /**
   * Chooses the next backend for a request, among those it has not tried yet.
   *
   * @param hasBeenTried undefined if it has tried none
   */
  select(
    routing: RoutingRequest,
    hasBeenTried: ((backend: B) => boolean) | undefined,
    nowMs: number,
    manner?: Manner,
  ): Selection<B> {
    const { affinityKey } = routing;
    const choice = { strategy: this.#strategy, random: this.#options.random, affinityKey, manner };
    return selectBackend(this.#candidatesFor(routing, nowMs), hasBeenTried, choice, nowMs);
  }

  /**
   * Returns the backend that can take a request first, when it has found none.
   *
   * @param askAtMs from when on it may be sent to a backend, room or not; infinity if never
   */
  firstToRecover(
    routing: RoutingRequest,
    askAtMs: (backend: B) => number,
    nowMs: number,
  ): Recovery<B> | undefined {
    return firstToRecover(this.#candidatesFor(routing, nowMs), askAtMs);
  }

  /**
   * Returns whether quota alone keeps a request from some of the backends, and until when none of them can serve it.
   */
  recoveryAmong(routing: RoutingRequest, isHope: (backend: B) => boolean, nowMs: number) {
    return recoveryOf(
      this.#candidatesFor(routing, nowMs).filter(({ backend }) => isHope(backend)),
      nowMs,
    );
  }

  /** Returns the quota that a deployment draws on at a backend. */
  quotaOf(backend: B, deployment: string): Quota {
    const state = this.#states.of(backend);
    return state.quotaOf(deploymentAt(state.backend, deployment));
  }

  /** The parts of the pool that settling an attempt needs. */
  get #settling(): Settling<B> {
    const { lateAnswers, regardsHeadroom } = this;
    return { lateAnswers, regardsHeadroom, options: this.#options, states: this.#whole.#states.all };
  }

  /**
   * Takes an in-flight slot at a backend for one attempt, and charges its quota. Every lease must be settled and
   * released.
   */
  lease(backend: B, deployment: string, nowMs: number, request: Partial<RoutingRequest> = {}): Lease<B> {
    const state = this.#states.of(backend);
    const name = deploymentAt(state.backend, deployment);
    const quota = state.quotaOf(name);
    const { method, operation, estimate } = request;
    const asked = { requested: deployment, method, operation, quota, charge: quota.charge(estimate, nowMs) };
    const lease = new Lease(state, name, nowMs, asked);
    state.begin(name, ++this.#whole.#picks, nowMs);
    return lease;
  }

  /**
   * Notes how the lease's attempt ended. The slot stays taken until the lease is released.
   *
   * @param header the answer's headers, if there was one
   */
  settle(lease: Lease<B>, outcome: Outcome, nowMs: number, header?: HeaderLookup): void {
    settleLease(lease, { outcome, header }, this.#settling, nowMs);
  }

  /**
   * Starts a cooldown for the one operation that a backend declined, now that another backend has done it. The cooldown
   * covers more only if the backend has refused something else as well and nothing shows that it takes the gateway's
   * credential.
   */
  blame(backend: B, cause: DeclineCause, routing: RoutingRequest, nowMs: number): void {
    if (isOfObject(routing)) return;
    // The backend may be gone by now.
    this.#states.byName.get(backend.name)?.decline(cause, routing, this.#options.cooldown, nowMs);
  }

  /** Notes an attempt that was silent for longer than usual, until another backend had answered. */
  settleSilence(lease: Lease<B>, nowMs: number): void {
    this.settle(lease, { kind: 'aborted' }, nowMs);
    // The other attempt took its place, so the healthy backends have no more to do than without it.
    this.retries?.refund();
    this.noteSilence(lease, nowMs, true);
  }

  /**
   * Notes that an attempt is silent for much longer than answers usually take, which several in a row are not by chance.
   *
   * @param isHedged whether another backend has answered the request
   */
  noteSilence(lease: Lease<B>, nowMs: number, isHedged = false): void {
    noteSilence(lease, isHedged, this.#whole.#states.all, this.#options, nowMs);
  }

  /**
   * Notes how a good answer ended.
   *
   * @param isWhole whether all of it has arrived, and has not broken off in its middle
   */
  noteAnswerEnd(lease: Lease<B>, isWhole: boolean, nowMs: number): void {
    noteAnswerEnd(lease, isWhole, this.#whole.#states.all, this.#options, nowMs);
  }

  /**
   * Ends a lease at any stage of its attempt, for example when a later step has thrown. Calling it again does nothing.
   */
  endLease(lease: Lease<B>, nowMs: number): void {
    if (!lease.isSettled) this.settle(lease, { kind: 'aborted' }, nowMs);
    lease.release();
  }

  /** Returns the backends that could not be connected to, and have not served since. */
  get unconnected(): B[] {
    return this.#states.all.filter(({ awaitsConnection }) => awaitsConnection).map(({ backend }) => backend);
  }

  /** Notes that a backend can be connected to again: its next request is the probe. */
  noteConnection({ name }: Pick<B, 'name'>, nowMs: number): void {
    this.#states.byName.get(name)?.endWaitForConnection(nowMs);
  }

  /** Ends the cooldowns of a backend, or of one deployment by its name there: its next request is the probe. */
  clearCooldowns({ name }: Pick<B, 'name'>, deployment: string | undefined, nowMs: number): void {
    this.#states.byName.get(name)?.clearCooldowns(deployment, nowMs);
  }

  /**
   * Returns why a request that goes to a backend has left the first group; undefined if it has not, or had no choice.
   */
  spillOf(
    routing: RoutingRequest,
    { priority }: B,
    attempts: readonly AttemptRecord<B>[],
    nowMs: number,
  ): Spill | undefined {
    const first = this.#states.firstPriority;
    if (priority <= first || routing.owner !== undefined) return undefined;
    const group = this.#asked(routing, nowMs).filter(({ backend }) => backend.priority === first);
    return spillFrom(first, group, attempts);
  }

  /** Returns whether a retry or a hedge may be made now, and if so counts it. */
  takeRetry(nowMs: number): boolean {
    return this.retries?.take(nowMs) ?? true;
  }

  /** Returns every backend's state for a deployment; without one, as a whole. */
  snapshots(deployment: string | undefined, nowMs: number): DeploymentSnapshot<B>[] {
    const question = this.#smallest(nowMs);
    return this.#states.all.map((state) =>
      deployment === undefined
        ? state.snapshotAsWhole(question)
        : state.asked(deploymentAt(state.backend, deployment), question).snapshot(),
    );
  }

  /**
   * Returns the state of every backend and of each deployment that it is known to have.
   *
   * @param namedAt further deployments of a backend to report on, by their names there
   */
  report(nowMs: number, namedAt?: (backend: B) => readonly string[]): BackendReport<B>[] {
    const question = this.#smallest(nowMs);
    return this.#states.all.map((state) => reportOf(state, question, namedAt?.(state.backend)));
  }

  get size(): number {
    return this.#states.all.length;
  }

  /** Whether a backend whose quota is spent is passed over. */
  get regardsHeadroom(): boolean {
    return this.#strategy.regardsHeadroom;
  }

  /** The backends that may serve a request, with their states for it. */
  #candidatesFor(routing: RoutingRequest, nowMs: number): readonly DeploymentState<B>[] {
    const all = this.#asked(routing, nowMs);
    if (routing.owner !== undefined) return all.filter(({ backend }) => backend.name === routing.owner);
    return this.drains.isEmpty ? all : all.filter(({ availability }) => availability !== 'draining');
  }

  /** All backends, with their states for a request. */
  #asked(routing: RoutingRequest, nowMs: number): readonly DeploymentState<B>[] {
    const question = { nowMs, room: this.regardsHeadroom ? this.#roomFor(routing) : undefined, routing };
    return this.#states.all.map((state) =>
      state.asked(deploymentAt(state.backend, routing.deployment), question),
    );
  }

  /** The question for the smallest request. */
  #smallest(nowMs: number): Question {
    return { nowMs, room: this.regardsHeadroom ? MIN_ROOM : undefined };
  }

  #roomFor({ estimate, priorityClass = 'standard' }: RoutingRequest): RoomSought {
    return { estimate, reserved: this.#reserved[priorityClass] };
  }
}
