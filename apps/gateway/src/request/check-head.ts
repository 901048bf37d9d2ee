import type { IncomingMessage } from 'node:http';
import { GatewayError } from '../errors.ts';

/** RFC 3986 §3.2.2 and §3.2.3: a name or an address, and perhaps a port. It may be empty (RFC 9112 §3.2). */
const HOST = /^[\w.~!$&'()*+,;=%:[\]-]*$/;

/**
 * Each field costs the process more than its bytes, so a limit on bytes is not enough. Envoy and HAProxy accept 100.
 */
export const MAX_HEADERS = 200;

/** The last valid host, which is nearly always the next one too. */
let lastGoodHost: string | undefined;

/**
 * Refuses requests that a server must refuse although it could read them (RFC 9112 §3.2 and §6.1): another server on
 * the way may have read them differently.
 *
 * @throws GatewayError `bad-request`, `unknown-coding` or `headers-too-large`; the connection must not be used again
 */
export function checkHead({ headers, rawHeaders, httpVersionMinor }: IncomingMessage): void {
  if (rawHeaders.length > MAX_HEADERS * 2) throw tooManyHeaders();
  checkSingles(rawHeaders);
  const { host } = headers;
  if (host !== undefined && host !== lastGoodHost) {
    if (!HOST.test(host)) throw misunderstood('The Host header is not a valid host name and port.');
    lastGoodHost = host;
  }
  const coding = headers['transfer-encoding'];
  if (coding !== undefined) checkCoding(coding, httpVersionMinor);
}

/** Of two content types, some readers take the first and some the last, so they would read another body. */
function checkSingles(rawHeaders: readonly string[]): void {
  let hosts = 0;
  let type: string | undefined;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string;
    if (name.length === 4 && (name === 'Host' || name.toLowerCase() === 'host')) hosts++;
    if (name.length !== 12 || name.toLowerCase() !== 'content-type') continue;
    if (type !== undefined && type !== rawHeaders[i + 1])
      throw misunderstood('The request has more than one Content-Type header.');
    type = rawHeaders[i + 1];
  }
  if (hosts > 1) throw misunderstood('The request has more than one Host header.');
}

function checkCoding(coding: string, httpVersionMinor: number): void {
  if (httpVersionMinor === 0) throw misunderstood('HTTP/1.0 has no Transfer-Encoding.');
  const codings = coding.split(',').map((one) => one.trim().toLowerCase());
  if (codings.at(-1) !== 'chunked')
    throw misunderstood('The end of the body cannot be determined: its last coding is not chunked.');
  if (codings.some((one) => one !== 'chunked')) {
    throw new GatewayError('unknown-coding', undefined, { connection: 'close' });
  }
  if (codings.length > 1) throw misunderstood('The body is chunked more than once.');
}

function misunderstood(message: string): GatewayError {
  return new GatewayError('bad-request', message, { connection: 'close' });
}

function tooManyHeaders(): GatewayError {
  const message = `The request has more than ${MAX_HEADERS} header fields.`;
  return new GatewayError('headers-too-large', message, { connection: 'close' });
}
