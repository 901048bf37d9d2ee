import { expect, test } from 'vitest';
import { chatBody, chatPath, post } from '../testing/post.ts';
import { type Scene, startScene } from '../testing/start-scene.ts';

/** A minute of the quota takes three seconds. */
const timeScale = 20;
const minute = { quota: { tokenWindowMs: 3000, requestWindowMs: 500 } };
const quota = 'gpt-4o=standard(tpm=10000, rpm=none, headers=none, retry-after-ms=true)';
const LARGE = 1500;
const SMALL = 20;

/** Requests this many tokens, including the two of the prompt. Returns the status, and the number of backends asked. */
async function ask(scene: Scene, tokens: number) {
  const { status, headers } = await post(scene, chatPath, { ...chatBody, max_tokens: tokens - 2 });
  return { status, attempts: headers.get('x-spillway-attempts') };
}

/** Sends large requests, one after another, until the backend refuses one. */
async function spendUntilRefused(scene: Scene): Promise<void> {
  const { mocks } = scene;
  const before = refusals(mocks);
  while (refusals(mocks) === before) await ask(scene, LARGE);
}

function refusals(mocks: Scene['mocks']): number {
  return mocks.flatMap(({ requests }) => requests).filter(({ status }) => status === 429).length;
}

test('a backend that tells nothing but Retry-After is asked for no more than it has refused, and for what still fits without a cooldown', async () => {
  const scene = await startScene([{ quota, timeScale }], minute);
  await spendUntilRefused(scene);
  // In the first minute nothing is known, so the whole deployment is in cooldown.
  expect(await ask(scene, SMALL)).toEqual({ status: 429, attempts: '0' });

  const learn = async () => {
    await spendUntilRefused(scene);
    const refused = refusals(scene.mocks);
    const large = await ask(scene, LARGE);
    const small = await ask(scene, SMALL);
    return { large, small: small.status, refusals: refusals(scene.mocks) - refused };
  };
  await expect
    .poll(learn, { timeout: 30_000 })
    .toEqual({ large: { status: 429, attempts: '0' }, small: 200, refusals: 0 });
});
