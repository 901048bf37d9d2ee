import { expect, test } from 'vitest';
import { makeKey, sha256 } from '../../src/client/keys.ts';
import { openSession, realtimePath } from '../testing/open-session.ts';
import { chatBody, chatPath, errorOf, post } from '../testing/post.ts';
import { callsOf, startScene } from '../testing/start-scene.ts';

const KEYS = { eu: makeKey(), finance: makeKey(), nowhere: makeKey(), any: makeKey() };
const clientOf = (name: keyof typeof KEYS, allow?: string[]) => ({
  name,
  keys: [{ sha256: sha256(KEYS[name]) }],
  ...(allow === undefined ? {} : { allow }),
});
const clients = [
  clientOf('eu', ['eu']),
  clientOf('finance', ['eu', 'finance']),
  clientOf('nowhere', ['eu', 'us']),
  clientOf('any'),
];

/** Backends `a` in the USA, `b` and `c` in Europe, of which `c` is for finance, and `d` without tags. */
const TAGS = [['us'], ['eu'], ['eu', 'finance'], undefined];

test('sessions go to backends with the client’s tags only', async () => {
  const scene = await startScene(
    TAGS.map((tags) => ({ backend: { tags, priority: 1 } })),
    { clients },
  );
  for (let session = 0; session < 12; session++)
    await openSession(scene, realtimePath, { headers: { 'api-key': KEYS.finance } });
  expect(callsOf(scene)).toEqual([0, 0, 12, 0]);
});

test('a client that no backend has all tags of is refused at once', async () => {
  const scene = await startScene(
    TAGS.map((tags) => ({ backend: { tags } })),
    { clients },
  );
  const refused = await post(scene, chatPath, chatBody, { headers: { 'api-key': KEYS.nowhere } });
  expect(await errorOf(refused)).toMatchObject({ status: 403, code: 'PermissionDenied' });
  expect(callsOf(scene)).toEqual([0, 0, 0, 0]);
});

test('when all backends with its tags are spent, a client is told so, and of no others', async () => {
  const scene = await startScene(
    TAGS.map((tags, index) => ({
      script: index === 1 || index === 2 ? 'throttle(retry-after=7)' : 'ok',
      backend: { tags },
    })),
    { clients },
  );
  const refused = await post(scene, chatPath, chatBody, { headers: { 'api-key': KEYS.eu } });
  expect(refused.status).toBe(429);
  expect((await errorOf(refused)).message).not.toMatch(/group [14]/);
  expect((await post(scene, chatPath, chatBody, { headers: { 'api-key': KEYS.any } })).status).toBe(200);
});
