import { answerWrongKey } from './answer-request.ts';
import { readBody } from './listener.ts';
import { performStep } from './perform-step.ts';
import { performWithinQuota } from './perform-within-quota.ts';
import { sendAnswer } from './send-answer.ts';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Resource } from './options.ts';
import type { RunningQuota } from './quota/running-quota.ts';
import type { RequestLog } from './request-log.ts';
import type { RunningScript } from './running-script.ts';

/** A resource with all that changes while it serves. */
export interface Serving {
  readonly resource: Resource;
  readonly log: RequestLog;
  readonly script: RunningScript;
  readonly quota: RunningQuota;
}

/** Serves one request as a resource: records it, checks its key, then does what the script says, or what the quota allows. */
export function serveRequest(serving: Serving, request: IncomingMessage, response: ServerResponse): void {
  const { resource, log, script, quota } = serving;
  const record = log.begin(request);
  response.on('close', () => log.end(record, response.writableFinished ? 'answered' : 'aborted'));
  readBody(request, (body) => {
    log.bodyReceived(record, body);
    const received = { method: request.method ?? '', url: request.url ?? '', headers: request.headers, body };
    const exchange = { resource, request: received, response, record, log };
    if (!hasKey(resource, request)) {
      sendAnswer(exchange, answerWrongKey());
      return;
    }
    const step = script.take(performance.now());
    if (step.kind === 'ok' && quota.isOn) performWithinQuota(exchange, quota);
    else performStep(exchange, step);
  });
}

function hasKey({ apiKey }: Resource, { headers }: IncomingMessage): boolean {
  if (apiKey === undefined) return true;
  return headers['api-key'] === apiKey || headers.authorization === `Bearer ${apiKey}`;
}
