import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import { breakOff } from '../connection/break-off.ts';
import { errors, GatewayError } from '../errors.ts';

/**
 * Writes a gateway error, in Azure's shape. Anything but a `GatewayError` reads only as `internal`. Returns the bytes of
 * its body; 0 if it came too late, and the response was broken off.
 *
 * @param headers those of the response, besides the error's own
 */
export function renderError(
  response: ServerResponse,
  error: unknown,
  requestId?: string,
  headers: Readonly<Record<string, string>> = {},
): number {
  const known = error instanceof GatewayError ? error : new GatewayError('internal');
  if (response.headersSent || response.destroyed) {
    breakOff(response);
    return 0;
  }
  const row = errors[known.error];
  const body = renderErrorBody(row.code, known.message);
  const bytes = Buffer.byteLength(body);
  response.writeHead(row.status, STATUS_CODES[row.status], {
    ...(isMuchUnread(response.req) ? { connection: 'close' } : undefined),
    ...(requestId === undefined ? undefined : requestIdHeaders(requestId)),
    ...headers,
    ...known.headers,
    ...('shouldRetry' in row ? { 'x-should-retry': String(row.shouldRetry) } : undefined),
    'content-type': 'application/json',
    'content-length': bytes,
  });
  response.end(body);
  return bytes;
}

/** After the response, the rest of a request is read and dropped, unless it is longer than this. */
const MAX_UNREAD_BYTES = 65_536;

function isMuchUnread({ complete, headers }: IncomingMessage): boolean {
  const isEndless = headers['transfer-encoding'] !== undefined;
  return !complete && (isEndless || Number(headers['content-length'] ?? 0) > MAX_UNREAD_BYTES);
}

/** Returns the headers in which clients and Azure's SDKs look for a request's id. */
export function requestIdHeaders(id: string): Readonly<Record<string, string>> {
  return { 'x-spillway-request-id': id, 'x-request-id': id, 'apim-request-id': id };
}

/** Returns an error body as Azure OpenAI writes it. */
export function renderErrorBody(code: string, message: string): string {
  return JSON.stringify({ error: { code, message } });
}
