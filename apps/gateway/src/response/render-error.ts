import { type ServerResponse, STATUS_CODES } from 'node:http';
import { errors, GatewayError } from '../errors.ts';

/** Writes an error of the gateway's own, in Azure's shape. Anything but a `GatewayError` says no more than `internal`. */
export function renderError(
  response: ServerResponse,
  error: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  const known = error instanceof GatewayError ? error : new GatewayError('internal');
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const row = errors[known.error];
  const body = renderErrorBody(row.code, known.message);
  response.writeHead(row.status, STATUS_CODES[row.status], {
    ...headers,
    ...known.headers,
    ...('shouldRetry' in row ? { 'x-should-retry': String(row.shouldRetry) } : undefined),
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}

/** Answers an error body as Azure OpenAI writes it. */
export function renderErrorBody(code: string, message: string): string {
  return JSON.stringify({ error: { code, message } });
}
