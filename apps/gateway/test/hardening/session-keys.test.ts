import { expect, test } from 'vitest';
import { makeKey, sha256 } from '../../src/client/keys.ts';
import { post } from '../testing/post.ts';
import { startHttpBackend } from '../testing/start-backend.ts';
import { startReloadable } from '../testing/start-reloadable.ts';
import { startGatewayFor } from '../testing/start-scene.ts';

test('what an ephemeral key opens is charged to the budget of the deployment that the key was made for', async () => {
  const key = makeKey();
  const { url } = await startHttpBackend((req, res) => {
    req.resume();
    res.writeHead(200, { 'content-type': 'application/json' }).end('{"value":"ek_made"}');
  });
  const budgets = [{ deployments: ['gpt-realtime'], rpm: 3 }];
  const clients = [{ name: 'voice', keys: [{ sha256: sha256(key) }], budgets }];
  const scene = await startGatewayFor([{ name: 'a', url, apiKey: 'k' }], { clients });
  const secret = { session: { type: 'realtime', model: 'gpt-realtime' } };
  const made = await post(scene, '/openai/v1/realtime/client_secrets', secret, {
    headers: { 'api-key': key },
  });
  await made.text();
  const headers = { 'content-type': 'application/sdp', 'api-key': '', authorization: 'Bearer ek_made' };
  const statuses: number[] = [];
  for (let count = 0; count < 4; count++)
    statuses.push((await post(scene, '/openai/v1/realtime/calls', 'v=0', { headers })).status);
  expect(statuses).toEqual([200, 200, 429, 429]);
});

test('what an ephemeral key opens that a fallback made is charged to the fallback', async () => {
  const key = makeKey();
  const { url } = await startHttpBackend((req, res) => {
    req.resume();
    res.writeHead(200, { 'content-type': 'application/json' }).end('{"value":"ek_made"}');
  });
  const budgets = [
    { deployments: ['gpt-realtime'], rpm: 1 },
    { deployments: ['gpt-realtime-mini'], rpm: 3 },
  ];
  const clients = [{ name: 'voice', keys: [{ sha256: sha256(key) }], budgets }];
  const fallbacks = [{ deployment: 'gpt-realtime', whenSpent: 'gpt-realtime-mini' }];
  const scene = await startGatewayFor([{ name: 'a', url, apiKey: 'k' }], { clients, fallbacks });
  const secret = { session: { type: 'realtime', model: 'gpt-realtime' } };
  for (const fallback of [null, 'gpt-realtime-mini']) {
    const made = await post(scene, '/openai/v1/realtime/client_secrets', secret, {
      headers: { 'api-key': key },
    });
    expect(made.headers.get('x-spillway-fallback')).toBe(fallback);
    await made.text();
  }
  const headers = { 'content-type': 'application/sdp', 'api-key': '', authorization: 'Bearer ek_made' };
  const statuses: number[] = [];
  for (let count = 0; count < 3; count++)
    statuses.push((await post(scene, '/openai/v1/realtime/calls', 'v=0', { headers })).status);
  expect(statuses).toEqual([200, 200, 429]);
});

test.each([
  ['GET', '/openai/v1/models'],
  ['GET', '/openai/v1/files'],
  ['GET', '/openai/v1/responses/resp_1'],
  ['POST', '/openai/v1/chat/completions'],
  ['POST', '/openai/deployments/gpt-4o/chat/completions'],
  ['POST', '/openai/v1/realtime/calls?model=gpt-realtime'],
])('an ephemeral key never stands for the credential of a backend: %s %s', async (method, path) => {
  const key = makeKey();
  const seen: unknown[] = [];
  const { url } = await startHttpBackend((req, res) => {
    req.resume();
    seen.push(req.headers['api-key'] ?? req.headers.authorization);
    res.writeHead(200, { 'content-type': 'application/json' }).end('{"value":"ek_made","data":[]}');
  });
  const clients = [{ name: 'voice', keys: [{ sha256: sha256(key) }] }];
  const backends = ['a', 'b'].map((name) => ({ name, url, apiKey: 'k' }));
  const scene = await startGatewayFor(backends, { clients, allowBackendPin: true });
  const secret = { session: { type: 'realtime', model: 'gpt-realtime' } };
  await (
    await post(scene, '/openai/v1/realtime/client_secrets', secret, { headers: { 'api-key': key } })
  ).text();
  expect(seen.splice(0)).toEqual(['k']);
  const body = method === 'GET' ? null : JSON.stringify({ model: 'gpt-4o', messages: [] });
  for (const pin of [undefined, { 'x-spillway-backend': 'b' }]) {
    const headers = { authorization: 'Bearer ek_made', 'content-type': 'application/json', ...pin };
    await (await fetch(scene.url + path, { method, body, headers })).text();
  }
  expect(new Set(seen)).not.toContain('k');
});

test.each([
  ['/openai/v1/models', 403],
  ['/openai/deployments?api-version=2024-10-21', 403],
  ['/openai/v1/files', 404],
  ['/openai/v1/vector_stores/vs_1/files', 404],
])('an ephemeral key lists nothing that would have to be limited to its client: %s', async (path, status) => {
  const key = makeKey();
  const seen: unknown[] = [];
  const { url } = await startHttpBackend((req, res) => {
    req.resume();
    seen.push(req.url);
    res.writeHead(200, { 'content-type': 'application/json' }).end('{"value":"ek_made","data":[]}');
  });
  const clients = [{ name: 'voice', keys: [{ sha256: sha256(key) }], deployments: ['gpt-realtime'] }];
  const scene = await startGatewayFor([{ name: 'a', url, apiKey: 'k' }], {
    clients: clients.map((client) => ({ ...client, allOperations: true })),
  });
  const secret = { session: { type: 'realtime', model: 'gpt-realtime' } };
  const headers = { 'api-key': key };
  await (await post(scene, '/openai/v1/realtime/client_secrets', secret, { headers })).text();
  seen.length = 0;
  const response = await fetch(scene.url + path, { headers: { authorization: 'Bearer ek_made' } });
  await response.text();
  expect([response.status, seen]).toEqual([status, []]);
});

test('an ephemeral key opens nothing more with a deployment that was taken from its client since', async () => {
  const key = makeKey();
  const { url } = await startHttpBackend((req, res) => {
    req.resume();
    res.writeHead(200, { 'content-type': 'application/json' }).end('{"value":"ek_made"}');
  });
  const config = (deployments: string[]) => ({
    backends: [{ name: 'a', url, apiKey: 'k' }],
    clients: [{ name: 'voice', keys: [{ sha256: sha256(key) }], deployments }],
  });
  const gateway = await startReloadable(config(['gpt-realtime', 'gpt-4o']));
  const secret = { session: { type: 'realtime', model: 'gpt-realtime' } };
  await (
    await post(gateway, '/openai/v1/realtime/client_secrets', secret, { headers: { 'api-key': key } })
  ).text();
  const headers = { 'content-type': 'application/sdp', 'api-key': '', authorization: 'Bearer ek_made' };
  const call = async () => (await post(gateway, '/openai/v1/realtime/calls', 'v=0', { headers })).status;
  expect(await call()).toBe(200);
  await gateway.reload(config(['gpt-4o']));
  expect(await call()).toBe(403);
});
