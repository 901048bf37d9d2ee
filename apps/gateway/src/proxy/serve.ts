import type { FailoverRequest } from '@spillway/core';
import { outcomeOf } from '../ownership/learn-owner.ts';
import { numbered } from '../ownership/try-elsewhere.ts';
import type { Route } from '../route/classify-route.ts';
import type { AnswerUsage } from '../telemetry/exchange.ts';
import type { BilledRequest } from './client-bill.ts';
import { fallbackAfter } from './fallbacks.ts';
import { findAnswer } from './find-answer.ts';
import { findMetered } from './find-metered.ts';
import type { Accepted, ClientVerdict, Holdings } from './caller.ts';
import type { Runtime } from './runtime.ts';

/** The answer to a request, and the deployment that it is of. */
export interface Served {
  readonly verdict: ClientVerdict;
  readonly deployment: string;
}

/**
 * Finds the answer to a request that its client’s budgets admit. Where these or all backends have spent what there is for its
 * deployment, or its prompt is too long for it, the deployment answers that is to do so instead, admitted anew.
 *
 * @throws GatewayError when the budgets do not admit it
 */
export async function serve(
  runtime: Runtime,
  request: Accepted,
  route: Route,
  routing: FailoverRequest & BilledRequest,
  holdings: Holdings,
): Promise<Served> {
  const { bill } = holdings;
  const { deployment } = route;
  const fallback = request.upload === undefined ? runtime.fallbackOf?.(route, request.caller) : undefined;
  const refusal = bill?.admitNext(routing);
  if (bill !== undefined && refusal !== undefined) {
    const instead = fallback?.whenSpent;
    if (instead === undefined || bill.admitInstead(instead, false) !== undefined) throw bill.refused(refusal);
    return {
      verdict: await answerOf(runtime, request, route, { ...routing, deployment: instead }, holdings),
      deployment: instead,
    };
  }
  const verdict = await answerOf(runtime, request, route, routing, holdings);
  const next = fallback && fallbackAfter(verdict, fallback);
  const hasReached = verdict.attempts.length > 0;
  if (next === undefined || bill?.admitInstead(next, hasReached) !== undefined)
    return { verdict, deployment };
  const other = await answerOf(runtime, request, route, { ...routing, deployment: next }, holdings);
  const attempts = numbered([...verdict.attempts, ...other.attempts]);
  const isBetter = other.kind === 'relay' && (verdict.kind !== 'relay' || isSuccess(other));
  const [kept, dropped] = isBetter ? [other, verdict] : [verdict, other];
  if (dropped.kind === 'relay') {
    dropped.answer.body.body.abort();
    dropped.lease.release();
  }
  return { verdict: { ...kept, attempts }, deployment: isBetter ? next : deployment };
}

/** The name that the client wrote stays in its request; each backend gets its own for the other. */
function answerOf(
  runtime: Runtime,
  request: Accepted,
  route: Route,
  routing: FailoverRequest,
  holdings: Holdings,
): Promise<ClientVerdict> {
  const meter = (holdings.meter = runtime.meterOf(request, route, {
    onUsage: (usage) => goOn(request, usage, holdings),
    onUntold: (outputTokens) => holdings.bill?.settleUntold(outputTokens),
  }));
  if (meter === undefined) return findAnswer(runtime, request, route, routing);
  return findMetered(runtime, request, route, routing, { meter, kept: holdings.kept });
}

/** A session goes on as long as its client’s budgets admit what it asks for next. Where messages are read, each is admitted by itself. */
function goOn({ session }: Accepted, usage: AnswerUsage, { bill, end }: Holdings): void {
  if (session !== undefined) return bill?.settleNext(usage);
  bill?.renew(usage);
  if (bill?.refusal !== undefined) end();
}

function isSuccess(verdict: Extract<ClientVerdict, { kind: 'relay' }>): boolean {
  return outcomeOf(verdict)?.kind === 'succeeded';
}
