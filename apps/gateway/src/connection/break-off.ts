import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

/** The time for earlier bytes to arrive: a reset overtakes them, and bytes still on their way are lost. */
const ARRIVE_MS = 100;

/**
 * Breaks a response off so that its client sees that it is incomplete. Where the connection closes after the response
 * anyway, that close may pass for the end of the body (for HTTP/1.0 it does, and nginx's `proxy_pass` speaks that
 * unless told otherwise), so the connection is reset.
 */
export function breakOff(response: ServerResponse): void {
  const { socket } = response;
  if (socket === null || !endsWithConnection(response)) response.destroy();
  else setTimeout(() => resetConnection(socket), ARRIVE_MS);
}

/** Returns whether a response that has begun ends with its connection. */
export function endsWithConnection({ headersSent, shouldKeepAlive, req }: ServerResponse): boolean {
  return headersSent && (!shouldKeepAlive || req.httpVersionMinor === 0);
}

/**
 * Resets a connection: whatever its peer reads from it ends in an error. A connection that is being shut down cannot be
 * reset any more: Node would then drop the handle without closing it (`EINVAL`, and no `close` ever).
 */
export function resetConnection(socket: Socket): void {
  const isShuttingDown = socket.writableEnded && socket.writableLength === 0;
  if (isShuttingDown) socket.destroy();
  else tcpOf(socket).resetAndDestroy();
}

/** Only TCP can be reset. The connection under TLS is an undocumented member, the same in Node 20 to 26. */
function tcpOf(socket: Socket): Socket {
  if (!(socket instanceof TLSSocket)) return socket;
  return (socket as TLSSocket & { readonly _parent?: Socket })._parent ?? socket;
}
