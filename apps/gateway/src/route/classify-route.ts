import { GatewayError } from '../errors.ts';
import { type DeploymentPlace, deploymentInBody, deploymentInQuery } from './deployment-place.ts';
import { type Effect, effectOf } from './operations.ts';
import { RequestContent } from './request-content.ts';

/** Where a request goes and what it does, independent of the backend that will get it. */
export interface Route extends Effect {
  /** The deployment the client asked for; empty where the operation has none. */
  readonly deployment: string;
  /** What is asked of the deployment or resource, such as `chat/completions`. */
  readonly operation: string;
  /** Path and query at a backend that calls the deployment by the same name. */
  readonly path: string;
  /** Where the deployment's name stands, to be replaced where a backend has another; absent if there is none. */
  readonly deploymentPlace?: DeploymentPlace | undefined;
  /** What the request's body says, if it has one. */
  readonly content: RequestContent | undefined;
}

/** What almost no path or query has: dots, escapes or a credential. One look spares the others a second. */
const UNUSUAL = /\/\.|[%\\]|-key=/i;

const CLASSIC = '/openai/deployments/';
const V1 = '/openai/v1/';

/** First path segments that clients send without `/openai/v1` when their base URL has no path. */
const BARE_OPERATIONS =
  /^\/(?:chat|completions|embeddings|responses|images|audio|models|files|batches|vector_stores|fine_tuning|evals|moderations|conversations|assistants|threads|realtime)(?:[/?]|$)/;

/**
 * Answers where a request goes.
 *
 * @throws GatewayError `not-found` for a path that is not of the API, `bad-request` for one that cannot be read
 */
export function classifyRoute(
  method: string,
  url: string,
  body: Buffer | undefined,
  contentType?: string,
): Route {
  if (!url.startsWith('/')) throw new GatewayError('bad-request', 'The request target must be a path.');
  const path = UNUSUAL.test(url) ? cleaned(url) : url;
  if (path.startsWith(CLASSIC)) return classifyClassic(method, path, body);
  return classifyByContent(method, v1Path(path), body, contentType);
}

function classifyClassic(method: string, path: string, body: Buffer | undefined): Route {
  const pathname = withoutQuery(path);
  const start = CLASSIC.length;
  const end = pathname.indexOf('/', start);
  const operation = end === -1 ? '' : pathname.slice(end + 1);
  const deployment = end === -1 ? '' : decodeDeployment(pathname.slice(start, end));
  if (deployment === '' || operation === '') throw new GatewayError('not-found');
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

function classifyByContent(
  method: string,
  path: string,
  body: Buffer | undefined,
  contentType: string | undefined,
): Route {
  const operation = withoutQuery(path.slice(path.startsWith(V1) ? V1.length : '/openai/'.length));
  const content = body && new RequestContent(operation, body);
  const named =
    operation === 'realtime' ? deploymentInQuery(path) : content && deploymentInBody(content, contentType);
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

/** The path as Azure has it, whatever the client's base URL left out of it. */
function v1Path(url: string): string {
  if (url.startsWith('/openai/')) return url;
  if (url.startsWith('/v1/')) return `/openai${url}`;
  if (BARE_OPERATIONS.test(url)) return `/openai/v1${url}`;
  throw new GatewayError('not-found');
}

const DOT_SEGMENT = /(?:[/\\]|%2f|%5c)(?:\.|%2e){1,2}(?:[/\\]|%2f|%5c|$)/i;

/** A path that means another than it says must not get past the routing above, in whatever encoding. */
function cleaned(url: string): string {
  if (DOT_SEGMENT.test(withoutQuery(url)))
    throw new GatewayError('bad-request', 'The path must not have "." or ".." segments.');
  return withoutCredential(url);
}

/** Azure takes a key in the query too. The client's is for the gateway, like the one in its headers. */
function withoutCredential(url: string): string {
  const [path, query] = url.split(/\?(.*)/s, 2);
  if (query === undefined) return url;
  const kept = query.split('&').filter((pair) => !isCredential(pair));
  return kept.length === 0 ? `${path}` : `${path}?${kept.join('&')}`;
}

/** Read as the backend would read it: a name may be percent-encoded too. */
function isCredential(pair: string): boolean {
  const [name = ''] = new URLSearchParams(pair).keys();
  return /^(?:api|subscription)-key$/i.test(name);
}

function withoutQuery(text: string): string {
  const query = text.indexOf('?');
  return query === -1 ? text : text.slice(0, query);
}

function decodeDeployment(segment: string): string {
  let deployment = segment;
  try {
    if (segment.includes('%')) deployment = decodeURIComponent(segment);
  } catch {
    throw new GatewayError('bad-request', 'The deployment in the path is not percent-encoded UTF-8.');
  }
  checkDeployment(deployment);
  return deployment;
}

/** Azure allows 64 characters; this only keeps what is remembered of a name small, and a name from being a path. */
const LONGEST_DEPLOYMENT = 256;

function checkDeployment(deployment: string): void {
  if (deployment.length <= LONGEST_DEPLOYMENT && !/[/\\\p{Cc}]/u.test(deployment)) return;
  throw new GatewayError(
    'bad-request',
    `A deployment's name has at most ${LONGEST_DEPLOYMENT} characters, and no slash or control character.`,
  );
}
