import { type FailoverRequest, runFailover } from '@spillway/core';
import { readSessionKey } from '../headers/session-key.ts';
import { isOfObject } from '../ownership/references.ts';
import type { Route } from '../route/classify-route.ts';
import type { Accepted, ClientVerdict } from './caller.ts';
import type { Runtime } from './runtime.ts';

/** Finds the answer in a request’s own way: ephemeral keys, merged lists, stored objects, or the plain failover. */
export function findAnswer(
  { config, modelLists, sessionOwners, ownership, pool, transportOf, nowMs }: Runtime,
  request: Accepted,
  route: Route,
  routing: FailoverRequest,
): Promise<ClientVerdict> {
  const isPinned = config.allowBackendPin && request.headers['x-spillway-backend'] !== undefined;
  const isFiltered = request.caller?.deployments !== undefined;
  // An ephemeral key is passed on, whatever it is used for: the backend's own credential may do more.
  if (sessionOwners.concerns(request, route) && (!isPinned || readSessionKey(request.headers) !== undefined))
    return sessionOwners.run(request, route, routing);
  if ((!isPinned || isFiltered) && modelLists.concerns(request, route))
    return modelLists.run(request, route, routing);
  if (ownership.concerns(route, request.method)) return ownership.run(request, route, routing);
  const wanted = route.isStateful
    ? { ...routing, isOfObject: isOfObject(route.operation, route.content) }
    : routing;
  return runFailover(pool, wanted, transportOf(request, route), nowMs);
}
