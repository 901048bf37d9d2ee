import type { Answer, Attempt, AttemptRecord, AttemptResult } from './attempt.ts';
import type { Backend } from './backend.ts';
import type { BackendPool, Wish } from './backend-pool.ts';
import { decideNextStep, type Repeatability } from './decide-next-step.ts';
import { judgeOutcome } from './judge-outcome.ts';
import type { Lease } from './lease.ts';

/** Why a request got no answer from any backend. */
export type ExhaustedCause =
  /** Quota is spent, here or there. */
  | 'throttled'
  | 'unavailable'
  /** Every backend of the pool was asked, and none has the deployment. */
  | 'deployment-missing'
  /** Every backend was asked for the object, and none has it. */
  | 'not-found'
  /** The one backend that was tried may have acted on it; doing it twice would be worse. */
  | 'not-repeatable';

/** How a request ends. Only `relay` holds an unread body and the lease that must outlive the loop. */
export type Verdict<B extends Backend, Body> =
  | {
      readonly kind: 'relay';
      readonly answer: Answer<Body>;
      readonly lease: Lease<B>;
      readonly attempts: readonly AttemptRecord<B>[];
    }
  | {
      readonly kind: 'exhausted';
      readonly cause: ExhaustedCause;
      /** Until the first backend ends its rest, in ms; 0 if one does not rest. */
      readonly recoveryMs: number;
      readonly attempts: readonly AttemptRecord<B>[];
    }
  | { readonly kind: 'abandoned'; readonly attempts: readonly AttemptRecord<B>[] };

/** What the loop needs of a request. */
export interface FailoverRequest extends Repeatability, Wish {}

/** Sends one attempt, and gets rid of the bodies nobody will read. */
export interface Transport<B extends Backend, Body> {
  /** Never rejects: a failure is a result. */
  forward(attempt: Attempt<B>): Promise<AttemptResult<Body>>;
  discard(body: Body): void;
}

/**
 * Tries one backend after another, without a pause and never the same one twice, until one answers with what the client
 * may see, nothing is left to try, or the client has gone.
 *
 * @param nowMs a monotonic clock in milliseconds
 */
export async function runFailover<B extends Backend, Body>(
  pool: BackendPool<B>,
  request: FailoverRequest,
  transport: Transport<B, Body>,
  nowMs: () => number,
): Promise<Verdict<B, Body>> {
  const attempts: AttemptRecord<B>[] = [];
  const hasBeenTried = (backend: B) => attempts.some((attempt) => attempt.backend === backend);

  for (;;) {
    const startedMs = nowMs();
    const selection = pool.select(request, hasBeenTried, startedMs);
    if (selection.kind === 'exhausted') {
      const cause = exhaustedCause(selection.isThrottled, attempts);
      return { kind: 'exhausted', cause, recoveryMs: selection.recoveryMs, attempts };
    }

    const lease = pool.lease(selection.backend, request.deployment, startedMs);
    const attempt = { number: attempts.length + 1, backend: lease.backend, deployment: lease.deployment };
    const result = await transport.forward(attempt);
    const outcome = judgeOutcome(result);
    const endedMs = nowMs();
    pool.settle(lease, outcome, endedMs);
    attempts.push({ ...attempt, outcome, durationMs: endedMs - startedMs });

    const step = decideNextStep(outcome, request);
    if (step === 'relay' && result.kind === 'answered')
      return { kind: 'relay', answer: result, lease, attempts };

    lease.release();
    if (result.kind === 'answered') transport.discard(result.body);
    if (step === 'abandon') return { kind: 'abandoned', attempts };
    if (step === 'give-up') return { kind: 'exhausted', cause: 'not-repeatable', recoveryMs: 0, attempts };
  }
}

function exhaustedCause(isThrottled: boolean, attempts: readonly AttemptRecord[]): ExhaustedCause {
  const outcomes = attempts.map(({ outcome }) => outcome);
  if (isThrottled || outcomes.some(({ kind }) => kind === 'throttled')) return 'throttled';
  // Nothing but throttling keeps a backend from being tried, so these are the outcomes of all of them.
  if (outcomes.length > 0 && outcomes.every(({ kind }) => kind === 'not-found')) return 'not-found';
  const isMissing = outcomes.every(
    (outcome) => outcome.kind === 'unavailable' && outcome.cause === 'deployment-missing',
  );
  return isMissing && outcomes.length > 0 ? 'deployment-missing' : 'unavailable';
}
