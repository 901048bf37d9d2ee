import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ErrorName, errors } from '../errors.ts';
import { renderErrorBody } from './render-error.ts';

/** How long a refused client has to read why. Whoever keeps its half of the connection open is cut off then. */
const LINGER_MS = 1000;

/** Answers a connection that never became a request, in the same shape as every other error, and closes it. */
export function refuseSocket(name: ErrorName, socket: Duplex): void {
  const { status, code, message } = errors[name];
  const body = renderErrorBody(code, message);
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'connection: close',
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  // Node no longer listens to this socket: without a listener its reset would end the process.
  socket.on('error', () => socket.destroy());
  // What the client still sends is read and dropped, as closing over unread bytes would reset the answer away.
  socket.resume();
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}
