import type {
  Answer,
  Attempt,
  FailoverRequest,
  HeaderLookup,
  Timing,
  Transport,
  Usage,
} from '@spillway/core';
import type { SimulatedBackend } from '../backends/simulated-backend.ts';
import type { Call } from '../traffic/call.ts';

/** The deployment that all requests ask for. */
export const DEPLOYMENT = 'gpt-4o';

/** Nothing is ever late: answers take seconds, and refusals all together less than a client waits. */
const TIMING: Timing = {
  deadlineMs: Number.POSITIVE_INFINITY,
  attemptMs: 600_000,
  minAttemptMs: 500,
};

/** What a served request holds until its answer has ended. */
export interface Held {
  /** The answer has said what it has really taken. */
  finish(usage: Usage, nowMs: number): void;
  release(): void;
}

/** One client's request on its way: what the replica that serves it sends its attempts with. */
export class SimulatedRequest implements Transport<SimulatedBackend, undefined> {
  readonly timing = TIMING;
  readonly call: Call;
  readonly routing: FailoverRequest;
  readonly #onSend: () => void;
  #backend: SimulatedBackend | undefined;
  #deliver: ((answer: Answer<undefined>) => void) | undefined;
  /** What the backend has answered, which the replica will only know when it gets there. */
  #answer: Answer<undefined> | undefined;
  #held: Held | undefined;

  constructor(call: Call, onSend: () => void) {
    const estimate = { promptTokens: call.estimatedTokens, outputTokens: call.maxTokens };
    this.call = call;
    this.routing = { deployment: DEPLOYMENT, createsObject: false, estimate };
    this.#onSend = onSend;
  }

  /** The backend that it has been sent to last. */
  get backend(): SimulatedBackend {
    if (this.#backend === undefined) throw new Error('the request has been sent to no backend yet');
    return this.#backend;
  }

  forward({ backend }: Attempt<SimulatedBackend>): Promise<Answer<undefined>> {
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
    const { promptTokens, outputTokens } = this.call;
    this.#held?.finish({ promptTokens, outputTokens, cachedTokens: 0 }, nowMs);
    this.#held?.release();
  }
}
