import { GatewayError } from '../errors.ts';
import { type ApiPath, findApiPath, hasKnownPrefix } from './api-path.ts';
import { cleanPath, withoutQuery } from './clean-path.ts';
import { type DeploymentPlace, findDeployment } from './deployment-place.ts';
import { type Effect, effectOf, namesDeployment } from './operations.ts';
import { RequestContent } from './request-content.ts';

/** The destination and the effect of a request, whichever backend will get it. */
export interface Route extends Effect {
  /** The deployment that the client requested; empty where the operation has none. */
  readonly deployment: string;
  /** The operation of the deployment or resource, such as `chat/completions`. */
  readonly operation: string;
  /** Path and query for a backend that has the same name for the deployment. */
  readonly path: string;
  /** The position of the deployment's name, to be replaced where a backend has another; absent if there is none. */
  readonly deploymentPlace?: DeploymentPlace | undefined;
  /** The content of the request's body, if it has one. */
  readonly content: RequestContent | undefined;
}

/**
 * Returns the route of a request.
 *
 * @throws GatewayError `not-found` for a path outside the API, `bad-request` for an unreadable one
 */
export function classifyRoute(
  method: string,
  url: string,
  body: Buffer | undefined,
  contentType?: string,
): Route {
  if (!url.startsWith('/')) throw new GatewayError('bad-request', 'The request target must be a path.');
  const cleaned = cleanPath(url);
  const found = findApiPath(method, cleaned);
  if (found === undefined) throw notFound(cleaned);
  if (!found.hasDeployment) return classifyByContent(method, found, body, contentType);
  // The name is empty; this is not a doubled slash after the client's base URL.
  if (namesNoDeployment(url, found)) throw notFound(cleaned);
  return classifyClassic(method, found, body);
}

/**
 * Returns whether a session at a path is defined by its messages, each with its own deployment, rather than by the
 * upgrade: that of the Responses API is.
 */
export function isMessageSession(url: string): boolean {
  const found = findApiPath('GET', cleanPath(url));
  const isPlain = found !== undefined && !found.hasDeployment;
  return isPlain && operationOf(withoutQuery(found.path.slice(found.start))) === 'responses';
}

/**
 * Returns the operation of a path, and the deployment in it, empty if there is none; undefined if the path is outside
 * the API, or unreadable.
 */
export function readOperation(
  method: string,
  url: string,
): Pick<Route, 'operation' | 'deployment'> | undefined {
  try {
    const found = findApiPath(method, cleanPath(url));
    if (found === undefined) return undefined;
    if (found.hasDeployment) return splitClassic(found);
    return { operation: operationOf(withoutQuery(found.path.slice(found.start))), deployment: '' };
  } catch {
    return undefined;
  }
}

function notFound(path: string): GatewayError {
  if (!hasKnownPrefix(path)) return new GatewayError('not-found');
  return new GatewayError(
    'not-found',
    'Resource not found. If the API has a base path, it has to be configured as `server.basePath`.',
  );
}

function namesNoDeployment(url: string, { path, start }: ApiPath): boolean {
  return /deployments\/\//i.test(url) && namesDeployment(operationOf(withoutQuery(path.slice(start))));
}

function classifyClassic(method: string, found: ApiPath, body: Buffer | undefined): Route {
  const { path, start } = found;
  const { deployment, operation, end } = splitClassic(found);
  const content = body && new RequestContent(operation, body);
  const { isStateful, createsObject } = effectOf(method, operation, content);
  return {
    deployment,
    operation,
    path,
    deploymentPlace: { in: 'path', range: { start, end } },
    content,
    isStateful,
    createsObject,
  };
}

function splitClassic({ path, start }: ApiPath) {
  const pathname = withoutQuery(path);
  const end = pathname.indexOf('/', start);
  const operation = end === -1 ? '' : operationOf(pathname.slice(end + 1));
  const deployment = end === -1 ? '' : decodeDeployment(pathname.slice(start, end));
  if (deployment === '' || operation === '') throw new GatewayError('not-found');
  return { deployment, operation, end };
}

function classifyByContent(
  method: string,
  { path, start }: ApiPath,
  body: Buffer | undefined,
  contentType: string | undefined,
): Route {
  const operation = operationOf(withoutQuery(path.slice(start)));
  const content = body && new RequestContent(operation, body, contentType);
  const named = findDeployment(path, operation, content, contentType);
  if (named !== undefined) checkDeployment(named.name);
  const { isStateful, createsObject } = effectOf(method, operation, content);
  return {
    deployment: named?.name ?? '',
    operation,
    path,
    deploymentPlace: named?.place,
    content,
    isStateful,
    createsObject,
  };
}

/** The operation as a backend reads it: its slashes may be doubled. */
function operationOf(path: string): string {
  return path.includes('//') || path.startsWith('/') ? path.replaceAll(/^\/+|(?<=\/)\/+/g, '') : path;
}

function decodeDeployment(segment: string): string {
  let deployment = segment;
  try {
    if (segment.includes('%')) deployment = decodeURIComponent(segment);
  } catch {
    throw new GatewayError('bad-request', 'The deployment in the path is not percent-encoded UTF-8.');
  }
  if (deployment.includes('/')) throw badName();
  checkDeployment(deployment);
  return deployment;
}

/** Azure allows 64 characters. This only limits the memory for names, and keeps a name from being a path. */
const LONGEST_DEPLOYMENT = 256;
/** Many names have a maker and a model with a slash between them, such as `azure/gpt-4o`. */
const SEGMENTS = /^(?:(?!\.{1,2}(?:\/|$))[^/]+(?:\/(?!$)|$))+$/;

function checkDeployment(deployment: string): void {
  const isTooLong = deployment.length > LONGEST_DEPLOYMENT;
  if (isTooLong || /[\\\p{Cc}]/u.test(deployment)) throw badName();
  if (deployment.includes('/') && !SEGMENTS.test(deployment)) throw badName();
}

function badName(): GatewayError {
  return new GatewayError(
    'bad-request',
    `A deployment's name has at most ${LONGEST_DEPLOYMENT} characters, no control character, and in a path no slash.`,
  );
}
