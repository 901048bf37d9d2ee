import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Runtime } from '../proxy/runtime.ts';
import { describeBackends } from './describe-backends.ts';
import { readQuestion, whyNotReady } from './readiness.ts';

/** Answers that the process is alive, whatever its backends do. */
export function answerHealthz(_req: IncomingMessage, res: ServerResponse): void {
  sendJson(res, 200, { status: 'ok' });
}

/** Where the pages for operators look. */
export interface OperatorParts {
  readonly current: () => Pick<Runtime, 'pool' | 'room' | 'load' | 'nowMs'>;
  readonly isStopping: () => boolean;
  /** Returns how much the process has to do, and how often it went wrong. */
  readonly describeProcess: () => object;
}

/**
 * Makes the handler that answers 200 while at least one backend is available, and 503 with the reason otherwise. A
 * balancer in front may ask for one deployment, and for a share of its quota that must be left; or only whether this
 * process can take requests, whatever its backends do.
 */
export function createReadyz({ current, isStopping, describeProcess }: OperatorParts) {
  return (req: IncomingMessage, res: ServerResponse): void => {
    const { pool, room, load, nowMs } = current();
    const question = readQuestion(new URLSearchParams(req.url?.split('?')[1]));
    const now = nowMs();
    const reason = isStopping()
      ? 'the gateway is stopping'
      : question.scope === 'process'
        ? load.whyRefusing
        : whyNotReady(pool.snapshots(question.deployment, now), question);
    sendJson(res, reason === undefined ? 200 : 503, {
      status: reason === undefined ? 'ready' : 'not ready',
      reason,
      process: describeProcess(),
      waiting: room?.sizes,
      backends: describeBackends(pool.report(now), now),
    });
  };
}

/** Makes the handler that tells how every backend stands. */
export function createBackendsPage({ current, describeProcess }: OperatorParts) {
  return (_req: IncomingMessage, res: ServerResponse): void => {
    const { pool, room, nowMs } = current();
    const now = nowMs();
    sendJson(res, 200, {
      process: describeProcess(),
      waiting: room?.sizes,
      backends: describeBackends(pool.report(now), now),
    });
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
