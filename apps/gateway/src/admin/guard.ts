import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { AdminError } from './admin-error.ts';

/**
 * No form can send this header. A page of another origin can only after a preflight request, which is never answered.
 */
export const WRITE_HEADER = 'x-spillway-admin';

/**
 * Keeps out web pages that a browser has been led to. Otherwise a loopback listener without a token would obey any page
 * whose name resolves to 127.0.0.1 (DNS rebinding), and any form.
 *
 * @param allowedHosts names beside `localhost` and IP addresses
 * @throws AdminError 403 that names the setting which would allow it
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
  // A proxy may name the usual port, which browsers leave out.
  const own = page && hostOf(`${page.protocol}//${headers.host}`);
  const isOwn = page !== undefined && (page.host === own?.host || allowed.includes(page.hostname));
  if (!isOwn) throw new AdminError(403, OTHER_PAGE);
}

const OTHER_PAGE = 'Pages of this Origin are not allowed. Names of proxies go in admin.allowedHosts.';

/**
 * An image, a script or a frame of another page has no `Origin`, but would hold a stream open. A link to here does no
 * harm. A frame navigates too, but has another destination.
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
 * Checks that a form did not send a request that changes something.
 *
 * @param hasBody whether there is something to read in it
 * @throws AdminError 403 or 415
 */
export function checkWrite({ headers }: IncomingMessage, hasBody: boolean): void {
  if (headers[WRITE_HEADER] === undefined)
    throw new AdminError(
      403,
      `A request that changes something needs the header ${WRITE_HEADER}, with any value.`,
    );
  if (hasBody && !/^application\/json\s*(?:;|$)/i.test(headers['content-type'] ?? ''))
    throw new AdminError(415, 'A request that changes something needs the content-type application/json.');
}

function hostOf(url: string): URL | undefined {
  return URL.canParse(url) && new URL(url).host !== '' ? new URL(url) : undefined;
}

function unbracketed(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}
