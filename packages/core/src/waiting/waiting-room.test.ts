import { expect, test } from 'vitest';
import { makeAnswer } from '../testing/make-answer.ts';
import { makeBackend } from '../testing/make-backend.ts';
import { type Arrived, WaitingScene } from '../testing/waiting-scene.ts';

const A = makeBackend('a');
const B = makeBackend('b', { priority: 2 });
const ok = () => makeAnswer(200);
const broken = () => makeAnswer(500);
const throttled = (ms: number) => () => makeAnswer(429, { headers: { 'retry-after-ms': String(ms) } });

/** A scene whose backend `a` is throttled until 2000, and serves from then on. */
async function sceneWithAThrottled(...[bounds, options]: [object?, object?]) {
  const scene = new WaitingScene([A], { a: throttled(2000) }, { maxWaitMs: 10_000, ...bounds }, options);
  const first = await scene.arrive({ name: 'first' });
  scene.transport.script.set('a', ok);
  return { scene, first };
}

test('a request that finds everything throttled is sent at the moment of the recovery', async () => {
  const { scene, first } = await sceneWithAThrottled();
  await scene.passTo(1999);
  expect(first.ending).toBeUndefined();
  await scene.passTo(2000);
  expect(first.ending).toBe('200 from a at 2000');
  expect(first.client).toMatchObject({ waitedMs: 2000, current: undefined });
  expect(scene.isAlarmSet).toBe(false);
});

test('a request that finds everything throttled waits for whichever backend is the first to recover', async () => {
  const scene = new WaitingScene([A, B], { a: throttled(3000), b: throttled(1000) });
  const { verdict } = await scene.arrive();
  scene.transport.script.set('b', ok);
  await scene.passTo(1000);
  expect(await verdict).toMatchObject({ kind: 'relay', attempts: [{ number: 1 }, {}, { number: 3 }] });
  expect(scene.transport.calls).toEqual(['a/x', 'b/x', 'b/x']);
});

test('a request that finds everything throttled does not wait when the recovery is too late, and is told the truth about it', async () => {
  const scene = new WaitingScene([A], { a: throttled(2001) }, { maxWaitMs: 2000 });
  const { ending, client } = await scene.arrive();
  expect(ending).toBe('throttled, recovery in 2001 at 0');
  expect(client.waitedMs).toBe(0);
});

test('a request that finds everything throttled does not wait when its own deadline leaves too little time for an attempt after it', async () => {
  const scene = new WaitingScene([A], { a: throttled(2000) });
  const { ending } = await scene.arrive({ timing: { deadlineMs: 2400, minAttemptMs: 500 } });
  expect(ending).toBe('throttled, recovery in 2000 at 0');
  const patient = await scene.arrive({ timing: { deadlineMs: 2504, minAttemptMs: 500 } });
  expect(patient.ending).toBeUndefined();
});

test('a request that finds everything throttled goes at the end of its time to a backend whose probes are out, though its timer rings late', async () => {
  const scene = new WaitingScene([A], { a: throttled(1000) });
  scene.lateMs = 0.5;
  const { verdict } = await scene.arrive({ timing: { deadlineMs: 1700, minAttemptMs: 500 } });
  scene.transport.script.set('a', ok);
  scene.pool.lease(A, 'x', 1000.1);
  await scene.passTo(1190);
  expect(scene.size).toBe(1);
  await scene.passTo(1201);
  expect(await verdict).toMatchObject({ kind: 'relay', attempts: [{}, { number: 2 }] });
});

test('a request that finds everything throttled is refused when its time is over, with the recovery that is then known', async () => {
  const { scene, first } = await sceneWithAThrottled({ maxWaitMs: 5000 });
  scene.transport.script.set('a', throttled(2500));
  await scene.passTo(2000);
  expect(first.ending).toBeUndefined();
  await scene.passTo(5000);
  expect(first.ending).toBe('throttled, recovery in 2500 at 4500');
  expect(first.client.waitedMs).toBe(4500);
});

test('a request that finds everything throttled asks a backend again only after a wait, and once for each', async () => {
  const { scene, first } = await sceneWithAThrottled();
  scene.transport.script.set('a', throttled(1000));
  await scene.passTo(2999);
  expect(scene.transport.calls).toEqual(['a/x', 'a/x']);
  scene.transport.script.set('a', ok);
  await scene.passTo(3000);
  expect(scene.transport.calls).toEqual(['a/x', 'a/x', 'a/x']);
  expect(first.ending).toBe('200 from a at 3000');
});

test('a request that finds everything throttled is not sent again to a backend that failed it, however long it has waited', async () => {
  const scene = new WaitingScene([A, B], { a: broken, b: throttled(2000) });
  const { verdict } = await scene.arrive();
  scene.transport.script.set('a', ok).set('b', throttled(20_000));
  await scene.passTo(2000);
  expect(await verdict).toMatchObject({ kind: 'exhausted', cause: 'throttled' });
  expect(scene.transport.calls).toEqual(['a/x', 'b/x', 'b/x']);
});

test('a request that finds everything throttled holds up nobody at a backend that has failed it', async () => {
  const scene = new WaitingScene([A, B], { a: broken, b: throttled(5000) });
  const failed = await scene.arrive({ name: 'failed' });
  const lease = scene.pool.lease(A, 'x', 0);
  scene.pool.settle(lease, { kind: 'throttled', status: 429, retryAfterMs: 2000 }, 0);
  scene.pool.clearCooldowns(A, undefined, 0);
  lease.release();
  scene.transport.script.set('a', throttled(2000));
  const next = await scene.arrive({ name: 'next' });
  scene.transport.script.set('a', ok).set('b', ok);
  await scene.passTo(5000);
  expect([failed.ending, next.ending]).toEqual(['200 from b at 5000', '200 from a at 2000']);
});

test('a request that finds everything throttled waits for its owner alone', async () => {
  const scene = new WaitingScene([A, B], { a: throttled(1000), b: throttled(3000) });
  const free = await scene.arrive({ name: 'free' });
  const owned = await scene.arrive({ name: 'owned', owner: 'b' });
  scene.transport.script.set('a', ok).set('b', ok);
  await scene.passTo(3000);
  expect([free.ending, owned.ending]).toEqual(['200 from a at 1000', '200 from b at 3000']);
});

test('a request that finds everything throttled ends as a lookup does when whoever was waited for has not got the object either', async () => {
  const scene = new WaitingScene([A, B], { a: () => makeAnswer(404), b: throttled(1000) });
  const { verdict } = await scene.arrive({ isLookup: true });
  scene.transport.script.set('b', () => makeAnswer(404));
  await scene.passTo(1000);
  expect(await verdict).toMatchObject({ kind: 'exhausted', cause: 'not-found' });
});

test.each([
  ['cooling', broken, 'unavailable, recovery in 10000 at 0'],
  [
    'without the deployment',
    () => makeAnswer(404, { bodyText: '{"error":{"code":"DeploymentNotFound"}}' }),
    'deployment-missing, recovery in 10000 at 0',
  ],
])('nobody waits for backends that are %s', async (_, reply, expected) => {
  const scene = new WaitingScene([A], { a: reply });
  expect((await scene.arrive()).ending).toBe(expected);
  expect(scene.isAlarmSet).toBe(false);
});

test('a full room refuses at once', async () => {
  const { scene } = await sceneWithAThrottled({ maxRequests: 2 });
  await scene.arrive();
  scene.nowMs = 500;
  expect((await scene.arrive()).ending).toBe('throttled, recovery in 1500 at 500');
});

test('a full room refuses a body that is too much for it, and takes a smaller one', async () => {
  const { scene } = await sceneWithAThrottled({ maxBytes: 1000 });
  expect((await scene.arrive({ bytes: 901 })).ending).toBe('throttled, recovery in 2000 at 0');
  expect((await scene.arrive({ bytes: 900 })).ending).toBeUndefined();
});

test('a full room has place again when a client leaves', async () => {
  const { scene, first } = await sceneWithAThrottled({ maxRequests: 1 });
  await scene.leave(first);
  expect(first.ending).toBe('abandoned at 0');
  const next = await scene.arrive();
  expect(next.ending).toBeUndefined();
  await scene.passTo(2000);
  expect(next.ending).toBe('200 from a at 2000');
  expect(scene.transport.calls).toHaveLength(2);
});

test('a full room sends away those of lower classes that came last, for one of a higher', async () => {
  const { scene } = await sceneWithAThrottled({ maxRequests: 3 });
  const batch = await scene.arrive({ priorityClass: 'batch' });
  const later = await scene.arrive({ priorityClass: 'batch' });
  scene.nowMs = 200;
  const chat = await scene.arrive({ priorityClass: 'interactive' });
  expect(later.ending).toBe('throttled, recovery in 1800 at 200');
  expect([batch.ending, chat.ending]).toEqual([undefined, undefined]);
  expect(scene.room.sizes).toEqual({ interactive: 1, standard: 1, batch: 1 });
  expect((await scene.arrive({ priorityClass: 'batch' })).ending).toBe('throttled, recovery in 1800 at 200');
});

test('a full room sends nobody away in vain', async () => {
  const { scene } = await sceneWithAThrottled({ maxBytes: 1000 });
  await scene.arrive({ priorityClass: 'interactive', bytes: 100 });
  const batch = await scene.arrive({ priorityClass: 'batch', bytes: 100 });
  const chat = await scene.arrive({ priorityClass: 'interactive', bytes: 950 });
  expect(chat.ending).toBe('throttled, recovery in 2000 at 0');
  expect(batch.ending).toBeUndefined();
});

test('when there is room again, the more urgent go first, and within a class those that came first', async () => {
  const { scene } = await sceneWithAThrottled();
  await scene.arrive({ name: 'batch', priorityClass: 'batch' });
  await scene.arrive({ name: 'second' });
  await scene.arrive({ name: 'chat', priorityClass: 'interactive' });
  await scene.passTo(10_000);
  expect(scene.ended.map((line) => line.split(':')[0])).toEqual(['chat', 'first', 'second', 'batch']);
});

test('when there is room again, one that was refused once more has its place back', async () => {
  const { scene } = await sceneWithAThrottled();
  scene.nowMs = 1;
  await scene.arrive({ name: 'second' });
  scene.transport.script.set('a', throttled(1000));
  await scene.passTo(2000);
  scene.transport.script.set('a', ok);
  await scene.passTo(10_000);
  expect(scene.ended).toEqual(['first: 200 from a at 3000', 'second: 200 from a at 3000']);
  expect(scene.transport.calls).toHaveLength(4);
});

test('when there is room again, one goes to find out, and the others wait for what comes of it', async () => {
  const { scene } = await sceneWithAThrottled();
  for (let count = 0; count < 50; count++) await scene.arrive();
  scene.transport.script.set('a', throttled(1000));
  await scene.passTo(2000);
  expect(scene.transport.calls).toHaveLength(2);
  expect(scene.size).toBe(51);
});

test('when there is room again, at the end of its time a request goes although the probe is still out', async () => {
  const { scene, first } = await sceneWithAThrottled({ maxWaitMs: 2100 });
  const second = await scene.arrive();
  const slow = Promise.withResolvers<void>();
  scene.transport.script.set('a', () => slow.promise.then(ok));
  await scene.passTo(2000);
  expect(scene.transport.calls).toHaveLength(2);
  await scene.passTo(2100);
  expect(scene.transport.calls).toHaveLength(3);
  slow.resolve();
  await scene.settle();
  expect([first.ending, second.ending]).toEqual(['200 from a at 2100', '200 from a at 2100']);
});

test('when there is room again, nobody who comes at that very moment overtakes those who wait', async () => {
  const { scene } = await sceneWithAThrottled();
  await scene.arrive({ name: 'second' });
  // Its alarm is late.
  scene.nowMs = 2003;
  await scene.arrive({ name: 'late' });
  await scene.passTo(10_000);
  expect(scene.ended.map((line) => line.split(':')[0])).toEqual(['first', 'second', 'late']);
});

test('when there is room again, a request for another deployment goes at once', async () => {
  const { scene } = await sceneWithAThrottled();
  expect((await scene.arrive({ deployment: 'y' })).ending).toBe('200 from a at 0');
});

test('a crowd that leaves at once costs those who wait few looks, and those who are left are served', async () => {
  const scene = new WaitingScene([A], { a: throttled(2000) }, { maxWaitMs: 10_000 });
  let looks = 0;
  const { select } = scene.pool;
  scene.pool.select = function (...asked) {
    looks++;
    return select.apply(this, asked);
  };
  const crowd: Arrived[] = [];
  // Each needs less than those before it, so that none is spared its own look.
  for (let tokens = 1000; tokens > 0; tokens--)
    crowd.push(await scene.arrive({ estimate: { promptTokens: tokens, outputTokens: 0 } }));
  scene.transport.script.set('a', ok);
  looks = 0;
  await Promise.all(crowd.slice(0, 990).map((one) => scene.leave(one)));
  expect(looks).toBeLessThan(20_000);
  await scene.passTo(3000);
  expect(crowd.slice(990).map(({ ending }) => ending?.slice(0, 10))).toEqual(
    Array.from({ length: 10 }, () => '200 from a'),
  );
  expect([scene.size, scene.isAlarmSet]).toEqual([0, false]);
});

test('a room that is closed sends all away, and takes nobody in', async () => {
  const { scene, first } = await sceneWithAThrottled();
  scene.nowMs = 500;
  scene.room.close();
  await scene.settle();
  expect(first.ending).toBe('throttled, recovery in 1500 at 500');
  expect((await scene.arrive()).ending).toBe('throttled, recovery in 1500 at 500');
  expect([scene.size, scene.isAlarmSet]).toEqual([0, false]);
});
