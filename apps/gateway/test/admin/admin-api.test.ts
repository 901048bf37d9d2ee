import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { Validator } from '@seriousme/openapi-schema-validator';
import { expect, test } from 'vitest';
import { sha256 } from '../../src/client/keys.ts';
import { askAdmin } from '../testing/ask-admin.ts';
import { chatPath, errorOf, post, streamBody } from '../testing/post.ts';
import { startHttpBackend } from '../testing/start-backend.ts';
import { callsOf, startGatewayFor, startScene } from '../testing/start-scene.ts';
import { DescribedApi } from './described-api.ts';

test('the OpenAPI document is one, and describes whatever there is', async () => {
  const api = await DescribedApi.of(await startScene([{}]));
  expect(await new Validator().validate(structuredClone(api.document))).toMatchObject({ valid: true });
  for (const path of Object.keys(api.document.paths))
    if (path !== '/admin/events' && api.document.paths[path]?.['get']) await api.ask(path);
});

test('a client that is made from the OpenAPI document sends all that a change needs', async () => {
  const scene = await startScene([{}]);
  const { paths } = (await DescribedApi.of(scene)).document;
  const answers: Record<string, number> = {};
  for (const [path, operations] of Object.entries(paths))
    for (const method of ['post', 'delete']) {
      const operation = operations[method];
      if (operation === undefined) continue;
      const { parameters = [], requestBody } = operation;
      const required = parameters.filter((one) => one.in === 'header' && one.required === true);
      const headers = {
        ...Object.fromEntries(required.map(({ name }) => [name, '1'])),
        ...(requestBody?.required === true && { 'content-type': 'application/json' }),
      };
      const { status } = await askAdmin(scene, path.replaceAll(/\{\w+\}/g, 'backend-1'), {
        method: method.toUpperCase(),
        headers,
        ...(requestBody !== undefined && { body: '{}' }),
      });
      answers[`${method} ${path}`] = status;
    }
  expect(Object.keys(answers)).toHaveLength(9);
  expect(Object.entries(answers).filter(([, status]) => status === 403 || status === 415)).toEqual([]);
});

test('the page for operators names every path of the OpenAPI document', async () => {
  const page = readFileSync(new URL('../../../../docs/operations.md', import.meta.url), 'utf8');
  const { document } = await DescribedApi.of(await startScene([{}]));
  const words = Object.keys(document.paths).map((path) =>
    path.includes('{') ? path.split('/').at(-1) : path,
  );
  expect(words.filter((word) => !new RegExp(`[\`\\s]${word}\``).test(page))).toEqual([]);
});

test('the state says where traffic went instead, why and until when', async () => {
  const scene = await startScene([{ script: 'always throttle(retry-after=30)' }, {}]);
  const api = await DescribedApi.of(scene);
  for (let count = 0; count < 3; count++) await post(scene);
  await scene.log.request(3);
  const state = async () => (await api.ask('/admin/state')).json;
  await expect.poll(async () => (await state()).groups[1]?.requestsPerSecond).toBe(0.3);
  const { backends, groups, failovers, events, totals, process, version } = await state();
  expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  expect(process).toMatchObject({ isStopping: false, inFlight: 0, escapedErrors: 0, droppedLogLines: 0 });
  expect(totals).toMatchObject({ client429s: 0, client5xx: 0, tokensPerMinute: expect.any(Number) });
  expect(totals.tokensPerMinute).toBeGreaterThan(0);
  expect(groups).toEqual([
    { priority: 1, requestsPerSecond: 0, spilledIn: [] },
    {
      priority: 2,
      requestsPerSecond: 0.3,
      spilledIn: [{ fromPriority: 1, cause: 'throttled', requestsPerSecond: 0.3 }],
      spilledAgoMs: expect.any(Number),
    },
  ]);
  expect(backends).toMatchObject([
    {
      name: 'a',
      state: 'throttled',
      why: '429',
      recoversInMs: expect.any(Number),
      deployments: [{ name: 'gpt-4o', rpm: 1, absorbed429s: 1 }],
    },
    { name: 'b', state: 'available', deployments: [{ name: 'gpt-4o', rpm: 3, tpm: totals.tokensPerMinute }] },
  ]);
  expect(failovers).toMatchObject([{ deployment: 'gpt-4o', from: 'a', reason: '429', to: 'b', count: 1 }]);
  expect(events).toMatchObject([
    { backend: 'a', deployment: 'gpt-4o', from: 'available', to: 'throttled', why: '429' },
  ]);
  expect((await api.ask('/admin/failovers')).json.failovers).toHaveLength(1);
});

test('the state tells every change since the start, however short it was', async () => {
  const answers = { status: 200 };
  const backend = await startHttpBackend((request, response) => {
    request.resume().on('end', () => {
      response.writeHead(answers.status, { 'content-type': 'application/json', 'retry-after-ms': '1' });
      response.end('{}');
    });
  });
  const scene = await startGatewayFor([{ name: 'a', url: backend.url, apiKey: 'key' }], {
    cooldown: { floorMs: 1 },
  });
  const api = await DescribedApi.of(scene);
  await post(scene);
  answers.status = 429;
  await post(scene);
  answers.status = 200;
  const isTold = (event: string) => scene.log.lines.some((line) => line['event'] === event);
  while (!isTold('recovered')) await post(scene);
  for (const action of ['drain', 'undrain', 'undrain']) await api.write(`/admin/backends/a/${action}`);
  expect((await api.ask('/admin/state')).json.events).toMatchObject([
    { backend: 'a', from: 'draining', to: 'available' },
    { backend: 'a', from: 'available', to: 'draining' },
    { backend: 'a', deployment: 'gpt-4o', from: 'probing', to: 'available' },
    { backend: 'a', deployment: 'gpt-4o', from: 'available', to: 'throttled', why: '429' },
  ]);
});

test('a drain says which clients no other backend serves, and the state has the names in requests', async () => {
  const keys = [{ sha256: sha256('a-key') }];
  const scene = await startScene(
    [
      { backend: { tags: ['eu'], deployments: { 'gpt-4o': 'gpt-4o-eu', gpt4o: 'gpt-4o-eu' } } },
      { backend: { tags: ['us'], deployment: 'gpt-4o' } },
    ],
    { clients: [{ name: 'euro', keys, allow: ['eu'] }] },
  );
  const api = await DescribedApi.of(scene);
  const ask = () => post(scene, undefined, undefined, { headers: { 'api-key': 'a-key' } });
  expect((await ask()).status).toBe(200);
  const { clientTags, backends } = (await api.ask('/admin/state')).json;
  expect(clientTags).toEqual([['eu']]);
  expect(backends).toMatchObject([
    { tags: ['eu'], deployments: [{ name: 'gpt-4o-eu', requestedAs: ['gpt-4o', 'gpt4o'] }] },
    { tags: ['us'], servesAllAs: 'gpt-4o' },
  ]);
  expect((await api.write('/admin/backends/a/drain')).json.effect).toContain(
    'One backend is left: b. None of them serves clients that are limited to eu: these get a 503.',
  );
  expect((await ask()).status).toBe(503);
});

test('a drained backend gets no new requests, and its streams go on', async () => {
  const answering = Promise.withResolvers<ServerResponse>();
  const backend = await startHttpBackend((_, res) => {
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    res.write('data: {"choices":[{"delta":{"content":"Hello"}}]}\n\n');
    answering.resolve(res);
  });
  const others = await startScene([{}]);
  const scene = await startGatewayFor([
    { name: 'a', url: backend.url, apiKey: 'key' },
    { name: 'b', url: others.mocks[0]!.url, apiKey: 'key-a', priority: 2 },
  ]);
  const api = await DescribedApi.of(scene);
  const stream = await post(scene, undefined, streamBody);
  expect((await api.write('/admin/backends/a/drain')).json).toEqual({
    backend: 'a',
    state: 'draining',
    effect: expect.stringMatching(/^"a" gets no new requests; .* One backend is left: b\.$/),
  });
  expect((await post(scene)).headers.get('x-spillway-backend')).toBe('b');
  (await answering.promise).end('data: [DONE]\n\n');
  expect(await stream.text()).toContain('Hello');
  expect((await api.ask('/admin/state')).json.backends).toMatchObject([
    { state: 'draining' },
    { state: 'available' },
  ]);
  expect((await api.write('/admin/backends/a/undrain')).json).toMatchObject({
    effect: '"a" gets requests again.',
  });
  expect((await api.write('/admin/backends/a/undrain')).json).toMatchObject({
    effect: '"a" was not drained.',
  });
});

test('the last backend may be drained, the answer says what that means, and clients hear why', async () => {
  const scene = await startScene([{}]);
  const api = await DescribedApi.of(scene);
  const { json } = await api.write('/admin/backends/a/drain');
  expect(json.effect).toContain('No backend is left: new requests get a 503.');
  expect(await errorOf(await post(scene))).toMatchObject({
    status: 503,
    message: expect.stringContaining('taken out by an operator'),
  });
  expect((await fetch(`${scene.url}/readyz`)).status).toBe(503);
  expect((await api.ask('/admin/backends')).json.backends).toMatchObject([{ availability: 'draining' }]);
  await api.write('/admin/backends/a/undrain');
  expect((await post(scene)).status).toBe(200);
});

test('a drained backend still serves the objects that only it has', async () => {
  const scene = await startScene([{}, {}]);
  const api = await DescribedApi.of(scene);
  const stored = await post(scene, '/openai/v1/responses', { model: 'gpt-4o', input: 'Hello' });
  const { id } = (await stored.json()) as { id: string };
  await api.write('/admin/backends/a/drain');
  const found = await fetch(`${scene.url}/openai/v1/responses/${id}`);
  expect([found.status, found.headers.get('x-spillway-backend')]).toEqual([200, 'a']);
  expect((await post(scene)).headers.get('x-spillway-backend')).toBe('b');
});

test('a single deployment is drained by its name at the backend, known or only configured', async () => {
  const backend = { deployments: { 'gpt-4o': 'gpt-4o-eu' } };
  const scene = await startScene([{ backend }, {}]);
  const api = await DescribedApi.of(scene);
  const path = '/admin/backends/a/deployments/gpt-4o-eu';
  expect((await api.write(`${path}/drain`)).json).toMatchObject({
    deployment: 'gpt-4o-eu',
    state: 'draining',
    effect: expect.stringMatching(/One backend is left: b\.$/),
  });
  expect((await post(scene)).headers.get('x-spillway-backend')).toBe('b');
  const other = await post(scene, chatPath.replace('gpt-4o', 'o3'));
  expect(other.headers.get('x-spillway-backend')).toBe('a');
  const otherwise = await api.write('/admin/backends/a/deployments/O3/drain');
  expect(otherwise.json).toMatchObject({ deployment: 'o3', state: 'draining' });
  for (const name of ['o3', 'O3']) {
    const spelled = await post(scene, chatPath.replace('gpt-4o', name));
    expect(spelled.headers.get('x-spillway-backend')).toBe('b');
  }
  await api.write('/admin/backends/a/drain');
  expect((await api.write(`${path}/undrain`)).json.effect).toBe('"a" is still drained as a whole.');
});

const pathOf = (deployment: string) => chatPath.replace('gpt-4o', encodeURIComponent(deployment));

test('a deployment with a long name is drained by what the page shows of the name, if that is of one only', async () => {
  const scene = await startScene([{}, { backend: { priority: 2 } }]);
  const api = await DescribedApi.of(scene);
  const long = `${'🚀 '.repeat(40)}end`;
  await post(scene, pathOf(long));
  const { backends } = (await api.ask('/admin/state')).json;
  const shown: string = backends[0]!.deployments[0]!.name;
  expect(shown.length).toBeLessThan(long.length);
  const drain = () => api.write(`/admin/backends/a/deployments/${encodeURIComponent(shown)}/drain`);
  expect((await drain()).json).toMatchObject({ deployment: long, state: 'draining' });
  expect((await post(scene, pathOf(long))).headers.get('x-spillway-backend')).toBe('b');
  await api.write(`/admin/backends/a/deployments/${encodeURIComponent(long)}/undrain`);
  await post(scene, pathOf(`${long} 2`));
  expect((await drain()).status).toBe(404);
});

test('a deployment that is drained before anybody has asked for it leaves the gateway ready', async () => {
  const backend = { deployments: { 'gpt-4o': 'gpt-4o', o3: 'o3' } };
  const scene = await startScene([{ backend }]);
  const api = await DescribedApi.of(scene);
  await api.write('/admin/backends/a/deployments/o3/drain');
  expect((await fetch(`${scene.url}/readyz`)).status).toBe(200);
  expect((await fetch(`${scene.url}/readyz?deployment=o3`)).status).toBe(503);
});

test('a drained deployment is shown among however many others, so that it can be taken in again', async () => {
  const scene = await startScene([{}]);
  const api = await DescribedApi.of(scene);
  for (let at = 0; at < 10; at++)
    for (let times = 0; times < (at === 0 ? 1 : 2); times++)
      await (await post(scene, chatPath.replace('gpt-4o', `d${at}`))).text();
  await scene.log.request(19);
  await api.write('/admin/backends/a/deployments/d0/drain');
  const [backend] = (await api.ask('/admin/state')).json.backends;
  expect(backend?.deployments[0]).toMatchObject({ name: 'd0', state: 'draining' });
  expect(backend?.deploymentsLeftOut).toBe(2);
});

test('a cleared cooldown lets the next request be the probe', async () => {
  const scene = await startScene([{ script: '1x throttle(retry-after=300), always ok' }, {}]);
  const api = await DescribedApi.of(scene);
  await post(scene);
  expect((await post(scene)).headers.get('x-spillway-backend')).toBe('b');
  expect((await api.write('/admin/backends/a/clear-cooldown')).json).toEqual({
    backend: 'a',
    state: 'available',
    effect: 'The next request to "a" is the probe.',
  });
  expect((await post(scene)).headers.get('x-spillway-backend')).toBe('a');
  expect((await api.write('/admin/backends/a/deployments/gpt-4o/clear-cooldown')).json.effect).toBe(
    '"gpt-4o" at "a" was not in a cooldown.',
  );
  expect(callsOf(scene)).toEqual([2, 2]);
  const line = await scene.log.line('an operator acted');
  expect(line).toMatchObject({ action: 'clear-cooldown', backend: 'a', state: 'available' });
});

test('what is both drained and in a cooldown is told apart, whichever is ended first', async () => {
  const scene = await startScene([{ script: 'always throttle(retry-after=300)' }, {}]);
  const api = await DescribedApi.of(scene);
  const act = async (action: string) => (await api.write(`/admin/backends/a/${action}`)).json.effect;
  await post(scene);
  await act('drain');
  expect(await act('undrain')).toBe('"a" gets requests again, once its cooldown is over.');
  await act('drain');
  expect(await act('clear-cooldown')).toBe('"a" is no longer in a cooldown, but still drained.');
  expect(await act('undrain')).toBe('"a" gets requests again.');
});

test('a deployment whose backend cools down as a whole is not said to be probed', async () => {
  const scene = await startScene([{ script: '1x ok, always status(401)' }, {}]);
  const api = await DescribedApi.of(scene);
  for (let count = 0; count < 2; count++) await (await post(scene)).text();
  const { json } = await api.write('/admin/backends/a/deployments/gpt-4o/clear-cooldown');
  expect(json).toMatchObject({ state: 'cooling', effect: '"a" is still in a cooldown as a whole.' });
});

test('an unknown backend or deployment is 404, and the answer lists those that there are', async () => {
  const scene = await startScene([{}, {}]);
  const api = await DescribedApi.of(scene);
  const message = async (path: string) => {
    const { status, json } = await api.write(path);
    return [status, json.error.message];
  };
  expect(await message('/admin/backends/c/drain')).toEqual([
    404,
    'There is no backend called "c"; there are a, b.',
  ]);
  expect(await message('/admin/backends/a/deployments/x/drain')).toEqual([
    404,
    'There is no deployment at "a" called "x"; none is known yet.',
  ]);
  await post(scene);
  expect(await message('/admin/backends/a/deployments/x%2Fy/undrain')).toEqual([
    404,
    'There is no deployment at "a" called "x/y"; there is gpt-4o.',
  ]);
});

test('the configuration in effect is shown with its defaults, and no secret is in it', async () => {
  const secrets = ['SECRET-key-of-a', 'SECRET-of-a-client', 'SECRET-of-an-application', 'SECRET-admin-token'];
  const [apiKey, key, clientSecret, token] = secrets as [string, string, string, string];
  const scene = await startGatewayFor(
    [
      { name: 'a', url: 'http://127.0.0.1:1', apiKey },
      { name: 'b', url: 'http://127.0.0.1:2', identity: { clientId: 'x', tenantId: 'y', clientSecret } },
    ],
    { admin: { port: 0, token }, priorityClasses: { clients: [{ key, class: 'batch' }] } },
  );
  const authorization = `Bearer ${token}`;
  const api = await DescribedApi.of(scene, { authorization });
  const { json, text } = await api.ask('/admin/config');
  expect(json).toMatchObject({
    strategy: 'most-headroom',
    admin: { host: '127.0.0.1', token: '***' },
    backends: [
      { name: 'a', url: 'http://127.0.0.1:1', apiKey: '***' },
      { identity: { clientId: 'x', clientSecret: '***' } },
    ],
    priorityClasses: { clients: [{ key: '***', class: 'batch' }] },
  });
  for (const path of ['/admin/state', '/admin/backends', '/admin/openapi.json', '/admin/failovers'])
    expect((await api.ask(path)).text + text).not.toMatch(/SECRET/);
});
