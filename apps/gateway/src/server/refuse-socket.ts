import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { closeSoon } from '../connection/close-soon.ts';
import { type ErrorName, errors } from '../errors.ts';
import { renderErrorBody } from '../response/render-error.ts';

/** Answers a connection that never became a request, in the same shape as every other error, and closes it. */
export function refuseSocket(name: ErrorName, requestId: string, socket: Duplex): void {
  const { status, code, message } = errors[name];
  const body = renderErrorBody(code, message);
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'connection: close',
    `x-spillway-request-id: ${requestId}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  closeSoon(socket, `${head.join('\r\n')}\r\n\r\n${body}`);
}
