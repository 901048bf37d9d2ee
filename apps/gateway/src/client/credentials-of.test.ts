import { expect, test } from 'vitest';
import { CARRIERS } from '../headers/credential-carriers.ts';
import { headersToBackend } from '../headers/to-backend.ts';
import { withoutProtocolKey } from '../headers/without-protocol-key.ts';
import { cleanPath } from '../route/clean-path.ts';
import { credentialOf } from './credentials-of.ts';

/** Puts a credential into a carrier's place. */
function carried({ in: place, name, isBearer }: (typeof CARRIERS)[number], value: string) {
  const written = isBearer ? `Bearer ${value}` : value;
  if (place === 'header') return { headers: { [name]: written }, query: '' };
  if (place === 'query') return { headers: {}, query: `${name}=${encodeURIComponent(written)}` };
  return { headers: { 'sec-websocket-protocol': `realtime, ${name}${value}` }, query: '' };
}

const PATH = '/openai/v1/realtime?model=m';

test.each(CARRIERS)('a credential in the $in $name is read, and is not passed on', (carrier) => {
  const { headers, query } = carried(carrier, 'the-secret');
  const url = query === '' ? PATH : `${PATH}&${query}`;
  expect(credentialOf({ url, headers })?.value).toBe('the-secret');
  const raw = withoutProtocolKey(Object.entries(headers).flat());
  const passed = [cleanPath(url), ...headersToBackend(raw, ['api-key', 'own'])].join(' ');
  expect(passed).not.toContain('secret');
});

test('of any two carriers the one counts that is first in the table', () => {
  const pairs = CARRIERS.flatMap((first, at) =>
    CARRIERS.slice(at + 1).map((second) => [first, second] as const),
  );
  const read = pairs.map(([first, second]) => {
    const [a, b] = [carried(first, 'first'), carried(second, 'second')];
    const url = `${PATH}&${b.query}&${a.query}`;
    return credentialOf({ url, headers: { ...b.headers, ...a.headers } })?.value;
  });
  expect(new Set(read)).toEqual(new Set(['first']));
});

test.each([
  ['/a?subscription-key=k', {}, 'k'],
  ['/a?x=1&Subscription%2DKey=k', {}, 'k'],
  ['/a?subscription-key=&subscription-key=k', {}, 'k'],
  ['/a?subscription-key=one&subscription-key=two', {}, 'one'],
  ['/a?key=k&code=k', {}, undefined],
  ['/subscription-key=k', {}, undefined],
  ['/a', { 'api-key': '' }, undefined],
  ['/a', { authorization: 'Basic k' }, undefined],
  ['/a', { authorization: 'Basic k', 'x-api-key': 'x' }, 'x'],
  ['/a', { authorization: 'bearer   k' }, 'k'],
  ['/a', { 'api-key': '', authorization: 'Bearer k' }, 'k'],
  ['/a', { 'sec-websocket-protocol': 'realtime' }, undefined],
  ['/a?authorization=Bearer%20%20%09', {}, undefined],
  ['/a&api-key=k', {}, undefined],
])('of %s with %j, the credential is %s', (url, headers, expected) => {
  expect(credentialOf({ url, headers })?.value).toBe(expected);
});

test('where only tokens count, keys of other places are not looked at', () => {
  const headers = { 'api-key': 'a', authorization: 'Bearer t' };
  expect(credentialOf({ headers }, true)).toEqual({ value: 't', mayBeToken: true });
});
