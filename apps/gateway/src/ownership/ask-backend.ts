import {
  type Backend,
  type BackendPool,
  type FailoverRequest,
  runFailover,
  type Timing,
  type Transport,
  type Verdict,
} from '@spillway/core';
import { Cancellation } from '../request/cancellation.ts';
import { lookUpHeaders } from './look-up.ts';
import { readWhole } from './made-body.ts';
import { numbered } from './try-elsewhere.ts';
import type { ReadableBody } from './watched-body.ts';

/** A client's request that several backends are asked for. */
export interface AskableRequest {
  readonly rawHeaders: readonly string[];
  readonly client: { readonly hasLeft: boolean; current: { abort(): void } | undefined };
  readonly timing: Timing;
}

/** What a backend said. */
export interface BackendAnswer<B extends Backend, Body> {
  readonly verdict: Verdict<B, Body>;
  /** The whole body of its answer, if that is a success in JSON. */
  readonly bytes: Buffer | undefined;
}

/** With the rest at hand, nobody waits longer than this for an answer of one that is silent. */
const LONGEST_MS = 5000;

/** What asking takes. */
export interface AskingParts<Request, Destination, B extends Backend, Body> {
  readonly pool: BackendPool<B>;
  readonly nowMs: () => number;
  readonly transportOf: (request: Request, destination: Destination) => Transport<B, Body>;
}

/** Asks single backends on behalf of one client, several at once; if it leaves, all that is under way ends. */
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
  /** The answers whose leases are held, as one of them may be relayed. */
  readonly #answers: BackendAnswer<B, Body>[] = [];

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
    return numbered(this.#answers.flatMap(({ verdict }) => verdict.attempts));
  }

  /** Asks one backend, and reads its answer whole if it is a success in JSON. One deadline is for both. */
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
    const answer = isJson(verdict)
      ? await readAnswer(verdict, deadlineMs - nowMs())
      : { verdict, bytes: undefined };
    this.#clients.delete(client);
    this.#answers.push(answer);
    return answer;
  }

  /** Lets go of all answers but the one that the client gets. */
  releaseAllBut(relayed: BackendAnswer<B, Body> | undefined): void {
    for (const answer of this.#answers) {
      const { verdict, bytes } = answer;
      if (answer === relayed || verdict.kind !== 'relay') continue;
      if (bytes === undefined) verdict.answer.body.body.abort();
      verdict.lease.release();
    }
  }

  /** Ends all that is under way. */
  abort(): void {
    for (const client of this.#clients) client.end(false);
  }
}

type Relayed<B extends Backend, Body> = Extract<Verdict<B, Body>, { kind: 'relay' }>;

function isJson<B extends Backend, Body>(verdict: Verdict<B, Body>): verdict is Relayed<B, Body> {
  if (verdict.kind !== 'relay' || verdict.answer.status !== 200) return false;
  return /^application\/json\b/i.test(verdict.answer.header('content-type') ?? '');
}

/** An answer that broke off, is not whole in time, or is longer than a list can be, is none. */
async function readAnswer<B extends Backend, Body extends { readonly body: ReadableBody }>(
  verdict: Relayed<B, Body>,
  maxMs: number,
): Promise<BackendAnswer<B, Body>> {
  const bytes = await readWhole(verdict.answer.body.body, maxMs);
  if (bytes !== undefined) return { verdict, bytes };
  const { lease, attempts } = verdict;
  lease.release();
  return {
    verdict: { kind: 'exhausted', cause: 'unavailable', recoveryMs: 0, owner: lease.backend.name, attempts },
    bytes,
  };
}
