import type {
  Answer,
  Attempt,
  Backend,
  FailoverRequest,
  HeaderLookup,
  Timing,
  Transport,
  Usage,
  Waiting,
} from '@spillway/core';
import type { SimulatedBackend } from './simulated-backend.ts';
import type { Call } from './call.ts';

/** The deployment that all requests ask for. */
export const DEPLOYMENT = 'gpt-4o';

/** No attempt is ever late: answers take seconds, and refusals all together less than a client waits. */
const TIMING: Timing = {
  deadlineMs: Number.POSITIVE_INFINITY,
  attemptMs: 600_000,
  minAttemptMs: 500,
};

/** The part of a served request that lasts until its answer has ended. */
export interface Held {
  /** The answer has reported its real usage. */
  finish(usage: Usage, nowMs: number): void;
  release(): void;
}

/**
 * Further facts about a request; without them, it is for the one deployment, has all the time it needs and never waits.
 */
export interface Circumstances {
  readonly routing?: FailoverRequest;
  readonly timing?: Timing;
  readonly waiting?: Waiting | undefined;
}

/** One client's request on its way, and the transport for its attempts. */
export class SimulatedRequest<
  C extends Call = Call,
  B extends Backend = SimulatedBackend,
> implements Transport<B, undefined> {
  readonly timing: Timing;
  readonly waiting: Waiting | undefined;
  readonly call: C;
  readonly routing: FailoverRequest;
  readonly #onSend: () => void;
  #backend: B | undefined;
  #deliver: ((answer: Answer<undefined>) => void) | undefined;
  /** The backend's answer, which the replica will know only when it arrives. */
  #answer: Answer<undefined> | undefined;
  #held: Held | undefined;

  constructor(call: C, onSend: () => void, { routing, timing = TIMING, waiting }: Circumstances = {}) {
    const estimate = { promptTokens: call.estimatedTokens, outputTokens: call.maxTokens };
    this.call = call;
    this.routing = routing ?? { deployment: DEPLOYMENT, createsObject: false, estimate };
    this.timing = timing;
    this.waiting = waiting;
    this.#onSend = onSend;
  }

  /** The backend it was sent to last. */
  get backend(): B {
    if (this.#backend === undefined) throw new Error('the request has been sent to no backend yet');
    return this.#backend;
  }

  forward({ backend }: Attempt<B>): Promise<Answer<undefined>> {
    this.#backend = backend;
    this.#onSend();
    return new Promise((resolve) => {
      this.#deliver = resolve;
    });
  }

  /** Every attempt is answered before its time is over. */
  abort(): void {}

  discard(): void {
    // A refusal has no body here.
  }

  answerWith(status: number, header: HeaderLookup): void {
    this.#answer = { kind: 'answered', status, header, body: undefined };
  }

  /** The answer reaches the replica. */
  deliver(): void {
    if (this.#answer !== undefined) this.#deliver?.(this.#answer);
  }

  hold(held: Held): void {
    this.#held = held;
  }

  /** The answer's body has ended, with its usage. */
  end(nowMs: number): void {
    const { promptTokens, outputTokens, cachedTokens } = this.call;
    this.#held?.finish({ promptTokens, outputTokens, cachedTokens }, nowMs);
    this.#held?.release();
  }
}
