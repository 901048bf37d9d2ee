import { expect, test } from 'vitest';
import { chatPath, post, streamBody } from '../testing/post.ts';
import { connectRaw, rawRequest } from '../testing/raw-client.ts';
import { type Scene, startScene } from '../testing/start-scene.ts';

/**
 * Backend `a` is chosen while it has no more requests in flight than `b`, whose weight is too small to win a tie. If a
 * single lease were not given back, all requests would go to `b`.
 */
function startBalanced(script: string): Promise<Scene> {
  return startScene(
    [{ script, backend: { weight: 1_000_000 } }, { backend: { priority: 1, weight: 1e-6 } }],
    {
      strategy: 'least-in-flight',
      cooldown: { floorMs: 1 },
    },
  );
}

test.each<[string, string, (scene: Scene) => Promise<unknown>]>([
  ['was answered', '', async (scene) => (await post(scene)).text()],
  ['was streamed', '', async (scene) => (await post(scene, undefined, streamBody)).text()],
  ['was rejected', '1x status(400)', async (scene) => (await post(scene)).text()],
  ['was answered with nothing', '1x status(204)', async (scene) => (await post(scene)).text()],
  ['was a HEAD', '', (scene) => fetch(`${scene.url}/openai/v1/models`, { method: 'HEAD' })],
  ['was throttled', '1x throttle(retry-after-ms=1)', async (scene) => (await post(scene)).text()],
  [
    'was left by its client before the answer',
    '1x hang',
    async (scene) => {
      const arrived = scene.mocks[0]!.nextRequest();
      const client = await connectRaw(scene);
      client.send(rawRequest('POST', chatPath, [], JSON.stringify(streamBody)));
      await arrived;
      client.socket.destroy();
    },
  ],
  [
    'was left by its client mid-stream',
    '1x slow(chunk-delay=20ms, chunks=1000)',
    async (scene) => {
      const client = await connectRaw(scene);
      client.send(rawRequest('POST', chatPath, [], JSON.stringify(streamBody)));
      await client.until('data: ');
      client.socket.destroy();
    },
  ],
  [
    'was broken by its backend',
    '1x reset(after-chunks=5)',
    async (scene) => (await post(scene, undefined, streamBody)).text().catch(() => {}),
  ],
])('a request that %s counts no longer', async (_, script, request) => {
  const scene = await startBalanced(script);
  await request(scene);
  await scene.log.request();
  // A backend that was throttled first has a cooldown of a millisecond.
  await expect.poll(async () => (await post(scene)).headers.get('x-spillway-backend')).toBe('a');
});

test('a stream counts for as long as it runs', async () => {
  const scene = await startBalanced('1x slow(chunk-delay=20ms, chunks=1000)');
  const leaving = new AbortController();
  await post(scene, undefined, streamBody, { signal: leaving.signal });
  expect((await post(scene)).headers.get('x-spillway-backend')).toBe('b');
  leaving.abort();
  await scene.mocks[0]!.idle();
  await expect.poll(async () => (await post(scene)).headers.get('x-spillway-backend')).toBe('a');
});
