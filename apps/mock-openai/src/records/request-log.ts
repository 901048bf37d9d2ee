import { RequestRecord } from './request-record.ts';
import type { IncomingMessage } from 'node:http';
import type { RecordedRequest, Tally } from './request-record.ts';

/** How many requests came and how they ended. */
export interface Counters {
  readonly total: number;
  /** Requests that are not over yet. */
  readonly open: number;
  /** Requests whose client left before the end. */
  readonly aborted: number;
  /** Requests that the mock reset. */
  readonly cut: number;
  /** The statuses of answers that have begun, with their counts. */
  readonly byStatus: Readonly<Record<string, number>>;
}

// 1,000 requests may carry 20 MB each: the bodies together are bounded too.
const maxKeptBytes = 64 * 1024 * 1024;

/** Remembers the last requests and counts all of them. */
export class RequestLog {
  #records: RequestRecord[] = [];
  #keptBytes = 0;
  #open = 0;
  #tally: Tally = newTally();
  #nextWaiters: PromiseWithResolvers<RecordedRequest>[] = [];
  #isStopping = false;
  #idleWaiters: PromiseWithResolvers<void>[] = [];
  readonly #limit: number;
  readonly #keepsBodies: boolean;

  constructor(limit: number, keepsBodies: boolean) {
    this.#limit = limit;
    this.#keepsBodies = keepsBodies;
  }

  get records(): readonly RequestRecord[] {
    return this.#records;
  }

  get open(): number {
    return this.#open;
  }

  get counters(): Counters {
    const { total, aborted, cut, byStatus } = this.#tally;
    return { total, open: this.#open, aborted, cut, byStatus: { ...byStatus } };
  }

  begin(request: Pick<IncomingMessage, 'method' | 'url' | 'headers'>): RequestRecord {
    this.#tally.total += 1;
    this.#open += 1;
    const record = new RequestRecord(this.#tally, request);
    if (this.#limit > 0) {
      this.#records.push(record);
      if (this.#records.length > this.#limit) this.#forgetOldest();
    }
    return record;
  }

  bodyReceived(record: RequestRecord, body: Buffer): void {
    if (this.#keepsBodies && this.#limit > 0) {
      record.bytes = body;
      this.#keptBytes += body.length;
      while (this.#keptBytes > maxKeptBytes && this.#records.length > 1) this.#forgetOldest();
    }
    if (this.#nextWaiters.length === 0) return;
    for (const waiter of this.#nextWaiters.splice(0)) waiter.resolve(record);
  }

  answered(record: RequestRecord, status: number): void {
    record.status = status;
    const { byStatus } = record.tally;
    byStatus[status] = (byStatus[status] ?? 0) + 1;
  }

  end(record: RequestRecord, how: 'answered' | 'aborted' | 'cut'): void {
    if (record.ending !== 'open') return;
    const ending = how === 'aborted' && this.#isStopping ? 'cut' : how;
    record.end(ending);
    this.#open -= 1;
    if (ending === 'aborted') record.tally.aborted += 1;
    if (ending === 'cut') record.tally.cut += 1;
    if (this.#open === 0) for (const waiter of this.#idleWaiters.splice(0)) waiter.resolve();
  }

  next(): Promise<RecordedRequest> {
    const waiter = Promise.withResolvers<RecordedRequest>();
    this.#nextWaiters.push(waiter);
    return waiter.promise;
  }

  idle(): Promise<void> {
    if (this.#open === 0) return Promise.resolve();
    const waiter = Promise.withResolvers<void>();
    this.#idleWaiters.push(waiter);
    return waiter.promise;
  }

  /** From now on, requests that end early count as ended by the mock's stop. */
  stop(): void {
    this.#isStopping = true;
  }

  /** Forgets all requests and starts the counts again; open requests still count in the old ones. */
  reset(): void {
    this.#records = [];
    this.#keptBytes = 0;
    this.#tally = newTally();
  }

  #forgetOldest(): void {
    this.#keptBytes -= this.#records.shift()?.bytes?.length ?? 0;
  }
}

function newTally(): Tally {
  return { total: 0, aborted: 0, cut: 0, byStatus: {} };
}
