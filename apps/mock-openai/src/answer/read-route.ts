import { messageCalls } from '../operations/message/message-operations.ts';
import { inferenceCalls, modelCalls, objectCalls } from '../operations/operations.ts';
import type { ModelOperation, ObjectOperation } from '../calls/operation.ts';

/** The meaning of a request line. */
export type Route =
  /** `deployment` is undefined where the body names it. */
  | {
      readonly kind: 'operation';
      readonly operation: ModelOperation;
      readonly deployment: string | undefined;
      readonly apiVersion: string;
    }
  /** `ids` are the values for each `{id}` of the operation's path, `query` is the part after the question mark. */
  | {
      readonly kind: 'object';
      readonly operation: ObjectOperation;
      readonly ids: readonly string[];
      readonly query: string;
    }
  /** No such path, or the classic path without its `api-version`. */
  | { readonly kind: 'unknown' };

const unknown: Route = { kind: 'unknown' };
const byPath = toMap(modelCalls);
const patterns = objectCalls.map((operation) => ({ operation, segments: operation.path.split('/') }));
const base = '/openai/';
const classic = '/openai/deployments/';
const v1 = '/openai/v1/';
/** A project of Foundry has the same operations below its own path. */
const project = /^\/api\/projects\/[^/]+(?=\/openai\/)/;
/** Foundry's other APIs. The body of a call names its model; one of them has its version in its path. */
const foundry = [
  { base: '/models/', calls: toMap(inferenceCalls), version: undefined },
  { base: '/anthropic/v1/', calls: toMap(messageCalls), version: 'v1' },
];

const cacheSize = 256;
const cache = new Map<string, Route>();

/** Reads the method and the URL of a request. */
export function readRoute(method: string, url: string): Route {
  // A client requests the same few URLs all the time; those of stored objects are many.
  const known = method === 'POST' ? cache.get(url) : undefined;
  if (known !== undefined) return known;
  const route = parseRoute(method, url);
  if (route.kind === 'operation') {
    if (cache.size >= cacheSize) cache.clear();
    cache.set(url, route);
  }
  return route;
}

function parseRoute(method: string, url: string): Route {
  const mark = url.indexOf('?');
  const path = (mark < 0 ? url : url.slice(0, mark)).replace(project, '');
  const query = mark < 0 ? '' : url.slice(mark + 1);
  const apiVersion = mark < 0 ? undefined : readApiVersion(query);
  const api = foundry.find((one) => path.startsWith(one.base));
  if (api !== undefined)
    return calling(method, api.calls.get(path.slice(api.base.length)), apiVersion ?? api.version);
  if (path.startsWith(v1)) {
    const rest = path.slice(v1.length);
    const call = calling(method, byPath.get(rest), apiVersion ?? 'v1');
    return call === unknown ? readObjectRoute(method, rest, query) : call;
  }
  if (apiVersion === undefined) return unknown;
  if (path.startsWith(classic)) return readDeploymentRoute(method, path.slice(classic.length), apiVersion);
  if (!path.startsWith(base)) return unknown;

  const rest = path.slice(base.length);
  const operation = byPath.get(rest);
  const call = operation?.namesModel === true ? calling(method, operation, apiVersion) : unknown;
  return call === unknown ? readObjectRoute(method, rest, query) : call;
}

/** A call whose body names the deployment. */
function calling(method: string, operation: ModelOperation | undefined, apiVersion?: string): Route {
  if (method !== 'POST' || operation === undefined || apiVersion === undefined) return unknown;
  return { kind: 'operation', operation, deployment: undefined, apiVersion };
}

function readDeploymentRoute(method: string, rest: string, apiVersion: string): Route {
  const slash = rest.indexOf('/');
  const operation = method === 'POST' ? byPath.get(rest.slice(slash + 1)) : undefined;
  const deployment = slash < 1 ? undefined : decode(rest.slice(0, slash));
  if (operation === undefined || operation.namesModel === true || deployment === undefined) return unknown;
  return { kind: 'operation', operation, deployment, apiVersion };
}

function readObjectRoute(method: string, path: string, query: string): Route {
  const segments = path.split('/');
  for (const { operation, segments: pattern } of patterns) {
    if (operation.method !== method || pattern.length !== segments.length) continue;
    const ids = matchIds(pattern, segments);
    if (ids !== undefined) return { kind: 'object', operation, ids, query };
  }
  return unknown;
}

function matchIds(pattern: readonly string[], segments: readonly string[]): string[] | undefined {
  const ids: string[] = [];
  for (const [index, expected] of pattern.entries()) {
    const segment = segments[index] ?? '';
    if (expected !== '{id}') {
      if (segment !== expected) return undefined;
      continue;
    }
    const id = decode(segment);
    if (id === undefined || id === '') return undefined;
    ids.push(id);
  }
  return ids;
}

function readApiVersion(query: string): string | undefined {
  const value = new URLSearchParams(query).get('api-version');
  return value === null || value === '' ? undefined : value;
}

function decode(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

function toMap(operations: readonly ModelOperation[]): ReadonlyMap<string, ModelOperation> {
  return new Map(operations.map((operation) => [operation.path, operation]));
}
