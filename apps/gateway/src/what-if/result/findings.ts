import type { Backend, ExhaustedCause } from '@spillway/core';
import type { Ledger, Observer, SimulatedRequest } from '@spillway/simulation';
import type { Quotas } from '../quotas/find-quotas.ts';
import type { ReplayCall } from '../calls/make-calls.ts';

/** What clients of one kind met. */
export class ClientCount {
  requests = 0;
  served = 0;
  /** 429s. */
  refused = 0;
  /** Refused for another reason than quota. */
  failed = 0;
  /** How long each of those that waited did, in ms. */
  readonly waitsMs: number[] = [];
}

/** What one backend did. */
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

/** How much of a quota was in use, read once a second; 1 is all of it. */
export class QuotaSamples {
  readonly shares: number[] = [];
}

const MINUTE_MS = 60_000;
type Request = SimulatedRequest<ReplayCall, Backend>;

/** What came of a replay. */
export class Findings implements Observer<ReplayCall, Backend> {
  readonly total = new ClientCount();
  readonly byClass = new Map<string, ClientCount>();
  /** By the minute of the log in which a request came, from 0. */
  readonly byMinute: ClientCount[] = [];
  readonly backends: ReadonlyMap<string, BackendCount>;
  readonly uses: ReadonlyMap<string, QuotaSamples>;
  readonly causes = new Map<ExhaustedCause, number>();
  attempts = 0;
  backendRefusals = 0;
  /** Requests served by a later priority than the first. */
  spilled = 0;
  readonly #firstPriority: number;

  constructor(backends: readonly Backend[], quotas: Quotas) {
    this.backends = new Map(backends.map(({ name, priority }) => [name, new BackendCount(priority)]));
    this.uses = new Map([...quotas.keys()].map((name) => [name, new QuotaSamples()]));
    this.#firstPriority = Math.min(...backends.map(({ priority }) => priority));
  }

  arrived(): void {
    // Counted when it ends, with what came of it.
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

  /** A second has passed. */
  sampled(ledgers: ReadonlyMap<string, Ledger>, nowMs: number): void {
    for (const [name, ledger] of ledgers) this.uses.get(name)?.shares.push(ledger.usedShare(nowMs));
  }

  /** Counts a request that has ended, and returns all counts that it belongs to. */
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
