import { parseJson } from '../body/parse-json.ts';
import { errors, GatewayError } from '../errors.ts';
import { requestIdHeaders } from './render-error.ts';

/** A gateway error in the form that a session sends. */
export interface ErrorEvent {
  /** The corresponding HTTP status. */
  readonly status: number;
  readonly text: string;
}

/**
 * Renders a gateway error as the Responses API's error event over WebSocket. Anything but a `GatewayError` reads only
 * as `internal`.
 *
 * @param own further headers
 */
export function renderErrorEvent(
  error: unknown,
  requestId: string,
  own: Readonly<Record<string, string>> = {},
): ErrorEvent {
  const known = error instanceof GatewayError ? error : new GatewayError('internal');
  const { status, code } = errors[known.error];
  const headers = { ...requestIdHeaders(requestId), ...own, ...known.headers };
  return { status, text: renderEvent(status, { code, message: known.message }, headers) };
}

/** Renders a backend's refusal of a session, whose body is the backend's message. */
export function renderRefusal(
  status: number,
  body: Buffer | undefined,
  headers: Readonly<Record<string, string>>,
): string {
  const message = `The backend refused the session with status ${status}.`;
  return renderEvent(status, readError(body) ?? { code: String(status), message }, headers);
}

function readError(body: Buffer | undefined): unknown {
  const parsed = parseJson(body?.toString() ?? '') as { error?: unknown } | null | undefined;
  return parsed?.error;
}

function renderEvent(status: number, error: unknown, headers: Readonly<Record<string, string>>): string {
  return JSON.stringify({ type: 'error', status, error, headers });
}
