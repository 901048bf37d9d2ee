export type {
  Answer,
  Attempt,
  AttemptRecord,
  AttemptResult,
  HeaderLookup,
  StreamEvent,
  StreamOpening,
  TransportFailure,
} from './attempt.ts';
export { type Backend, deploymentAt, type QuotaSettings } from './backend.ts';
export { BackendPool, type BackendReport, type PoolOptions } from './backend-pool.ts';
export type { CooldownBounds } from './cooldown.ts';
export { runFailover } from './failover.ts';
export type { FailoverRequest } from './failover-request.ts';
export type { Availability } from './health.ts';
export { isKnownByHead, needsBodyToJudge, needsEventToJudge } from './judge-outcome.ts';
export type { Lease } from './lease.ts';
export type { Need } from './need.ts';
export type { Outcome } from './outcome.ts';
export { priorityClasses, type PriorityClass } from './priority-class.ts';
export type { Headroom } from './quota/headroom.ts';
export type { Usage } from './quota/quota.ts';
export type { Random } from './random.ts';
export type { Standing } from './select-backend.ts';
export { isCutShort } from './stream-ending.ts';
export { isAnnouncement } from './stream-event.ts';
export { strategies, type StrategyName } from './selection/strategies.ts';
export type { Timing } from './timing.ts';
export type { Hedging, Transport, Waiting, WaitingClient } from './transport.ts';
export type { ExhaustedCause, Verdict } from './verdict.ts';
export { type Alarm, WaitingRoom, type WaitingRoomBounds } from './waiting-room.ts';
export type { Wish } from './wish.ts';
