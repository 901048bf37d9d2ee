import type { DialectName } from './dialect.ts';

/** The meaning of an upgrade's request line. */
export type RealtimeRoute =
  | {
      readonly kind: 'session';
      readonly dialect: DialectName;
      readonly deployment: string;
      readonly apiVersion: string;
    }
  /** Responses over a WebSocket; each message names its deployment. */
  | { readonly kind: 'responses'; readonly apiVersion: string }
  /** The path is right but names no deployment. */
  | { readonly kind: 'nameless' }
  /** No such path, or the preview's path without its `api-version`. */
  | { readonly kind: 'unknown' };

/** Reads the URL of an upgrade. */
export function readRealtimeRoute(url: string): RealtimeRoute {
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  const query = new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1));
  const apiVersion = query.get('api-version') ?? '';
  switch (path) {
    case '/openai/v1/realtime':
      return toSession('v1', query.get('model'), apiVersion === '' ? 'v1' : apiVersion);
    case '/openai/v1/responses':
      return { kind: 'responses', apiVersion: apiVersion === '' ? 'v1' : apiVersion };
    case '/openai/realtime':
      return apiVersion === ''
        ? { kind: 'unknown' }
        : toSession('preview', query.get('deployment'), apiVersion);
    default:
      return { kind: 'unknown' };
  }
}

function toSession(dialect: DialectName, deployment: string | null, apiVersion: string): RealtimeRoute {
  return deployment === null || deployment === ''
    ? { kind: 'nameless' }
    : { kind: 'session', dialect, deployment, apiVersion };
}
