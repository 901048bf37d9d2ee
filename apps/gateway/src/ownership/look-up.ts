import {
  type Backend,
  type BackendPool,
  type FailoverRequest,
  runFailover,
  type Transport,
  type Verdict,
} from '@spillway/core';
import type { Reference } from '../route/stored-objects.ts';

/**
 * Asks one backend after another for an object that any of them may have. Those that do not have it are no hope for the
 * client, so when it must wait, it is for the others.
 */
export function lookUp<B extends Backend, Body>(
  pool: BackendPool<B>,
  request: FailoverRequest,
  transport: Transport<B, Body>,
  nowMs: () => number,
): Promise<Verdict<B, Body>> {
  return runFailover(pool, { ...request, isLookup: true }, transport, nowMs);
}

/** Of the body, of a part or version of the answer, or a second sending of the client's own request. */
const NOT_FOR_LOOK_UPS = /^(?:content-|if-|range$|accept$|accept-encoding$|idempotency-key$)/i;

/**
 * Answers the headers with which the gateway itself asks for an object on a client's behalf: the client's, for they may
 * switch on the API that has the object, less those that only make sense with its own request.
 */
export function lookUpHeaders(rawHeaders: readonly string[]): string[] {
  const headers: string[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string;
    if (!NOT_FOR_LOOK_UPS.test(name)) headers.push(name, rawHeaders[i + 1] as string);
  }
  return headers;
}

/** Answers where an object can be asked for, in the style and with the query of the client's own path. */
export function lookUpDestination(path: string, { collection, id }: Reference) {
  const [base = '/openai/'] = /^(?:\/api\/projects\/[^/]+)?\/openai\/(?:v1\/)?/.exec(path) ?? [];
  const operation = `${collection}/${id}`;
  const query = path.indexOf('?');
  return { operation, path: base + operation + (query === -1 ? '' : path.slice(query)), deployment: '' };
}
