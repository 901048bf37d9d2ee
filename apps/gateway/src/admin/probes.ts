import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Runtime } from '../proxy/runtime.ts';
import { sendJson } from './admin-error.ts';
import { describeBackends } from './describe-backends.ts';
import { readQuestion, whyNotReady } from './readiness.ts';

/** Answers that the process is alive, whatever its backends do. */
export function answerHealthz(_req: IncomingMessage, res: ServerResponse): void {
  sendJson(res, 200, { status: 'ok' });
}

/** Where probes look. */
export interface ProbeParts {
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
