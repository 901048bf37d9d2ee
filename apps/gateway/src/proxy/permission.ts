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
import { mayNameInside, namesAgent, namesInside } from '../route/names-inside.ts';
import { namesDeployment } from '../route/operations.ts';
import { asksUnnamed } from './unnamed-message.ts';

/** Beside those that always name one: whose `model` is a deployment. Any other operation may pass over what it does not know. */
const NAMED = /^(?:realtime(?:\/|$)|videos$|video\/generations\/jobs$)/;
/** What came of requests that have named a deployment: looked at, thrown away or ended, which costs nothing. */
const RESULTS = /^(?:responses|chat\/completions|videos|video\/generations)\/./;
const ENDS = /^responses\/[^/]+\/cancel$/;
const FREE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'DELETE']);
const LISTS = /^(?:models|deployments)(?:\/(.+))?$/;

type Asked = Pick<AcceptedRequest<unknown>, 'method' | 'headers' | 'upload'> & {
  /** What a body is that the client has packed. */
  readonly unpacked?: Buffer | undefined;
};

/**
 * Checks that a client may ask for what it asks for.
 *
 * @throws GatewayError `forbidden`, or `bad-request` where that cannot be told
 */
export function checkPermission(client: Client, request: Asked, route: Route): void {
  const { deployments, allOperations, budgets } = client;
  if (deployments === undefined && allOperations && budgets === undefined) return;
  if (deployments !== undefined) checkHead(deployments, request, route);
  if (route.deployment === '' || !namesItsDeployment(route)) return checkUnnamed(client, request, route);
  if (deployments === undefined) return;
  if (!deployments.has(route.deployment)) throw forbidden('deployment');
  if (!isWhollyRead(request, route)) throw unreadable();
  if (namesInside(route).some((name) => !deployments.has(name))) throw forbidden('deployment');
  // It brings a deployment of its own.
  if (!allOperations && (namesAgent(route) || namesAgentInQuery(route.path))) throw forbidden('operation');
}

/** Headers may name further deployments; and a query one which not every backend passes over. */
function checkHead(
  deployments: ReadonlySet<string>,
  { method, headers }: Asked,
  { path, operation }: Route,
): void {
  const isFilter = FREE_METHODS.has(method) && !operation.startsWith('realtime');
  const names = [...namesInHeaders(headers), ...(isFilter ? [] : namesInQuery(path))];
  if (names.some((name) => !deployments.has(name))) throw forbidden('deployment');
}

/**
 * Makes the function that tells whether a client may send a message in its session; undefined where it may send any. Each
 * message names its own deployment.
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

/** A name in the path, or in a query, is one to every backend; in a body only where the operation knows it. */
function namesItsDeployment({ operation, deploymentPlace }: Route): boolean {
  return deploymentPlace?.in === 'path' || namesDeployment(operation) || NAMED.test(operation);
}

function checkUnnamed({ deployments, allOperations }: Client, request: Asked, route: Route): void {
  const { method, headers } = request;
  const { operation, deployment } = route;
  if (allOperations && deployment === '' && mayNameUnread(request, route)) throw unreadable();
  // Which names its own, such as a batch, is looked at neither here nor there.
  if (allOperations && (deployment === '' || deployments === undefined || deployments.has(deployment)))
    return;
  const list = LISTS.exec(operation);
  if (list !== null && FREE_METHODS.has(method) && method !== 'DELETE') {
    const [, id] = list;
    if (id === undefined || deployments === undefined || deployments.has(percentDecoded(id))) return;
    throw forbidden('deployment');
  }
  const isFree = RESULTS.test(operation) && (FREE_METHODS.has(method) || ENDS.test(operation));
  // It was made for a deployment that the client may use, and is for no other.
  const isOfSession =
    deployment === '' && operation.startsWith('realtime') && readSessionKey(headers) !== undefined;
  if (!isFree && !isOfSession) throw forbidden(deployment === '' ? 'operation' : 'deployment');
}

/** Returns whether a request for which no deployment was found may name one to another reader. */
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

/** What of a body was not read may name another deployment. */
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

/** What a client is told that asks for what it may not use. */
export function forbidden(what: 'deployment' | 'operation'): GatewayError {
  return new GatewayError('forbidden', `Access denied: the client may not use this ${what}.`);
}

function unreadable(): GatewayError {
  return new GatewayError(
    'bad-request',
    'The body is not to be read whole, or not in one way only, so that nobody knows all that it names.',
  );
}
