import type { FailoverRequest } from '@spillway/core';
import type { GatewayError } from '../errors.ts';
import { outcomeOf } from '../ownership/learn-owner.ts';
import { numbered } from '../ownership/try-elsewhere.ts';
import type { Route } from '../route/classify-route.ts';
import type { AnswerUsage, Exchange } from '../telemetry/exchange.ts';
import type { BilledRequest } from './client-bill.ts';
import { type Fallback, fallbackAfter } from './fallbacks.ts';
import { findAnswer } from './find-answer.ts';
import { findMetered } from './find-metered.ts';
import type { Accepted, ClientVerdict, Holdings } from './caller.ts';
import type { Runtime } from './runtime.ts';

/** The records of a request's progress. */
interface Noted {
  readonly holdings: Holdings;
  readonly exchange: Pick<Exchange, 'attempts' | 'noteFallback'>;
}

interface Serving {
  readonly runtime: Runtime;
  readonly request: Accepted;
  readonly route: Route;
  readonly routing: FailoverRequest;
  readonly noted: Noted;
}

/**
 * Finds the answer to a request that its client’s budgets admit. If those or all backends have used up the quota of its
 * deployment, or its prompt is too long for it, the fallback deployment answers instead, and the request is admitted
 * anew.
 *
 * @throws GatewayError when the budgets do not admit it
 */
export function serve(
  runtime: Runtime,
  request: Accepted,
  route: Route,
  routing: FailoverRequest & BilledRequest,
  noted: Noted,
): Promise<ClientVerdict> {
  const { holdings } = noted;
  const { bill } = holdings;
  const fallback = request.upload === undefined ? runtime.fallbackOf?.(route, request.caller) : undefined;
  const refusal = bill?.admitNext(routing);
  if (bill !== undefined && refusal !== undefined) {
    const instead = fallback?.whenSpent;
    const refused = bill.refused(refusal);
    if (instead === undefined || bill.admitInstead(instead, false) !== undefined) throw refused;
    return answerInstead(instead, refused, { runtime, request, route, routing, noted });
  }
  const answer = answerOf(runtime, request, route, routing, holdings);
  if (fallback === undefined) return answer;
  return answer.then((verdict) => orFallback(verdict, fallback, { runtime, request, route, routing, noted }));
}

/**
 * Returns the verdict on the deployment that serves a request instead.
 *
 * @throws GatewayError `refused` when no backend has that deployment, as the client can only wait for its budget
 */
async function answerInstead(
  instead: string,
  refused: GatewayError,
  { runtime, request, route, routing, noted: { holdings, exchange } }: Serving,
): Promise<ClientVerdict> {
  const verdict = await answerOf(runtime, request, route, { ...routing, deployment: instead }, holdings);
  if (verdict.kind === 'exhausted' && verdict.cause === 'deployment-missing') {
    exchange.attempts = verdict.attempts;
    throw refused;
  }
  exchange.noteFallback(instead, 'budget', 0);
  return verdict;
}

/** Returns the verdict on a request, or on its fallback deployment, whichever is better. */
async function orFallback(
  verdict: ClientVerdict,
  fallback: Fallback,
  { runtime, request, route, routing, noted: { holdings, exchange } }: Serving,
): Promise<ClientVerdict> {
  const next = fallbackAfter(verdict, fallback);
  const hasReached = verdict.attempts.length > 0;
  if (next === undefined || holdings.bill?.admitInstead(next, hasReached) !== undefined) return verdict;
  // A refusal occupies its backend no longer, which may be the one that has the fallback.
  if (verdict.kind === 'relay') verdict.lease.release();
  const other = await answerOf(runtime, request, route, { ...routing, deployment: next }, holdings);
  const attempts = numbered([...verdict.attempts, ...other.attempts]);
  const isBetter = other.kind === 'relay' && (verdict.kind !== 'relay' || isSuccess(other));
  const [kept, dropped] = isBetter ? [other, verdict] : [verdict, other];
  if (dropped.kind === 'relay') {
    dropped.answer.body.body.abort();
    dropped.lease.release();
  }
  const cause = verdict.kind === 'relay' ? 'too-long' : 'quota';
  if (isBetter) exchange.noteFallback(next, cause, verdict.attempts.length);
  return { ...kept, attempts };
}

/** The request keeps the name that the client wrote; each backend gets its own name for the fallback. */
function answerOf(
  runtime: Runtime,
  request: Accepted,
  route: Route,
  routing: FailoverRequest,
  holdings: Holdings,
): Promise<ClientVerdict> {
  const meter = (holdings.meter = runtime.meterOf(request, route, {
    onUsage: (usage, isOfAnswer) => goOn(request, { usage, isOfAnswer }, holdings),
    onUntold: (outputTokens) => holdings.bill?.settleUntold(outputTokens),
  }));
  if (meter === undefined) return findAnswer(runtime, request, route, routing);
  return findMetered(runtime, request, route, routing, { meter, kept: holdings.kept });
}

/**
 * A session continues as long as its client’s budgets admit the next request. Where messages are read, each is admitted
 * separately.
 */
function goOn(
  { session }: Accepted,
  { usage, isOfAnswer }: { readonly usage: AnswerUsage; readonly isOfAnswer: boolean },
  { bill, end }: Holdings,
): void {
  if (session !== undefined) return bill?.settleNext(usage);
  bill?.renew(usage, isOfAnswer);
  if (bill?.refusal !== undefined) end();
}

function isSuccess(verdict: Extract<ClientVerdict, { kind: 'relay' }>): boolean {
  return outcomeOf(verdict)?.kind === 'succeeded';
}
