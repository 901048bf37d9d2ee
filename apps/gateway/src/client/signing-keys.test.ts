import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { IssuerUnavailable, SigningKeyStore } from './signing-keys.ts';

const TENANT = '11111111-2222-3333-4444-555555555555';
const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const jwk = publicKey.export({ format: 'jwk' });

function startKeys(answers: (url: string) => unknown, nowMs?: () => number) {
  const asked: string[] = [];
  const failures: string[] = [];
  const store = new SigningKeyStore({
    fetchJson: async (url) => {
      asked.push(url);
      return answers(url);
    },
    onFailure: (_, { message }) => failures.push(message),
    ...(nowMs && { nowMs }),
  });
  return { keys: store.of('https://login', TENANT), store, asked, failures };
}

/** The responses of an issuer without metadata. */
const plain = (list: readonly object[]) => (url: string) => {
  if (!url.endsWith('/discovery/v2.0/keys')) throw new Error('404');
  return { keys: list };
};

test('10,000 ids that nobody has cause one fetch, those asked for later are not determined, and those that are known stay', async () => {
  const { keys, asked } = startKeys(plain([{ ...jwk, kid: 'good' }]));
  expect(await keys.find('good')).toBeDefined();
  const ids = Array.from({ length: 10_000 }, (_, n) => `random-${n}`);
  const [first, ...later] = await Promise.allSettled(ids.map((id) => keys.find(id)));
  expect(first).toEqual({ status: 'fulfilled', value: undefined });
  expect(new Set(later.map((found) => found.status === 'rejected' && found.reason.constructor))).toEqual(
    new Set([IssuerUnavailable]),
  );
  expect(await keys.find('good')).toBeDefined();
  expect(asked.filter((url) => url.endsWith('keys'))).toHaveLength(2);
});

test('an id is known to be missing once keys were fetched for it, which says nothing of one asked for later', async () => {
  const published = [{ ...jwk, kid: 'good' }];
  const { keys, asked } = startKeys(plain(published));
  expect(await keys.find('good')).toBeDefined();
  expect(await keys.find('junk')).toBeUndefined();
  published.push({ ...jwk, kid: 'new' });
  await expect(keys.find('new')).rejects.toThrow(IssuerUnavailable);
  await expect(keys.find('new')).rejects.toMatchObject({
    headers: { 'retry-after': expect.stringMatching(/^[1-5]$/) },
  });
  expect(await keys.find('junk')).toBeUndefined();
  expect(asked.filter((url) => url.endsWith('keys'))).toHaveLength(2);
});

test('all who ask for a missing id while keys are fetched for it learn that it is missing', async () => {
  const { keys } = startKeys(plain([{ ...jwk, kid: 'good' }]));
  expect(await keys.find('good')).toBeDefined();
  const found = await Promise.all(Array.from({ length: 100 }, () => keys.find('junk')));
  expect(new Set(found)).toEqual(new Set([undefined]));
});

test('a key that is published while others are being fetched is found, by one more fetch for all', async () => {
  let answer: ((list: unknown) => void) | undefined;
  const late = new Promise((resolve) => (answer = resolve));
  let fetches = 0;
  const { keys } = startKeys((url) => {
    if (!url.endsWith('/discovery/v2.0/keys')) throw new Error('404');
    return ++fetches === 1 ? late : { keys: [{ ...jwk, kid: 'new' }] };
  });
  const found = Promise.all(Array.from({ length: 20 }, () => keys.find('new')));
  answer?.({ keys: [{ ...jwk, kid: 'old' }] });
  expect(await found).not.toContain(undefined);
  expect(fetches).toBe(2);
});

test('keys are read where the metadata says', async () => {
  const { keys, asked } = startKeys((url) =>
    url.endsWith('openid-configuration')
      ? { jwks_uri: 'https://elsewhere/keys' }
      : { keys: [{ ...jwk, kid: 'good' }] },
  );
  expect(await keys.find('good')).toBeDefined();
  expect(asked).toEqual([
    `https://login/${TENANT}/v2.0/.well-known/openid-configuration`,
    'https://elsewhere/keys',
  ]);
});

test('only keys for signatures of this tenant are taken, and broken ones spoil no other', async () => {
  const { keys } = startKeys(
    plain([
      { kid: 'broken', kty: 'RSA', n: 5 },
      null as never,
      'no key' as never,
      { ...jwk, kid: 'enc', use: 'enc' },
      { ...jwk, kid: 'other-alg', alg: 'RS512' },
      { ...jwk, kid: 'other-tenant', issuer: 'https://login.microsoftonline.com/9188040d/v2.0' },
      { ...jwk, kid: 'any', issuer: 'https://login.microsoftonline.com/{tenantid}/v2.0' },
      { ...jwk, kid: 'own', issuer: `https://login.microsoftonline.com/${TENANT}/v2.0` },
    ]),
  );
  const ids = ['broken', 'enc', 'other-alg', 'other-tenant', 'any', 'own'];
  const found = await Promise.all(ids.map((id) => keys.find(id)));
  expect(ids.filter((_, at) => found[at] !== undefined)).toEqual(['any', 'own']);
});

test.each([
  ['no answer', () => Promise.reject(new Error('ECONNREFUSED'))],
  ['nonsense', () => 'hello'],
  ['nothing', () => null],
  ['an empty list', () => ({ keys: [] })],
])('an issuer that gives %s is unavailable, and is not asked again at once', async (_, answer) => {
  const { keys, asked, failures } = startKeys(answer);
  for (let time = 0; time < 100; time++) await expect(keys.find('any')).rejects.toThrow(IssuerUnavailable);
  expect(asked).toHaveLength(2);
  expect(failures).toHaveLength(1);
});

test('a tenant’s keys are fetched once for all configurations', async () => {
  const { keys, store } = startKeys(plain([{ ...jwk, kid: 'good' }]));
  expect(store.of('https://login', TENANT)).toBe(keys);
});

test('an issuer that was unavailable is asked again after five seconds by a clock that is never set back', async () => {
  let nowMs = 1000;
  const { keys, failures } = startKeys(
    () => Promise.reject(new Error('certificate is not yet valid')),
    () => nowMs,
  );
  await expect(keys.find('any')).rejects.toMatchObject({ headers: { 'retry-after': '5' } });
  nowMs += 4999;
  await expect(keys.find('any')).rejects.toMatchObject({ headers: { 'retry-after': '1' } });
  expect(failures).toHaveLength(1);
  nowMs += 1;
  await expect(keys.find('any')).rejects.toThrow(IssuerUnavailable);
  expect(failures).toHaveLength(2);
});
