import { expect, test } from 'vitest';
import { isStillPacked } from '../../src/body/hidden-body.ts';
import { credentialOf } from '../../src/client/credentials-of.ts';
import { EntraTokens } from '../../src/client/entra-token.ts';
import { SigningKeyStore } from '../../src/client/signing-keys.ts';
import { Links } from '../../src/headers/links.ts';
import { headersToBackend } from '../../src/headers/to-backend.ts';
import { ClientObjects } from '../../src/ownership/client-objects.ts';
import { EmbeddedOwners } from '../../src/ownership/owner-store.ts';
import { cleanPath } from '../../src/route/clean-path.ts';
import { namesInQuery } from '../../src/route/names-in-head.ts';

/*
 * Ten times as long as a head may be. What looks at each character once is done at once; a pattern that goes back over what it
 * has passed takes minutes, so that its test fails by its time.
 */
const LENGTH = 300_000;
const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const many = (text: string) => text.repeat(Math.ceil(LENGTH / text.length));

test.each([
  ['question marks', `/openai/v1/models${many('?')}`],
  ['spaces before a token', `/openai/v1/models?authorization=bearer${many('+')}%0Ax`],
  ['parameters', `/openai/v1/models?${many('a&')}`],
])('a credential is looked for in an address with many %s as fast as in any', (_, url) => {
  expect(credentialOf({ url, headers: {} })).toBeUndefined();
});

test.each(['/', '//a', '?', 'a?', '%2f', '.a'])(
  'an address with many %s is cleaned as fast as any',
  (unit) => {
    expect(cleanPath(`/openai/v1/files${many(unit)}`)).toMatch(/^\/openai\/v1\/files/);
  },
);

test('a model is looked for in a long query as fast as in any', () => {
  expect(namesInQuery(`/openai/v1/responses?${many('?')}&${many('a')}`)).toEqual([]);
});

test('a header of a long name is told from a credential as fast as any', () => {
  const name = `${many('authorization_')}!`;
  expect(headersToBackend([name, 'x'], ['api-key', 'own'])).toEqual(['api-key', 'own', name, 'x']);
});

test('objects are looked for in a long query as fast as in any', async () => {
  const store = new EmbeddedOwners({ maxEntries: 1, ttlMs: 1 }, () => 0);
  const objects = new ClientObjects(store, { name: 'a', allObjects: false }, []);
  const route = { operation: 'files', path: `/openai/v1/files?${many('_')}` };
  const request = { method: 'GET', contentType: undefined, headers: {}, body: undefined };
  await expect(objects.check(request, route)).resolves.toBeUndefined();
});

test('a token that nobody has signed is refused as fast as any, whatever its audience is', async () => {
  const tenant = '11111111-2222-3333-4444-555555555555';
  const store = new SigningKeyStore({ fetchJson: () => Promise.resolve({}), onFailure: () => {} });
  const config = { tenants: [tenant], audiences: ['a'], authority: 'https://login' };
  const claims = { iss: `https://login/${tenant}/v2.0`, tid: tenant, aud: `${many('/')}x` };
  const token = `${encode({ alg: 'RS256', kid: 'k' })}.${encode(claims)}.x`;
  expect(await new EntraTokens(config, [], store).verify(token, 'hash')).toBe('token-foreign');
});

test('a coding behind many spaces is found as fast as any', () => {
  const contentEncoding = `${many('\u00a0')}x${many('\u00a0')}y`;
  expect(isStillPacked({ contentEncoding, isUnpacked: false })).toBe(true);
});

test.each(['<', '<a', 'url=', 'url ', ' ', '\t='])(
  'a backend’s links are looked for among many %j as fast as anywhere',
  (unit) => {
    const headers = { link: many(unit), refresh: `0; ${many(unit)}` };
    expect(new Links([{ url: 'https://a' }]).toGateway(headers, 404, {})).toEqual(headers);
  },
);
