import type { Answer } from '../attempt.ts';
import type { Backend } from '../backend.ts';
import { isRefusal, type Outcome, saysMissing } from '../outcome.ts';
import type { Lease } from '../pool/lease.ts';
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
  const isOfOther = deployment === '' && outcome.kind === 'unavailable' && saysMissing(outcome);
  return isRefusal(outcome) || isOfOther;
}
