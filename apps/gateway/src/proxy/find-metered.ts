import type { FailoverRequest } from '@spillway/core';
import { numbered } from '../ownership/try-elsewhere.ts';
import type { KeptBody } from '../request/kept-body.ts';
import type { Route } from '../route/classify-route.ts';
import type { RequestMeter } from '../usage/request-meter.ts';
import type { Accepted, ClientVerdict } from './caller.ts';
import { findAnswer } from './find-answer.ts';
import type { Runtime } from './runtime.ts';

/**
 * Sends a request edited so that its answer reports its usage, and sends the client's original if only that edit was
 * refused.
 */
export async function findMetered(
  runtime: Runtime,
  request: Accepted,
  route: Route,
  routing: FailoverRequest,
  { meter, kept }: { readonly meter: RequestMeter; readonly kept: KeptBody },
): Promise<ClientVerdict> {
  const asked = meter.ask(request, route, routing.deployment);
  const isEdited = asked.request.body !== request.body;
  // The edited body is kept besides the original.
  if (isEdited) kept.keepBesides((request.unpacked?.length ?? 0) + (asked.request.body?.length ?? 0));
  const verdict = await findAnswer(runtime, asked.request, asked.route, routing);
  if (verdict.kind !== 'relay' || !meter.isRefusedForUsage(verdict)) return meter.watch(verdict);
  verdict.answer.body.body.abort();
  verdict.lease.release();
  const again = await findAnswer(runtime, meter.askAgain(request), route, routing);
  if (again.kind === 'relay' && again.answer.status < 400) meter.noteRefusal(routing.deployment);
  return meter.watch({ ...again, attempts: numbered([...verdict.attempts, ...again.attempts]) });
}
