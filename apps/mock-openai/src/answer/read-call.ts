import { readRoute } from './read-route.ts';
import type { ModelOperation, ObjectOperation } from '../calls/operation.ts';
import type { ReceivedRequest } from '../http/received-request.ts';
import type { Resource } from './resource.ts';

/** The call that a request makes of a resource, or why there is none. */
export type Call =
  /** A call of a model. */
  | {
      readonly kind: 'call';
      readonly operation: ModelOperation;
      readonly deployment: string;
      readonly body: Readonly<Record<string, unknown>>;
    }
  /** A call about an object that the resource itself keeps. */
  | {
      readonly kind: 'object';
      readonly operation: ObjectOperation;
      readonly ids: readonly string[];
      readonly query: string;
      readonly body: Readonly<Record<string, unknown>>;
    }
  | { readonly kind: 'unknown-path' }
  | { readonly kind: 'unknown-deployment' }
  | { readonly kind: 'malformed'; readonly deployment: string | undefined }
  | { readonly kind: 'nameless' };

const nothing: Readonly<Record<string, unknown>> = {};

/** Reads a request, as far as its call can be determined. */
export function readCall(resource: Resource, request: ReceivedRequest): Call {
  const route = readRoute(request.method, request.url);
  if (route.kind === 'unknown') return { kind: 'unknown-path' };
  if (route.kind === 'object') {
    const body = request.body.length === 0 ? nothing : readFields(request);
    return body === undefined ? { kind: 'malformed', deployment: undefined } : { ...route, body };
  }

  const known = (deployment: string) => resource.deployments?.has(deployment) ?? true;
  if (route.deployment !== undefined && !known(route.deployment)) return { kind: 'unknown-deployment' };
  const body = readFields(request);
  if (body === undefined) return { kind: 'malformed', deployment: route.deployment };
  const deployment = route.deployment ?? body['model'];
  if (typeof deployment !== 'string' || deployment === '') return { kind: 'nameless' };
  if (!known(deployment)) return { kind: 'unknown-deployment' };
  return { kind: 'call', operation: route.operation, deployment, body };
}

function readFields({ form, body }: ReceivedRequest): Readonly<Record<string, unknown>> | undefined {
  return form === undefined ? parseObject(body) : form.fields;
}

function parseObject(bytes: Buffer): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString());
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
