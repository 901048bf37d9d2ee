import type { IncomingHttpHeaders } from 'node:http';

const keyHeaders = ['api-key', 'authorization', 'ocp-apim-subscription-key'];
const hidden = '***';

/** Answers headers without the keys in them. */
export function hideInHeaders(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const names = keyHeaders.filter((name) => name in headers);
  return { ...headers, ...Object.fromEntries(names.map((name) => [name, hidden])) };
}

/** Answers a path and its query without the key in it. */
export function hideInQuery(url: string): string {
  const query = queryOf(url);
  if (!query.has('api-key')) return url;
  query.set('api-key', hidden);
  return `${url.slice(0, url.indexOf('?'))}?${query}`;
}

/** Reads the query of a URL. */
export function queryOf(url: string): URLSearchParams {
  const mark = url.indexOf('?');
  return new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1));
}
