import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

/** The part of an upgrade that its key may be in. */
type Upgrade = Pick<IncomingMessage, 'url' | 'headers'>;

const hidden = '***';

/** Whether an upgrade brings the key: in the header `api-key` or `Authorization`, or in the query. */
export function bringsKey({ url = '', headers }: Upgrade, apiKey: string | undefined): boolean {
  if (apiKey === undefined || headers['api-key'] === apiKey) return true;
  return headers.authorization === `Bearer ${apiKey}` || queryOf(url).get('api-key') === apiKey;
}

/** Answers an upgrade as it may be recorded: without the key. */
export function withoutKey(request: IncomingMessage): Pick<IncomingMessage, 'method' | 'url' | 'headers'> {
  const { method, url = '' } = request;
  return { method, url: hideInQuery(url), headers: hideInHeaders(request.headers) };
}

function hideInHeaders(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const names = ['api-key', 'authorization'].filter((name) => name in headers);
  return { ...headers, ...Object.fromEntries(names.map((name) => [name, hidden])) };
}

function hideInQuery(url: string): string {
  const query = queryOf(url);
  if (!query.has('api-key')) return url;
  query.set('api-key', hidden);
  return `${url.slice(0, url.indexOf('?'))}?${query}`;
}

function queryOf(url: string): URLSearchParams {
  const mark = url.indexOf('?');
  return new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1));
}
