import { readRoute } from './read-route.ts';
import type { ReceivedRequest } from './answer-request.ts';
import type { Operation } from './operations.ts';
import type { Resource } from './options.ts';

/** What a request asks of a resource, or why it asks nothing that there is. */
export type Call =
  | {
      readonly kind: 'call';
      readonly operation: Operation;
      readonly deployment: string;
      readonly body: Readonly<Record<string, unknown>>;
    }
  | { readonly kind: 'models' }
  | { readonly kind: 'unknown-path' }
  | { readonly kind: 'unknown-deployment' }
  | { readonly kind: 'malformed'; readonly deployment: string | undefined }
  | { readonly kind: 'nameless' };

/** Reads a request as far as it can be told what it asks for. */
export function readCall(resource: Resource, request: ReceivedRequest): Call {
  const route = readRoute(request.method, request.url);
  if (route.kind === 'unknown') return { kind: 'unknown-path' };
  if (route.kind === 'models') return route;

  const known = (deployment: string) => resource.deployments?.has(deployment) ?? true;
  if (route.deployment !== undefined && !known(route.deployment)) return { kind: 'unknown-deployment' };
  const body = parseObject(request.body);
  if (body === undefined) return { kind: 'malformed', deployment: route.deployment };
  const deployment = route.deployment ?? body['model'];
  if (typeof deployment !== 'string' || deployment === '') return { kind: 'nameless' };
  if (!known(deployment)) return { kind: 'unknown-deployment' };
  return { kind: 'call', operation: route.operation, deployment, body };
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
