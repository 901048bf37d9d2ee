import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Runtime } from '../proxy/runtime.ts';
import { sendJson } from './admin-error.ts';
import { describeBackends } from './describe-backends.ts';
import { readQuestion, whyNotReady } from './readiness.ts';

/** Answers that the process is alive, whatever the state of its backends. */
export function answerHealthz(_req: IncomingMessage, res: ServerResponse): void {
  sendJson(res, 200, { status: 'ok' });
}

/** The sources that probes read. */
export interface ProbeParts {
  readonly current: () => Pick<Runtime, 'pool' | 'room' | 'load' | 'nowMs'>;
  readonly isStopping: () => boolean;
  /** Returns the load of the process and its number of errors. */
  readonly describeProcess: () => object;
}

/**
 * Creates the handler that answers 200 while at least one backend is available, and otherwise 503 with the reason. A
 * load balancer may ask about one deployment, and about a minimum share of its quota; or only whether this process can
 * take requests, whatever the state of its backends.
 */
export function createReadyz({ current, isStopping, describeProcess }: ProbeParts) {
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
