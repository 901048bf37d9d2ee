export type {
  Answer,
  Attempt,
  AttemptRecord,
  AttemptResult,
  HeaderLookup,
  TransportFailure,
} from './attempt.ts';
export { type Backend, deploymentAt } from './backend.ts';
export { BackendPool, type PoolOptions } from './backend-pool.ts';
export type { CooldownBounds } from './cooldown.ts';
export {
  type ExhaustedCause,
  type FailoverRequest,
  runFailover,
  type Transport,
  type Verdict,
} from './failover.ts';
export type { Availability } from './health.ts';
export { needsBodyToJudge } from './judge-outcome.ts';
export type { Lease } from './lease.ts';
export type { Outcome } from './outcome.ts';
export type { Random } from './random.ts';
export type { Standing } from './select-backend.ts';
export { strategies, type StrategyName } from './selection/strategies.ts';
