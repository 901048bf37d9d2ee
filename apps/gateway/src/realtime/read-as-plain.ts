import type { IncomingMessage, Server } from 'node:http';

/**
 * Reads a request again as one that does not ask for an upgrade, which a server may always do (RFC 9110 §7.8): Java's
 * client asks every server for HTTP/2 that way, with the first request of each connection, body and all.
 */
export function readAsPlain(server: Server, request: IncomingMessage, head: Buffer): void {
  const { method, url, httpVersion, rawHeaders, socket } = request;
  let text = `${method} ${url} HTTP/${httpVersion}\r\n`;
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    if (rawHeaders[i]?.toLowerCase() !== 'upgrade') text += `${rawHeaders[i]}: ${rawHeaders[i + 1]}\r\n`;
  }
  socket.unshift(head);
  socket.unshift(Buffer.from(`${text}\r\n`, 'latin1'));
  server.emit('connection', socket);
}
