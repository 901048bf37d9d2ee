import type { IncomingHttpHeaders } from 'node:http';
import type { ResponseHeaders } from './to-client.ts';

/** A backend's own address and path. */
interface LinkedBackend {
  readonly url: string;
}

/** Headers that hold one link. */
const LINKS = ['location', 'content-location', 'operation-location', 'azure-asyncoperation'] as const;
/** Headers with links inside other text (RFC 8288 §3 and HTML), and the patterns of these links. */
const LINKS_WITHIN = {
  link: /(?<=<)[^<>]+(?=>)/g,
  refresh: /(?<=\burl\s{0,9}=\s{0,9}["']?)[^\s"']+/gi,
} as const;

/** Azure's resource hosts. Their names are hidden from clients that only know the gateway. */
const AZURE =
  /\.(?:openai|cognitiveservices|services\.ai)\.azure\.(?:com|us|cn)$|\.api\.cognitive\.microsoft\.com$/i;
const NOWHERE = 'https://backend';
/** A part of RFC 3986 §3.2.2 that covers the gateway's hosts. */
const HOST = /^[\w.:[\]-]+$/;

/** Translates a backend's links into the gateway's. */
export class Links {
  readonly #backends: readonly URL[];
  readonly #basePath: string;
  readonly #scheme: 'http' | 'https';

  /**
   * @param basePath the clients' prefix of the API's own paths
   * @param isSecure whether the gateway itself serves HTTPS
   */
  constructor(backends: readonly LinkedBackend[], basePath = '', isSecure = false) {
    this.#backends = backends.map(({ url }) => new URL(url));
    this.#basePath = basePath;
    this.#scheme = isSecure ? 'https' : 'http';
  }

  /** Returns a backend's headers with its links leading to the gateway; links to other places are unchanged. */
  toGateway(headers: ResponseHeaders, status: number, request: IncomingHttpHeaders): ResponseHeaders {
    // Only pages have links inside other text, and hardly any page has status 200.
    const mayBePage = status !== 200;
    if (!hasLinks(headers) && !(mayBePage && hasLinksWithin(headers))) return headers;
    const changed: Record<string, string | string[] | undefined> = { ...headers };
    // A client that follows a redirect sends its prompt and its key there.
    const isRedirect = status >= 300 && status < 400;
    for (const name of LINKS) {
      const link = headers[name]?.toString();
      const isFollowed = isRedirect && name === 'location';
      if (link !== undefined)
        changed[name] = this.#toGateway(link, request) ?? (isFollowed ? undefined : link);
    }
    if (mayBePage)
      for (const name of ['link', 'refresh'] as const)
        changed[name] = this.#withinToGateway(headers, name, isRedirect, request);
    return changed;
  }

  /** Returns a header with all its links leading to the gateway; undefined if it must not be passed on. */
  #withinToGateway(
    headers: ResponseHeaders,
    name: keyof typeof LINKS_WITHIN,
    isRedirect: boolean,
    request: IncomingHttpHeaders,
  ): string | undefined {
    let leadsElsewhere = false;
    const changed = headers[name]?.toString().replaceAll(LINKS_WITHIN[name], (link) => {
      const own = this.#toGateway(link, request);
      leadsElsewhere ||= own === undefined;
      return own ?? link;
    });
    return isRedirect && leadsElsewhere ? undefined : changed;
  }

  /** Returns the client's URL for a path of the API, with the gateway's address as the client uses it. */
  to(path: string, request: IncomingHttpHeaders): string {
    return originOf(request, this.#scheme) + this.#basePath + path;
  }

  /** Undefined if the link leads elsewhere. */
  #toGateway(link: string, request: IncomingHttpHeaders): string | undefined {
    const isAbsolute = /^(?:[a-z][a-z0-9+.-]*:|[/\\]{2})/i.test(link);
    if (!isAbsolute && !link.startsWith('/')) return link;
    if (!URL.canParse(link, NOWHERE)) return undefined;
    const { hostname, pathname, search, hash } = new URL(link, NOWHERE);
    const isBackend = this.#backends.some((one) => one.hostname === hostname) || AZURE.test(hostname);
    if (isAbsolute && !isBackend) return undefined;
    const path = this.#basePath + this.#withoutPrefix(pathname) + search + hash;
    return isAbsolute ? originOf(request, this.#scheme) + path : path;
  }

  /** Clients do not know the prefix that a backend's URL has before the API's own paths. */
  #withoutPrefix(path: string): string {
    const prefixes = this.#backends.map(({ pathname }) => pathname.replace(/\/+$/, ''));
    const prefix = prefixes.find((one) => one !== '' && path.startsWith(`${one}/`));
    return prefix === undefined ? path : path.slice(prefix.length);
  }
}

/** Almost no answer has any links. */
function hasLinks(headers: ResponseHeaders): boolean {
  for (const name of LINKS) if (headers[name] !== undefined) return true;
  return false;
}

function hasLinksWithin(headers: ResponseHeaders): boolean {
  return headers['link'] !== undefined || headers['refresh'] !== undefined;
}

/**
 * Returns the gateway's address as the client uses it, as far as the headers of the client and of proxies show it;
 * empty for a relative link.
 */
function originOf(headers: IncomingHttpHeaders, scheme: 'http' | 'https'): string {
  const host = first(headers['x-forwarded-host']) ?? headers.host;
  if (host === undefined || !HOST.test(host)) return '';
  return `${first(headers['x-forwarded-proto']) === 'https' ? 'https' : scheme}://${host}`;
}

function first(header: string | string[] | undefined): string | undefined {
  return header?.toString().split(',')[0]?.trim() || undefined;
}
