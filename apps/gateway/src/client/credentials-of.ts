import type { IncomingHttpHeaders } from 'node:http';
import { type Carrier, CARRIERS } from '../headers/credential-carriers.ts';

/** What a client has sent to say who it is. */
export interface SentCredential {
  readonly value: string;
  /** Whether it may be a token: keys have places of their own, which tokens have not. */
  readonly mayBeToken: boolean;
}

/** The head of a request, as far as it says who sends it. */
export interface CredentialHead {
  readonly url?: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

const BEARER = /^bearer +(.+)$/i;
/** A parameter whose name may be one of ours, escapes included: almost no query has one. */
const MAY_HAVE_CREDENTIAL = /[?&][^=&]*(?:key|authorization|%)/i;
const TOKENS = CARRIERS.filter(({ isBearer }) => isBearer);

/**
 * Returns the credential that counts: that of the first carrier which the request has.
 *
 * @param areOnlyTokens whether only places are looked at where a token may stand
 */
export function credentialOf(head: CredentialHead, areOnlyTokens = false): SentCredential | undefined {
  for (const carrier of areOnlyTokens ? TOKENS : CARRIERS) {
    const written = read(carrier, head);
    if (written === undefined || written === '') continue;
    if (carrier.isBearer === undefined) return { value: written, mayBeToken: false };
    const value = BEARER.exec(written)?.[1];
    // Another scheme is a proxy's, not ours.
    if (value !== undefined) return { value: value.trim(), mayBeToken: true };
  }
  return undefined;
}

function read({ in: place, name }: Carrier, { url = '', headers }: CredentialHead): string | undefined {
  if (place === 'header') return headers[name]?.toString();
  if (place === 'protocol') return inProtocols(name, headers['sec-websocket-protocol']);
  return MAY_HAVE_CREDENTIAL.test(url) ? inQuery(name, url) : undefined;
}

/** Read as what strips it reads it. */
function inQuery(name: string, url: string): string | undefined {
  for (const [key, value] of new URLSearchParams(url.slice(url.indexOf('?') + 1)))
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
