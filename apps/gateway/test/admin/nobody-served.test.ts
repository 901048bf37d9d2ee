import { expect, test } from 'vitest';
import { verdictOf } from '../../../dashboard/src/words/verdict.ts';
import { makeKey, sha256 } from '../../src/client/keys.ts';
import { chatBody, chatPath, post } from '../testing/post.ts';
import { type Scene, startScene } from '../testing/start-scene.ts';
import { DescribedApi } from './described-api.ts';

const REFUSED = 'Serving nobody: requests are refused as wrong, such as for their key or deployment';

async function verdict(scene: Scene): Promise<string> {
  return verdictOf((await (await DescribedApi.of(scene)).ask('/admin/state')).json).text;
}

test('while every client gives up before its answer, the page does not say that all is normal', async () => {
  const scene = await startScene([{ script: 'always hang' }]);
  const leaving = new AbortController();
  const arrived = scene.mocks[0]!.nextRequest();
  post(scene, chatPath, chatBody, { signal: leaving.signal }).catch(() => {});
  await arrived;
  leaving.abort();
  expect(await scene.log.request()).toMatchObject({ status: 499 });
  await expect.poll(() => verdict(scene)).toBe('Serving nobody: clients leave before their answer begins');
});

test('while every client has a wrong key, the page does not say that all is normal', async () => {
  const key = makeKey();
  const scene = await startScene([{}], { clients: [{ name: 'a', keys: [{ sha256: sha256(key) }] }] });
  const ask = async (own: string) =>
    (await post(scene, chatPath, chatBody, { headers: { 'api-key': own } })).status;
  expect(await ask(makeKey())).toBe(401);
  await scene.log.request();
  await expect.poll(() => verdict(scene)).toBe(REFUSED);
  expect(await ask(key)).toBe(200);
  await scene.log.request(2);
  await expect.poll(() => verdict(scene)).toBe('Serving normally');
});

test('while every client asks for a deployment that no backend has, the page does not say that all is normal', async () => {
  const scene = await startScene([{ script: 'always status(404)' }, { script: 'always status(404)' }]);
  expect((await post(scene)).status).toBe(404);
  await scene.log.request();
  await expect.poll(() => verdict(scene)).toBe(REFUSED);
});
