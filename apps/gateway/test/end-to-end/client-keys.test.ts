import { expect, test } from 'vitest';
import { makeKey, sha256 } from '../../src/client/keys.ts';
import { openSession, realtimePath, refusedSession } from '../testing/open-session.ts';
import { chatBody, chatPath, errorOf, post } from '../testing/post.ts';
import { connectRaw, parseAnswer, rawRequest } from '../testing/raw-client.ts';
import { callsOf, startScene } from '../testing/start-scene.ts';

const KEY = makeKey();
const OLD = makeKey();
const OFF = makeKey();
const clients = [
  { name: 'chat', keys: [{ sha256: sha256(KEY) }] },
  {
    name: 'late',
    keys: [
      { sha256: sha256(OLD), expires: '2020-01-01T00:00:00Z' },
      { sha256: sha256(OFF), disabled: true },
    ],
  },
];

const DENIED =
  'Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an active ' +
  'subscription and use a correct regional API endpoint for your resource.';

test('whoever has a key is served, and the log says who it was', async () => {
  const scene = await startScene([{}], { clients });
  const response = await post(scene, chatPath, chatBody, { headers: { 'api-key': KEY } });
  expect(response.status).toBe(200);
  expect(await scene.log.request()).toMatchObject({ client: 'chat', status: 200 });
});

test.each([
  ['no key', '', 'missing'],
  ['an unknown key', 'client-key', 'unknown'],
  ['an unknown key of ours', makeKey(), 'unknown'],
  ['a key that was cut off', KEY.slice(0, -1), 'malformed'],
  ['a key that has expired', OLD, 'expired'],
  ['a key that is disabled', OFF, 'disabled'],
  ['an ephemeral key of nobody', 'ek_0123', 'unknown'],
  ['the hash of a key', sha256(KEY), 'unknown'],
])('%s gets the same 401 as any other, and the log alone says why', async (_, key, refused) => {
  const scene = await startScene([{}], { clients });
  const response = await post(scene, chatPath, chatBody, { headers: { 'api-key': key } });
  expect(response.headers.get('www-authenticate')).toBe('Bearer');
  expect(await errorOf(response)).toEqual({ status: 401, code: '401', message: DENIED });
  const line = await scene.log.request();
  expect(line).toMatchObject({ status: 401, attempts: [], refused });
  expect(line).not.toHaveProperty('client');
  expect(callsOf(scene)).toEqual([0]);
});

test('an upgrade without a key gets the same 401, and one with a key its session', async () => {
  const scene = await startScene([{}], { clients });
  const { response, body } = await refusedSession(scene);
  expect(response.statusCode).toBe(401);
  expect(JSON.parse(body)).toEqual({ error: { code: '401', message: DENIED } });
  const messages = await refusedSession(scene, '/openai/v1/responses');
  expect(messages.response.statusCode).toBe(401);
  await openSession(scene, realtimePath, { headers: { 'api-key': KEY } });
  await openSession(scene, `${realtimePath}&api-key=${KEY}`);
  const protocols = ['realtime', `openai-insecure-api-key.${KEY}`];
  expect((await openSession(scene, realtimePath, { protocols })).response.statusCode).toBe(101);
});

test('the key among the protocols of a session reaches no backend where a proxy has made a plain request of it', async () => {
  const scene = await startScene([{}], { clients });
  const protocols = `realtime, openai-insecure-api-key.${KEY}, openai-beta.realtime-v1`;
  const client = await connectRaw(scene);
  client.send(rawRequest('GET', realtimePath, [`Sec-WebSocket-Protocol: ${protocols}`, 'Connection: close']));
  await client.untilEnd();
  const [sent] = scene.mocks[0]!.requests;
  expect(sent?.headers['sec-websocket-protocol']).toBe('realtime, openai-beta.realtime-v1');
});

test('whoever is refused is not asked for the body, and its connection serves the next request', async () => {
  const scene = await startScene([{}], { clients });
  const client = await connectRaw(scene);
  client.send(rawRequest('POST', chatPath, ['Expect: 100-continue', 'Content-Length: 2']));
  expect(parseAnswer(await client.until('subscription')).status).toBe(401);
  expect(client.received).not.toContain('100 Continue');
});

test('a head that makes no sense is refused as such, with or without a key', async () => {
  const scene = await startScene([{}], { clients });
  const client = await connectRaw(scene);
  client.send(rawRequest('POST', chatPath, ['Host: other', 'Content-Length: 2'], '{}'));
  expect(parseAnswer(await client.untilEnd()).status).toBe(400);
});

test('after too many failures only what fails is told to wait: whoever has a key is served', async () => {
  const scene = await startScene([{}], { clients, auth: { maxFailuresPerMinute: 3 } });
  const statuses: number[] = [];
  for (let n = 0; n < 10; n++) {
    statuses.push((await post(scene, chatPath, chatBody, { headers: { 'api-key': `wrong-${n}` } })).status);
    statuses.push((await post(scene, chatPath, chatBody, { headers: { 'api-key': KEY } })).status);
  }
  expect(statuses.filter((status) => status === 200)).toHaveLength(10);
  const failed = statuses.filter((status) => status !== 200);
  // A new minute may begin meanwhile.
  expect(failed.filter((status) => status === 429).length).toBeGreaterThanOrEqual(4);
  expect(failed[0]).toBe(401);
});

test('probes and preflights need no key, and a page may read why it was refused', async () => {
  const scene = await startScene([{}], { clients, cors: { allowedOrigins: ['https://page.example'] } });
  const origin = { origin: 'https://page.example' };
  const preflight = await fetch(scene.url + chatPath, {
    method: 'OPTIONS',
    headers: { ...origin, 'access-control-request-method': 'POST' },
  });
  expect(preflight.status).toBe(204);
  const refused = await post(scene, chatPath, chatBody, { headers: { ...origin, 'api-key': 'x' } });
  expect(refused.headers.get('access-control-allow-origin')).toBe(origin.origin);
  expect(refused.status).toBe(401);
  expect((await fetch(`${scene.url}/healthz`)).status).toBe(200);
});

test('requests are counted by client, and failed authentications by reason', async () => {
  const scene = await startScene([{}], { clients });
  for (const key of [KEY, KEY, OLD, 'wrong', ''])
    await post(scene, chatPath, chatBody, { headers: { 'api-key': key } });
  await scene.log.request(5);
  const page = await (await fetch(`${scene.adminUrl}/metrics`)).text();
  expect(page).toContain('spillway_client_requests_total{client="chat",status="2xx"} 2');
  expect(page).toContain('spillway_client_requests_total{client="late",status="2xx"} 0');
  for (const reason of ['expired', 'unknown', 'missing'])
    expect(page).toContain(`spillway_authentication_failures_total{reason="${reason}"} 1`);
});
