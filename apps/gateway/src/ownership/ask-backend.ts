import type { IncomingHttpHeaders } from 'node:http';
import {
  type Backend,
  type BackendPool,
  type FailoverRequest,
  runFailover,
  type Timing,
  type Transport,
  type Verdict,
} from '@spillway/core';
import type { Links } from '../headers/links.ts';
import { Cancellation } from '../request/cancellation.ts';
import { lookUpHeaders } from './look-up.ts';
import { type BackendAnswer, readAnswer } from './read-answer.ts';
import { numbered } from './try-elsewhere.ts';
import type { ReadableBody } from './watched-body.ts';

/** A client's request on whose behalf several backends are asked. */
export interface AskableRequest {
  readonly rawHeaders: readonly string[];
  readonly headers: IncomingHttpHeaders;
  readonly client: { readonly hasLeft: boolean; current: { abort(): void } | undefined };
  readonly timing: Timing;
}

/** With the other answers at hand, a silent backend is not awaited longer than this. */
const LONGEST_MS = 5000;

/** The limits in bytes, on all answers together and on each of them. */
const MAX_BYTES = 48 * 1024 * 1024;
const MAX_BYTES_OF_ONE = 8 * 1024 * 1024;

/** Returns the limit on each answer, by the number of backends. */
function maxBytesOf(backends: number): number {
  return Math.max(MAX_BYTES_OF_ONE, MAX_BYTES / Math.max(2, backends));
}

/** The parts needed to ask backends. */
export interface AskingParts<Request, Destination, B extends Backend, Body> {
  readonly pool: BackendPool<B>;
  readonly nowMs: () => number;
  readonly links: Pick<Links, 'to'>;
  readonly transportOf: (request: Request, destination: Destination) => Transport<B, Body>;
}

/** Asks single backends on behalf of one client, several at once. If the client leaves, all requests end. */
export class BackendQuestions<
  Request extends AskableRequest,
  Destination extends { readonly operation: string },
  B extends Backend,
  Body extends { readonly body: ReadableBody },
> {
  readonly #parts: AskingParts<Request, Destination, B, Body>;
  readonly #request: Request;
  readonly #routing: FailoverRequest;
  readonly #rawHeaders: readonly string[];
  readonly #clients = new Set<Cancellation>();
  /** Verdicts with held leases, as one of them may be relayed, and whether their bodies have been read. */
  readonly #verdicts: { readonly verdict: Verdict<B, Body>; readonly isRead: boolean }[] = [];

  constructor(
    parts: AskingParts<Request, Destination, B, Body>,
    request: Request,
    { priorityClass }: FailoverRequest,
  ) {
    this.#parts = parts;
    this.#request = request;
    this.#routing = { deployment: '', method: 'GET', createsObject: false, priorityClass };
    this.#rawHeaders = lookUpHeaders(request.rawHeaders);
  }

  get attempts(): Verdict<B, Body>['attempts'] {
    return numbered(this.#verdicts.flatMap(({ verdict }) => verdict.attempts));
  }

  /** Asks one backend, and reads its whole answer if it is a success that may be JSON. One deadline covers both. */
  async ask(owner: string, destination: Destination): Promise<BackendAnswer<B, Body>> {
    const { pool, transportOf, nowMs } = this.#parts;
    const client = new Cancellation();
    this.#clients.add(client);
    this.#request.client.current = this;
    client.hasLeft = this.#request.client.hasLeft;
    const { timing } = this.#request;
    const deadlineMs = Math.min(timing.deadlineMs, nowMs() + LONGEST_MS);
    const own = { rawHeaders: this.#rawHeaders, client, timing: { ...timing, deadlineMs } };
    const transport = transportOf({ ...this.#request, ...own }, destination);
    const routing = { ...this.#routing, operation: destination.operation, owner };
    const verdict = await runFailover(pool, routing, transport, nowMs);
    const bounds = { maxBytes: maxBytesOf(pool.backends.length), maxMs: deadlineMs - nowMs() };
    const answer = await readAnswer(verdict, bounds);
    this.#clients.delete(client);
    this.#verdicts.push({ verdict: answer.verdict, isRead: answer.bytes !== undefined });
    return answer;
  }

  /** Releases all answers but the one that the client gets. */
  releaseAllBut(relayed: BackendAnswer<B, Body> | undefined): void {
    for (const { verdict, isRead } of this.#verdicts) {
      if (verdict === relayed?.verdict || verdict.kind !== 'relay') continue;
      if (!isRead) verdict.answer.body.body.abort();
      verdict.lease.release();
    }
  }

  /** Ends all requests under way. */
  abort(): void {
    for (const client of this.#clients) client.end(false);
  }
}
