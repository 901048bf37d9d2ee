import { answerThrottle } from '../answer/answer-step.ts';
import { readCall } from '../answer/read-call.ts';
import { replyLength } from '../calls/model-call.ts';
import { answerWell } from '../exchange/answer-well.ts';
import { sendAnswer } from '../exchange/send-answer.ts';
import { usageHeaders } from '../quota/rate-headers.ts';
import { refusalStep } from '../quota/refusal-step.ts';
import type { Call } from '../answer/read-call.ts';
import type { Resource } from '../answer/resource.ts';
import type { Exchange } from '../exchange/exchange.ts';
import type { RunningQuota } from '../quota/running-quota.ts';

/** Answers one request well if its deployment's quota allows it, otherwise at once with a 429. */
export function performWithinQuota(exchange: Exchange, quotas: RunningQuota): void {
  const { resource, request, response } = exchange;
  const call = readCall(resource, request);
  const judged =
    call.kind === 'call'
      ? quotas.judge(call.deployment, call.operation.sizeOf(call.body), performance.now(), () =>
          cachedTokens(resource, call),
        )
      : undefined;
  if (call.kind !== 'call' || judged === undefined) {
    answerWell(exchange, sendAnswer, 0, {}, call);
    return;
  }
  const { judgement, quota, charge, finish } = judged;
  exchange.record.charge = charge;
  if (judgement.kind === 'refused') {
    const step = refusalStep(judgement, quota);
    sendAnswer(exchange, answerThrottle(resource, request, step, call.deployment));
    return;
  }
  const { tokens } = replyLength({ body: call.body, ...resource, chunks: undefined });
  response.once('close', () => finish(tokens, performance.now()));
  const rateHeaders = usageHeaders(judgement.usage, quota);
  answerWell(exchange, sendAnswer, 0, { rateHeaders }, call);
}

function cachedTokens(
  { promptCache, stored }: Resource,
  { operation, deployment, body }: Extract<Call, { kind: 'call' }>,
): number {
  const prompt = operation.promptOf?.({ deployment, body, stored });
  return prompt === undefined ? 0 : promptCache.peek(deployment, prompt);
}
