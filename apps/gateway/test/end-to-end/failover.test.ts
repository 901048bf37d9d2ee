import { expect, test } from 'vitest';
import { freePort } from '../testing/free-port.ts';
import { errorOf, post } from '../testing/post.ts';
import { startHttpBackend } from '../testing/start-backend.ts';
import { callsOf, startGatewayFor, startScene } from '../testing/start-scene.ts';

const v1Path = '/openai/v1/chat/completions';
const v1Body = { model: 'gpt-4o', messages: [{ role: 'user', content: 'Hello' }] };

/** Sends requests one after another, and returns which backends served them. */
async function servedBy(scene: { url: string }, requests: number): Promise<(string | null)[]> {
  const names: (string | null)[] = [];
  for (let request = 0; request < requests; request++) {
    const response = await post(scene);
    expect(response.status).toBe(200);
    await response.text();
    names.push(response.headers.get('x-spillway-backend'));
  }
  return names;
}

test('a request is served by the best backend alone, and says so', async () => {
  const scene = await startScene([{}, {}]);
  const response = await post(scene);
  expect(response.status).toBe(200);
  expect(response.headers.get('x-spillway-backend')).toBe('a');
  expect(response.headers.get('x-spillway-attempts')).toBe('1');
  expect(response.headers.get('x-spillway-request-id')).toMatch(/^[\da-f]{12}-[\da-z]+$/);
  expect(response.headers.has('x-openai-backendurl')).toBe(false);
  expect(await response.json()).toMatchObject({ object: 'chat.completion' });
  expect(callsOf(scene)).toEqual([1, 0]);
});

test('a request that meets a throttled backend is served by another at once', async () => {
  const scene = await startScene([{ script: 'throttle(retry-after=30)' }, {}]);
  const response = await post(scene);
  expect(response.status).toBe(200);
  expect(response.headers.get('x-spillway-backend')).toBe('b');
  expect(response.headers.get('x-spillway-attempts')).toBe('2');
  expect(await response.json()).toMatchObject({ object: 'chat.completion' });
});

test('a request goes through every priority group before the last that is free', async () => {
  const throttled = { script: 'throttle(retry-after=30)' };
  const scene = await startScene([throttled, throttled, throttled, {}]);
  const response = await post(scene);
  expect(response.headers.get('x-spillway-backend')).toBe('d');
  expect(response.headers.get('x-spillway-attempts')).toBe('4');
  expect(callsOf(scene)).toEqual([1, 1, 1, 1]);
});

test('a request is sent to each backend whole, its body included', async () => {
  const scene = await startScene([{ script: 'status(500)' }, { script: 'throttle' }, {}]);
  const body = { messages: [{ role: 'user', content: 'é'.repeat(100_000) }] };
  expect((await post(scene, undefined, body)).status).toBe(200);
  for (const mock of scene.mocks) expect(mock.requests[0]!.body).toBe(JSON.stringify(body));
});

test('a throttled backend is left alone while it cools down', async () => {
  const scene = await startScene([{ script: '1x throttle(retry-after=30)' }, {}]);
  expect(await servedBy(scene, 5)).toEqual(['b', 'b', 'b', 'b', 'b']);
  expect(callsOf(scene)).toEqual([1, 5]);
});

test('a throttled backend is asked again once its cooldown has ended', async () => {
  const scene = await startScene([{ script: '1x throttle(retry-after-ms=300)' }, {}]);
  expect(await servedBy(scene, 1)).toEqual(['b']);
  while ((await servedBy(scene, 1))[0] !== 'a');
  expect(callsOf(scene)[0]).toBe(2);
});

test('a throttled backend still serves the deployments that are not throttled', async () => {
  const scene = await startScene([{ script: '1x throttle(retry-after=30)' }, {}]);
  await post(scene);
  const other = await post(scene, '/openai/deployments/other/embeddings?api-version=1', { input: 'x' });
  expect(other.status).toBe(200);
  expect(other.headers.get('x-spillway-backend')).toBe('a');
});

const config = { timeouts: { attemptMs: 1000 } };

test.each([
  ['answers 429', 'throttle'],
  ['answers 429 with nothing but words', 'status(429)'],
  ['answers 500', 'status(500)'],
  ['answers 502 in HTML', 'status(502)'],
  ['answers 503', 'status(503)'],
  ['answers 504', 'status(504)'],
  ['answers 599', 'status(599)'],
  ['answers 408', 'status(408)'],
  ['refuses our key', 'status(401)'],
  ['is behind a firewall', 'status(403)'],
  ['does not have the deployment', 'status(404, code=DeploymentNotFound)'],
  ['resets before it answers', 'reset'],
  ['never answers', 'hang'],
])('the client sees 200 although the first backend %s', async (_, script) => {
  const scene = await startScene([{ script }, {}], config);
  const response = await post(scene);
  expect(response.status).toBe(200);
  expect(response.headers.get('x-spillway-attempts')).toBe('2');
  expect(await response.json()).toMatchObject({ object: 'chat.completion' });
  expect(callsOf(scene)).toEqual([1, 1]);
  // It is in cooldown: the next request does not reach it.
  expect(await servedBy(scene, 1)).toEqual(['b']);
});

test.each(['DeploymentNotFound', 'unknown_model', 'model_not_found'])(
  'the client sees 200 although the first backend says on v1 that it does not have the deployment: 400 %s',
  async (code) => {
    const scene = await startScene([{ script: [{ kind: 'status', status: 400, code }] }, {}]);
    const response = await post(scene, v1Path, v1Body);
    expect(response.status).toBe(200);
    expect(response.headers.get('x-spillway-backend')).toBe('b');
  },
);

test('the client sees 200 although the first backend listens on no port', async () => {
  const scene = await startScene([{}, {}]);
  const gone = { name: 'gone', url: `http://127.0.0.1:${await freePort()}`, apiKey: 'x', priority: 0 };
  const gateway = await startGatewayFor([gone, { name: 'b', url: scene.mocks[1]!.url, apiKey: 'key-b' }]);
  const response = await post(gateway);
  expect(response.status).toBe(200);
  expect(response.headers.get('x-spillway-attempts')).toBe('2');
  expect((await gateway.log.request())['attempts']).toMatchObject([
    { backend: 'gone', outcome: 'unreachable', failure: 'refused' },
    { backend: 'b', outcome: 'succeeded' },
  ]);
});

test('the client sees 200 although the first backend has a name that no DNS knows', async () => {
  const scene = await startScene([{}]);
  const gateway = await startGatewayFor([
    { name: 'gone', url: 'http://gone.invalid', apiKey: 'x', priority: 0 },
    { name: 'a', url: scene.mocks[0]!.url, apiKey: 'key-a' },
  ]);
  expect((await post(gateway)).status).toBe(200);
  expect((await gateway.log.request())['attempts']).toMatchObject([{ failure: 'dns' }, {}]);
});

test('the client sees 200 although the first backend speaks no TLS where it should', async () => {
  const scene = await startScene([{}, {}]);
  const gateway = await startGatewayFor([
    { name: 'plain', url: scene.mocks[0]!.url.replace('http:', 'https:'), apiKey: 'x', priority: 0 },
    { name: 'b', url: scene.mocks[1]!.url, apiKey: 'key-b' },
  ]);
  expect((await post(gateway)).status).toBe(200);
  expect((await gateway.log.request())['attempts']).toMatchObject([{ failure: 'tls' }, {}]);
});

test('the client sees 200 although the first backend speaks no HTTP', async () => {
  const scene = await startScene([{}]);
  const { url } = await startHttpBackend((_, res) => res.socket!.end('SSH-2.0-OpenSSH_9.6\r\n'));
  const gateway = await startGatewayFor([
    { name: 'ssh', url, apiKey: 'x', priority: 0 },
    { name: 'a', url: scene.mocks[0]!.url, apiKey: 'key-a' },
  ]);
  expect((await post(gateway)).status).toBe(200);
  expect((await gateway.log.request())['attempts']).toMatchObject([{ failure: 'malformed' }, {}]);
});

test('the client sees 200 although the first backend says at length that it is throttled', async () => {
  const scene = await startScene([{}]);
  const { url } = await startHttpBackend((_, res) => {
    res.writeHead(429).end('x'.repeat(1_000_000));
  });
  const gateway = await startGatewayFor([
    { name: 'long', url, apiKey: 'x', priority: 0 },
    { name: 'a', url: scene.mocks[0]!.url, apiKey: 'key-a' },
  ]);
  expect((await post(gateway)).status).toBe(200);
});

test('an answer that is the client’s to see is relayed byte for byte, and nobody cools down for it', async () => {
  const scene = await startScene([{ script: 'status(400, code=content_filter)' }, {}]);
  const [relayed, direct] = await Promise.all([
    post(scene),
    post(scene.mocks[0]!, undefined, undefined, { headers: { 'api-key': 'key-a' } }),
  ]);
  expect(relayed.status).toBe(400);
  expect(relayed.headers.get('x-spillway-backend')).toBe('a');
  expect(Buffer.from(await relayed.arrayBuffer())).toEqual(Buffer.from(await direct.arrayBuffer()));
  scene.mocks[0]!.setScript([]);
  expect(await servedBy(scene, 1)).toEqual(['a']);
  expect(callsOf(scene)[1]).toBe(0);
});

test.each([
  ['an invalid request', 'status(400, code=invalid_request_error)', 400],
  ['a conflict', 'status(409)', 409],
  ['an unprocessable entity', 'status(422)', 422],
  ['a success of another number', `status(201, body=${JSON.stringify('{"choices":[]}')})`, 201],
])('an answer that is the client’s to see is relayed: %s', async (_, script, status) => {
  const scene = await startScene([{ script }, {}]);
  const response = await post(scene, undefined, undefined, { redirect: 'manual' });
  expect(response.status).toBe(status);
  expect(response.headers.get('x-spillway-attempts')).toBe('1');
  await response.text();
  scene.mocks[0]!.setScript([]);
  expect(await servedBy(scene, 1)).toEqual(['a']);
});

test('an answer that is the client’s to see is relayed whole when it is longer than what is needed to judge it', async () => {
  const body = `{"error":{"code":"content_filter","message":"${'é'.repeat(100_000)}"}}`;
  const { url } = await startHttpBackend((_, res) => {
    res.writeHead(400, { 'content-type': 'application/json' }).end(body);
  });
  const gateway = await startGatewayFor([{ name: 'a', url, apiKey: 'x' }]);
  const response = await post(gateway);
  expect(response.status).toBe(400);
  expect(await response.text()).toBe(body);
});

test('a single backend that fails once is asked again at once', async () => {
  const scene = await startScene([{ script: '1x status(500)' }]);
  expect((await post(scene)).status).toBe(503);
  expect(await servedBy(scene, 1)).toEqual(['a']);
});

test('a single backend that is throttled is not asked again before it recovers', async () => {
  const scene = await startScene([{ script: '1x throttle(retry-after=30)' }]);
  expect((await post(scene)).status).toBe(429);
  expect(await errorOf(await post(scene))).toMatchObject({ status: 429, code: '429' });
  expect(callsOf(scene)).toEqual([1]);
});
