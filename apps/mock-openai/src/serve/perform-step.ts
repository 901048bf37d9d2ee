import { answerRequest } from '../answer/answer-request.ts';
import { answerStatus, answerThrottle } from '../answer/answer-step.ts';
import { errorEvent, errorEventJson } from '../azure/error-event.ts';
import { after } from '../exchange/after.ts';
import { answerWell } from '../exchange/answer-well.ts';
import { sendAnswer } from '../exchange/send-answer.ts';
import { performFault } from '../faults/perform-fault.ts';
import { withPauses } from '../http/play-pieces.ts';
import type { Exchange } from '../exchange/exchange.ts';
import type { Answer } from '../http/answer.ts';
import type { ErrorStep, Step } from '../script/step.ts';

const slowChunkDelayMs = 100;
const failAfterChunks = 2;
const blockAfterTokens = 3;

/** Performs a step for one request. */
export function performStep(exchange: Exchange, step: Step): void {
  const { resource, request } = exchange;
  switch (step.kind) {
    case 'ok':
      answerWell(exchange, sendAnswer);
      return;
    case 'slow':
      performSlow(exchange, step);
      return;
    case 'throttle':
      after(exchange, step.delayMs ?? 0, () => sendAnswer(exchange, answerThrottle(resource, request, step)));
      return;
    case 'status':
      after(exchange, step.delayMs ?? 0, () => sendAnswer(exchange, answerStatus(resource, request, step)));
      return;
    case 'redirect': {
      const { delayMs = 0, location, status = 307 } = step;
      performStep(exchange, { kind: 'status', status, body: '', headers: { Location: location }, delayMs });
      return;
    }
    case 'error':
      answerWell(exchange, (one, answer) => sendAnswer(one, failAnswer(answer, step)), step.delayMs);
      return;
    case 'block': {
      const blockedAfter = step.afterTokens ?? blockAfterTokens;
      answerWell(exchange, sendAnswer, step.delayMs, { blockedAfter });
      return;
    }
    default:
      performFault(exchange, step);
  }
}

function performSlow(exchange: Exchange, step: Extract<Step, { kind: 'slow' }>): void {
  const { resource, request } = exchange;
  const { delayMs = 0, chunkDelayMs = slowChunkDelayMs, chunks } = step;
  after(exchange, delayMs, () => {
    const answer = answerRequest(resource, request, { chunks });
    const slow =
      answer.kind === 'whole' ? answer : { ...answer, frames: withPauses(answer.frames, chunkDelayMs) };
    sendAnswer(exchange, slow);
  });
}

function failAnswer(answer: Answer, step: ErrorStep): Answer {
  return answer.kind === 'stream'
    ? {
        ...answer,
        frames: failingFrames(answer.frames, step.afterChunks ?? failAfterChunks, errorEvent(step)),
      }
    : { ...answer, status: 500, body: errorEventJson(step) };
}

/** Answers with the first `count` frames of a stream with the pauses before them, then an event that ends it. */
function* failingFrames(
  frames: Iterable<string | number>,
  count: number,
  event: string,
): Generator<string | number> {
  let left = count;
  for (const frame of left > 0 ? frames : []) {
    yield frame;
    if (typeof frame !== 'number') left -= 1;
    if (left === 0) break;
  }
  yield event;
}
