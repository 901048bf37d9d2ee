import type { IncomingMessage } from 'node:http';

/**
 * Returns the number of bytes of a request in its usual form: one space after each colon, none elsewhere, and the body
 * in one piece. Undefined for a chunked body, whose chunks may have any length.
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
