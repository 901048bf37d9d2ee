import { expect, test } from 'vitest';
import { chatBody, chatPath, post } from './testing/post.ts';
import { connectRaw, parseAnswer, rawRequest } from './testing/raw-client.ts';
import { startScene } from './testing/start-scene.ts';

async function probe(gateway: { url: string }, path: string) {
  const response = await fetch(gateway.url + path);
  expect(response.headers.get('content-type')).toBe('application/json');
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

test('the gateway is alive whatever its backends do', async () => {
  const scene = await startScene([{ script: 'throttle(retry-after=30)' }]);
  await post(scene);
  expect(await probe(scene, '/healthz')).toEqual({ status: 200, body: { status: 'ok' } });
});

test('the gateway is ready while a backend is available, and says how each of them stands', async () => {
  const scene = await startScene([{ script: 'throttle(retry-after=30)' }, {}]);
  await post(scene);
  expect(await probe(scene, '/readyz')).toEqual({
    status: 200,
    body: {
      status: 'ready',
      backends: [
        { name: 'a', priority: 1, availability: 'throttled', recoversInMs: expect.any(Number) },
        { name: 'b', priority: 2, availability: 'available' },
      ],
    },
  });
});

test('the gateway is not ready while no backend is available, says why, and is once one has recovered', async () => {
  const scene = await startScene([{ script: '1x throttle(retry-after-ms=300)' }]);
  await post(scene);
  const { status, body } = await probe(scene, '/readyz');
  expect(status).toBe(503);
  expect(body).toEqual({
    status: 'not ready',
    reason: 'no backend is available',
    backends: [{ name: 'a', priority: 1, availability: 'throttled', recoversInMs: expect.any(Number) }],
  });
  await expect.poll(() => probe(scene, '/readyz').then((answer) => answer.status)).toBe(200);
});

test('an unready gateway does not turn requests away by itself', async () => {
  const scene = await startScene([{ script: '1x ok, 1x status(500)' }]);
  await post(scene);
  await post(scene);
  expect((await probe(scene, '/readyz')).body['backends']).toMatchObject([{ availability: 'failing' }]);
  expect((await post(scene)).status).toBe(200);
});

test('a deployment that nobody has makes no backend unready', async () => {
  const scene = await startScene([{ deployments: ['gpt-4o'] }]);
  expect((await post(scene, '/openai/deployments/nonsense/chat/completions?api-version=1')).status).toBe(404);
  expect((await probe(scene, '/readyz')).status).toBe(200);
});

test('neither page tells a URL or a key', async () => {
  const scene = await startScene([{}]);
  for (const path of ['/healthz', '/readyz']) {
    const text = await (await fetch(scene.url + path)).text();
    expect(text).not.toMatch(/127\.0\.0\.1|key-a/);
  }
});

test('a gateway that stops is not ready, as a connection that was open before can learn', async () => {
  const scene = await startScene([{ script: 'slow(delay=300ms)' }], { timeouts: { shutdownMs: 5000 } });
  const arrived = scene.mocks[0]!.nextRequest();
  const client = await connectRaw(scene);
  client.send(rawRequest('POST', chatPath, [], JSON.stringify(chatBody)));
  await arrived;
  const stopped = scene.gateway.stop();
  client.send(rawRequest('GET', '/readyz'));
  const text = await client.until('stopping');
  const { status, body } = parseAnswer(text.slice(text.lastIndexOf('HTTP/1.1')));
  expect(status).toBe(503);
  expect(JSON.parse(body)).toMatchObject({ status: 'not ready', reason: 'the gateway is stopping' });
  await stopped;
});
