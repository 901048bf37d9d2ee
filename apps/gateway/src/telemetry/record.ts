import type { AttemptRecord } from '@spillway/core';
import type { Exchange } from './exchange.ts';
import type { Log } from './log.ts';

/** nginx's status for a client that left before its response began. */
const CLIENT_LEFT = 499;

/**
 * Writes the one log line of a request. It holds names, counts and times only: no header, no query and no body, so that
 * no key, token or prompt can be in it.
 */
export function record(exchange: Exchange, log: Log): void {
  const {
    startedMs,
    respondedMs,
    endedMs = startedMs,
    status,
    ending = 'complete',
    attempts = [],
  } = exchange;
  log.info(
    {
      id: exchange.id,
      status: ending === 'abandoned' && respondedMs === undefined && status === 200 ? CLIENT_LEFT : status,
      ending,
      method: exchange.method,
      operation: exchange.operation,
      deployment: exchange.deployment,
      backend: attempts.at(-1)?.backend.name,
      attempts: attempts.map(describeAttempt),
      requestBytes: exchange.requestBytes,
      responseBytes: exchange.responseBytes,
      firstByteMs: respondedMs === undefined ? undefined : round(respondedMs - startedMs),
      totalMs: round(endedMs - startedMs),
    },
    'request',
  );
}

function describeAttempt({ backend, outcome, durationMs }: AttemptRecord) {
  return {
    backend: backend.name,
    outcome: outcome.kind,
    status: 'status' in outcome ? outcome.status : undefined,
    failure: 'failure' in outcome ? outcome.failure : undefined,
    ms: round(durationMs),
  };
}

/** To a tenth of a millisecond. */
function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}
