import { GatewayError } from '../errors.ts';
import { asKey } from '../headers/header-filter.ts';
import { type ApiPath, findApiPath, hasKnownPrefix } from './api-path.ts';
import { cleanPath, withoutQuery } from './clean-path.ts';
import type { NamedDeployment } from './deployment-place.ts';
import { namesDeployment } from './operations.ts';

/** The part of a route that the path alone gives. */
export interface ReadPath {
  /** Path and query in Azure's form, whatever the client's base URL left out. */
  readonly path: string;
  /** The operation of the deployment or resource, such as `chat/completions`. */
  readonly operation: string;
  /** The deployment in the path, where that names one. */
  readonly named: NamedDeployment | undefined;
}

/** Clients use few paths again and again, but may send any. */
const MAX_REMEMBERED = 1000;
const LONGEST_REMEMBERED = 256;

/** What was read of the paths of POSTs, as they came. */
const remembered = new Map<string, ReadPath>();

/**
 * Reads the path of a request.
 *
 * @throws GatewayError `not-found` for a path outside the API, `bad-request` for an unreadable one
 */
export function readPath(method: string, url: string): ReadPath {
  return (method === 'POST' ? remembered.get(url) : undefined) ?? readNew(method, url);
}

function readNew(method: string, url: string): ReadPath {
  if (!url.startsWith('/')) throw new GatewayError('bad-request', 'The request target must be a path.');
  const cleaned = cleanPath(url);
  const found = findApiPath(method, cleaned);
  // Without the second test an empty name would look like a doubled slash after the client's base URL.
  if (found === undefined || (found.hasDeployment && namesNoDeployment(url, found))) throw notFound(cleaned);
  const read = found.hasDeployment ? readClassic(found) : readPlain(found);
  // One that had to be cleaned may have held a key.
  if (method === 'POST' && cleaned === url && url.length <= LONGEST_REMEMBERED) remember(url, read);
  return read;
}

function remember(url: string, read: ReadPath): void {
  if (remembered.size === MAX_REMEMBERED) remembered.clear();
  remembered.set(url, read);
}

/**
 * Returns whether a session at a path is defined by its messages, each with its own deployment, rather than by the
 * upgrade: that of the Responses API is.
 */
export function isMessageSession(url: string): boolean {
  const { operation, named } = readOperation('GET', url) ?? {};
  return operation === 'responses' && named === undefined;
}

/** Returns the facts in a path; undefined if it is outside the API, or unreadable. */
export function readOperation(method: string, url: string): ReadPath | undefined {
  try {
    return readPath(method, url);
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

function readPlain({ path, start }: ApiPath): ReadPath {
  return { path, operation: operationOf(withoutQuery(path.slice(start))), named: undefined };
}

function readClassic({ path, start }: ApiPath): ReadPath {
  const pathname = withoutQuery(path);
  const end = pathname.indexOf('/', start);
  const operation = end === -1 ? '' : operationOf(pathname.slice(end + 1));
  const name = end === -1 ? '' : decodeDeployment(pathname.slice(start, end));
  if (name === '' || operation === '') throw new GatewayError('not-found');
  return { path, operation, named: { name: asKey(name), place: { in: 'path', range: { start, end } } } };
}

/** The operation as a backend reads it: its slashes may be doubled. */
function operationOf(path: string): string {
  const isDoubled = path.includes('//') || path.startsWith('/');
  return asKey(isDoubled ? path.replaceAll(/^\/+|(?<=\/)\/+/g, '') : path);
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

/** @throws GatewayError `bad-request` for a name that no deployment can have */
export function checkDeployment(deployment: string): void {
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
