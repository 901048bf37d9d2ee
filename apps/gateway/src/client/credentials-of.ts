import type { IncomingHttpHeaders } from 'node:http';
import { type Carrier, CARRIERS } from '../headers/credential-carriers.ts';

/** The credential that a client has sent. */
export interface SentCredential {
  readonly value: string;
  /** Whether it may be a token: some places are for keys only. */
  readonly mayBeToken: boolean;
}

/** The parts of a request's head that identify its sender. */
export interface CredentialHead {
  readonly url?: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

/**
 * Before a credential, which is not matched itself, as tokens are long. The sender is still unknown: the spaces are
 * passed once, however many there are.
 */
const BEARER = /^bearer +(?! )/i;
/** None is in a header, but one may be in a query. */
const LINE_BREAKS = ['\n', '\r', '\u2028', '\u2029'];
/** What a query contains if one of its parameters may be ours, even percent-encoded: almost none does. */
const MAY_HAVE_CREDENTIAL = /key|authorization|%/i;
const TOKENS = CARRIERS.filter(({ isBearer }) => isBearer);

/**
 * Returns the credential that counts: that of the first carrier in the request.
 *
 * @param areOnlyTokens whether only places for tokens are read
 */
export function credentialOf(head: CredentialHead, areOnlyTokens = false): SentCredential | undefined {
  for (const carrier of areOnlyTokens ? TOKENS : CARRIERS) {
    const written = read(carrier, head);
    if (written === undefined || written === '') continue;
    if (carrier.isBearer === undefined) return { value: written, mayBeToken: false };
    const scheme = BEARER.exec(written)?.[0];
    // Another scheme is a proxy's, not ours.
    if (scheme === undefined) continue;
    const rest = written.slice(scheme.length);
    const value = rest.trim();
    if (value !== '' && !LINE_BREAKS.some((one) => rest.includes(one))) return { value, mayBeToken: true };
  }
  return undefined;
}

function read({ in: place, name }: Carrier, { url = '', headers }: CredentialHead): string | undefined {
  if (place === 'header') return headers[name]?.toString();
  if (place === 'protocol') return inProtocols(name, headers['sec-websocket-protocol']);
  const start = url.indexOf('?') + 1;
  return start > 0 ? inQuery(name, url.slice(start)) : undefined;
}

/** Read in the same way as by the code that removes it. */
function inQuery(name: string, query: string): string | undefined {
  if (!MAY_HAVE_CREDENTIAL.test(query)) return undefined;
  for (const [key, value] of new URLSearchParams(query))
    if (key.toLowerCase() === name && value !== '') return value;
  return undefined;
}

function inProtocols(before: string, protocols: string | undefined): string | undefined {
  const found = protocols
    ?.split(',')
    .map((protocol) => protocol.trim())
    .find((protocol) => protocol.toLowerCase().startsWith(before));
  return found?.slice(before.length);
}
