import type { IncomingMessage } from 'node:http';

/**
 * Returns how many bytes a request takes that is written as usual: one space after each colon, none elsewhere, and its
 * body in one piece. Undefined of one in chunks, which may be cut anyhow.
 */
export function usualLength({
  method = '',
  url = '',
  rawHeaders,
  headers,
}: IncomingMessage): number | undefined {
  if (headers['transfer-encoding'] !== undefined) return undefined;
  let bytes = `${method} ${url} HTTP/1.1\r\n\r\n`.length + Number(headers['content-length'] ?? 0);
  for (const text of rawHeaders) bytes += text.length + 2;
  return bytes;
}
