import { answerThrottledCall } from '../answer/answer-step.ts';
import { errorBody, invalidRequestBody } from '../azure/error.ts';
import { answerResponse, keepInConversation, keepResponse } from '../operations/response/create-response.ts';
import { responseEvents } from '../operations/response/response-frames.ts';
import { responseSize } from '../quota/estimate-tokens.ts';
import { refusalStep } from '../quota/refusal-step.ts';
import { ConnectionObjects } from './connection-objects.ts';
import { isFields } from './conversation.ts';
import { pausesOf } from './pauses-of.ts';
import type { IncomingMessage } from 'node:http';
import type { InvalidAnswer, ModelCall } from '../calls/model-call.ts';
import type { Answered } from '../operations/response/create-response.ts';
import type { Serving } from '../serve/serve-request.ts';
import type { Fields, ServerEvent } from './conversation.ts';
import type { Protocol } from './run-session.ts';
import type { SessionFate } from './session-fate.ts';

/** Speaks the Responses API over a WebSocket: each `response.create` is a call, whose stream is sent as frames. */
export function responsesProtocol(serving: Serving, request: IncomingMessage, fate: SessionFate): Protocol {
  const own = new ConnectionObjects(serving.resource.stored);
  const waiting: string[] = [];
  let isAnswering = false;
  let deployment = '';
  function* answerAll(): Generator<ServerEvent> {
    for (let frame = waiting.shift(); frame !== undefined; frame = waiting.shift()) {
      const body = parse(frame) ?? {};
      const wrong = checkEvent(body);
      deployment = String(body['model']);
      if (wrong === undefined) yield* create(serving, request, own, deployment, body);
      else yield wrong;
    }
    isAnswering = false;
  }
  return {
    greeting: [],
    // One response after the other, whenever they were asked for.
    answer: (frame) => {
      waiting.push(frame);
      if (isAnswering) return [];
      isAnswering = true;
      return answerAll();
    },
    frameOf: (event) => JSON.stringify(event),
    pauseAfter: pausesOf(serving.resource, () => deployment, fate),
  };
}

function checkEvent({ type, model }: Fields): ServerEvent | undefined {
  if (type !== 'response.create') {
    const message = `Invalid value: '${String(type)}'. Supported values are: 'response.create'.`;
    return errorOf(400, invalidRequestBody(message, 'type', 'invalid_value'));
  }
  if (typeof model === 'string' && model !== '') return undefined;
  return errorOf(400, invalidRequestBody('you must provide a model parameter', 'model'));
}

/** Answers one call, or says why it is refused: because of its quota, or because of its content. */
function* create(
  { resource, quota }: Serving,
  request: IncomingMessage,
  own: ConnectionObjects,
  deployment: string,
  body: Fields,
): Generator<ServerEvent> {
  if (resource.deployments?.has(deployment) === false) {
    yield errorOf(404, errorBody(404));
    return;
  }
  const judged = quota.isOn ? quota.judge(deployment, responseSize(body), performance.now()) : undefined;
  if (judged?.judgement.kind === 'refused') {
    const step = refusalStep(judged.judgement, judged.quota);
    const { method = '', url = '', headers } = request;
    const received = { method, url, headers, body: Buffer.alloc(0) };
    const called = { operation: 'Responses_Create', apiVersion: 'v1', deployment };
    const refused = answerThrottledCall(resource, received, step, called);
    if (refused.kind === 'whole') yield errorOf(429, String(refused.body), refused.headers);
    return;
  }
  const { name: mockName, completionTokens, promptCache } = resource;
  const call: ModelCall = {
    deployment,
    body,
    mockName,
    completionTokens,
    promptCache,
    chunks: undefined,
    stored: own,
  };
  const answer = answerResponse(call);
  if (answer.kind === 'invalid') {
    yield errorOf(answer.status ?? 400, invalidBody(answer));
    return;
  }
  const answered = body['generate'] === false ? unsaid(answer) : answer;
  yield* responseEvents(answered.made, () => {
    keepResponse(own, answered);
    if (body['store'] !== false) keepResponse(resource.stored, answered);
    keepInConversation({ ...call, stored: resource.stored }, answered);
    judged?.finish(outputTokensOf(answered), performance.now());
  });
}

/** A call that only prepares the next one has an id and no output. */
function unsaid(answered: Answered): Answered {
  const { made } = answered;
  return { ...answered, made: { ...made, output: [], ended: { ...made.ended, output: [] } } };
}

function outputTokensOf({ made }: Answered): number {
  const { usage } = made.ended;
  return isFields(usage) ? Number(usage['output_tokens']) : 0;
}

/** Sends an HTTP answer as an event, as the service does in a session. */
function errorOf(status: number, body: string, headers: readonly string[] = []): ServerEvent {
  const { error } = JSON.parse(body) as { error: unknown };
  const told: Record<string, string> = {};
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index]?.toLowerCase() ?? '';
    if (name.startsWith('retry-after') || name.startsWith('x-ratelimit'))
      told[name] = headers[index + 1] ?? '';
  }
  return { type: 'error', status, error, ...(headers.length === 0 ? {} : { headers: told }) };
}

function invalidBody({ message, param, code }: InvalidAnswer): string {
  return invalidRequestBody(message, param, code);
}

function parse(frame: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(frame);
    return isFields(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
