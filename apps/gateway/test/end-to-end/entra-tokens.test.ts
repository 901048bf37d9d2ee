import { expect, test } from 'vitest';
import { makeKey, sha256 } from '../../src/client/keys.ts';
import { openSession, realtimePath } from '../testing/open-session.ts';
import { chatBody, chatPath, errorOf, post } from '../testing/post.ts';
import {
  APPLICATION,
  AUDIENCE,
  makePair,
  startIssuer,
  TENANT,
  type TestIssuer,
} from '../testing/start-issuer.ts';
import { callsOf, startScene } from '../testing/start-scene.ts';

const KEY = makeKey();

function startGuarded({ url }: TestIssuer, more: object = {}) {
  return startScene([{}], {
    auth: {
      entra: { tenants: [TENANT.toUpperCase()], audiences: [AUDIENCE, 'api://spillway'], authority: url },
    },
    clients: [
      { name: 'chat', entra: { applications: [APPLICATION.toUpperCase()] } },
      { name: 'people', entra: { roles: ['Spillway.Use'] } },
      { name: 'keyed', keys: [{ sha256: sha256(KEY) }] },
    ],
    ...more,
  });
}

function ask(scene: { url: string }, token: string) {
  const headers = { 'api-key': '', authorization: `Bearer ${token}` };
  return post(scene, chatPath, chatBody, { headers });
}

const seconds = () => Math.floor(Date.now() / 1000);

test.each<[string, string, (issuer: TestIssuer) => string]>([
  ['of version 2', 'chat', (issuer) => issuer.token()],
  ['of version 1', 'chat', (issuer) => issuer.token({ version: 1 })],
  ['for another listed audience', 'chat', (issuer) => issuer.token({ claims: { aud: 'api://spillway' } })],
  ['whose audience ends with a slash', 'chat', (issuer) => issuer.token({ claims: { aud: `${AUDIENCE}/` } })],
  [
    'whose issuer is the configured one',
    'chat',
    (issuer) => issuer.token({ claims: { iss: `${issuer.url}/${TENANT}/v2.0` } }),
  ],
  ['that expired 30 s ago', 'chat', (issuer) => issuer.token({ claims: { exp: seconds() - 30 } })],
  ['that begins in 30 s', 'chat', (issuer) => issuer.token({ claims: { nbf: seconds() + 30 } })],
  [
    'with a role',
    'people',
    (issuer) => issuer.token({ claims: { azp: 'x', roles: ['Other', 'Spillway.Use'] } }),
  ],
  ['of 20 KB', 'chat', (issuer) => issuer.token({ claims: { groups: 'x'.repeat(14_000) } })],
])('a token %s is taken, and again from memory', async (_, client, make) => {
  const issuer = await startIssuer();
  const scene = await startGuarded(issuer);
  const token = make(issuer);
  for (const number of [1, 2, 3]) {
    expect((await ask(scene, token)).status).toBe(200);
    expect(await scene.log.request(number)).toMatchObject({ client });
  }
  expect(issuer.fetches).toBe(1);
});

const stranger = makePair('key-1');

test.each<[string, (issuer: TestIssuer) => string]>([
  ['for another audience', (issuer) => issuer.token({ claims: { aud: 'https://graph.microsoft.com' } })],
  ['that has expired', (issuer) => issuer.token({ claims: { exp: seconds() - 90 } })],
  ['that never expires', (issuer) => issuer.token({ claims: { exp: undefined } })],
  ['that has not begun', (issuer) => issuer.token({ claims: { nbf: seconds() + 90 } })],
  [
    'that nobody has signed',
    (issuer) =>
      `${issuer
        .token({ header: { alg: 'none' } })
        .split('.')
        .slice(0, 2)
        .join('.')}.`,
  ],
  ['that says none, but is signed', (issuer) => issuer.token({ header: { alg: 'none' } })],
  [
    'signed by the public key as a secret',
    (issuer) => {
      const secret = issuer.keys[0]?.publicKey.export({ format: 'pem', type: 'spki' }).toString() ?? '';
      return issuer.token({ header: { alg: 'HS256' }, secret });
    },
  ],
  ['signed by another key of the same id', (issuer) => issuer.token({ key: stranger })],
  [
    'with a key of its own',
    (issuer) =>
      issuer.token({ key: makePair('own'), header: { jwk: stranger.publicKey.export({ format: 'jwk' }) } }),
  ],
  [
    'of another tenant',
    (issuer) =>
      issuer.token({ claims: { iss: 'https://sts.windows.net/00000000-0000-0000-0000-000000000000/' } }),
  ],
  [
    'whose tid is of another tenant',
    (issuer) => issuer.token({ claims: { tid: '00000000-0000-0000-0000-000000000000' } }),
  ],
  [
    'of an application that is nobody',
    (issuer) => issuer.token({ claims: { azp: 'x', name: 'chat', appidacr: '1' } }),
  ],
  [
    'whose name is an application’s',
    (issuer) => issuer.token({ claims: { azp: undefined, sub: APPLICATION, oid: APPLICATION } }),
  ],
  [
    'that was changed',
    (issuer) => issuer.token().replace(/\.(.)/, (_, first: string) => `.${first === 'e' ? 'f' : 'e'}`),
  ],
  ['that was cut off', (issuer) => issuer.token().slice(0, -20)],
  ['that is none', () => 'ey.ey.ey'],
  ['that is empty', () => '..'],
])('a token %s gets the same 401 as a wrong key, each time', async (_, make) => {
  const issuer = await startIssuer();
  const scene = await startGuarded(issuer);
  const token = make(issuer);
  const wrong = await errorOf(await ask(scene, 'wrong'));
  for (let time = 0; time < 3; time++) expect(await errorOf(await ask(scene, token))).toEqual(wrong);
  expect(wrong.status).toBe(401);
  expect(callsOf(scene)).toEqual([0]);
  expect(scene.log.text).not.toContain(token.slice(0, 20));
});

test('keys and tokens are taken side by side, and a token only where tokens stand', async () => {
  const issuer = await startIssuer();
  const scene = await startGuarded(issuer);
  expect((await ask(scene, KEY)).status).toBe(200);
  const asKey = await post(scene, chatPath, chatBody, { headers: { 'api-key': issuer.token() } });
  expect(asKey.status).toBe(401);
  const headers = { authorization: `Bearer ${issuer.token()}` };
  expect((await openSession(scene, realtimePath, { headers })).response.statusCode).toBe(101);
});

test('a key that the issuer has just begun to sign with is taken at once, and the old one no more', async () => {
  const issuer = await startIssuer();
  const scene = await startGuarded(issuer);
  const old = issuer.token();
  expect((await ask(scene, old)).status).toBe(200);
  issuer.rotate('key-2');
  const all = await Promise.all(Array.from({ length: 20 }, () => ask(scene, issuer.token())));
  expect(all.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
  expect(issuer.fetches).toBe(2);
});

test('a token with a new key is told to come back, not refused, while somebody’s junk keeps keys from being fetched', async () => {
  const issuer = await startIssuer();
  const scene = await startGuarded(issuer);
  expect((await ask(scene, issuer.token())).status).toBe(200);
  const junk = issuer.token({ key: makePair('junk') });
  expect((await ask(scene, junk)).status).toBe(401);
  issuer.rotate('key-2');
  const early = await ask(scene, issuer.token());
  expect([early.status, early.headers.get('retry-after')]).toEqual([503, expect.stringMatching(/^[1-5]$/)]);
  expect((await ask(scene, junk)).status).toBe(401);
  await expect.poll(async () => (await ask(scene, issuer.token())).status).toBe(200);
});

test('1,000 tokens with keys that nobody has cause few fetches, and put out nothing that is good', async () => {
  const issuer = await startIssuer();
  const scene = await startGuarded(issuer);
  const good = issuer.token();
  expect((await ask(scene, good)).status).toBe(200);
  const template = issuer.token().split('.');
  const made = (n: number) =>
    [
      Buffer.from(JSON.stringify({ alg: 'RS256', kid: `random-${n}` })).toString('base64url'),
      ...template.slice(1),
    ].join('.');
  const statuses = new Set<number>();
  const startedMs = Date.now();
  for (let n = 0; n < 1000; n += 50) {
    const all = await Promise.all(Array.from({ length: 50 }, (_, i) => ask(scene, made(n + i))));
    for (const response of all) {
      statuses.add(response.status);
      await response.arrayBuffer();
    }
  }
  expect([...statuses].sort()).toEqual([401, 503]);
  // One every five seconds, however long the test took.
  expect(issuer.fetches).toBeLessThanOrEqual(2 + Math.ceil((Date.now() - startedMs) / 5000));
  const { fetches } = issuer;
  issuer.isDown = true;
  expect((await ask(scene, good)).status).toBe(200);
  expect((await ask(scene, issuer.token())).status).toBe(200);
  expect(issuer.fetches).toBe(fetches);
}, 60_000);

test('while an issuer has never been reached, tokens get a 503 and keys are served', async () => {
  const issuer = await startIssuer();
  issuer.isDown = true;
  const scene = await startGuarded(issuer);
  const response = await ask(scene, issuer.token());
  expect(response.status).toBe(503);
  expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await ask(scene, 'wrong')).status).toBe(401);
  expect((await ask(scene, KEY)).status).toBe(200);
  expect(await scene.log.line('no signing keys from Microsoft Entra ID')).toMatchObject({ tenant: TENANT });
});

test('while an issuer is down, its known keys go on, and a new one is a 503', async () => {
  const issuer = await startIssuer();
  const scene = await startGuarded(issuer);
  expect((await ask(scene, issuer.token())).status).toBe(200);
  issuer.isDown = true;
  expect((await ask(scene, issuer.token({ claims: { jti: '2' } }))).status).toBe(200);
  const response = await ask(scene, issuer.token({ key: makePair('key-2') }));
  expect(response.status).toBe(503);
});
