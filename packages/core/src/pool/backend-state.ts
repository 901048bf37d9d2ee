import { type Backend, deploymentAt } from '../backend.ts';
import type { BrokenAnswers } from '../health/broken-answers.ts';
import { type Cooldown, cooldownAfter, type CooldownBounds } from '../health/cooldown.ts';
import { FailureRecord } from '../health/failure-record.ts';
import * as healths from '../health/health.ts';
import type { Health } from '../health/health.ts';
import type { DeclineCause, Outcome } from '../outcome.ts';
import type { RoutingRequest } from '../routing-request.ts';
import type { QuotaGroups } from '../quota/quota-groups.ts';
import type { Quota } from '../quota/quota.ts';
import { compareStates } from './compare-states.ts';
import { keyOf, type Operation } from './declined-operations.ts';
import { type AsWhole, type DeploymentSnapshot, DeploymentState } from './deployment-state.ts';
import { DeploymentStates } from './deployment-states.ts';
import type { Drains } from './drains.ts';
import type { Question } from './question.ts';
import { withoutSpellings } from './without-spellings.ts';
import { HealthMoves, type HealthOwner, type NoteChange } from './state-change.ts';

/** The conclusion if two different requests are refused, and none is served in between. */
const CREDENTIAL_REFUSED: Outcome = {
  kind: 'unavailable',
  status: 401,
  cause: 'credential-refused',
  retryAfterMs: undefined,
};

const NEVER = Number.NEGATIVE_INFINITY;

/** The state of one backend: as a whole and for each deployment it was asked for. Only `BackendPool` touches it. */
export class BackendState<B extends Backend> implements AsWhole<B>, HealthOwner {
  /** Of the backend as a whole. */
  health: Health = healths.READY;
  downSinceMs: number | undefined;
  /** When the latest request began that it has served. */
  servedFromMs = NEVER;
  #inFlight = 0;
  /** Its last unexplained refusal, with nothing served since. */
  #unexplained: string | undefined;
  /** Whether it cools down, or did when last used, because it could not be connected to. */
  #awaitsConnection = false;
  /** The outcome behind its present or last cooldown. */
  coolsDownFor: Outcome | undefined;
  backend: B;
  readonly #groups: QuotaGroups;
  readonly #drains: Drains;
  readonly #moves: HealthMoves;
  /** Of its connections, whatever was asked for. */
  readonly #failures = new FailureRecord();
  readonly #states: DeploymentStates<B>;

  constructor(backend: B, groups: QuotaGroups, drains: Drains, noteChange?: NoteChange) {
    this.backend = backend;
    this.#groups = groups;
    this.#drains = drains;
    this.#moves = new HealthMoves(backend.name, noteChange);
    this.#states = new DeploymentStates({
      make: (name) => new DeploymentState(this, name, groups.groupOf(this.backend, name)),
      makeUntouched: (name) => new DeploymentState(this, name, groups.untouchedGroupOf(this.backend, name)),
    });
  }

  /** Replaces the backend's settings. Its known state stays, and so do the leases that are held. */
  update(backend: B): void {
    this.backend = backend;
    for (const state of this.#states.all)
      state.update(this.#groups.groupOf(backend, state.deployment, state.group));
    this.#states.forgetUntouched();
  }

  /** Requests that hold a lease, whatever their deployment. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** The deployments that the backend is known to have, or that have failed without being missing. */
  get deployments(): string[] {
    const { known, suspects } = this.#states;
    return withoutSpellings([...known, ...suspects, ...this.#drains.deploymentsOf(this.backend.name)]);
  }

  /** Returns the backend's state as a whole: the best that it can do for any of its deployments. */
  snapshotAsWhole(question: Question): DeploymentSnapshot<B> {
    const { known, suspects } = this.#states;
    let best: DeploymentState<B> | undefined;
    // Deployments it never served tell nothing reliable, so they count only if there are no others. A deployment
    // drained before anybody asked for it says nothing about the others.
    for (const deployment of known.length > 0 ? known : suspects) {
      const state = this.asked(deployment, question);
      if (best === undefined || compareStates(state, best) < 0) best = state;
    }
    return (best ?? this.asked('', question)).snapshot();
  }

  /** Returns the backend's state for a deployment, by its name here, until the next question. */
  asked(deployment: string, question: Question): DeploymentState<B> {
    return this.#states
      .findOrMake(deployment)
      .asked(question, !this.#drains.isEmpty && this.#drains.has(this.backend.name, deployment));
  }

  /**
   * Ends the cooldowns of a deployment, by its name here; without one, those of the backend and of all its deployments.
   */
  clearCooldowns(deployment: string | undefined, nowMs: number): void {
    if (deployment === undefined) {
      this.health = healths.clearCooldown(this.health, nowMs);
      this.#awaitsConnection = false;
    }
    // Where nothing was sent yet, there may be a cooldown of the others that share its quota.
    const states = deployment === undefined ? this.#states.all : [this.#states.findOrMake(deployment)];
    for (const state of states) state.clearCooldown(nowMs);
  }

  /** Returns the quota that a deployment draws on. */
  quotaOf(deployment: string): Quota {
    return this.#states.findOrAdd(deployment).quota;
  }

  begin(deployment: string, pick: number, nowMs: number): void {
    this.#inFlight++;
    const state = this.#states.findOrAdd(deployment);
    this.#moves.move(this, healths.beginAt(this.health, nowMs), undefined, nowMs);
    this.#moves.move(state, healths.beginAt(state.health, nowMs), state.deployment, nowMs);
    this.#moves.move(state.group, healths.beginAt(state.group.health, nowMs), state.deployment, nowMs);
    state.lastPick = pick;
  }

  /** An attempt that began at `startedMs` no longer awaits its outcome. */
  end(deployment: string, startedMs: number): void {
    this.health = healths.endAttempt(this.health, startedMs);
    const state = this.#states.find(deployment);
    if (state === undefined) return;
    state.health = healths.endAttempt(state.health, startedMs);
    state.group.health = healths.endAttempt(state.group.health, startedMs);
  }

  release(): void {
    this.#inFlight--;
  }

  /** Starts a cooldown, of the whole backend or of a deployment, for an outcome. */
  coolDown(deployment: string, cooldown: Cooldown, outcome: Outcome, nowMs: number): void {
    if (cooldown.scope === 'backend') {
      this.coolsDownFor = outcome;
      const isOnlyForThat = this.#awaitsConnection || healths.failedAtMs(this.health, nowMs) === NEVER;
      this.#awaitsConnection = cooldown.isConnection === true && isOnlyForThat;
      this.#moves.coolDown(this, undefined, { cooldown, outcome }, nowMs);
      return;
    }
    const state = this.#states.findOrAdd(deployment);
    const owner = state.group.isShared && cooldown.reason === 'throttled' ? state.group : state;
    owner.coolsDownFor = outcome;
    // Clients make up names, so only deployments that exist are reported.
    const isThere = state.isKnown || state.hasFailed;
    this.#moves.coolDown(owner, isThere ? state.deployment : null, { cooldown, outcome }, nowMs);
  }

  /** Starts a cooldown for the spent quota of a deployment, or of an operation that belongs to none. */
  throttle(
    deployment: string,
    operation: Operation,
    { cooldown, outcome }: { readonly cooldown: Cooldown; readonly outcome: Outcome },
    nowMs: number,
  ): void {
    this.#states.findOrAdd(deployment).noteThrottled(operation, cooldown.durationMs, nowMs);
    this.coolDown(deployment, cooldown, outcome, nowMs);
  }

  /** The backend can be reached and takes the gateway's credential. */
  succeedAsWhole(startedMs: number, nowMs: number): void {
    this.#moves.move(this, healths.succeedAt(this.health, startedMs, nowMs), undefined, nowMs);
    this.#failures.succeed(startedMs, nowMs);
    if (this.#awaitsConnection && this.health.kind !== 'in-cooldown') this.#awaitsConnection = false;
  }

  get awaitsConnection(): boolean {
    return this.#awaitsConnection;
  }

  /** A connection to it can be made again. */
  endWaitForConnection(nowMs: number): void {
    if (!this.#awaitsConnection) return;
    this.#awaitsConnection = false;
    this.health = healths.endFailureCooldown(this.health, nowMs);
  }

  succeed(deployment: string, startedMs: number, nowMs: number): void {
    const state = this.#states.findOrAdd(deployment);
    this.#moves.move(state, healths.succeedAt(state.health, startedMs, nowMs), state.deployment, nowMs);
    state.failures.succeed(startedMs, nowMs);
    state.silences = 0;
    const group = healths.succeedAt(state.group.health, startedMs, nowMs);
    this.#moves.move(state.group, group, state.deployment, nowMs);
  }

  /** Notes an attempt that was silent until another backend had answered. Returns how many such there were in a row. */
  noteSilence(deployment: string): number {
    return ++this.#states.findOrAdd(deployment).silences;
  }

  /** Returns how often a deployment's good answers broke off in their middle. */
  brokenAnswersOf(deployment: string): BrokenAnswers {
    return this.#states.findOrAdd(deployment).brokenAnswers;
  }

  /** Returns whether it serves this deployment, as far as is known, and did not break its last good answer off lately. */
  endsAnswersWhole(deployment: string, nowMs: number): boolean {
    if (!this.recordAsPeer(deployment, 'deployment', nowMs).isInRotation(nowMs)) return false;
    return this.#states.find(deployment)?.brokenAnswers.isBreakingOff(nowMs) !== true;
  }

  /** Returns the record that a failure of this scope belongs to. */
  recordOf(deployment: string, scope: Cooldown['scope']): FailureRecord {
    return scope === 'backend' ? this.#failures : this.#states.findOrAdd(deployment).failures;
  }

  /**
   * Returns the record that another backend's is compared with: a backend that is out as a whole serves no deployment.
   */
  recordAsPeer(deployment: string, scope: Cooldown['scope'], nowMs: number): FailureRecord {
    if (scope === 'backend' || !this.#failures.isInRotation(nowMs)) return this.#failures;
    return this.#states.find(deployment)?.failures ?? new FailureRecord();
  }

  /** It has declined an operation that another backend has done. */
  decline(cause: DeclineCause, routing: RoutingRequest, bounds: CooldownBounds, nowMs: number): void {
    const deployment = deploymentAt(this.backend, routing.deployment);
    const state = this.#states.findOrAdd(deployment);
    const { isKnown, declined } = state;
    if (isKnown && cause === 'unsupported' && !declined.noteDecline(routing)) return;
    declined.coolDown(routing, bounds.defaultMs, bounds.ceilingMs, nowMs);
    if (cause !== 'unexplained') return;
    const before = this.#unexplained;
    this.#unexplained = `${state.deployment} ${keyOf(routing)}`;
    if (before === undefined || before === this.#unexplained) return;
    const cooldown = cooldownAfter(CREDENTIAL_REFUSED, bounds);
    if (cooldown !== undefined) this.coolDown(deployment, cooldown, CREDENTIAL_REFUSED, nowMs);
  }

  /** It has done what it may have declined before. */
  excuse(deployment: string, routing: RoutingRequest): void {
    this.#states.find(deployment)?.excuse(routing);
  }

  /** An attempt has failed: the deployment may exist, unless it is reported missing. */
  suspect(deployment: string, hasFailed: boolean): void {
    this.#states.findOrAdd(deployment).hasFailed = hasFailed;
  }

  /** The backend has this deployment. */
  know(deployment: string): void {
    this.#unexplained = undefined;
    this.#states.know(deployment);
  }
}
