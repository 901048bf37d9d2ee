import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { openSession } from '../testing/open-session.ts';
import { post } from '../testing/post.ts';
import { startHttpBackend, startRecorder } from '../testing/start-backend.ts';
import { startGatewayFor } from '../testing/start-scene.ts';
import { startSessionBackend } from '../testing/start-session-backend.ts';

/** A resource that creates ephemeral keys, and accepts no other for calls. */
async function startResource(name: string) {
  const keys = new Set<string>();
  const credentials: unknown[] = [];
  const backend = await startHttpBackend((req, res) => {
    req.resume();
    const json = (status: number, value: object, headers = {}) =>
      res.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
    if (req.url?.endsWith('/hangup')) return void json(200, {});
    if (req.url?.includes('/calls')) {
      credentials.push(req.headers.authorization, req.headers['api-key']);
      const key = req.headers.authorization?.slice('Bearer '.length) ?? '';
      const location = `/openai/v1/realtime/calls/rtc_${name}`;
      if (keys.has(key)) return void json(201, { sdp: 'answer' }, { location });
      return void json(401, {
        error: { code: 'Unauthorized', message: 'requires ephemeral authentication' },
      });
    }
    const value = `ek_${name}${createHash('sha1').update(String(keys.size)).digest('hex')}`;
    keys.add(value);
    json(200, req.url?.includes('client_secrets') ? { value } : { id: 'sess_1', client_secret: { value } });
  });
  return { ...backend, credentials };
}

async function startPair() {
  const [a, b] = [await startResource('a'), await startResource('b')];
  const backends = [
    { name: 'a', url: a.url, apiKey: 'key-a' },
    { name: 'b', url: b.url, apiKey: 'key-b' },
  ];
  return { ...(await startGatewayFor(backends)), a, b, backends };
}

const call = (scene: { url: string }, key: string) =>
  post(scene, '/openai/v1/realtime/calls', 'v=0', {
    headers: { 'content-type': 'application/sdp', authorization: `Bearer ${key}`, 'api-key': '' },
  });

async function mint(scene: { url: string }, path = '/openai/v1/realtime/client_secrets') {
  const response = await post(scene, path, { session: { type: 'realtime', model: 'gpt-realtime' } });
  const answer = (await response.json()) as { value?: string; client_secret?: { value: string } };
  return answer.value ?? answer.client_secret?.value ?? '';
}

test.each([
  '/openai/v1/realtime/client_secrets',
  '/openai/v1/realtime/translations/client_secrets',
  '/openai/realtimeapi/sessions?api-version=1',
  '/realtime/sessions',
])('an ephemeral key made at %s is good at the backend that has made it, as it is', async (path) => {
  const scene = await startPair();
  for (let time = 0; time < 6; time++) {
    const key = await mint(scene, path);
    const response = await call(scene, key);
    expect([response.status, response.headers.get('x-spillway-attempts')]).toEqual([201, '1']);
    expect(response.headers.get('location')).toMatch(/^\/openai\/v1\/realtime\/calls\/rtc_/);
  }
  expect([...scene.a.credentials, ...scene.b.credentials].join()).not.toContain('key-');
});

test('an ephemeral key that this gateway has not seen made is tried at every backend, and none cools down for it', async () => {
  const scene = await startPair();
  const key = await mint({ url: scene.b.url });
  expect((await call(scene, key)).status).toBe(201);
  const unknown = await call(scene, 'ek_unknown');
  expect(unknown.status).toBe(401);
  expect((await fetch(`${scene.url}/readyz`)).status).toBe(200);
  expect((await post(scene, '/openai/v1/chat/completions', { model: 'x' })).status).toBe(200);
  expect(scene.log.lines.map((line) => JSON.stringify(line)).join()).not.toContain('ek_');
});

test('a call that came in, and that nobody is known to have, is accepted where it is, and stays there', async () => {
  const asked: string[] = [];
  const start = (name: string) =>
    startHttpBackend((req, res) => {
      req.resume();
      asked.push(name);
      const error = '{"error":{"code":null,"message":"Call with id rtc_u1 not found."}}';
      res.writeHead(name === 'b' ? 200 : 404, { 'content-type': 'application/json' });
      res.end(name === 'b' ? '{}' : error);
    });
  const [a, b] = [await start('a'), await start('b')];
  const gateway = await startGatewayFor([
    { name: 'a', url: a.url, apiKey: 'x', priority: 1 },
    { name: 'b', url: b.url, apiKey: 'x', priority: 2 },
  ]);
  const calls = '/openai/v1/realtime/calls/rtc_u1';
  const accepted = await post(gateway, `${calls}/accept`, { type: 'realtime', model: 'gpt-realtime' });
  expect([accepted.status, asked.splice(0)]).toEqual([200, ['a', 'b']]);
  expect([(await post(gateway, `${calls}/hangup`, {})).status, asked]).toEqual([200, ['b']]);
});

test('an ephemeral key opens a session as a protocol of a browser', async () => {
  const backend = await startSessionBackend({ handleProtocols: () => 'realtime' });
  const scene = await startGatewayFor([{ name: 'a', url: backend.url, apiKey: 'key-a' }]);
  const asked = backend.next();
  await openSession(scene, undefined, { protocols: ['realtime', 'openai-insecure-api-key.ek_abc'] });
  const { request } = await asked;
  expect(request.headers.authorization).toBe('Bearer ek_abc');
  expect(request.headers['api-key']).toBeUndefined();
});

test('whoever listens to a call is connected to the backend that has it', async () => {
  const scene = await startPair();
  const key = await mint(scene);
  const { headers } = await call(scene, key);
  const owner = headers.get('x-spillway-backend');
  for (let time = 0; time < 6; time++) {
    const path = `${headers.get('location')}/hangup`;
    expect((await post(scene, path, {})).headers.get('x-spillway-backend')).toBe(owner);
  }
});

test.each(['/openai/v1/realtime/client_secrets', '/openai/v1/realtime/translations/client_secrets'])(
  'an ephemeral key of %s is made for the deployment by the name that its backend has, also where the first breaks off',
  async (path) => {
    const recorder = await startRecorder();
    const broken = await startHttpBackend((req) => void req.socket.destroy());
    const scene = await startGatewayFor([
      { name: 'broken', url: broken.url, apiKey: 'x', priority: 0 },
      { name: 'a', url: recorder.url, apiKey: 'x', deployments: { 'gpt-realtime': 'prod-rt' } },
    ]);
    const session = { type: 'realtime', model: 'gpt-realtime' };
    await post(scene, path, { session });
    expect(JSON.parse(String(recorder.requests[0]?.body))).toEqual({
      session: { ...session, model: 'prod-rt' },
    });
    expect(await scene.log.request()).toMatchObject({ deployment: 'gpt-realtime' });
  },
);
