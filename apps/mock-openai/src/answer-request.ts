import { errorBody, invalidRequestBody } from './bodies/error.ts';
import { frontDoorHeaders, modelHeaders, serviceErrorHeaders } from './bodies/headers.ts';
import { modelListJson } from './bodies/model-list.ts';
import { readRoute } from './read-route.ts';
import type { IncomingHttpHeaders } from 'node:http';
import type { Answer } from './answer.ts';
import type { HeaderFacts } from './bodies/headers.ts';
import type { Resource } from './options.ts';
import type { Route } from './read-route.ts';

/** A request as far as an answer depends on it. */
export interface ReceivedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

const parseError =
  "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP library correctly. The OpenAI API expects a JSON payload, but what was sent was not valid JSON.)";

/** Answers a request as a resource does that has nothing against it; `chunks` sets the length of a stream. */
export function answerRequest(resource: Resource, request: ReceivedRequest, chunks?: number): Answer {
  const route = readRoute(request.method, request.url);
  switch (route.kind) {
    case 'unknown':
      return frontDoorError(404, '404');
    case 'models':
      return modelAnswer(200, modelListJson(), facts(resource, request, undefined));
    case 'operation':
      return answerOperation(resource, request, route, chunks);
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
  route: Extract<Route, { kind: 'operation' }>,
  chunks: number | undefined,
): Answer {
  const known = (deployment: string) => resource.deployments?.has(deployment) ?? true;
  if (route.deployment !== undefined && !known(route.deployment))
    return deploymentNotFound(resource, request);

  const body = parseObject(request.body);
  if (body === undefined) {
    return modelAnswer(400, invalidRequestBody(parseError), facts(resource, request, route.deployment));
  }
  const deployment = route.deployment ?? body['model'];
  if (typeof deployment !== 'string' || deployment === '') {
    const error = invalidRequestBody('you must provide a model parameter', 'model');
    return modelAnswer(400, error, facts(resource, request, undefined));
  }
  if (!known(deployment)) return deploymentNotFound(resource, request);

  const { name: mockName, completionTokens } = resource;
  const answer = route.operation.answer({ deployment, body, mockName, completionTokens, chunks });
  const about = facts(resource, request, deployment);
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

function deploymentNotFound(resource: Resource, request: ReceivedRequest): Answer {
  const headers = serviceErrorHeaders('application/json', facts(resource, request, undefined));
  return { kind: 'whole', status: 404, headers, body: errorBody(404) };
}

function parseObject(bytes: Buffer): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString());
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
