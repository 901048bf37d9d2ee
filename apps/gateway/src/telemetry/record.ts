import type { AttemptRecord } from '@spillway/core';
import type { Exchange } from './exchange.ts';
import { createRenderedLog, type Log } from './log.ts';

/** nginx's status for a client that left before its response began. */
const CLIENT_LEFT = 499;

/**
 * Makes the function that writes the one log line of a request. It holds names, counts and times only: no header, no
 * query and no body, so that no key, token or prompt can be in it. What the request never reached is null.
 */
export function createRecorder(log: Log): (exchange: Exchange) => void {
  const requestLog = createRenderedLog(log, renderExchange);
  return (exchange) => requestLog.info(exchange);
}

/** Only what a client chose is quoted with care; backend names are checked, and the rest are our own words. */
function renderExchange(exchange: Exchange, _message: string, level: number, time: string): string {
  const { startedMs, respondedMs, endedMs = startedMs, attempts = [] } = exchange;
  return (
    `{"level":${level}${time},"id":"${exchange.id}","status":${clientStatus(exchange)}` +
    `,"ending":"${exchange.ending ?? 'complete'}","method":"${exchange.method}"` +
    `,"operation":${quote(exchange.operation)},"deployment":${quote(exchange.deployment)}` +
    `,"backend":${quote(attempts.at(-1)?.backend.name)},"attempts":[${attempts.map(renderAttempt).join()}]` +
    `,"requestBytes":${exchange.requestBytes ?? null},"responseBytes":${exchange.responseBytes ?? null}` +
    `,"firstByteMs":${respondedMs === undefined ? null : round(respondedMs - startedMs)}` +
    `,"totalMs":${round(endedMs - startedMs)},"msg":"request"}\n`
  );
}

function renderAttempt({ backend, outcome, durationMs }: AttemptRecord): string {
  const status = 'status' in outcome ? `,"status":${outcome.status}` : '';
  const failure = 'failure' in outcome ? `,"failure":"${outcome.failure}"` : '';
  return `{"backend":"${backend.name}","outcome":"${outcome.kind}"${status}${failure},"ms":${round(durationMs)}}`;
}

function clientStatus({ ending, respondedMs, status = 0 }: Exchange): number {
  return ending === 'abandoned' && respondedMs === undefined && status === 200 ? CLIENT_LEFT : status;
}

function quote(text: string | undefined): string {
  return text === undefined ? 'null' : JSON.stringify(text);
}

/** To a tenth of a millisecond. */
function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}
