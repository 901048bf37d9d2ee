import { answerWrongKey } from './answer-request.ts';
import { readBody } from './listener.ts';
import { performStep } from './perform-step.ts';
import { sendAnswer } from './send-answer.ts';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Resource } from './options.ts';
import type { RequestLog } from './request-log.ts';
import type { RunningScript } from './running-script.ts';

/** Serves one request as a resource: records it, checks its key, then does what the script says. */
export function serveRequest(
  resource: Resource,
  log: RequestLog,
  script: RunningScript,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const record = log.begin(request);
  response.on('close', () => log.end(record, response.writableFinished ? 'answered' : 'aborted'));
  readBody(request, (body) => {
    log.bodyReceived(record, body);
    const received = { method: request.method ?? '', url: request.url ?? '', headers: request.headers, body };
    const exchange = { resource, request: received, response, record, log };
    if (hasKey(resource, request)) performStep(exchange, script.take(performance.now()));
    else sendAnswer(exchange, answerWrongKey());
  });
}

function hasKey({ apiKey }: Resource, { headers }: IncomingMessage): boolean {
  if (apiKey === undefined) return true;
  return headers['api-key'] === apiKey || headers.authorization === `Bearer ${apiKey}`;
}
