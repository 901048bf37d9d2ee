import type { Answer, HeaderLookup } from '../attempt.ts';

/** Response headers by their lower-case names. */
export type Headers = Readonly<Record<string, string>>;

/** Returns a lookup in these headers. */
export function headerLookup(headers: Headers): HeaderLookup {
  return (name) => (Object.hasOwn(headers, name) ? headers[name] : undefined);
}

/** Returns a response of this status. Its unread body is a label, so that a test can say which one was discarded. */
export function makeAnswer(
  status: number,
  { headers = {}, bodyText, body = '' }: { headers?: Headers; bodyText?: string; body?: string } = {},
): Answer<string> {
  return { kind: 'answered', status, header: headerLookup(headers), bodyText, body };
}
