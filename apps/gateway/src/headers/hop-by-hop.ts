/** Headers that speak of one connection and are never passed on (RFC 9110 §7.6.1), with the de-facto ones. */
export const HOP_BY_HOP: readonly string[] = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/**
 * Answers the header names that a `Connection` header declares as hop-by-hop, in lower case. Almost every message has
 * none but the two well-known options, so the common answer is a shared empty list.
 */
export function connectionNamed(connection: string | undefined): readonly string[] {
  if (connection === undefined || connection === 'keep-alive' || connection === 'close') return NONE;
  if (/^(?:keep-alive|close)$/i.test(connection)) return NONE;
  return connection.split(',').map((name) => name.trim().toLowerCase());
}

const NONE: readonly string[] = [];
