import { answerWrongKey } from '../answer/answer-request.ts';
import { answerTooLarge, bodyLimit } from '../answer/body-limit.ts';
import { sendAnswer } from '../exchange/send-answer.ts';
import { readBody } from '../http/listener.ts';
import { isForm, readForm } from '../http/read-form.ts';
import { hasKey } from '../records/keys.ts';
import { performStep } from './perform-step.ts';
import { performWithinQuota } from './perform-within-quota.ts';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Resource } from '../answer/resource.ts';
import type { Exchange } from '../exchange/exchange.ts';
import type { RunningQuota } from '../quota/running-quota.ts';
import type { RequestLog } from '../records/request-log.ts';
import type { RunningScript } from '../script/running-script.ts';

/** A resource with all its changing state. */
export interface Serving {
  readonly resource: Resource;
  readonly log: RequestLog;
  readonly script: RunningScript;
  readonly quota: RunningQuota;
}

/** Serves one request as a resource: records it, checks its key, then follows the script, or the quota. */
export function serveRequest(serving: Serving, request: IncomingMessage, response: ServerResponse): void {
  const { resource, log } = serving;
  const { method = '', url = '', headers } = request;
  const record = log.begin(request);
  response.on('close', () => log.end(record, response.writableFinished ? 'answered' : 'aborted'));
  const toExchange = (body: Buffer): Exchange => ({
    resource,
    request: { method, url, headers, body },
    response,
    record,
    log,
  });
  const bytes = bodyLimit(resource, url);
  const exceeded = (found: number) => {
    const exchange = toExchange(Buffer.alloc(0));
    const tooLarge = () => answerTooLarge(resource, exchange.request, bytes, found);
    sendAnswer(exchange, hasKey(request, resource.apiKey) ? tooLarge() : answerWrongKey());
  };
  const received = (body: Buffer) => {
    log.bodyReceived(record, body);
    if (hasKey(request, resource.apiKey)) performWithForm(serving, toExchange(body));
    else sendAnswer(toExchange(body), answerWrongKey());
  };
  readBody(request, received, { bytes, exceeded });
}

/** Reads the form first if the body is one; all other requests are answered at once. */
function performWithForm(serving: Serving, exchange: Exchange): void {
  const { request } = exchange;
  const type = request.headers['content-type'];
  if (!isForm(type)) {
    perform(serving, exchange);
    return;
  }
  void readForm(type, request.body).then((form) =>
    perform(serving, { ...exchange, request: { ...request, form } }),
  );
}

function perform({ script, quota }: Serving, exchange: Exchange): void {
  const step = script.take(performance.now());
  if (step.kind === 'ok' && quota.isOn) performWithinQuota(exchange, quota);
  else performStep(exchange, step);
}
