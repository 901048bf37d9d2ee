import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { AdminError } from './admin-error.ts';

/** A header that no form can send, and no page of another origin without being asked first, which is never answered. */
export const WRITE_HEADER = 'x-spillway-admin';

/**
 * Keeps web pages out that a browser has been led to: a loopback listener without a token would otherwise obey any page
 * whose name resolves to 127.0.0.1 (DNS rebinding), and any form.
 *
 * @param allowedHosts names beside `localhost` and IP addresses
 * @throws AdminError 403 that says which setting would allow it
 */
export function checkOrigin({ headers }: IncomingMessage, allowedHosts: readonly string[]): void {
  const allowed = allowedHosts.map((host) => host.toLowerCase());
  const isKnown = (hostname: string) =>
    hostname === 'localhost' || isIP(unbracketed(hostname)) !== 0 || allowed.includes(hostname);
  const host = hostOf(`http://${headers.host ?? ''}`);
  if (host === undefined || !isKnown(host.hostname))
    throw new AdminError(
      403,
      'This Host is not allowed. Names other than localhost go in admin.allowedHosts.',
    );
  const { origin } = headers;
  if (origin === undefined) return checkFetch(headers);
  const page = hostOf(origin);
  const isOwn = page !== undefined && (page.host === host.host || allowed.includes(page.hostname));
  if (!isOwn) throw new AdminError(403, OTHER_PAGE);
}

const OTHER_PAGE = 'Pages of this Origin are not allowed. Names of proxies go in admin.allowedHosts.';

/**
 * An image, a script or a frame of another page has no `Origin`, but would hold a stream open. A link to here is no harm; a
 * frame navigates too, but its destination is another.
 */
function checkFetch({
  'sec-fetch-site': site = 'none',
  'sec-fetch-mode': mode,
  'sec-fetch-dest': destination = 'document',
}: IncomingMessage['headers']): void {
  const isLink = mode === 'navigate' && destination === 'document';
  const isOwn = site === 'none' || site === 'same-origin' || isLink;
  if (!isOwn) throw new AdminError(403, OTHER_PAGE);
}

/**
 * Checks that a request which changes something was not sent by a form.
 *
 * @throws AdminError 403 or 415
 */
export function checkWrite({ headers }: IncomingMessage): void {
  if (headers[WRITE_HEADER] === undefined)
    throw new AdminError(
      403,
      `A request that changes something needs the header ${WRITE_HEADER}, with any value.`,
    );
  if (!/^application\/json\s*(?:;|$)/i.test(headers['content-type'] ?? ''))
    throw new AdminError(415, 'A request that changes something needs the content-type application/json.');
}

function hostOf(url: string): URL | undefined {
  return URL.canParse(url) && new URL(url).host !== '' ? new URL(url) : undefined;
}

function unbracketed(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}
