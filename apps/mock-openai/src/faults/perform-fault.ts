import { after } from '../exchange/after.ts';
import { answerWell } from '../exchange/answer-well.ts';
import { resetConnection, sendAnswer, sendCutAnswer } from '../exchange/send-answer.ts';
import { sendGzipped } from './send-gzipped.ts';
import { dripAnswer, resetInHead, sendGarbage } from './send-raw.ts';
import { sendStale } from './stale-connection.ts';
import type { Exchange } from '../exchange/exchange.ts';
import type { Cut } from '../exchange/send-answer.ts';
import type { ConnectionStep } from '../script/step.ts';

const truncateAfterChunks = 2;
const dripEveryMs = 100;
const hugeHeaderBytes = 100_000;
const longestHeaderBytes = 4000;
const noHttp = 'SSH-2.0-mock\r\n';

/** Performs a step's fault on the connection of one request. */
export function performFault(exchange: Exchange, step: ConnectionStep): void {
  switch (step.kind) {
    case 'refuse':
      // A request on a connection that was already open: there is no port left to refuse it at.
      resetConnection(exchange);
      return;
    case 'hang':
      if (isWithinBody(step)) cut(exchange, { ...step, ending: 'none' }, step.delayMs);
      return;
    case 'reset':
      performReset(exchange, step);
      return;
    case 'truncate': {
      const { afterChunks = truncateAfterChunks, isAbrupt = false } = step;
      cut(exchange, { afterChunks, ending: isAbrupt ? 'close' : 'clean' }, step.delayMs);
      return;
    }
    case 'garbage':
      after(exchange, step.delayMs ?? 0, () => sendGarbage(exchange, step.text ?? noHttp));
      return;
    case 'drip': {
      const { bytes = 1, everyMs = dripEveryMs } = step;
      answerWell(exchange, (one, answer) => dripAnswer(one, answer, bytes, everyMs), step.delayMs);
      return;
    }
    case 'stale': {
      const { at = 'next-request', afterMs = 0 } = step;
      answerWell(exchange, (one, answer) => sendStale(one, answer, at, afterMs));
      return;
    }
    case 'huge-headers': {
      const padding = hugeHeaders(step.bytes ?? hugeHeaderBytes);
      const send: typeof sendAnswer = (one, answer) =>
        sendAnswer(one, { ...answer, headers: [...answer.headers, ...padding] });
      answerWell(exchange, send, step.delayMs);
      return;
    }
    case 'gzip':
      answerWell(exchange, sendGzipped, step.delayMs);
      return;
  }
}

function performReset(exchange: Exchange, step: Extract<ConnectionStep, { kind: 'reset' }>): void {
  const { delayMs, afterHeaderBytes } = step;
  if (afterHeaderBytes !== undefined) {
    answerWell(exchange, (one, answer) => resetInHead(one, answer, afterHeaderBytes), delayMs);
  } else if (isWithinBody(step)) {
    cut(exchange, { ...step, ending: 'reset' }, delayMs);
  } else {
    after(exchange, delayMs ?? 0, () => resetConnection(exchange));
  }
}

function cut(exchange: Exchange, how: Cut, delayMs: number | undefined): void {
  answerWell(exchange, (one, answer) => sendCutAnswer(one, answer, how), delayMs);
}

function isWithinBody({ afterBytes, afterChunks }: Omit<Cut, 'ending'>): boolean {
  return afterBytes !== undefined || afterChunks !== undefined;
}

/** Makes headers of this many bytes on the wire, names and line ends included, or slightly more. */
function hugeHeaders(bytes: number): string[] {
  const headers: string[] = [];
  for (let left = bytes; left > 0; left -= longestHeaderBytes) {
    const name = `x-mock-padding-${headers.length / 2 + 1}`;
    const around = name.length + ': \r\n'.length;
    headers.push(name, 'x'.repeat(Math.max(1, Math.min(left, longestHeaderBytes) - around)));
  }
  return headers;
}
