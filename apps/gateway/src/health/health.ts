import type { IncomingMessage, ServerResponse } from 'node:http';
import type { BackendPool, Standing } from '@spillway/core';

/** Answers that the process is alive, whatever its backends do. */
export function answerHealthz(_req: IncomingMessage, res: ServerResponse): void {
  sendJson(res, 200, { status: 'ok' });
}

/** What readiness depends on. */
export interface ReadinessParts {
  readonly pool: BackendPool;
  readonly isStopping: () => boolean;
  readonly nowMs: () => number;
}

/** Makes the handler that answers 200 while at least one backend is available, and 503 with the reason otherwise. */
export function createReadyz({ pool, isStopping, nowMs }: ReadinessParts) {
  return (_req: IncomingMessage, res: ServerResponse): void => {
    const now = nowMs();
    const standings = pool.standings(undefined, now);
    // A saturated backend is recovering, and serves.
    const isAvailable = standings.some(
      ({ availability }) => availability === 'available' || availability === 'saturated',
    );
    const reason = isStopping()
      ? 'the gateway is stopping'
      : isAvailable
        ? undefined
        : 'no backend is available';
    sendJson(res, reason === undefined ? 200 : 503, {
      status: reason === undefined ? 'ready' : 'not ready',
      reason,
      backends: standings.map((standing) => describeStanding(standing, now)),
    });
  };
}

function describeStanding({ backend, availability, recoversAtMs }: Standing, nowMs: number) {
  return {
    name: backend.name,
    priority: backend.priority,
    availability,
    recoversInMs: recoversAtMs > nowMs ? Math.ceil(recoversAtMs - nowMs) : undefined,
  };
}

function sendJson(res: ServerResponse, status: number, value: unknown): void {
  const body = `${JSON.stringify(value)}\n`;
  res.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
  });
  res.end(body);
}
