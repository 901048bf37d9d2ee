import { STATUS_CODES, type ServerResponse } from 'node:http';
import { z } from 'zod';

/** The error body that an operator gets. */
export const errorAnswer = z.strictObject({
  error: z.strictObject({ code: z.string(), message: z.string() }),
});

/** An operator's request that cannot be served. The message must hold no secret. */
export class AdminError extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.name = 'AdminError';
    this.status = status;
    this.headers = headers;
  }
}

/** Sends JSON that must not be cached or interpreted as another type. */
export function sendJson(
  response: ServerResponse,
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  sendText(response, status, `${JSON.stringify(value)}\n`, {
    'content-type': 'application/json',
    ...headers,
  });
}

const HEADERS = {
  'cache-control': 'no-store',
  'cross-origin-resource-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
};

/** Sends a text that must not be cached. */
export function sendText(
  response: ServerResponse,
  status: number,
  body: string,
  headers: Readonly<Record<string, string>>,
): void {
  response.writeHead(status, {
    'content-length': Buffer.byteLength(body),
    ...HEADERS,
    ...headers,
  });
  response.end(body);
}

/** Sends that there is nothing to say. A 204 must not have a Content-Length (RFC 9110, section 8.6). */
export function sendNothing(response: ServerResponse, headers: Readonly<Record<string, string>>): void {
  response.writeHead(204, { ...HEADERS, ...headers }).end();
}

export function sendError(response: ServerResponse, { status, message, headers }: AdminError): void {
  const code = STATUS_CODES[status] ?? String(status);
  sendJson(response, status, { error: { code, message } }, headers);
}
