import { errorBody, invalidRequestBody } from './bodies/error.ts';
import { frontDoorHeaders, modelHeaders, serviceErrorHeaders } from './bodies/headers.ts';
import { modelListJson } from './bodies/model-list.ts';
import { readCall } from './read-call.ts';
import type { IncomingHttpHeaders } from 'node:http';
import type { Answer } from './answer.ts';
import type { HeaderFacts } from './bodies/headers.ts';
import type { Resource } from './options.ts';
import type { Call } from './read-call.ts';

/** A request as far as an answer depends on it. */
export interface ReceivedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

const parseError =
  "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP library correctly. The OpenAI API expects a JSON payload, but what was sent was not valid JSON.)";

/** What an answer has that neither its request nor its resource tells. */
export interface AnswerDetails {
  /** The length of a stream, whatever the request says. */
  readonly chunks?: number | undefined;
  /** The headers that tell the limits, names and values in turn, instead of the constant ones. */
  readonly rateHeaders?: readonly string[] | undefined;
}

/** Answers a request as a resource does that has nothing against it. */
export function answerRequest(
  resource: Resource,
  request: ReceivedRequest,
  details: AnswerDetails = {},
): Answer {
  return answerCall(resource, request, readCall(resource, request), details);
}

/** Answers a request that has been read already. */
export function answerCall(
  resource: Resource,
  request: ReceivedRequest,
  call: Call,
  details: AnswerDetails = {},
): Answer {
  switch (call.kind) {
    case 'call':
      return answerOperation(resource, request, call, details);
    case 'models':
      return modelAnswer(200, modelListJson(), facts(resource, request, undefined));
    case 'unknown-path':
      return frontDoorError(404, '404');
    case 'unknown-deployment': {
      const headers = serviceErrorHeaders('application/json', facts(resource, request, undefined));
      return { kind: 'whole', status: 404, headers, body: errorBody(404) };
    }
    case 'malformed':
      return modelAnswer(400, invalidRequestBody(parseError), facts(resource, request, call.deployment));
    case 'nameless': {
      const error = invalidRequestBody('you must provide a model parameter', 'model');
      return modelAnswer(400, error, facts(resource, request, undefined));
    }
  }
}

/** Answers a request that brought the wrong key, byte for byte as Azure does. */
export function answerWrongKey(): Answer {
  return { ...frontDoorError(401), reason: 'PermissionDenied' };
}

/** Gathers what the headers of an answer say. */
export function facts(
  resource: Resource,
  request: ReceivedRequest,
  deployment: string | undefined,
): HeaderFacts {
  return { region: resource.region, deployment, requestHeaders: request.headers };
}

function answerOperation(
  resource: Resource,
  request: ReceivedRequest,
  { operation, deployment, body }: Extract<Call, { kind: 'call' }>,
  { chunks, rateHeaders }: AnswerDetails,
): Answer {
  const { name: mockName, completionTokens } = resource;
  const answer = operation.answer({ deployment, body, mockName, completionTokens, chunks });
  const about = { ...facts(resource, request, deployment), rateHeaders };
  switch (answer.kind) {
    case 'json':
      return modelAnswer(200, answer.body, about);
    case 'events':
      return {
        kind: 'stream',
        headers: modelHeaders('text/event-stream; charset=utf-8', about),
        frames: answer.frames,
      };
    case 'invalid':
      return modelAnswer(400, invalidRequestBody(answer.message, answer.param, answer.code), about);
  }
}

function modelAnswer(status: number, body: string, about: HeaderFacts): Answer {
  return { kind: 'whole', status, headers: modelHeaders('application/json', about), body };
}

function frontDoorError(status: number, code?: string): Extract<Answer, { kind: 'whole' }> {
  return { kind: 'whole', status, headers: frontDoorHeaders(), body: errorBody(status, code) };
}
