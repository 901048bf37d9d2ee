import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Runtime } from '../proxy/runtime.ts';
import { sendJson } from './admin-error.ts';
import { readQuestion, whyNotReady } from './readiness.ts';

/** Answers that the process is alive, whatever the state of its backends. */
export function answerHealthz(_req: IncomingMessage, res: ServerResponse): void {
  sendJson(res, 200, { status: 'ok' });
}

/** The sources that probes read. */
export interface ProbeParts {
  readonly current: () => Pick<Runtime, 'pool' | 'load' | 'nowMs'>;
  readonly isStopping: () => boolean;
}

/**
 * Creates the handler that answers 200 while at least one backend is available, and otherwise 503 with the reason. A
 * load balancer may ask about one deployment, and about a minimum share of its quota; or only whether this process can
 * take requests, whatever the state of its backends. Nobody is asked who they are here, so that backends are not named.
 */
export function createReadyz({ current, isStopping }: ProbeParts) {
  return (req: IncomingMessage, res: ServerResponse): void => {
    const { pool, load, nowMs } = current();
    const question = readQuestion(new URLSearchParams(req.url?.split('?')[1]));
    const reason = isStopping()
      ? 'the gateway is stopping'
      : question.scope === 'process'
        ? load.whyRefusing
        : whyNotReady(pool.snapshots(question.deployment, nowMs()), question);
    if (reason === undefined) sendJson(res, 200, { status: 'ready' });
    else sendJson(res, 503, { status: 'not ready', reason });
  };
}
