import { operations } from './operations.ts';
import type { Operation } from './operations.ts';

/** What a request line asks for. */
export type Route =
  /** `deployment` is undefined on v1, where the body names it. */
  | {
      readonly kind: 'operation';
      readonly operation: Operation;
      readonly deployment: string | undefined;
      readonly apiVersion: string;
    }
  | { readonly kind: 'models' }
  /** No such path, or the classic path without its `api-version`. */
  | { readonly kind: 'unknown' };

const unknown: Route = { kind: 'unknown' };
const byPath = new Map(operations.map((operation) => [operation.path, operation]));
const classic = '/openai/deployments/';
const v1 = '/openai/v1/';

/** Reads the method and the URL of a request. */
export function readRoute(method: string, url: string): Route {
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  const apiVersion = mark < 0 ? undefined : readApiVersion(url.slice(mark + 1));
  if (path.startsWith(v1)) return readV1(method, path.slice(v1.length), apiVersion ?? 'v1');
  if (apiVersion === undefined) return unknown;
  if (path === '/openai/models') return method === 'GET' ? { kind: 'models' } : unknown;
  if (!path.startsWith(classic) || method !== 'POST') return unknown;

  const rest = path.slice(classic.length);
  const slash = rest.indexOf('/');
  const operation = byPath.get(rest.slice(slash + 1));
  const deployment = slash < 1 ? undefined : decode(rest.slice(0, slash));
  if (operation === undefined || deployment === undefined) return unknown;
  return { kind: 'operation', operation, deployment, apiVersion };
}

function readV1(method: string, path: string, apiVersion: string): Route {
  if (path === 'models') return method === 'GET' ? { kind: 'models' } : unknown;
  const operation = method === 'POST' ? byPath.get(path) : undefined;
  return operation === undefined
    ? unknown
    : { kind: 'operation', operation, deployment: undefined, apiVersion };
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
