import { expect, test } from 'vitest';
import { openSession } from '../testing/open-session.ts';
import { errorOf, chatBody, chatPath, post } from '../testing/post.ts';
import { connectRaw, rawRequest } from '../testing/raw-client.ts';
import { startHttpBackend } from '../testing/start-backend.ts';
import { callsOf, type Scene, startGatewayFor, startScene } from '../testing/start-scene.ts';

const waitingRoom = { maxWaitMs: 10_000 };
const cooldown = { floorMs: 1 };
/** Throttled long enough that nothing is served before a test has checked the waiting requests. */
const throttledOnce = '1x throttle(retry-after-ms=600), ok';
/** For a test that has more to do until then. */
const throttledLonger = '1x throttle(retry-after-ms=2000), ok';

/** Waits until this many requests wait. */
async function untilWaiting({ gateway }: Scene, number: number): Promise<void> {
  await expect
    .poll(() => Object.values(gateway.waiting()).reduce((sum, one) => sum + one, 0), { interval: 5 })
    .toBe(number);
}

/** Requests a chat completion with a user name that the backend sees. */
function ask(scene: Scene, user: string, headers: Record<string, string> = {}): Promise<Response> {
  return post(scene, chatPath, { ...chatBody, user }, { headers });
}

function askedOf(scene: Scene): unknown[] {
  return scene.mocks[0]!.requests.map(({ body }) => (JSON.parse(String(body)) as { user: string }).user);
}

test('when everything is throttled, a request waits for the recovery and is then served, and header and log say how long', async () => {
  const scene = await startScene([{ script: throttledOnce }], { waitingRoom, cooldown });
  const response = await post(scene);
  expect(response.status).toBe(200);
  expect(response.headers.get('x-spillway-attempts')).toBe('2');
  const waitedMs = Number(response.headers.get('x-spillway-waited-ms'));
  expect(waitedMs).toBeGreaterThanOrEqual(0);
  expect(callsOf(scene)).toEqual([2]);
  const line = await scene.log.request();
  expect(line).toMatchObject({
    status: 200,
    attempts: [{ outcome: 'throttled' }, { outcome: 'succeeded' }],
  });
  // One is rounded to a millisecond, the other to a tenth of one.
  expect(Math.abs(Number(line['waitedMs']) - waitedMs)).toBeLessThanOrEqual(0.6);
});

test('when everything is throttled, a request goes to whichever backend has room first', async () => {
  const backends = [{ script: '1x throttle(30), ok' }, { script: throttledOnce }];
  const scene = await startScene(backends, { waitingRoom, cooldown });
  const response = await post(scene);
  expect([response.status, response.headers.get('x-spillway-backend')]).toEqual([200, 'b']);
  expect(callsOf(scene)).toEqual([1, 2]);
});

test('a request is refused at once when a recovery would take longer than it may wait', async () => {
  const scene = await startScene([{ script: 'throttle(30)' }], { waitingRoom });
  const response = await post(scene);
  expect(response.headers.get('retry-after')).toBe('30');
  expect(response.headers.has('x-spillway-waited-ms')).toBe(false);
  expect(await errorOf(response)).toMatchObject({ status: 429 });
  expect(await scene.log.request()).not.toHaveProperty('waitedMs');
});

test('a request that waits is refused at the end of its time, and told when to come back', async () => {
  const script = '1x throttle(retry-after-ms=600), throttle(30)';
  const scene = await startScene([{ script }], { waitingRoom, cooldown });
  const response = await post(scene);
  expect([response.status, response.headers.get('retry-after')]).toEqual([429, '30']);
  expect(response.headers.has('x-spillway-waited-ms')).toBe(true);
  expect(callsOf(scene)).toEqual([2]);
});

test('the own deadline of a client whose request waits is kept', async () => {
  const scene = await startScene([{ script: 'throttle(5)' }], { waitingRoom });
  const response = await ask(scene, 'hurried', { 'x-stainless-timeout': '4' });
  expect([response.status, response.headers.get('retry-after')]).toEqual([429, '5']);
});

test('when everything is throttled, nobody is held where waiting is not switched on', async () => {
  const scene = await startScene([{ script: throttledOnce }], { cooldown });
  expect((await post(scene)).status).toBe(429);
  expect(scene.gateway.waiting()).toEqual({ interactive: 0, standard: 0, batch: 0 });
});

test('those who wait go by their class, and within it in the order in which they came', async () => {
  const priorityClasses = { clients: [{ key: 'nightly', class: 'batch' as const }], allowHeader: true };
  // So long that all have come, and been looked at, before one is served.
  const script = '1x throttle(retry-after-ms=2000), ok';
  const scene = await startScene([{ script }], { waitingRoom, cooldown, priorityClasses });
  const asked: Promise<Response>[] = [];
  const come = async (user: string, headers: Record<string, string> = {}) => {
    asked.push(ask(scene, user, headers));
    await untilWaiting(scene, asked.length);
  };
  await come('job', { 'api-key': 'nightly' });
  await come('usual');
  await come('later');
  await come('chat', { 'x-spillway-priority': 'interactive' });
  expect(scene.gateway.waiting()).toEqual({ interactive: 1, standard: 2, batch: 1 });
  const page = await (await fetch(`${scene.adminUrl}/admin/backends`)).json();
  expect(page).toMatchObject({ waiting: { interactive: 1, standard: 2, batch: 1 } });
  expect((await Promise.all(asked)).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  expect(askedOf(scene)).toEqual(['job', 'chat', 'usual', 'later', 'job']);
});

test('a realtime session waits like any other request', async () => {
  const scene = await startScene([{ script: throttledOnce }], { waitingRoom, cooldown });
  const { response } = await openSession(scene);
  expect(response.headers).toHaveProperty('x-spillway-waited-ms');
  expect(scene.gateway.waiting()).toEqual({ interactive: 0, standard: 0, batch: 0 });
});

test('a request that only one backend can serve waits for that one alone', async () => {
  const backends = [{}, { script: throttledOnce }];
  const scene = await startScene(backends, { waitingRoom, cooldown, allowBackendPin: true });
  const response = await ask(scene, 'pinned', { 'x-spillway-backend': 'b' });
  expect([response.status, response.headers.get('x-spillway-backend')]).toEqual([200, 'b']);
  expect(callsOf(scene)).toEqual([0, 2]);
});

test('an upload waits before any of it is sent', async () => {
  const limits = { replayBytes: 1000 };
  const scene = await startScene([{ script: throttledLonger }], { waitingRoom, cooldown, limits });
  const first = post(scene);
  await untilWaiting(scene, 1);
  const upload = ask(scene, 'x'.repeat(5000));
  await untilWaiting(scene, 2);
  expect((await Promise.all([first, upload])).map(({ status }) => status)).toEqual([200, 200]);
  expect((await upload).headers.get('x-spillway-replay')).toBe('none');
});

test('a request that waits for a place at a backend has it the moment another request is over', async () => {
  const [begun, release] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const { url } = await startHttpBackend(async (request, response) => {
    request.resume();
    begun.resolve();
    await release.promise;
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"choices":[]}');
  });
  const scene = await startGatewayFor([{ url, apiKey: 'key', maxInFlight: 1 }], { waitingRoom });
  const first = post(scene);
  await begun.promise;
  const second = post(scene);
  await expect.poll(() => scene.gateway.waiting().standard, { interval: 5 }).toBe(1);
  release.resolve();
  await scene.log.request();
  expect(scene.gateway.waiting().standard).toBe(0);
  expect((await Promise.all([first, second])).map(({ status }) => status)).toEqual([200, 200]);
});

test('a full room refuses at once', async () => {
  const full = { ...waitingRoom, maxRequests: 1 };
  const scene = await startScene([{ script: throttledOnce }], { waitingRoom: full, cooldown });
  const first = post(scene);
  await untilWaiting(scene, 1);
  const second = await post(scene);
  expect(second.status).toBe(429);
  expect(Number(second.headers.get('retry-after-ms'))).toBeLessThanOrEqual(600);
  expect((await first).status).toBe(200);
});

test('a full room counts the bytes that it holds', async () => {
  const full = { ...waitingRoom, maxBytes: 5000 };
  const scene = await startScene([{ script: throttledOnce }], { waitingRoom: full, cooldown });
  const first = ask(scene, 'x'.repeat(3000));
  await untilWaiting(scene, 1);
  const large = await ask(scene, 'x'.repeat(3000));
  expect(large.status).toBe(429);
  const small = ask(scene, 'small');
  expect((await Promise.all([first, small])).map(({ status }) => status)).toEqual([200, 200]);
});

test('a full room has place for the next when a client leaves, whose request is never sent', async () => {
  const full = { ...waitingRoom, maxRequests: 1 };
  const scene = await startScene([{ script: throttledOnce }], { waitingRoom: full, cooldown });
  const client = await connectRaw(scene);
  const body = JSON.stringify({ ...chatBody, user: 'impatient' });
  client.send(rawRequest('POST', chatPath, ['Content-Type: application/json'], body));
  await untilWaiting(scene, 1);
  client.socket.destroy();
  await untilWaiting(scene, 0);
  expect(await scene.log.request()).toMatchObject({ status: 499, ending: 'abandoned' });
  expect((await ask(scene, 'patient')).status).toBe(200);
  expect(askedOf(scene)).toEqual(['impatient', 'patient']);
});

test('one for whom there is only room that is kept for another gets a 429, and is told when to come back', async () => {
  const scene = await startScene([{ quota: 'gpt-4o=standard(rpm=6000, tpm=1000)', timeScale: 10 }], {
    waitingRoom: { maxWaitMs: 60_000, maxRequests: 1 },
    quota: { tokenWindowMs: 6000, requestWindowMs: 1000 },
  });
  const askFor = (tokens: number) => post(scene, chatPath, { ...chatBody, max_tokens: tokens });
  expect((await askFor(600)).status).toBe(200);
  const huge = askFor(800);
  await untilWaiting(scene, 1);
  const small = await askFor(250);
  expect(small.headers.get('x-spillway-attempts')).toBe('0');
  expect(await errorOf(small)).toMatchObject({ status: 429 });
  expect(Number(small.headers.get('retry-after-ms'))).toBeGreaterThan(0);
  expect((await huge).status).toBe(200);
});

test('fifty requests are served window by window, none of them refused', async () => {
  const quota = 'gpt-4o=standard(rpm=60, tpm=1000000, retry-after-ms=true)';
  const timeScale = 20;
  const scene = await startScene([{ quota, timeScale }], {
    waitingRoom,
    cooldown,
    quota: { tokenWindowMs: 60_000 / timeScale, requestWindowMs: 10_000 / timeScale },
  });
  const responses = await Promise.all(Array.from({ length: 50 }, () => post(scene)));
  expect(responses.map(({ status }) => status)).toEqual(responses.map(() => 200));
  // Ten at once, and ten more in each further window.
  const waited = responses.filter(({ headers }) => headers.has('x-spillway-waited-ms'));
  expect(waited.length).toBeGreaterThan(0);
  // Fifty were served, and forty found out while the quota was unknown; repeated retries would make 150.
  expect(callsOf(scene)[0]).toBeLessThan(100);
});

test('when the gateway stops, those who wait are answered rather than held', async () => {
  const scene = await startScene([{ script: '1x throttle(5), ok' }], {
    waitingRoom,
    timeouts: { shutdownMs: 60_000 },
  });
  const waiting = post(scene);
  await untilWaiting(scene, 1);
  const stopped = scene.gateway.stop();
  const response = await waiting;
  expect([response.status, response.headers.get('retry-after')]).toEqual([429, '5']);
  await stopped;
});
