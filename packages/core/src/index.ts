export type {
  Answer,
  Attempt,
  AttemptRecord,
  AttemptResult,
  HeaderLookup,
  Spill,
  SpillCause,
  StreamEvent,
  StreamOpening,
} from './attempt.ts';
export {
  type Backend,
  deploymentAt,
  deploymentKey,
  findDeployment,
  hasTags,
  quotaAt,
  type QuotaSettings,
} from './backend.ts';
export type { Admission, Ending } from './budget/admission.ts';
export type { AdmissionRequest } from './budget/admission-request.ts';
export { type Budget, budgetLimits, coverOf } from './budget/budget.ts';
export { type BudgetRefusal, UNDER_WAY_RETRY_MS } from './budget/budget-refusal.ts';
export type { BudgetRemaining, BudgetReport } from './budget/budget-report.ts';
export { type BudgetsState, ClientBudgets } from './budget/client-budgets.ts';
export { isInCooldown } from './pool/compare-states.ts';
export { BackendPool } from './pool/backend-pool.ts';
export type { BackendReport } from './pool/backend-report.ts';
export type { PoolOptions } from './pool/pool-options.ts';
export type { NoteChange, StateChange } from './pool/state-change.ts';
export type { CooldownBounds } from './health/cooldown.ts';
export { runFailover } from './failover/run-failover.ts';
export type { FailoverRequest } from './failover/decide-next-step.ts';
export type { Availability } from './health/health.ts';
export { isEventStream, isPageType, type Reading, whatToReadOfNoStream } from './azure/answer-form.ts';
export { isCredentialRefused, judgeOutcome, whatToRead } from './azure/judge-outcome.ts';
export type { Lease } from './pool/lease.ts';
export type { Outcome, TransportFailure } from './outcome.ts';
export {
  priorityClasses,
  type PriorityClass,
  type RoutingRequest,
  type TokenEstimate,
} from './routing-request.ts';
export type { Headroom } from './quota/headroom.ts';
export { isCountable, tokensOf, type Usage } from './quota/charge.ts';
export type { DeploymentSnapshot } from './pool/deployment-state.ts';
export { ChoiceWatch } from './azure/choice-watch.ts';
export { saysSealedElsewhere } from './azure/sealed-content.ts';
export { readSessionClose, readSessionRefusal, type SessionRefusal } from './azure/session-refusal.ts';
export { isCutShort, type StreamTail } from './azure/stream-ending.ts';
export { isAnnouncement, isKeepalive, isLastWord } from './azure/stream-opening.ts';
export type { Random } from './selection/strategy.ts';
export { strategies, type StrategyName } from './selection/strategies.ts';
export type { Timing } from './failover/deadline.ts';
export type { Hedging, Overdue, Progress, Transport, Waiting, WaitingClient } from './failover/transport.ts';
export type { ExhaustedCause, Verdict } from './failover/verdict.ts';
export { type Alarm, WaitingRoom, type WaitingRoomBounds } from './waiting/waiting-room.ts';
