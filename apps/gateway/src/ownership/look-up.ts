import {
  type AttemptRecord,
  type Backend,
  type BackendPool,
  type FailoverRequest,
  runFailover,
  type Transport,
  type Verdict,
} from '@spillway/core';
import type { Reference } from '../route/stored-objects.ts';

/**
 * Asks one backend after another for an object that any of them may have. Those without it cannot help later, so if the
 * client must wait, it waits for the others.
 */
export function lookUp<B extends Backend, Body>(
  pool: BackendPool<B>,
  request: FailoverRequest,
  transport: Transport<B, Body>,
  nowMs: () => number,
): Promise<Verdict<B, Body>> {
  return runFailover(pool, { ...request, isLookup: true }, transport, nowMs);
}

/** Returns the backends of the attempts that had an outcome. */
export function namesOf(
  attempts: readonly AttemptRecord[],
  isIt: (outcome: AttemptRecord['outcome']) => boolean,
): readonly string[] {
  return attempts.filter(({ outcome }) => isIt(outcome)).map(({ backend }) => backend.name);
}

/** Returns when the first of some backends recovers, in ms from now. */
export function recoveryMs<B extends Backend>(
  pool: BackendPool<B>,
  deployment: string,
  isHope: (name: string) => boolean,
  nowMs: number,
): number {
  const hopes = pool.snapshots(deployment, nowMs).filter(({ backend }) => isHope(backend.name));
  return Math.max(0, Math.min(...hopes.map(({ recoversAtMs }) => recoversAtMs - nowMs)));
}

/** Headers of the body or session, of a part or version of the answer, or of a repeated request of the client. */
const NOT_FOR_LOOK_UPS = /^(?:content-|sec-websocket-|if-|range$|accept$|accept-encoding$|idempotency-key$)/i;

/**
 * Returns the headers with which the gateway itself requests an object on a client's behalf: the client's, which may
 * enable the API that has the object, without those that only make sense with its own request.
 */
export function lookUpHeaders(rawHeaders: readonly string[]): string[] {
  const headers: string[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string;
    if (!NOT_FOR_LOOK_UPS.test(name)) headers.push(name, rawHeaders[i + 1] as string);
  }
  return headers;
}

/** Returns the path of an object, in the style and with the query of the client's own path. */
export function lookUpDestination(
  { path, operation: asked }: { readonly path: string; readonly operation: string },
  { collection, id }: Reference,
) {
  const operation = `${collection}/${id}`;
  const [pathname = '', query] = path.split(/\?(.*)/s, 2);
  // The part before the operation: `/openai/v1/`, `/openai/`, or the path of a project.
  const base = pathname.slice(0, -asked.length).replace(/deployments\/[^/]+\/$/, '');
  return { operation, path: base + operation + (query === undefined ? '' : `?${query}`), deployment: '' };
}
