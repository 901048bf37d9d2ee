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
import type { ReadableBody } from './watched-body.ts';

/** A question that every backend is asked. */
export interface QuestionForAll {
  readonly rawHeaders: readonly string[];
  readonly client: Cancellation;
  readonly timing: Timing;
}

/** What one backend said. */
export interface BackendAnswer<B extends Backend, Body> {
  readonly backend: B;
  readonly verdict: Verdict<B, Body>;
  /** The whole body of its answer, if that is a success. */
  readonly bytes: Buffer | undefined;
}

/** With the rest at hand, nobody waits longer than this for one that is silent. */
const LONGEST_MS = 5000;

/** Asks every backend the same at once, each with its own credential, and reads the answers. None is left to be relayed. */
export async function askAll<
  Request extends QuestionForAll,
  B extends Backend,
  Body extends { readonly body: ReadableBody },
>(
  pool: BackendPool<B>,
  request: Request,
  transportFor: (request: Request) => Transport<B, Body>,
  routing: FailoverRequest,
  nowMs: () => number,
): Promise<readonly BackendAnswer<B, Body>[]> {
  const { client, timing } = request;
  const clients = pool.backends.map(() => new Cancellation());
  client.current = { abort: () => clients.forEach((one) => one.end(false)) };
  if (client.hasLeft) client.current.abort();
  const asked = {
    ...request,
    rawHeaders: lookUpHeaders(request.rawHeaders),
    timing: { ...timing, deadlineMs: Math.min(timing.deadlineMs, nowMs() + LONGEST_MS) },
  };
  const answers = pool.backends.map(async (backend, index) => {
    const transport = transportFor({ ...asked, client: clients[index] as Cancellation });
    const verdict = await runFailover(pool, { ...routing, owner: backend.name }, transport, nowMs);
    const isSuccess = verdict.kind === 'relay' && verdict.answer.status === 200;
    return { backend, verdict, bytes: isSuccess ? await readWhole(verdict.answer.body.body) : undefined };
  });
  return Promise.all(answers);
}
