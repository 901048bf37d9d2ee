import { hideInHeaders, hideInQuery } from './keys.ts';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Charge } from '../quota/charge.ts';

/** How a request ended: still open, answered in full, left by the client, or cut by the mock. */
export type Ending = 'open' | 'answered' | 'aborted' | 'cut';

/** The traffic of a realtime session. */
export interface SessionCounts {
  readonly framesReceived: number;
  readonly framesSent: number;
  /** Its close code, once it is closed: the client's code, or the mock's. */
  readonly closeCode: number | undefined;
}

/** One request as it was received, and its ending. */
export interface RecordedRequest {
  /** Counts from 1. */
  readonly number: number;
  readonly method: string;
  /** Path and query as received. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** The body as text; empty when bodies are not recorded. */
  readonly body: string;
  /** When its headers were complete, in milliseconds since 1970. */
  readonly receivedAtMs: number;
  /** The status that was sent, if any was. */
  readonly status: number | undefined;
  readonly ending: Ending;
  /** Time from its arrival to its end. */
  readonly endedAfterMs: number | undefined;
  /** Time from its arrival to the moment the client left, if it did. */
  readonly abortedAfterMs: number | undefined;
  /** The charge of a request that a deployment's quota judged. */
  readonly charge?: Charge | undefined;
  /** The session of an accepted upgrade. */
  readonly session?: SessionCounts | undefined;
  /** Resolves with its ending. */
  readonly ended: Promise<Ending>;
}

/** The counts that a request goes into. */
export interface Tally {
  total: number;
  aborted: number;
  cut: number;
  readonly byStatus: Record<string, number>;
}

/** A recorded request that is still being written. */
export class RequestRecord implements RecordedRequest {
  readonly tally: Tally;
  readonly number: number;
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly receivedAtMs = performance.timeOrigin + performance.now();
  bytes: Buffer | undefined;
  status: number | undefined;
  ending: Ending = 'open';
  endedAfterMs: number | undefined;
  charge: Charge | undefined;
  session: SessionCounts | undefined;
  #ended: PromiseWithResolvers<Ending> | undefined;

  /** Takes its number from the counts, which already include it. */
  constructor(tally: Tally, request: Pick<IncomingMessage, 'method' | 'url' | 'headers'>) {
    this.tally = tally;
    this.number = tally.total;
    this.method = request.method ?? '';
    this.path = request.url ?? '';
    this.headers = request.headers;
  }

  get body(): string {
    return this.bytes?.toString() ?? '';
  }

  get abortedAfterMs(): number | undefined {
    return this.ending === 'aborted' ? this.endedAfterMs : undefined;
  }

  get ended(): Promise<Ending> {
    if (this.ending !== 'open') return Promise.resolve(this.ending);
    this.#ended ??= Promise.withResolvers();
    return this.#ended.promise;
  }

  end(ending: Ending): void {
    this.ending = ending;
    this.endedAfterMs = performance.timeOrigin + performance.now() - this.receivedAtMs;
    this.#ended?.resolve(ending);
  }

  /** The record as the control endpoint shows it: without the keys, which anyone who reaches the port could read. */
  toJSON(): object {
    const { number, method, body, receivedAtMs, status, ending, endedAfterMs, charge, session } = this;
    const path = hideInQuery(this.path);
    const headers = hideInHeaders(this.headers);
    return {
      number,
      method,
      path,
      headers,
      body,
      receivedAtMs,
      status,
      ending,
      endedAfterMs,
      charge,
      session,
    };
  }
}
