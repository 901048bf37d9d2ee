import { errorBody, invalidRequestBody } from '../azure/error.ts';
import { frontDoorHeaders, modelHeaders, serviceErrorHeaders } from '../azure/headers.ts';
import { isForm } from '../http/read-form.ts';
import { readCall } from './read-call.ts';
import type { HeaderFacts } from '../azure/headers.ts';
import type { AskedAnswer, ModelAnswer } from '../calls/model-call.ts';
import type { Answer } from '../http/answer.ts';
import type { ReceivedRequest } from '../http/received-request.ts';
import type { Call } from './read-call.ts';
import type { Resource } from './resource.ts';

const formError = 'We could not parse the multipart form of your request.';
const parseError =
  "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP library correctly. The OpenAI API expects a JSON payload, but what was sent was not valid JSON.)";

/** The properties of an answer that depend on neither its request nor its resource. */
export interface AnswerDetails {
  /** The length of a stream, whatever the request says. */
  readonly chunks?: number | undefined;
  /** After how many tokens the content filter blocks the answer. */
  readonly blockedAfter?: number | undefined;
  /** The headers that report the limits, names and values in turn, instead of the constant ones. */
  readonly rateHeaders?: readonly string[] | undefined;
}

/** Answers a request the way a resource does when nothing is wrong. */
export function answerRequest(
  resource: Resource,
  request: ReceivedRequest,
  details: AnswerDetails = {},
): Answer {
  return answerCall(resource, request, readCall(resource, request), details);
}

/** Answers a request that has already been read. */
export function answerCall(
  resource: Resource,
  request: ReceivedRequest,
  call: Call,
  details: AnswerDetails = {},
): Answer {
  switch (call.kind) {
    case 'call':
      return answerOperation(resource, request, call, details);
    case 'object':
      return answerObject(resource, request, call, details);
    case 'unknown-path':
      return frontDoorError(404, '404');
    case 'unknown-deployment': {
      const headers = serviceErrorHeaders('application/json', facts(resource, request, undefined));
      return { kind: 'whole', status: 404, headers, body: errorBody(404) };
    }
    case 'malformed': {
      const message = isForm(request.headers['content-type']) ? formError : parseError;
      return wholeAnswer(400, invalidRequestBody(message), facts(resource, request, call.deployment));
    }
    case 'nameless': {
      const error = invalidRequestBody('you must provide a model parameter', 'model');
      return wholeAnswer(400, error, facts(resource, request, undefined));
    }
  }
}

/** Answers a request that brought the wrong key, byte for byte as Azure does. */
export function answerWrongKey(): Answer {
  return { ...frontDoorError(401), reason: 'PermissionDenied' };
}

/** Collects the contents of an answer's headers; `rateHeaders` when the limits are not the usual ones. */
export function facts(
  resource: Resource,
  request: ReceivedRequest,
  deployment: string | undefined,
  rateHeaders?: readonly string[],
): HeaderFacts {
  return { region: resource.region, deployment, requestHeaders: request.headers, rateHeaders };
}

function answerOperation(
  resource: Resource,
  request: ReceivedRequest,
  { operation, deployment, body }: Extract<Call, { kind: 'call' }>,
  { chunks, blockedAfter, rateHeaders }: AnswerDetails,
): Answer {
  const answer = operation.answer({
    deployment,
    body,
    form: request.form,
    mockName: resource.name,
    completionTokens: resource.completionTokens,
    contentFilter: resource.contentFilter,
    stored: resource.stored,
    promptCache: resource.promptCache,
    chunks,
    blockedAfter,
  });
  return toAnswer(answer, facts(resource, request, deployment, rateHeaders));
}

function answerObject(
  resource: Resource,
  request: ReceivedRequest,
  { operation, ids, query, body }: Extract<Call, { kind: 'object' }>,
  { chunks }: AnswerDetails,
): Answer {
  const { name: mockName, completionTokens, stored } = resource;
  const about = { body, form: request.form, mockName, completionTokens, chunks, stored };
  const answer = operation.answer({
    ...about,
    ids,
    query: new URLSearchParams(query),
    ask: (url, asked) => askItself(resource, url, asked),
  });
  const isCreated = operation.isCreatedOnClassic === true && !request.url.startsWith('/openai/v1/');
  const headers = facts(resource, request, undefined, []);
  return toAnswer(isCreated && answer.kind === 'json' ? { status: 201, ...answer } : answer, headers);
}

function askItself(resource: Resource, url: string, body: Readonly<Record<string, unknown>>): AskedAnswer {
  const bytes = Buffer.from(JSON.stringify(body));
  const answer = answerRequest(resource, { method: 'POST', url, headers: {}, body: bytes });
  return answer.kind === 'whole'
    ? { status: answer.status, body: answer.body.toString() }
    : { status: 200, body: [...answer.frames].join('') };
}

function toAnswer(answer: ModelAnswer, about: HeaderFacts): Answer {
  switch (answer.kind) {
    case 'json':
      return wholeAnswer(answer.status ?? 200, answer.body, about);
    case 'events':
      return {
        kind: 'stream',
        headers: modelHeaders('text/event-stream; charset=utf-8', about),
        frames: answer.frames,
      };
    case 'text':
    case 'binary':
      return wholeAnswer(200, answer.body, about, answer.contentType);
    case 'invalid': {
      const { status = 400, message, param, code } = answer;
      return wholeAnswer(status, invalidRequestBody(message, param, code), about);
    }
  }
}

function wholeAnswer(
  status: number,
  body: string | Buffer,
  about: HeaderFacts,
  contentType = 'application/json',
): Answer {
  return { kind: 'whole', status, headers: modelHeaders(contentType, about), body };
}

function frontDoorError(status: number, code?: string): Extract<Answer, { kind: 'whole' }> {
  return { kind: 'whole', status, headers: frontDoorHeaders(), body: errorBody(status, code) };
}
