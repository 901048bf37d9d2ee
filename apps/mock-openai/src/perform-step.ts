import { after } from './after.ts';
import { answerRequest } from './answer-request.ts';
import { answerStatus, answerThrottle } from './answer-step.ts';
import { resetConnection, sendAnswer, sendCutAnswer } from './send-answer.ts';
import type { Exchange } from './exchange.ts';
import type { Step } from './step.ts';

const slowChunkDelayMs = 100;
const truncateAfterChunks = 2;

/** Does to one request what a step says. */
export function performStep(exchange: Exchange, step: Step): void {
  const { resource, request } = exchange;
  const { latencyMs, tokenDelayMs } = resource;
  switch (step.kind) {
    case 'ok':
      after(exchange, latencyMs, () => sendAnswer(exchange, answerRequest(resource, request), tokenDelayMs));
      return;
    case 'slow': {
      const chunkDelayMs = step.chunkDelayMs ?? slowChunkDelayMs;
      const answer = () => answerRequest(resource, request, { chunks: step.chunks });
      after(exchange, step.delayMs ?? 0, () => sendAnswer(exchange, answer(), chunkDelayMs));
      return;
    }
    case 'throttle':
      after(exchange, step.delayMs ?? 0, () => sendAnswer(exchange, answerThrottle(resource, request, step)));
      return;
    case 'status':
      after(exchange, step.delayMs ?? 0, () => sendAnswer(exchange, answerStatus(resource, request, step)));
      return;
    case 'hang':
      return;
    case 'reset':
      after(exchange, step.delayMs ?? 0, () => performReset(exchange, step));
      return;
    case 'truncate': {
      const cut = { afterChunks: step.afterChunks ?? truncateAfterChunks, isClean: true };
      const answer = () => answerRequest(resource, request);
      after(exchange, step.delayMs ?? 0, () => sendCutAnswer(exchange, answer(), cut, tokenDelayMs));
      return;
    }
  }
}

function performReset(exchange: Exchange, step: Extract<Step, { kind: 'reset' }>): void {
  const { afterBytes, afterChunks } = step;
  if (afterBytes === undefined && afterChunks === undefined) {
    resetConnection(exchange);
    return;
  }
  const answer = answerRequest(exchange.resource, exchange.request);
  sendCutAnswer(
    exchange,
    answer,
    { afterBytes, afterChunks, isClean: false },
    exchange.resource.tokenDelayMs,
  );
}
