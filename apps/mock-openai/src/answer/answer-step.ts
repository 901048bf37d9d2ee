import { errorBody } from '../azure/error.ts';
import { frontDoorHeaders, serviceErrorHeaders } from '../azure/headers.ts';
import { messageBody, throttleBody } from '../azure/throttle-text.ts';
import { facts } from './answer-request.ts';
import { readRoute } from './read-route.ts';
import type { Answer } from '../http/answer.ts';
import type { ReceivedRequest } from '../http/received-request.ts';
import type { StatusStep, ThrottleStep } from '../script/step.ts';
import type { Resource } from './resource.ts';

const usualRetryAfterSeconds = 10;

/** Answers a throttled request in Azure's words; `called` is the deployment where the path does not name it. */
export function answerThrottle(
  resource: Resource,
  request: ReceivedRequest,
  step: ThrottleStep,
  called?: string,
): Answer {
  const route = readRoute(request.method, request.url);
  const isKnown = route.kind === 'operation';
  return answerThrottledCall(resource, request, step, {
    operation: isKnown ? route.operation.azureName : 'ChatCompletions_Create',
    apiVersion: isKnown ? route.apiVersion : 'v1',
    deployment: isKnown ? (route.deployment ?? called) : undefined,
  });
}

/** The deployment and operation that a throttled request calls. */
export interface CalledOperation {
  /** The operation's name in Azure's texts. */
  readonly operation: string;
  readonly apiVersion: string;
  readonly deployment: string | undefined;
}

/** Answers a throttled request whose deployment and operation are known. */
export function answerThrottledCall(
  resource: Resource,
  request: ReceivedRequest,
  step: ThrottleStep,
  { operation, apiVersion, deployment }: CalledOperation,
): Answer {
  const text = step.text ?? 'token-rate';
  const timing = timingHeaders(step);
  const call = {
    operation,
    apiVersion,
    deployment: deployment ?? 'gpt-4o',
    region: resource.region,
    seconds: step.textSeconds ?? secondsInText(step),
  };
  const body = step.message === undefined ? throttleBody(text, call) : messageBody(step.message);
  const policy = text.startsWith('call') ? 'DeploymentRatelimit-Call' : 'DeploymentRatelimit-Token';
  const headers = [
    ...serviceErrorHeaders('application/json', facts(resource, request, deployment)),
    ...timing,
  ];
  if (step.hasPolicy !== false) headers.push('policy-id', policy);
  return { kind: 'whole', status: 429, headers: withHeaders(headers, step.headers), body };
}

/** Answers any status, with Azure's body for it unless the step brings one. */
export function answerStatus(resource: Resource, request: ReceivedRequest, step: StatusStep): Answer {
  const own = step.body;
  const body =
    own === undefined
      ? errorBody(step.status, step.code)
      : typeof own === 'string'
        ? own
        : JSON.stringify(own);
  const type = own === undefined && body.startsWith('<') ? 'text/html' : 'application/json';
  const isFrontDoor = step.status === 401;
  const headers = isFrontDoor
    ? frontDoorHeaders()
    : serviceErrorHeaders(type, facts(resource, request, undefined));
  const answer = {
    kind: 'whole',
    status: step.status,
    headers: withHeaders(headers, step.headers),
    body,
  } as const;
  return isFrontDoor ? { ...answer, reason: 'PermissionDenied' } : answer;
}

function timingHeaders(step: ThrottleStep): string[] {
  const given = [
    ['retry-after-ms', step.retryAfterMs],
    ['x-ratelimit-reset-requests', step.resetRequests],
    ['x-ratelimit-reset-tokens', step.resetTokens],
  ] as const;
  const headers = given.flatMap(([name, value]) => (value === undefined ? [] : [name, String(value)]));
  const usual = headers.length === 0 ? usualRetryAfterSeconds : false;
  const seconds = step.retryAfterSeconds ?? usual;
  return seconds === false ? headers : ['Retry-After', String(seconds), ...headers];
}

function secondsInText(step: ThrottleStep): number {
  if (typeof step.retryAfterSeconds === 'number') return step.retryAfterSeconds;
  if (step.retryAfterMs !== undefined) return Math.ceil(step.retryAfterMs / 1000);
  const reset = step.resetRequests ?? step.resetTokens;
  return typeof reset === 'number' ? reset : usualRetryAfterSeconds;
}

function withHeaders(
  headers: readonly string[],
  further: Readonly<Record<string, string>> = {},
): readonly string[] {
  const names = new Set(Object.keys(further).map((name) => name.toLowerCase()));
  if (names.size === 0) return headers;
  const kept: string[] = [];
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] ?? '';
    if (!names.has(name.toLowerCase())) kept.push(name, headers[index + 1] ?? '');
  }
  return [...kept, ...Object.entries(further).flat()];
}
