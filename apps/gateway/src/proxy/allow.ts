import type { Client } from '../client/client.ts';
import type { MintedKeys } from '../client/minted-keys.ts';
import { GatewayError } from '../errors.ts';
import { readEphemeralKey } from '../headers/session-key.ts';
import type { Route } from '../route/classify-route.ts';
import { checkSlashes } from '../route/escaped-slash.ts';
import type { BatchFiles } from '../usage/batch-files.ts';
import { capOutput } from '../usage/cap-output.ts';
import { type BatchOrder, readBatchOrder } from './batch-file.ts';
import type { Accepted } from './caller.ts';
import { checkPermission, forbidden } from './permission.ts';
import type { Runtime } from './runtime.ts';

/** A permitted request, in the form in which backends get it. */
export interface Allowed {
  readonly request: Accepted;
  readonly route: Route;
  /** The charge for a batch file or a batch, where that matters. */
  readonly batch?: BatchOrder | undefined;
}

/**
 * Checks that a client may make its request, and limits the length of the answer.
 *
 * @throws GatewayError when it may not, or that is unclear
 */
export function allow(
  client: Client,
  { objects, clientMemory, meters: { batches } }: Runtime,
  request: Accepted,
  named: Route,
): Allowed | Promise<Allowed> {
  checkPermission(client, request, named);
  checkSlashes(named);
  const route = ofSessionKey(clientMemory.minted, request, named);
  // The deployment may have been one of the client's when the key was created.
  if (route !== named && client.deployments?.has(route.deployment) === false) throw forbidden('deployment');
  if (objects?.concerns(request, route) !== true) return limit(client, request, route, batches);
  return objects.check(request, route).then(() => limit(client, request, route, batches));
}

/** Limits the length of the answer, and the demand of the lines of a batch file. */
function limit(
  client: Client,
  request: Accepted,
  route: Route,
  files: BatchFiles,
): Allowed | Promise<Allowed> {
  const order = readBatchOrder(client, request, route, files);
  if (!(order instanceof Promise)) return limitOutput(client, request, route, order);
  return order.then((batch) => limitOutput(client, request, route, batch));
}

function limitOutput(
  { maxOutputTokens }: Client,
  request: Accepted,
  route: Route,
  batch: BatchOrder | undefined,
): Allowed {
  if (maxOutputTokens === undefined) return { request, route, batch };
  const capped = capOutput(request, route, maxOutputTokens);
  if (capped.isCapped) return { ...capped, batch };
  throw new GatewayError(
    'bad-request',
    'The body cannot be read, so the length of its answer cannot be limited.',
  );
}

/** A session without a deployment uses, and is charged for, the one that its key was created for. */
function ofSessionKey(minted: MintedKeys, { headers }: Accepted, route: Route): Route {
  if (route.deployment !== '' || !route.operation.startsWith('realtime')) return route;
  const key = readEphemeralKey(headers);
  const deployment = key === undefined ? undefined : minted.deploymentOf(key);
  return deployment === undefined ? route : { ...route, deployment };
}
