import { once } from 'node:events';
import { connect } from 'node:net';
import { startMock } from '@spillway/mock-openai';
import { expect, onTestFinished, test } from 'vitest';
import { factsOf } from '../../../dashboard/src/words/tile-facts.ts';
import { verdictOf } from '../../../dashboard/src/words/verdict.ts';
import { makeKey, sha256 } from '../../src/client/keys.ts';
import { askAdmin } from '../testing/ask-admin.ts';
import { openSession, realtimePath } from '../testing/open-session.ts';
import { chatBody, chatPath, post, streamBody } from '../testing/post.ts';
import { startReloadable } from '../testing/start-reloadable.ts';
import { type Scene, startGatewayFor, startScene } from '../testing/start-scene.ts';
import { startStreamBackend } from '../testing/start-stream-backend.ts';
import { DescribedApi } from './described-api.ts';
import { Scraped } from './scraped.ts';

/** The sentence at the top of the live page, and what is below it. */
async function verdict(scene: Pick<Scene, 'adminUrl'>): Promise<{ text: string; detail: string }> {
  const { text, detail } = verdictOf((await (await DescribedApi.of(scene)).ask('/admin/state')).json);
  return { text, detail };
}

const modelBody = { model: 'gpt-4o', input: 'Hello', store: false };

/** Rates as they are at this moment are not what a test is about. */
async function wordsOf(scene: Pick<Scene, 'adminUrl'>): Promise<string> {
  return (await verdict(scene)).text.replaceAll(/\d+(\.\d+)?(?=\/s| req\/s)/g, 'N');
}

test('while a backend is silent the page says how much is under way, not that nobody asks', async () => {
  const scene = await startScene([{ script: 'always hang' }]);
  const leaving = new AbortController();
  const arrived = scene.mocks[0]!.nextRequest();
  const answer = post(scene, chatPath, chatBody, { signal: leaving.signal });
  answer.catch(() => {});
  await arrived;
  expect((await verdict(scene)).text).toBe('Nothing ended in the last 10 s: 1 under way');
  leaving.abort();
});

test('a stream that breaks off is told of, and so is who broke it off', async () => {
  const backend = await startStreamBackend();
  const scene = await startGatewayFor([{ name: 'a', url: backend.url, apiKey: 'key' }]);
  const broken = await post(scene, chatPath, streamBody);
  backend.streams[0]!.destroy();
  await expect(broken.text()).rejects.toThrow('terminated');
  await scene.log.request(1);
  await expect.poll(() => wordsOf(scene)).toBe('Responses break off: N/s of a');
  const { totals } = (await (await DescribedApi.of(scene)).ask('/admin/state')).json;
  expect(totals).toMatchObject({ clientBrokenOff: 1, client5xx: 0, refusedPerSecond: 0 });
});

test.each([
  ['realtime session', realtimePath, 150, undefined],
  ['session of the Responses API', '/openai/v1/responses', 1000, { type: 'response.create', ...modelBody }],
])('a %s that ends because nobody says anything is not said to break off', async (_, path, idleMs, first) => {
  const scene = await startScene([{}], { timeouts: { sessionIdleMs: idleMs } });
  const session = await openSession(scene, path);
  if (first !== undefined) session.socket.send(JSON.stringify(first));
  await session.closed;
  expect(await toldOf(scene)).toMatchObject(UNTOLD);
});

test('a session that has lasted as long as it may is not said to break off', async () => {
  const scene = await startScene([{}], { timeouts: { maxResponseMs: 150 } });
  await (
    await openSession(scene, realtimePath)
  ).closed;
  expect(await toldOf(scene)).toMatchObject(UNTOLD);
});

test('a stream that has lasted as long as it may is not said to break off', async () => {
  const backend = await startStreamBackend();
  const config = { timeouts: { maxResponseMs: 150 } };
  const scene = await startGatewayFor([{ name: 'a', url: backend.url, apiKey: 'key' }], config);
  await expect((await post(scene, chatPath, streamBody)).text()).rejects.toThrow('terminated');
  expect(await toldOf(scene)).toMatchObject(UNTOLD);
});

const UNTOLD = {
  ending: 'interrupted',
  onPage: [undefined, undefined],
  inMetrics: 0,
  usage: [{ failures: 0 }],
};

/** Returns how a request ended, and of how many failures the page, the metrics that alerts read, and the usage for invoices tell. */
async function toldOf(scene: Omit<Scene, 'mocks'>) {
  const { ending } = await scene.log.request();
  const { totals } = (await (await DescribedApi.of(scene)).ask('/admin/state')).json;
  const metrics = await Scraped.of(scene);
  return {
    ending,
    onPage: [totals.clientBrokenOff, totals.brokenOffPerSecond],
    inMetrics: metrics.value('spillway_broken_responses_total', { ending: 'interrupted' }),
    usage: JSON.parse((await askAdmin(scene, '/admin/usage')).text).rows,
  };
}

test('a session that asks for what its client may not have is not said to break off', async () => {
  const key = makeKey();
  const scene = await startScene([{}], {
    clients: [{ name: 'a', keys: [{ sha256: sha256(key) }], deployments: ['gpt-4o'] }],
  });
  const session = await openSession(scene, '/openai/v1/responses', { headers: { 'api-key': key } });
  const ask = (body: object) => session.socket.send(JSON.stringify({ type: 'response.create', ...body }));
  ask(modelBody);
  await session.next();
  ask({ ...modelBody, model: 'o3' });
  expect((await session.closed).code).toBe(1008);
  expect(await scene.log.request()).toMatchObject({ status: 101, ending: 'interrupted' });
  const { totals } = (await (await DescribedApi.of(scene)).ask('/admin/state')).json;
  expect(totals.clientBrokenOff).toBeUndefined();
});

test('what the gateway itself has no room for is not said to be the fault of backends', async () => {
  const scene = await startScene([{ script: 'always hang' }], { limits: { inFlight: 1 } });
  const leaving = new AbortController();
  const arrived = scene.mocks[0]!.nextRequest();
  post(scene, chatPath, chatBody, { signal: leaving.signal }).catch(() => {});
  await arrived;
  expect((await post(scene)).status).toBe(503);
  await scene.log.request(1);
  await expect
    .poll(() => wordsOf(scene))
    .toBe('Refusing N req/s: the gateway has no room, as too many requests are under way');
  leaving.abort();
});

test('a request in an unknown transfer coding is not said to be the fault of the gateway', async () => {
  const scene = await startScene([{}]);
  const client = connect(Number(new URL(scene.url).port), '127.0.0.1');
  onTestFinished(() => void client.destroy());
  client.write(`POST ${chatPath} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`);
  expect(String((await once(client, 'data'))[0])).toMatch(/^HTTP\/1\.1 501 /);
  await scene.log.request(1);
  const { totals } = (await (await DescribedApi.of(scene)).ask('/admin/state')).json;
  expect(totals).toMatchObject({ client5xx: 1, refusedPerSecond: 0 });
});

test('a gateway whose memory is full says so, though nobody asks and its backends are well', async () => {
  const scene = await startScene([{}], { limits: { memoryBytes: 1_000_000 } });
  await expect.poll(() => wordsOf(scene)).toBe('Taking no requests: nearly all of its memory is in use');
});

test('a deployment that no backend has quota for is named, while others are served', async () => {
  const throttling = { quota: 'gpt-4o=standard(tpm=60)' };
  const scene = await startScene([throttling, { ...throttling, backend: { priority: 1 } }]);
  expect((await post(scene, chatPath.replace('gpt-4o', 'mini'))).status).toBe(200);
  let status = 200;
  let asked = 1;
  for (; status === 200; asked++) status = (await post(scene)).status;
  expect(status).toBe(429);
  await scene.log.request(asked);
  await expect
    .poll(() => wordsOf(scene))
    .toMatch(/^Refusing N req\/s: all quota is spent, back in \d+ s, of gpt-4o$/);
});

test('backends that all fail are told of, although the last of them is not taken out', async () => {
  const scene = await startScene([{ script: 'always status(500)' }, { script: 'always status(500)' }]);
  for (let asked = 1; asked <= 8; asked++) {
    expect((await post(scene)).status).toBe(503);
    await scene.log.request(asked);
  }
  await expect
    .poll(() => wordsOf(scene))
    .toBe('Refusing N req/s: the backends that could serve them fail or are out');
});

test('requests that a fallback serves are told of, and counted by the deployment and the reason from the start', async () => {
  const scene = await startScene([{ quota: 'gpt-4o=standard(tpm=30)' }], {
    fallbacks: [{ deployment: 'gpt-4o', whenSpent: 'mini' }],
  });
  const counted = async () =>
    /^spillway_fallbacks_total\{.*cause="quota"\} (.*)$/m.exec((await askAdmin(scene, '/metrics')).text);
  expect((await counted())?.[0]).toBe('spillway_fallbacks_total{deployment="gpt-4o",cause="quota"} 0');
  let fallen: string | null = null;
  let asked = 0;
  for (; fallen === null; asked++) {
    const response = await post(scene);
    fallen = response.headers.get('x-spillway-fallback');
    await response.text();
  }
  await scene.log.request(asked);
  expect((await counted())?.[1]).toBe('1');
  await expect
    .poll(async () => (await verdict(scene)).detail)
    .toMatch(/^0\.1 req\/s are served by fallback deployments/);
});

test('a fallback that has no quota either serves nothing, and is not counted', async () => {
  const key = makeKey();
  const scene = await startScene([{ quota: 'mini=standard(tpm=30)' }], {
    fallbacks: [{ deployment: 'gpt-4o', whenSpent: 'mini' }],
    clients: [{ name: 'a', keys: [{ sha256: sha256(key) }], budgets: [{ deployments: ['gpt-4o'], rpm: 1 }] }],
  });
  const headers = { 'api-key': key };
  let status = 200;
  let fallen = 0;
  let asked = 0;
  for (; status === 200; asked++) {
    const response = await post(scene, chatPath, chatBody, { headers });
    ({ status } = response);
    if (status === 200 && response.headers.has('x-spillway-fallback')) fallen++;
    await response.text();
  }
  expect(status).toBe(429);
  await scene.log.request(asked);
  const { text } = await askAdmin(scene, '/metrics');
  expect(/^spillway_fallbacks_total\{.*cause="budget"\} (.*)$/m.exec(text)?.[1]).toBe(String(fallen));
});

test('a backend that is silent from the start is told of, by the page, its changes and the log', async () => {
  const scene = await startScene([{ script: 'always hang' }, {}], { hedge: { afterMs: 50 } });
  let asked = 0;
  const cooled = scene.log.line('backend state');
  for (let isCooled = false; !isCooled; asked++) {
    expect((await post(scene)).status).toBe(200);
    await scene.log.request(asked + 1);
    isCooled = scene.log.lines.some(({ msg }) => msg === 'backend state') || asked > 20;
  }
  expect(await cooled).toMatchObject({
    event: 'cooled',
    backend: 'a',
    deployment: 'gpt-4o',
    why: 'no answer in time',
  });
  expect((await verdict(scene)).detail).toContain('a is cooling (no answer in time)');
  const { events } = (await (await DescribedApi.of(scene)).ask('/admin/state')).json;
  expect(events).toMatchObject([
    { backend: 'a', deployment: 'gpt-4o', to: 'cooling', why: 'no answer in time' },
  ]);
});

test('a backend that is out because its answers broke off is told of as that', async () => {
  const scene = await startScene([{ script: 'always reset(after-bytes=100)' }, {}]);
  const cooled = scene.log.line('backend state');
  for (let asked = 0; asked < 3; asked++)
    await expect((await post(scene)).text()).rejects.toThrow('terminated');
  expect(await cooled).toMatchObject({ event: 'cooled', backend: 'a', why: 'answers broke off' });
  expect((await verdict(scene)).detail).toContain('a is cooling (answers broke off)');
});

test('a failover to a fallback at the same backend says which deployment was asked for there', async () => {
  const scene = await startScene([{ script: '1x throttle(retry-after=60), always ok' }], {
    fallbacks: [{ deployment: 'gpt-4o', whenSpent: 'mini' }],
  });
  expect((await post(scene)).headers.get('x-spillway-fallback')).toBe('mini');
  await scene.log.request(1);
  const { failovers } = (await (await DescribedApi.of(scene)).ask('/admin/failovers')).json;
  expect(failovers).toMatchObject([
    { deployment: 'gpt-4o', from: 'a', reason: '429', to: 'a', fallback: 'mini', count: 1 },
  ]);
});

test('a deployment that takes no requests is shown among however many others', async () => {
  const scene = await startScene([{ script: '1x ok, 1x throttle(retry-after=300), always ok' }]);
  for (const name of ['first', 'first']) await (await post(scene, chatPath.replace('gpt-4o', name))).text();
  for (let at = 0; at < 9; at++)
    for (let times = 0; times < 3; times++)
      await (await post(scene, chatPath.replace('gpt-4o', `d${at}`))).text();
  await scene.log.request(29);
  const [backend] = (await (await DescribedApi.of(scene)).ask('/admin/state')).json.backends;
  expect(backend?.deployments[0]).toMatchObject({ name: 'first', state: 'throttled' });
  expect(backend?.deploymentsLeftOut).toBe(2);
});

test('a backend of which many deployments are throttled still takes requests, and its page counts them', async () => {
  const script = Array(8).fill('1x ok, 1x throttle(retry-after=300)').join(', ');
  const scene = await startScene([{ script }]);
  const ask = async (name: string) => (await post(scene, chatPath.replace('gpt-4o', name))).text();
  for (let at = 0; at < 8; at++) for (const name of [`d${at}`, `d${at}`]) await ask(name);
  for (let times = 0; times < 3; times++) await ask('busy');
  await scene.log.request(19);
  const [backend] = (await (await DescribedApi.of(scene)).ask('/admin/state')).json.backends;
  expect(backend?.deployments.map(({ state }) => state)).toEqual(Array(8).fill('throttled'));
  expect(backend?.notShown).toMatchObject({ taking: 1, rpm: 3 });
  expect((await verdict(scene)).text).not.toContain('No backend takes requests');
});

test('where nobody asks but for files, the page counts these requests', async () => {
  const scene = await startScene([{}]);
  const form = new FormData();
  form.set('purpose', 'batch');
  form.set('file', new Blob(['{}']), 'input.jsonl');
  const sent = { method: 'POST', body: form };
  await (await fetch(`${scene.url}/openai/files?api-version=2024-10-21`, sent)).text();
  await scene.log.request(1);
  const { json } = await (await DescribedApi.of(scene)).ask('/admin/state');
  expect(json.backends[0]).toMatchObject({ deployments: [], notShown: { taking: 0, rpm: 1 } });
  expect(factsOf(json.backends[0]!, undefined).rpm).toBe(1);
});

test('the page says that a configuration was refused, until a right one is in effect, and since when that is', async () => {
  const mock = await startMock();
  onTestFinished(() => mock.stop());
  const config = { backends: [{ name: 'a', url: mock.url, apiKey: 'key' }] };
  const scene = await startReloadable(config);
  expect((await verdict(scene)).detail).toBe('');
  const reloadedAgoMs = async () =>
    (await (await DescribedApi.of(scene)).ask('/admin/state')).json.process.reloadedAgoMs;
  expect(await reloadedAgoMs()).toBeUndefined();
  await scene.reload('backends: [');
  expect((await verdict(scene)).detail).toBe('the new configuration is refused, and the old one in effect');
  expect(await reloadedAgoMs()).toBeUndefined();
  await scene.reload(config);
  expect((await verdict(scene)).detail).toBe('');
  expect(await reloadedAgoMs()).toBeGreaterThanOrEqual(0);
});
