import type { Answer } from '../attempt.ts';
import type { Backend } from '../backend.ts';
import { hasNotGotIt, isForClient, isRefusal, type Outcome } from '../outcome.ts';
import type { BackendPool } from '../pool/backend-pool.ts';
import type { Lease } from '../pool/lease.ts';
import type { FailoverRequest } from './decide-next-step.ts';
import type { Verdict } from './verdict.ts';

type Relay<B extends Backend, Body> = Extract<Verdict<B, Body>, { kind: 'relay' }>;
type Attempts<B extends Backend> = Relay<B, unknown>['attempts'];

interface KeptAnswer<B extends Backend, Body> {
  readonly answer: Answer<Body>;
  readonly lease: Lease<B>;
}

/** The last answer to relay to the client if no other backend does better. */
export class KeptRefusal<B extends Backend, Body> {
  readonly #discard: (body: Body) => void;
  #kept: KeptAnswer<B, Body> | undefined;

  constructor(discard: (body: Body) => void) {
    this.#discard = discard;
  }

  keep(answer: Answer<Body>, lease: Lease<B>): void {
    this.drop();
    this.#kept = { answer, lease };
  }

  /** Returns the ending that relays this answer, if there is one. */
  relay(attempts: Attempts<B>): Relay<B, Body> | undefined {
    const kept = this.#kept;
    this.#kept = undefined;
    return kept && { kind: 'relay', ...kept, attempts };
  }

  drop(): void {
    const kept = this.#kept;
    this.#kept = undefined;
    if (kept === undefined) return;
    kept.lease.release();
    this.#discard(kept.answer.body);
  }
}

/**
 * Returns whether an answer is worth keeping. If no backend has a named deployment, the gateway's own answer says so.
 */
export function isWorthKeeping(outcome: Outcome, deployment: string): boolean {
  const isOfOther = deployment === '' && outcome.kind === 'unavailable' && hasNotGotIt(outcome);
  return isRefusal(outcome) || isOfOther;
}

/** A request that a backend has served in the end. */
interface Done<B extends Backend> {
  readonly pool: BackendPool<B>;
  readonly request: FailoverRequest;
  readonly attempts: Attempts<B>;
  readonly nowMs: () => number;
}

/**
 * Starts a cooldown for backends that declined what another backend has now done, unless that was a single request among
 * those that they serve; with an object, it proves nothing.
 */
export function noteDone<B extends Backend>(
  { pool, request, attempts, nowMs }: Done<B>,
  lease: Lease<B>,
): void {
  lease.excuse(request);
  if (request.isLookup || attempts.length === 1) return;
  for (const { backend, outcome } of attempts)
    if (outcome.kind === 'declined') pool.blame(backend, outcome.cause, request, nowMs());
}

/** A backend that said it cannot serve the request offers no hope, so a client is told to wait only for the others. */
export function recoveryOfOthers<B extends Backend>(
  pool: BackendPool<B>,
  request: FailoverRequest,
  attempts: Attempts<B>,
  selection: ReturnType<BackendPool<B>['recoveryAmong']>,
  nowMs: number,
) {
  const without = attempts.filter(({ outcome }) => isForClient(outcome)).map(({ backend }) => backend.name);
  if (without.length === 0) return selection;
  const isHope = (backend: B) => !without.includes(backend.name);
  if (!pool.backends.some(isHope)) return { ...selection, isThrottled: false };
  return pool.recoveryAmong(request, isHope, nowMs);
}
