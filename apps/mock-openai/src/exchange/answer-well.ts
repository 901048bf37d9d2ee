import { answerCall } from '../answer/answer-request.ts';
import { readCall } from '../answer/read-call.ts';
import { replyEnd } from '../calls/reply-end.ts';
import { pacedFrames } from '../latency/paced-frames.ts';
import { estimatePrompt, usualCharactersPerToken } from '../quota/estimate-tokens.ts';
import { after } from './after.ts';
import type { AnswerDetails } from '../answer/answer-request.ts';
import type { Call } from '../answer/read-call.ts';
import type { Answer } from '../http/answer.ts';
import type { Pace } from '../latency/running-latency.ts';
import type { Exchange } from './exchange.ts';

/** Makes the good answer to a request, waits as long as its model takes, and sends it in the given way. */
export function answerWell(
  exchange: Exchange,
  send: (exchange: Exchange, answer: Answer) => void,
  delayMs = 0,
  details: AnswerDetails = {},
  call: Call = readCall(exchange.resource, exchange.request),
): void {
  const { resource, request } = exchange;
  const pace = paceOf(exchange, call);
  if (pace === undefined || call.kind !== 'call') {
    after(exchange, delayMs, () => send(exchange, answerCall(resource, request, call, details)));
    return;
  }
  const answer = answerCall(resource, request, call, details);
  if (answer.kind === 'stream') {
    const { rhythm } = pace;
    const paced = rhythm === undefined ? answer : { ...answer, frames: pacedFrames(answer.frames, rhythm) };
    after(exchange, delayMs + pace.firstMs, () => send(exchange, paced));
    return;
  }
  const hasText = call.operation.sizeOf(call.body).maxTokens !== 0;
  const { chunks, blockedAfter } = details;
  const { completionTokens } = resource;
  const { tokens } = replyEnd({ body: call.body, completionTokens, chunks, blockedAfter });
  after(exchange, delayMs + pace.wholeMs(hasText ? tokens : 0), () => send(exchange, answer));
}

function paceOf({ resource }: Exchange, call: Call): Pace | undefined {
  if (call.kind !== 'call' || !resource.latency.isOn) return undefined;
  const promptTokens = () => estimatePrompt(call.operation.sizeOf(call.body).prompt, usualCharactersPerToken);
  return resource.latency.paceOf(call.deployment, promptTokens);
}
