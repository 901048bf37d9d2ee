import { headersToClient, type ResponseHeaders } from '../headers/to-client.ts';

/** Answers the head that tells a client that its session begins: the backend's, with the gateway's own headers. */
export function sessionHead(headers: ResponseHeaders, own: readonly string[]): Buffer {
  const all = headersToClient(headers, ['connection', 'Upgrade', 'upgrade', 'websocket', ...own]);
  let head = 'HTTP/1.1 101 Switching Protocols\r\n';
  for (let i = 0; i + 1 < all.length; i += 2) head += `${all[i]}: ${all[i + 1]}\r\n`;
  return Buffer.from(`${head}\r\n`, 'latin1');
}
