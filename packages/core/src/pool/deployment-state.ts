import type { Backend } from '../backend.ts';
import { BrokenAnswers } from '../health/broken-answers.ts';
import { FailureRecord } from '../health/failure-record.ts';
import * as healths from '../health/health.ts';
import type { Availability, Health } from '../health/health.ts';
import { compareHealth, worseOf } from '../health/compare-health.ts';
import type { Outcome } from '../outcome.ts';
import type { QuotaGroup } from '../quota/quota-groups.ts';
import type { Quota } from '../quota/quota.ts';
import type { RoutingRequest } from '../routing-request.ts';
import type { BackendCandidate } from '../selection/select-backend.ts';
import { isInCooldown } from './compare-states.ts';
import { DeclinedOperations, type Operation, type OperationCooldown } from './declined-operations.ts';
import { isFull, type Question } from './question.ts';
import { ThrottledOperations } from './throttled-operations.ts';

/** The state of a backend for one deployment at one moment. */
export interface DeploymentSnapshot<B extends Backend = Backend> {
  readonly backend: B;
  /**
   * `probing`: after a cooldown, with all its probes under way. `full`: in good health, but its known quota has no room
   * for the request. `cooling`: for failures. `draining`: an operator has drained it.
   */
  readonly availability: BackendCandidate['availability'];
  /** The outcome that caused the cooldown, where it is cooling or throttled and the cause is known. */
  readonly coolsDownFor: Outcome | undefined;
  /** Requests that hold a lease at the backend, streams included. */
  readonly inFlight: number;
  /** The share of its quota that is left, from 0 to 1; undefined if that is not known. */
  readonly headroom: number | undefined;
  /** When it last failed, ms on the pool's clock; minus infinity if it is not cooling for a failure. */
  readonly failedAtMs: number;
  /** When its cooldown ends, or there will be room, ms on the pool's clock; minus infinity if it serves now. */
  readonly recoversAtMs: number;
  /** Whether the last few requests to it have failed, and none has succeeded since. */
  readonly isFailing: boolean;
  /** Whether it already has its maximum number of attempts under way. */
  readonly isBusy: boolean;
  /** The operations it has declined, each with its own cooldown. */
  readonly declined: readonly OperationCooldown[];
}

/** The state that all deployments of a backend share. */
export interface AsWhole<B extends Backend> {
  readonly backend: B;
  readonly health: Health;
  readonly inFlight: number;
  /** The outcome behind its present or last cooldown. */
  readonly coolsDownFor: Outcome | undefined;
}

/**
 * Nobody knows when one of the attempts under way will end, so a request that found no place may ask again after this.
 */
const BUSY_MS = 900;
/** This many failures in a row are no accident; for a deployment that has never served, one is enough. */
const SEVERAL = 3;
const NO_QUESTION: Question = { nowMs: 0 };

/**
 * The remembered state of one deployment at a backend, and its answer to the present question. Every request looks at
 * every backend, but only at whether it is available: the rest is computed on demand, before the next question.
 */
export class DeploymentState<B extends Backend> implements BackendCandidate<B> {
  readonly #whole: AsWhole<B>;
  /** Its name at the backend, in the spelling that was asked for first. */
  readonly deployment: string;
  quota: Quota;
  /** Of the deployment itself. */
  health: Health = healths.READY;
  downSinceMs: number | undefined;
  /** The outcome behind its present or last cooldown. */
  coolsDownFor: Outcome | undefined;
  /** The group whose health counts as well, as others share its quota. */
  #shared: QuotaGroup | undefined;
  availability: BackendCandidate['availability'] = 'available';
  #question = NO_QUESTION;
  backend: B;
  /** The pool's pick counter when it was last picked. */
  lastPick = 0;
  /** Whether the backend is known to have it. */
  isKnown = false;
  /** Whether its last meaningful attempt failed in a way that shows the deployment exists. */
  hasFailed = false;
  group: QuotaGroup;
  /** Attempts in a row that had no answer when another backend had answered. */
  silences = 0;
  readonly brokenAnswers = new BrokenAnswers();
  #failures: FailureRecord | undefined;
  #declined: DeclinedOperations | undefined;
  #throttled: ThrottledOperations | undefined;

  constructor(whole: AsWhole<B>, deployment: string, group: QuotaGroup) {
    this.#whole = whole;
    this.deployment = deployment;
    this.backend = whole.backend;
    this.group = group;
    this.quota = group.quota;
    this.#shared = group.isShared ? group : undefined;
  }

  /** Its backend has other settings, and other deployments may share its quota now. */
  update(group: QuotaGroup): void {
    this.backend = this.#whole.backend;
    this.group = group;
    this.quota = group.quota;
    this.#shared = group.isShared ? group : undefined;
  }

  /**
   * Returns its state for a question, valid until the next question.
   *
   * @param isDraining whether it gets only requests that no other backend can take
   */
  asked(question: Question, isDraining: boolean): this {
    this.#question = question;
    let availability = worseOf(this.#ownHealth(question.nowMs), this.#whole.health, question.nowMs);
    // The request can be sent to nobody else if it fails here.
    const isCautious = question.routing?.createsObject === true;
    if (isCautious && availability === 'available' && this.#isUnproven(question.nowMs))
      availability = 'probing';
    const hasNoRoom = this.isBusy || isFull(this.quota, question);
    this.availability = mayServe(availability) && hasNoRoom ? 'full' : availability;
    const isDeclined = this.#declined !== undefined && this.#declinedCooldown !== undefined;
    if (isDeclined && availability !== 'throttled') this.availability = 'cooling';
    if (isDraining && question.routing?.owner === undefined) this.availability = 'draining';
    return this;
  }

  /** The operations it has declined. */
  get declined(): DeclinedOperations {
    return (this.#declined ??= new DeclinedOperations());
  }

  /** Its cooldown for spent quota, of this length, is for an operation alone where that belongs to no deployment. */
  noteThrottled(operation: Operation, durationMs: number, nowMs: number): void {
    if (this.deployment === '')
      (this.#throttled ??= new ThrottledOperations()).note(operation, nowMs + durationMs);
  }

  /** It has done what it may have declined before. */
  excuse(routing: RoutingRequest): void {
    this.#declined?.excuse(routing);
  }

  /** Ends its cooldown, whatever the cause. */
  clearCooldown(nowMs: number): void {
    this.health = healths.clearCooldown(this.health, nowMs);
    this.group.health = healths.clearCooldown(this.group.health, nowMs);
    this.#declined?.clear();
  }

  get isWithout(): boolean {
    const { nowMs } = this.#question;
    if (this.#declinedCooldown !== undefined) return true;
    return (
      healths.coolsDownForGood(this.health, nowMs) || healths.coolsDownForGood(this.#whole.health, nowMs)
    );
  }

  get failures(): FailureRecord {
    return (this.#failures ??= new FailureRecord());
  }

  get inFlight(): number {
    return this.#whole.inFlight;
  }

  get failedAtMs(): number {
    const { nowMs } = this.#question;
    const own = healths.failedAtMs(this.#ownHealth(nowMs), nowMs);
    const declinedMs = this.#declinedCooldown?.sinceMs ?? Number.NEGATIVE_INFINITY;
    return Math.max(own, declinedMs, healths.failedAtMs(this.#whole.health, nowMs));
  }

  recoversAtMs(atMostMs = Number.POSITIVE_INFINITY): number {
    const { nowMs, room } = this.#question;
    // Only an operator knows.
    if (this.availability === 'draining') return Number.NEGATIVE_INFINITY;
    if (this.availability === 'full') {
      const freeAtMs = this.isBusy ? nowMs + BUSY_MS : nowMs;
      if (room === undefined || freeAtMs >= atMostMs) return Math.min(freeAtMs, atMostMs);
      return Math.max(freeAtMs, this.quota.recoversAtMs(room.estimate, room.reserved, nowMs, atMostMs));
    }
    const own = this.#ownHealth(nowMs);
    const worse = this.#isWholeWorse ? this.#whole.health : own;
    const declinedMs = this.#declinedCooldown?.untilMs ?? Number.NEGATIVE_INFINITY;
    return Math.min(Math.max(declinedMs, healths.cooldownEndsAtMs(worse, nowMs)), atMostMs);
  }

  get headroom(): number | undefined {
    return this.#asksForRoom ? this.quota.shareAt(this.#question.nowMs) : undefined;
  }

  get isProvisioned(): boolean {
    return this.#asksForRoom && this.quota.isProvisioned;
  }

  get isSpilling(): boolean {
    return this.#asksForRoom && this.quota.isSpillingAt(this.#question.nowMs);
  }

  get isProbeDue(): boolean {
    const { room, nowMs } = this.#question;
    if (room === undefined || this.isBusy) return false;
    const { estimate, reserved } = room;
    // A quota with only its reserve left gives no reason to doubt.
    if (this.quota.isProbeDueAt(estimate, nowMs) && !this.quota.hasRoomAt(estimate, 0, nowMs)) return true;
    // A request larger than the whole limit is sent only where nothing else holds it back, and not beside much else.
    return this.quota.exceedsLimit(estimate) && this.quota.hasRoomAt(estimate, reserved, nowMs);
  }

  /** Returns its state, as a value. */
  snapshot(): DeploymentSnapshot<B> {
    return {
      backend: this.backend,
      availability: this.availability,
      coolsDownFor: this.#coolsDownFor,
      inFlight: this.inFlight,
      headroom: this.headroom,
      failedAtMs: this.failedAtMs,
      recoversAtMs: this.recoversAtMs(),
      isFailing: this.#isFailing,
      isBusy: this.isBusy,
      declined: this.#declined?.inCooldown(this.#question.nowMs) ?? [],
    };
  }

  get #coolsDownFor(): Outcome | undefined {
    if (!isInCooldown(this)) return undefined;
    if (this.#isWholeWorse) return this.#whole.coolsDownFor;
    return this.#isQuotaWorse(this.#question.nowMs) ? this.group.coolsDownFor : this.coolsDownFor;
  }

  get #isWholeWorse(): boolean {
    const { nowMs } = this.#question;
    return compareHealth(this.#whole.health, this.#ownHealth(nowMs), nowMs) > 0;
  }

  get #isFailing(): boolean {
    const failures = this.#failures;
    if (failures?.isFailing(this.#question.nowMs) !== true) return false;
    return failures.failuresInARow >= (this.isKnown ? SEVERAL : 1);
  }

  /** Whether the backend already has its maximum number of attempts under way. */
  get isBusy(): boolean {
    return this.#whole.inFlight >= (this.backend.maxInFlight ?? Number.POSITIVE_INFINITY);
  }

  #isUnproven(nowMs: number): boolean {
    return healths.isUnproven(this.health, nowMs) || healths.isUnproven(this.#whole.health, nowMs);
  }

  get #asksForRoom(): boolean {
    return this.#question.room !== undefined;
  }

  get #declinedCooldown() {
    const { routing, nowMs } = this.#question;
    return routing && this.#declined?.cooldownOf(routing, nowMs);
  }

  /** The health of the deployment, or of its quota if that is worse. */
  #ownHealth(nowMs: number): Health {
    const { routing } = this.#question;
    if (this.#throttled !== undefined && routing?.operation !== undefined)
      return this.#throttled.healthFor(routing, this.health);
    return this.#isQuotaWorse(nowMs) ? this.group.health : this.health;
  }

  #isQuotaWorse(nowMs: number): boolean {
    return this.#shared !== undefined && compareHealth(this.#shared.health, this.health, nowMs) > 0;
  }
}

/** A recovering backend serves if nothing else does. */
function mayServe(availability: Availability): boolean {
  return availability === 'available' || availability === 'probing';
}
