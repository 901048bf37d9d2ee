import { expect, test } from 'vitest';
import { chatBody, chatPath, post, streamBody } from '../testing/post.ts';
import { connectRaw, rawRequest } from '../testing/raw-client.ts';
import { startScene } from '../testing/start-scene.ts';

test('running requests finish, new connections are refused', async () => {
  const scene = await startScene([{ script: 'slow(delay=300ms)' }], { timeouts: { shutdownMs: 5000 } });
  const arrived = scene.mocks[0]!.nextRequest();
  const running = post(scene);
  await arrived;
  const stopped = scene.gateway.stop();
  await expect(post(scene)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
  const response = await running;
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({ object: 'chat.completion' });
  await stopped;
});

test('a running stream finishes whole', async () => {
  const script = 'slow(chunk-delay=20ms, chunks=10)';
  const scene = await startScene([{ script }], { timeouts: { shutdownMs: 5000 } });
  const response = await post(scene, undefined, streamBody);
  const stopped = scene.gateway.stop();
  expect(await response.text()).toMatch(/data: \[DONE\]\n\n$/);
  await stopped;
  expect(await scene.log.request()).toMatchObject({ ending: 'complete' });
});

test('what still runs after `shutdownMs` is cut off, at the backend too', async () => {
  const scene = await startScene([{ script: 'slow(chunk-delay=20ms, chunks=10000)' }, { script: 'hang' }], {
    timeouts: { shutdownMs: 100 },
  });
  const stream = await post(scene, undefined, streamBody);
  const [stopped, text] = await Promise.allSettled([scene.gateway.stop(), stream.text()]);
  expect(stopped.status).toBe('fulfilled');
  expect(text.status).toBe('rejected');
  expect(await scene.mocks[0]!.requests[0]!.ended).toBe('aborted');
  expect((await scene.log.request())['ending']).not.toBe('complete');
});

test('idle connections hold nothing up, at either side', async () => {
  const scene = await startScene([{}], { timeouts: { shutdownMs: 600_000 } });
  const client = await connectRaw(scene);
  client.send(rawRequest('POST', chatPath, [], JSON.stringify(chatBody)));
  await client.until('chat.completion');
  const silent = await connectRaw(scene);
  await scene.gateway.stop();
  await Promise.all([client.untilEnd(), silent.untilEnd()]);
  await expect.poll(() => scene.mocks[0]!.connections).toBe(0);
});

test('a client that was refused and keeps its half of the connection holds nothing up', async () => {
  const scene = await startScene([{}], { timeouts: { shutdownMs: 100 } });
  for (const bytes of [rawRequest('CONNECT', 'elsewhere:443'), 'nonsense\r\n\r\n']) {
    const client = await connectRaw(scene);
    client.send(bytes);
    await client.untilEnd();
  }
  await scene.gateway.stop();
  expect(scene.log.lines.at(-1)).toMatchObject({ msg: 'stopped' });
});

test('stopping twice is stopping once, and both wait for the end', async () => {
  const scene = await startScene([{ script: 'slow(delay=200ms)' }], { timeouts: { shutdownMs: 5000 } });
  const arrived = scene.mocks[0]!.nextRequest();
  const running = post(scene).then(({ status }) => status);
  await arrived;
  const first = scene.gateway.stop();
  const second = scene.gateway
    .stop()
    .then(() => scene.log.lines.filter(({ msg }) => msg === 'stopped').length);
  expect(await running).toBe(200);
  await first;
  expect(await second).toBe(1);
});

test('the log says when it began and ended', async () => {
  const scene = await startScene([{}]);
  await scene.gateway.stop();
  expect(scene.log.lines.map(({ msg }) => msg)).toEqual(['listening', 'stopping', 'stopped']);
  expect(scene.log.lines[0]).toMatchObject({ url: scene.url, backends: [{ name: 'a', priority: 1 }] });
});
