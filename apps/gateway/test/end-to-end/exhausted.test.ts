import { expect, test } from 'vitest';
import { freePort } from '../testing/free-port.ts';
import { errorOf, post } from '../testing/post.ts';
import { callsOf, startGatewayFor, startScene } from '../testing/start-scene.ts';

test('when every backend is throttled, the client is told when the first recovers, and which groups were tried', async () => {
  const scene = await startScene([
    { script: 'throttle(retry-after=40)' },
    { script: 'throttle(retry-after=20)' },
    { script: 'throttle(retry-after=30)', backend: { priority: 2 } },
  ]);
  const response = await post(scene);
  expect(response.status).toBe(429);
  expect(response.headers.get('content-type')).toBe('application/json');
  expect(response.headers.get('x-spillway-attempts')).toBe('3');
  const seconds = Number(response.headers.get('retry-after'));
  const ms = Number(response.headers.get('retry-after-ms'));
  expect(seconds).toBe(Math.ceil(ms / 1000));
  expect(ms).toBeGreaterThan(0);
  expect(ms).toBeLessThanOrEqual(20_000);
  expect(await response.json()).toEqual({
    error: {
      code: '429',
      message: `No backend has quota left for deployment "gpt-4o". Priority group 1: throttled; group 2: throttled, throttled. The first recovers in ${seconds} seconds.`,
    },
  });
});

test('when every backend is throttled, no backend is called, and no URL or key is told', async () => {
  const throttled = { script: 'throttle(retry-after=30)' };
  const scene = await startScene([throttled, throttled]);
  await post(scene);
  const response = await post(scene);
  expect(response.headers.get('x-spillway-attempts')).toBe('0');
  const told = JSON.stringify([...response.headers]) + (await response.text());
  expect(told).toContain('group 1: in a cooldown, not tried; group 2: in a cooldown, not tried');
  for (const secret of ['127.0.0.1', 'http:', 'key-a', 'key-b', 'client-key'])
    expect(told).not.toContain(secret);
  expect(callsOf(scene)).toEqual([1, 1]);
});

test('when every backend is throttled, Retry-After never says more than the SDKs obey, and the message says the truth', async () => {
  const scene = await startScene([{ script: 'throttle(retry-after=120)' }]);
  const response = await post(scene);
  expect(response.headers.get('retry-after')).toBe('59');
  expect(response.headers.get('retry-after-ms')).toBe('59000');
  expect((await errorOf(response)).message).toContain('recovers in 120 seconds');
});

test('when every backend is throttled, Retry-After is rounded up to a whole second', async () => {
  const scene = await startScene([{ script: 'throttle(retry-after-ms=30400)' }]);
  const response = await post(scene);
  const ms = Number(response.headers.get('retry-after-ms'));
  expect(response.headers.get('retry-after')).toBe(String(Math.ceil(ms / 1000)));
  expect(ms).toBeLessThanOrEqual(30_400);
});

test('when every backend is throttled, a cooldown that a backend calls absurdly long ends at the ceiling', async () => {
  const scene = await startScene([{ script: '1x throttle(retry-after=86400)' }], {
    cooldown: { ceilingMs: 200 },
  });
  const response = await post(scene);
  expect(Number(response.headers.get('retry-after-ms'))).toBeLessThanOrEqual(200);
  await expect.poll(async () => (await post(scene)).status).toBe(200);
});

test('when every backend is throttled, a failing backend does not hide that quota is what is missing', async () => {
  const scene = await startScene([{ script: 'throttle(retry-after=30)' }, { script: 'status(500)' }]);
  const response = await post(scene);
  expect(response.headers.get('retry-after')).not.toBeNull();
  expect(await errorOf(response)).toMatchObject({
    status: 429,
    message: expect.stringContaining('group 1: throttled; group 2: unavailable'),
  });
});

test('when nobody has the deployment, the client gets Azure’s own error', async () => {
  const other = { deployments: ['something-else'] };
  const scene = await startScene([other, other]);
  const response = await post(scene);
  expect(response.headers.get('x-spillway-attempts')).toBe('2');
  expect(await errorOf(response)).toEqual({
    status: 404,
    code: 'DeploymentNotFound',
    message: 'No backend has the deployment "gpt-4o". Priority group 1: unavailable; group 2: unavailable.',
  });
  // Their own deployments do not suffer from it.
  const known = await post(scene, '/openai/deployments/something-else/embeddings?api-version=1', {
    input: 'x',
  });
  expect(known.status).toBe(200);
  expect(known.headers.get('x-spillway-backend')).toBe('a');
});

test('when no backend can serve, the client gets 503 and which groups were tried', async () => {
  const scene = await startScene([{ script: 'status(500)' }, { script: 'status(401)' }]);
  const response = await post(scene);
  expect(response.headers.has('retry-after')).toBe(false);
  expect(await errorOf(response)).toEqual({
    status: 503,
    code: 'ServiceUnavailable',
    message:
      'No backend could serve the request for deployment "gpt-4o". Priority group 1: unavailable; group 2: unavailable.',
  });
});

test('when no backend can serve, no URL is told, although the connection failed', async () => {
  const port = await freePort();
  const gateway = await startGatewayFor([{ name: 'a', url: `http://127.0.0.1:${port}`, apiKey: 'key-a' }]);
  const response = await post(gateway);
  const { status, message } = await errorOf(response);
  expect(status).toBe(503);
  expect(message).toContain('group 1: unreachable');
  expect(message).not.toMatch(/127\.0\.0\.1|key-a/);
  expect(message).not.toContain(String(port));
});
