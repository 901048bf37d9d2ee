import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeKey, sha256 } from '../../src/client/keys.ts';
import { openSession, realtimePath } from '../testing/open-session.ts';
import { chatBody, chatPath, errorOf, post } from '../testing/post.ts';
import { callsOf, type Scene, startScene } from '../testing/start-scene.ts';

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
const ALLOWED = { eu: [1, 2], finance: [2] } as const;

const MODEL = 'gpt-4o';
const v1 = '/openai/v1';

/** Every kind of request that may reach a backend, in whichever state it is. */
const requests: readonly (readonly [method: string, path: string, body?: unknown])[] = [
  ['POST', chatPath, chatBody],
  [
    'POST',
    `${v1}/chat/completions`,
    { model: MODEL, messages: [{ role: 'user', content: 'Hi' }], stream: true },
  ],
  ['POST', `${v1}/responses`, { model: MODEL, input: 'Hi' }],
  ['POST', `${v1}/responses`, { model: MODEL, input: 'Hi', store: false, stream: true }],
  ['POST', `${v1}/responses`, { model: MODEL, input: 'Hi', previous_response_id: 'resp_0123456789' }],
  ['POST', `${v1}/embeddings`, { model: MODEL, input: 'Hi' }],
  ['GET', `${v1}/models`],
  ['GET', '/openai/deployments?api-version=2022-12-01'],
  ['GET', `${v1}/files`],
  ['GET', `${v1}/files/file-0123456789`],
  ['DELETE', `${v1}/responses/resp_0123456789`],
  ['GET', `${v1}/batches?after=batch_0123456789`],
  ['POST', `${v1}/realtime/client_secrets`, { session: { type: 'realtime', model: MODEL } }],
  ['POST', `${v1}/threads`, {}],
  ['POST', `${v1}/somethings/new`, { name: 'x' }],
];

/** The behaviour of its backends meanwhile. */
const SCRIPTS = ['ok', '1x throttle(retry-after-ms=1)', '1x status(500)', '1x reset'] as const;

async function send(
  { url }: Scene,
  name: keyof typeof KEYS,
  [method, path, body]: (typeof requests)[number],
  pin?: string,
) {
  const response = await fetch(url + path, {
    method,
    headers: {
      'api-key': KEYS[name],
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(pin === undefined ? {} : { 'x-spillway-backend': pin }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  await response.arrayBuffer();
  return response;
}

/** The number of requests that the test sends; an operator who cares about residency can ask for a longer check. */
const REQUESTS = Number(process.env['RESIDENCY_REQUESTS'] ?? 300);

test('no request of a client ever reaches a backend without its tags, whatever it asks for and however backends fail', async () => {
  const scene = await startScene(
    TAGS.map((tags) => ({ backend: { tags, priority: 1 } })),
    {
      clients,
      allowBackendPin: true,
      cooldown: { defaultMs: 1, floorMs: 1, ceilingMs: 1 },
      timeouts: { attemptMs: 100 },
      hedge: { afterMs: 5 },
    },
  );
  const kind = fc.constantFrom(...requests);
  const script = fc.tuple(...TAGS.map(() => fc.constantFrom(...SCRIPTS)));
  const pin = fc.option(fc.constantFrom('a', 'b', 'c', 'd'), { nil: undefined });
  const who = fc.constantFrom<keyof typeof ALLOWED>('eu', 'finance');
  const asked = fc.array(fc.tuple(who, kind, pin), { minLength: 10, maxLength: 10 });
  await fc.assert(
    fc.asyncProperty(script, asked, async (scripts, all) => {
      scene.mocks.forEach((mock, index) => mock.setScript(scripts[index] ?? 'ok'));
      for (const name of ['eu', 'finance'] as const) {
        const before = callsOf(scene);
        await Promise.all(
          all
            .filter(([one]) => one === name)
            .map(([, request, pinned]) => send(scene, name, request, pinned)),
        );
        const reached = callsOf(scene).map((calls, index) => calls - (before[index] ?? 0));
        const forbidden = reached.filter((_, index) => !(ALLOWED[name] as readonly number[]).includes(index));
        expect(forbidden.every((calls) => calls === 0)).toBe(true);
      }
    }),
    { numRuns: Math.ceil(REQUESTS / 10) },
  );
  expect(callsOf(scene)[2]).toBeGreaterThan(0);
});

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
