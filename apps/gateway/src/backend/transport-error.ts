import type { TransportFailure } from '@spillway/core';
import type { ResponseHeaders } from '../headers/to-client.ts';
import { findTrouble, isOwnTrouble } from '../overload/own-trouble.ts';

const FAILURES: ReadonlyMap<string, TransportFailure> = new Map([
  ['UND_ERR_CONNECT_TIMEOUT', 'connect-timeout'],
  ['ETIMEDOUT', 'connect-timeout'],
  ['UND_ERR_HEADERS_TIMEOUT', 'header-timeout'],
  ['UND_ERR_HEADERS_OVERFLOW', 'malformed'],
  ['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'malformed'],
  ['UND_ERR_INVALID_ARG', 'malformed'],
  ['ECONNREFUSED', 'refused'],
  ['ERR_PROXY_REFUSED', 'refused'],
  ['EHOSTUNREACH', 'refused'],
  ['ENETUNREACH', 'refused'],
  ['ENOTFOUND', 'dns'],
  ['EAI_AGAIN', 'dns'],
]);

/** Node's names for certificates that cannot be verified: OpenSSL's and its own. */
const TLS =
  /^(?:ERR_TLS|ERR_SSL|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|HOSTNAME_MISMATCH|INVALID_CA|EPROTO)/;

/** Returns the meaning of a transport error. Any unknown one counts as a broken connection. */
export function classifyTransportError(error: Error): TransportFailure {
  if (isOwnTrouble(error)) return 'no-descriptors';
  const code = 'code' in error ? String(error.code) : '';
  const known = FAILURES.get(code);
  if (known === 'dns' && findTrouble() !== undefined) return 'no-descriptors';
  if (known !== undefined) return known;
  if (TLS.test(code)) return 'tls';
  // undici gives its parser errors a code only where llhttp named the reason.
  return error.name === 'HTTPParserError' || code.startsWith('HPE_') ? 'malformed' : 'reset';
}

/**
 * Returns whether an answer has a transfer coding that undici does not decode. The client would get the coded bytes
 * without a header that names the coding; if the last coding is not `chunked`, even with the chunk lengths inside (RFC
 * 9112 §6.1).
 */
export function hasForeignCoding(headers: ResponseHeaders): boolean {
  const coding = headers['transfer-encoding'];
  return coding !== undefined && !/^\s*(?:chunked|identity)\s*$/i.test(String(coding));
}

export class ForeignCodingError extends Error {
  readonly code = 'HPE_INVALID_TRANSFER_ENCODING';
}
