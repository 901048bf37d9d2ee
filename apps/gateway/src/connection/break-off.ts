import type { ServerResponse } from 'node:http';
import { resetConnection } from './reset-connection.ts';

/** So long what was sent before has to arrive: a reset overtakes it, and what it finds on its way is lost. */
const ARRIVE_MS = 100;

/**
 * Breaks a response off so that its client sees that it is not whole. Where the connection is closed after the response
 * anyway, its end may pass for that of the body (for HTTP/1.0 it is, and nginx's `proxy_pass` speaks that unless told
 * otherwise), so the connection is reset.
 */
export function breakOff(response: ServerResponse): void {
  const { socket } = response;
  if (socket === null || !endsWithConnection(response)) response.destroy();
  else setTimeout(() => resetConnection(socket), ARRIVE_MS);
}

/** Answers whether a response that has begun is over when its connection is. */
export function endsWithConnection({ headersSent, shouldKeepAlive, req }: ServerResponse): boolean {
  return headersSent && (!shouldKeepAlive || req.httpVersionMinor === 0);
}
