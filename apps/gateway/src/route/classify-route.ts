import { type DeploymentPlace, findDeployment } from './deployment-place.ts';
import { type Effect, effectOf } from './operations.ts';
import { checkDeployment, readPath } from './read-path.ts';
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
  const { path, operation, named: inPath } = readPath(method, url);
  const content = body && new RequestContent(operation, body, contentType);
  const named = inPath ?? findDeployment(path, operation, content, contentType);
  if (named !== undefined && inPath === undefined) checkDeployment(named.name);
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
