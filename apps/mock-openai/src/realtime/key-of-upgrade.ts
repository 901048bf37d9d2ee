import { hideInHeaders, hideInQuery, queryOf } from '../records/hide-keys.ts';
import type { IncomingMessage } from 'node:http';

/** The part of an upgrade that its key may be in. */
type Upgrade = Pick<IncomingMessage, 'url' | 'headers'>;

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
