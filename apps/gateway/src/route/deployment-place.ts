import type { ByteRange } from '../body/byte-range.ts';
import { findFormField, isForm } from '../body/form-field.ts';
import type { RequestContent } from './request-content.ts';
import { GatewayError } from '../errors.ts';
import { overloaded } from '../overload/load.ts';
import { namesDeployment } from './operations.ts';

/**
 * Where a request names its deployment: in the path (query included, offsets in characters), or in a JSON or form body (in
 * bytes).
 */
export interface DeploymentPlace {
  readonly in: 'path' | 'json' | 'form';
  readonly range: ByteRange;
}

/** A deployment that a request names, and where it does. */
export interface NamedDeployment {
  readonly name: string;
  readonly place: DeploymentPlace;
}

/** Operations whose `model` is not a deployment, but what one can be made of. */
const OF_BASE_MODELS = /^(?:fine_tuning|deployments)(?:\/|$)/;
/** Sessions say it in their query, and WebRTC's calls may. */
const IN_QUERY = /^(?:realtime(?:\/|$)|responses$)/;

/** Finds the deployment that a request without one in its path is for: in its query or its body. */
export function findDeployment(
  path: string,
  operation: string,
  content: RequestContent | undefined,
  contentType: string | undefined,
): NamedDeployment | undefined {
  const mayBeInQuery = (content === undefined || operation !== 'responses') && IN_QUERY.test(operation);
  const inQuery = mayBeInQuery ? deploymentInQuery(path) : undefined;
  if (inQuery !== undefined || content === undefined || OF_BASE_MODELS.test(operation)) return inQuery;
  return deploymentInBody(content, contentType);
}

/** Finds the deployment that the body names as its `model`, in JSON or in a form. */
function deploymentInBody(
  content: RequestContent,
  contentType: string | undefined,
): NamedDeployment | undefined {
  if (isForm(contentType)) return deploymentInForm(content.body, contentType);
  const { model } = content;
  return model && { name: model.name, place: { in: 'json', range: model.range } };
}

/** Finds the deployment that a session's query names: as `model` on v1, as `deployment` before it. */
function deploymentInQuery(path: string): NamedDeployment | undefined {
  const match = /[?&](?:model|deployment)=([^&#]+)/d.exec(path);
  const [start, end] = match?.indices?.[1] ?? [];
  if (start === undefined || end === undefined) return undefined;
  const [[, name = '']] = [...new URLSearchParams(`name=${path.slice(start, end)}`)] as [[string, string]];
  return name === '' ? undefined : { name, place: { in: 'path', range: { start, end } } };
}

function deploymentInForm(body: Buffer, contentType: string): NamedDeployment | undefined {
  const range = findFormField(body, contentType, 'model');
  const name = range && body.toString('utf8', range.start, range.end);
  return name && range ? { name, place: { in: 'form', range } } : undefined;
}

/** What an attempt sends to its backend. */
interface RequestLine {
  readonly path: string;
  readonly body: Buffer | undefined;
}

/** Puts the name that a backend has for the deployment where the client's name stands; all else stays as it is. */
export function rewriteDeployment(
  { path, body }: RequestLine,
  place: DeploymentPlace,
  deployment: string,
): RequestLine {
  const { start, end } = place.range;
  if (place.in === 'path') {
    return { path: path.slice(0, start) + encodeURIComponent(deployment) + path.slice(end), body };
  }
  if (body === undefined) return { path, body };
  const name = Buffer.from(place.in === 'json' ? JSON.stringify(deployment) : deployment);
  return {
    path: renameInQuery(path, body.toString('utf8', start, end), deployment),
    body: Buffer.concat([body.subarray(0, start), name, body.subarray(end)]),
  };
}

/** A session of responses may name its model in the query as well as in its first message. */
function renameInQuery(path: string, written: string, deployment: string): string {
  const named = deploymentInQuery(path);
  if (named === undefined || written !== JSON.stringify(named.name)) return path;
  return rewriteDeployment({ path, body: undefined }, named.place, deployment).path;
}

/**
 * Checks that an upload's deployment was found: only the kept beginning of its body is looked at.
 *
 * @param keptBytes how long that is; less than `replayBytes` only where there was no memory for more
 * @throws GatewayError when the operation has a deployment and the beginning does not name it: `bad-request`, or
 *   `overloaded` where more would have been looked at with less to do
 */
export function requireDeployment(
  { operation, deployment }: { readonly operation: string; readonly deployment: string },
  keptBytes: number,
  replayBytes: number,
): void {
  if (deployment !== '' || !namesDeployment(operation)) return;
  if (keptBytes <= replayBytes) throw overloaded('too many request bodies are kept');
  throw new GatewayError(
    'bad-request',
    `No "model" in the first ${keptBytes} bytes of the body. In a body this large it must stand before the file.`,
  );
}
