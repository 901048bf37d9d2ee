import type { ByteRange } from '../body/byte-range.ts';
import { findFormFields, isForm } from '../body/form-field.ts';
import { RequestContent } from './request-content.ts';
import { GatewayError } from '../errors.ts';
import { overloaded } from '../overload/load.ts';
import { namesDeployment, OF_BASE_MODELS } from './operations.ts';

/**
 * Where a request names its deployment: in the path (query included, offsets in characters), or in a JSON or form body (in
 * bytes).
 */
export interface DeploymentPlace {
  readonly in: 'path' | 'json' | 'form';
  readonly range: ByteRange;
  /** Where it names the same one again. */
  readonly others?: readonly DeploymentPlace[] | undefined;
}

/** A deployment that a request names, and its position. */
export interface NamedDeployment {
  readonly name: string;
  readonly place: DeploymentPlace;
}

/** Sessions name it in their query, and WebRTC's calls may. */
const IN_QUERY = /^(?:realtime(?:\/|$)|responses$)/;

/**
 * Finds the deployment of a request without one in its path: in its query or its body.
 *
 * @throws GatewayError `bad-request` where there are several names, of which a backend may read another one than the
 * gateway
 */
export function findDeployment(
  path: string,
  operation: string,
  content: RequestContent | undefined,
  contentType: string | undefined,
): NamedDeployment | undefined {
  const inQuery = IN_QUERY.test(operation) ? deploymentInQuery(path) : undefined;
  if (content === undefined || OF_BASE_MODELS.test(operation)) return inQuery;
  const inBody = deploymentInBody(content, contentType, operation);
  if (operation !== 'responses') return united(inQuery, inBody);
  return inBody && united(inBody, inQuery);
}

/** Returns a deployment with all its places: backends differ in which of them they read. */
function united(
  first: NamedDeployment | undefined,
  second: NamedDeployment | undefined,
): NamedDeployment | undefined {
  if (first === undefined || second === undefined) return first ?? second;
  if (first.name !== second.name) throw ambiguous();
  const { others = [], ...place } = first.place;
  const { others: further = [], ...other } = second.place;
  return { name: first.name, place: { ...place, others: [...others, other, ...further] } };
}

function ambiguous(): GatewayError {
  return new GatewayError('bad-request', 'The request names its model or deployment more than once.');
}

/** Finds the deployment that the body names as its `model`, in JSON or in a form. */
function deploymentInBody(
  content: RequestContent,
  contentType: string | undefined,
  operation: string,
): NamedDeployment | undefined {
  if (isForm(contentType)) return deploymentInForm(content.body, contentType, operation);
  const { model } = content;
  if (content.isAmbiguous) throw ambiguous();
  return model && { name: model.name, place: { in: 'json', range: model.range } };
}

const NAMES_IN_QUERY: ReadonlySet<string> = new Set(['model', 'deployment']);

/** Finds the deployment that a session's query names: as `model` on v1, as `deployment` before it. */
function deploymentInQuery(path: string): NamedDeployment | undefined {
  let named: NamedDeployment | undefined;
  const seen = new Set<string>();
  for (let start = path.indexOf('?') + 1; start > 0; start = path.indexOf('&', start) + 1) {
    const [part = ''] = path.slice(start).split(/[&#]/, 1);
    const [pair] = new URLSearchParams(part);
    const key = pair?.[0].toLowerCase() ?? '';
    if (pair === undefined || !NAMES_IN_QUERY.has(key)) continue;
    if (seen.has(key)) throw ambiguous();
    seen.add(key);
    const range = { start: start + part.indexOf('=') + 1, end: start + part.length };
    if (pair[1] !== '') named = united(named, { name: pair[1], place: { in: 'path', range } });
  }
  return named;
}

function deploymentInForm(body: Buffer, contentType: string, operation: string): NamedDeployment | undefined {
  const [range, second] = findFormFields(body, contentType, 'model');
  if (second !== undefined) throw ambiguous();
  const inSession = operation.startsWith('realtime/') ? deploymentInSession(body, contentType) : undefined;
  const name = range && body.toString('utf8', range.start, range.end);
  if (!name || !range) return inSession;
  return united({ name, place: { in: 'form', range } }, inSession);
}

/** A field of a call's form holds, as JSON, the settings of its session. */
function deploymentInSession(body: Buffer, contentType: string): NamedDeployment | undefined {
  const [field, second] = findFormFields(body, contentType, 'session');
  if (second !== undefined) throw ambiguous();
  if (field === undefined) return undefined;
  const content = new RequestContent('realtime/calls', body.subarray(field.start, field.end));
  if (content.isAmbiguous) throw ambiguous();
  const { model } = content;
  if (model === undefined) return undefined;
  const range = { start: field.start + model.range.start, end: field.start + model.range.end };
  return { name: model.name, place: { in: 'json', range } };
}

/**
 * Checks that the deployment of a request was found of whose body only a part, or nothing, is looked at.
 *
 * @param keptBytes the length of the part that is kept
 * @param isCutShort whether more would have been read under less load
 * @throws GatewayError when the operation has a deployment and that part does not name it: `bad-request`, or `overloaded`
 */
export function requireDeployment(
  { operation, deployment }: { readonly operation: string; readonly deployment: string },
  keptBytes: number,
  isCutShort: boolean,
): void {
  if (deployment !== '' || !namesDeployment(operation)) return;
  if (isCutShort) throw overloaded('too many request bodies are kept');
  throw new GatewayError(
    'bad-request',
    `No "model" in the first ${keptBytes} bytes of the body. In a body this large it must stand before the file.`,
  );
}
