import type { Backend, ExhaustedCause } from '@spillway/core';
import type { Ledger, Observer, SimulatedRequest } from '@spillway/simulation';
import type { Quotas } from '../quotas/find-quotas.ts';
import type { ReplayCall } from '../calls/make-calls.ts';

/** The results for one kind of clients. */
export class ClientCount {
  requests = 0;
  served = 0;
  /** 429s. */
  refused = 0;
  /** Refused for another reason than quota. */
  failed = 0;
  /** How long each waiting request waited, in ms. */
  readonly waitsMs: number[] = [];
}

/** The results of one backend. */
export class BackendCount {
  readonly priority: number;
  served = 0;
  servedTokens = 0;
  /** 429s. */
  refused = 0;

  constructor(priority: number) {
    this.priority = priority;
  }
}

/** The use of a quota, sampled every `sampleMs`; 1 is all of it. */
export class QuotaSamples {
  readonly shares: number[] = [];
}

const MINUTE_MS = 60_000;
type Request = SimulatedRequest<ReplayCall, Backend>;

/** The results of a replay. */
export class Findings implements Observer<ReplayCall, Backend> {
  readonly total = new ClientCount();
  readonly byClass = new Map<string, ClientCount>();
  /** By the minute of the log in which a request arrived, from 0. */
  readonly byMinute: ClientCount[] = [];
  readonly backends: ReadonlyMap<string, BackendCount>;
  readonly uses: ReadonlyMap<string, QuotaSamples>;
  readonly causes = new Map<ExhaustedCause, number>();
  attempts = 0;
  backendRefusals = 0;
  /** Requests served by a later priority than the first. */
  spilled = 0;
  /** The time between two samples of the quotas. */
  readonly sampleMs: number;
  readonly #firstPriority: number;

  constructor(backends: readonly Backend[], quotas: Quotas, sampleMs: number) {
    this.sampleMs = sampleMs;
    this.backends = new Map(backends.map(({ name, priority }) => [name, new BackendCount(priority)]));
    this.uses = new Map([...quotas.keys()].map((name) => [name, new QuotaSamples()]));
    this.#firstPriority = Math.min(...backends.map(({ priority }) => priority));
  }

  arrived(): void {
    // Counted at its end, with its result.
  }

  sent(): void {
    this.attempts += 1;
  }

  judged({ backend, call }: Request, isServed: boolean): void {
    const count = this.backends.get(backend.name) as BackendCount;
    if (isServed) {
      count.served += 1;
      count.servedTokens += call.promptTokens + call.maxTokens;
    } else {
      count.refused += 1;
      this.backendRefusals += 1;
    }
  }

  served(request: Request): void {
    if (request.backend.priority > this.#firstPriority) this.spilled += 1;
    for (const count of this.#countsOf(request)) count.served += 1;
  }

  refused(): void {
    // Counted with its cause.
  }

  refusedFor(request: Request, cause: ExhaustedCause): void {
    this.causes.set(cause, (this.causes.get(cause) ?? 0) + 1);
    for (const count of this.#countsOf(request)) {
      if (cause === 'throttled') count.refused += 1;
      else count.failed += 1;
    }
  }

  /** Called every `sampleMs`. */
  sampled(ledgers: ReadonlyMap<string, Ledger>, nowMs: number): void {
    for (const [name, ledger] of ledgers) this.uses.get(name)?.shares.push(ledger.usedShare(nowMs));
  }

  /** Counts a finished request, and returns all counts that it belongs to. */
  #countsOf({ call, routing, waiting }: Request): ClientCount[] {
    const minute = Math.floor(call.atMs / MINUTE_MS);
    while (this.byMinute.length <= minute) this.byMinute.push(new ClientCount());
    const counts = [this.total, this.byMinute[minute] as ClientCount];
    const { priorityClass } = routing;
    if (priorityClass !== undefined) {
      const ofClass = this.byClass.get(priorityClass) ?? new ClientCount();
      this.byClass.set(priorityClass, ofClass);
      counts.push(ofClass);
    }
    const waitedMs = waiting?.client.waitedMs ?? 0;
    for (const count of counts) {
      count.requests += 1;
      if (waitedMs > 0) count.waitsMs.push(waitedMs);
    }
    return counts;
  }
}
