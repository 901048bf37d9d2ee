import type { IncomingMessage } from 'node:http';
import { isForm } from '../body/form-field.ts';
import { isHidden, type SentBody } from '../body/hidden-body.ts';
import { percentDecoded } from '../body/percent-decoded.ts';
import { isPlainForm } from '../body/plain-form.ts';
import type { Client } from '../client/client.ts';
import { GatewayError } from '../errors.ts';
import { readSessionKey } from '../headers/session-key.ts';
import type { AcceptedRequest } from '../request/accept.ts';
import { classifyRoute, type Route } from '../route/classify-route.ts';
import { namesAgentInQuery, namesInHeaders, namesInQuery } from '../route/names-in-head.ts';
import { mayNameInside, namesAgent, namesForLater, namesInside } from '../route/names-inside.ts';
import { namesDeployment } from '../route/operations.ts';
import { asksUnnamed } from './unnamed-message.ts';

/**
 * Operations whose `model` is a deployment, besides those that always name one. Any other operation may ignore an
 * unknown name.
 */
const NAMED = /^(?:realtime(?:\/|$)|videos$|video\/generations\/jobs$)/;
/** Results of requests that named a deployment: reading, deleting or cancelling them costs nothing. */
const RESULTS = /^(?:responses|chat\/completions|videos|video\/generations)\/./;
const ENDS = /^responses\/[^/]+\/cancel$/;
const FREE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'DELETE']);
const LISTS = /^(?:models|deployments)(?:\/(.+))?$/;

type Asked = Pick<AcceptedRequest<unknown>, 'method' | 'headers' | 'upload'> & {
  /** The unpacked body, where the client has packed it. */
  readonly unpacked?: Buffer | undefined;
};

/**
 * Checks that a client may make its request.
 *
 * @throws GatewayError `forbidden`, or `bad-request` where that is unclear
 */
export function checkPermission(client: Client, request: Asked, route: Route): void {
  const { deployments, allOperations, budgets, isChargedByName } = client;
  if (deployments === undefined && allOperations && budgets === undefined) return;
  if (deployments !== undefined) checkHead(deployments, request, route);
  if (route.deployment === '' || !namesItsDeployment(route)) return checkUnnamed(client, request, route);
  if (deployments?.has(route.deployment) === false) throw forbidden('deployment');
  const isCertain = deployments === undefined && (!isChargedByName || route.deploymentPlace?.in === 'path');
  if (!isCertain && !isWhollyRead(request, route)) throw unreadable();
  if (deployments === undefined) return;
  if (namesInside(route).some((name) => !deployments.has(name))) throw forbidden('deployment');
  // An agent brings a deployment of its own.
  if (!allOperations && (namesAgent(route) || namesAgentInQuery(route.path))) throw forbidden('operation');
}

/** Headers may name further deployments, and a query one that some backends obey. A list names all of them. */
function checkHead(
  deployments: ReadonlySet<string>,
  { method, headers }: Asked,
  { path, operation }: Route,
): void {
  const isFilter = FREE_METHODS.has(method) && !operation.startsWith('realtime');
  const names = [...namesInHeaders(headers), ...(isFilter ? [] : namesInQuery(path))];
  if (names.some((name) => !deployments.has(name))) throw forbidden('deployment');
  // An ephemeral key gets its backend's own list, with the names of all deployments.
  const isList = operation === 'models' || operation === 'deployments';
  if (isList && readSessionKey(headers) !== undefined) throw forbidden('operation');
}

/**
 * Creates the function that tells whether a client may send a message in its session; undefined if it may send any.
 * Each message names its own deployment.
 */
export function createMessageCheck(
  client: Client | undefined,
  { url = '', headers }: Pick<IncomingMessage, 'url' | 'headers'>,
): ((message: Buffer, isBinary: boolean) => boolean) | undefined {
  if (client?.deployments === undefined) return undefined;
  return (message, isBinary) => {
    if (isBinary) return false;
    try {
      const route = classifyRoute('POST', url, message);
      if (route.deployment === '') return !asksUnnamed(route);
      checkPermission(client, { method: 'POST', headers, upload: undefined }, route);
      return true;
    } catch {
      return false;
    }
  };
}

/** Every backend reads a name in the path, or in a query; a name in a body counts only if the operation uses it. */
function namesItsDeployment({ operation, deploymentPlace }: Route): boolean {
  return deploymentPlace?.in === 'path' || namesDeployment(operation) || NAMED.test(operation);
}

function checkUnnamed({ deployments, allOperations }: Client, request: Asked, route: Route): void {
  const { method, headers } = request;
  const { operation, deployment } = route;
  if (allOperations && deployment === '') {
    if (mayNameUnread(request, route)) throw unreadable();
    const names = deployments === undefined ? [] : namesForLater(route);
    if (names.some((name) => deployments?.has(name) === false)) throw forbidden('deployment');
  }
  // Objects that name a deployment of their own, such as batches, are checked neither here nor elsewhere.
  if (allOperations && (deployment === '' || deployments === undefined || deployments.has(deployment)))
    return;
  const list = LISTS.exec(operation);
  if (list !== null && FREE_METHODS.has(method) && method !== 'DELETE') {
    const [, id] = list;
    if (id === undefined || deployments === undefined || deployments.has(percentDecoded(id))) return;
    throw forbidden('deployment');
  }
  const isFree = RESULTS.test(operation) && (FREE_METHODS.has(method) || ENDS.test(operation));
  // The session's key was created for a deployment that the client may use, and is for no other.
  const isOfSession =
    deployment === '' && operation.startsWith('realtime') && readSessionKey(headers) !== undefined;
  if (!isFree && !isOfSession) throw forbidden(deployment === '' ? 'operation' : 'deployment');
}

/** Returns whether another reader may find a deployment in a request in which none was found. */
function mayNameUnread(request: Asked, route: Route): boolean {
  const { operation, content } = route;
  if (!FREE_METHODS.has(request.method) && namesDeployment(operation) && !namesAgent(route)) return true;
  if (content === undefined || content.body.length === 0) return false;
  if (isHidden(sentBody(request, content.body)) || content.hasUnreadModel) return true;
  return !isForm(request.headers['content-type']) && !content.isWhole && OBJECT.test(beginningOf(content));
}

const OBJECT = /^(?:\u00ef\u00bb\u00bf)?\s*\{/;

function beginningOf({ body }: { readonly body: Buffer }): string {
  return body.toString('latin1', 0, 64);
}

/** The unread part of a body may name another deployment. */
function isWhollyRead(request: Asked, { operation, deploymentPlace, content }: Route): boolean {
  const { headers, upload } = request;
  if (content !== undefined && isHidden(sentBody(request, content.body))) return false;
  const type = headers['content-type'];
  if (deploymentPlace === undefined || deploymentPlace.in === 'path')
    return isForm(type) || !mayNameInside(operation) || (upload === undefined && isJsonOrNothing(content));
  if (upload !== undefined) return false;
  return isForm(type) ? content !== undefined && isPlainForm(content.body, type) : content?.isWhole === true;
}

function isJsonOrNothing(content: Route['content']): boolean {
  return content === undefined || content.body.length === 0 || content.isWhole;
}

function sentBody({ headers, unpacked }: Asked, bytes: Buffer): SentBody {
  return {
    bytes,
    contentType: headers['content-type'],
    contentEncoding: headers['content-encoding'],
    isUnpacked: unpacked !== undefined,
  };
}

/** Returns the error for a client that requests something it may not use. */
export function forbidden(what: 'deployment' | 'operation'): GatewayError {
  return new GatewayError('forbidden', `Access denied: the client may not use this ${what}.`);
}

function unreadable(): GatewayError {
  return new GatewayError(
    'bad-request',
    'The body cannot be read completely, or can be read in several ways, so it is not certain what it names.',
  );
}
