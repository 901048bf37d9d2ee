import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

const keyHeaders = ['api-key', 'authorization', 'ocp-apim-subscription-key', 'x-api-key'];
const hidden = '***';

/** Returns headers without the keys in them. */
export function hideInHeaders(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const names = keyHeaders.filter((name) => name in headers);
  return { ...headers, ...Object.fromEntries(names.map((name) => [name, hidden])) };
}

/** Returns a path and its query without the key in it. */
export function hideInQuery(url: string): string {
  const query = queryOf(url);
  if (!query.has('api-key')) return url;
  query.set('api-key', hidden);
  return `${url.slice(0, url.indexOf('?'))}?${query}`;
}

function queryOf(url: string): URLSearchParams {
  const mark = url.indexOf('?');
  return new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1));
}

/** The part of a request that its key may be in. */
type Keyed = Pick<IncomingMessage, 'url' | 'headers'>;

/** Whether a request brings the key: in the header `api-key` or `Authorization`, or in `x-api-key` to Claude. */
export function hasKey({ url = '', headers }: Keyed, apiKey: string | undefined): boolean {
  if (apiKey === undefined || headers['api-key'] === apiKey) return true;
  if (url.startsWith('/anthropic/') && headers['x-api-key'] === apiKey) return true;
  return headers.authorization === `Bearer ${apiKey}`;
}

/** Whether an upgrade brings the key, which may be in its query too. */
export function bringsKey(upgrade: Keyed, apiKey: string | undefined): boolean {
  return hasKey(upgrade, apiKey) || queryOf(upgrade.url ?? '').get('api-key') === apiKey;
}

/** Returns an upgrade as it may be recorded: without the key. */
export function withoutKey(request: IncomingMessage): Pick<IncomingMessage, 'method' | 'url' | 'headers'> {
  const { method, url = '' } = request;
  return { method, url: hideInQuery(url), headers: hideInHeaders(request.headers) };
}
