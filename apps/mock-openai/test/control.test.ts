import { expect, test } from 'vitest';
import { chatPath, post } from './testing/post.ts';
import { start } from './testing/start.ts';
import type { Mock } from '../src/mock.ts';

test.each(['1x throttle(retry-after=10)', '[{"kind":"throttle","retryAfterSeconds":10,"times":1}]'])(
  'the control endpoint takes a script that is %s',
  async (body) => {
    const mock = await start();
    const reply = await fetch(`${mock.controlUrl}/script`, { method: 'PUT', body });
    const steps = [{ kind: 'throttle', retryAfterSeconds: 10, times: 1 }];
    expect(await reply.json()).toEqual({ steps, current: 0 });
    expect([(await post(mock)).status, (await post(mock)).status]).toEqual([429, 200]);
    expect(await (await fetch(`${mock.controlUrl}/script`)).json()).toEqual({ steps, current: 1 });
  },
);

test('a wrong script is refused with every problem, and the old one goes on', async () => {
  const mock = await start({ script: 'status(503)' });
  const reply = await fetch(`${mock.controlUrl}/script`, { method: 'PUT', body: '1x nap, ok(1)' });
  expect(reply.status).toBe(400);
  expect(await reply.json()).toEqual({
    error: {
      code: '400',
      message: 'The script is wrong.',
      details: [
        '1:4: "nap" is not one of ok, slow, throttle, status, redirect, error, block, refuse, hang, reset, truncate, garbage, drip, stale, huge-headers, gzip',
        '1:12: "1" is not an argument of ok (it has none)',
      ],
    },
  });
  expect((await post(mock)).status).toBe(503);
});

test('control tells no keys, wherever they came; the program that started the mock can see those in headers', async () => {
  const mock = await start();
  const keys = { 'api-key': 'f00d', authorization: 'Bearer f00d', 'ocp-apim-subscription-key': 'f00d' };
  await (await post(mock, `${chatPath}&api-key=f00d`, { messages: [] }, { headers: keys })).text();
  const text = await (await fetch(`${mock.controlUrl}/requests`)).text();
  expect(text).not.toContain('f00d');
  expect(JSON.parse(text)).toMatchObject([
    {
      path: `${chatPath}&api-key=***`,
      headers: { 'api-key': '***', authorization: '***', 'ocp-apim-subscription-key': '***' },
    },
  ]);
  expect(mock.requests[0]?.headers).toMatchObject(keys);
});

test('what was called can be read back, and control calls are not counted', async () => {
  const mock = await start({ name: 'eastus' });
  await (await post(mock, chatPath, { messages: [] }, { headers: { 'x-test': '1' } })).text();
  await (await post(mock, '/nothing')).text();
  await mock.idle();
  const all = await (await fetch(`${mock.controlUrl}/requests`)).json();
  expect(all).toEqual([
    expect.objectContaining({
      number: 1,
      method: 'POST',
      path: chatPath,
      headers: expect.objectContaining({ 'x-test': '1' }),
      body: '{"messages":[]}',
      receivedAtMs: expect.any(Number),
      status: 200,
      ending: 'answered',
      endedAfterMs: expect.any(Number),
    }),
    expect.objectContaining({ number: 2, path: '/nothing', status: 404 }),
  ]);
  const last = await (await fetch(`${mock.controlUrl}/requests?last=1`)).json();
  expect(last).toEqual([expect.objectContaining({ number: 2 })]);
  const counters = { name: 'eastus', total: 2, open: 0, aborted: 0, cut: 0, byStatus: { 200: 1, 404: 1 } };
  expect(await (await fetch(`${mock.controlUrl}/counters`)).json()).toEqual(counters);
});

test('POST reset forgets all of it', async () => {
  const mock = await start();
  await (await post(mock)).text();
  await mock.idle();
  const reply = await fetch(`${mock.controlUrl}/reset`, { method: 'POST' });
  expect(await reply.json()).toMatchObject({ total: 0, byStatus: {} });
  expect(mock.requests).toEqual([]);
});

test('an unknown control path names those that there are', async () => {
  const mock = await start();
  const reply = await fetch(`${mock.controlUrl}/nothing`);
  expect(reply.status).toBe(404);
  expect(await reply.text()).toContain('PUT /_mock/script');
});

test('control moves to a port of its own, where a hanging mock can still be read', async () => {
  const mock = await start({ controlPort: 0 });
  expect(new URL(mock.controlUrl).port).not.toBe(new URL(mock.url).port);
  expect((await fetch(`${mock.controlUrl}/counters`)).status).toBe(200);
  expect((await fetch(`${mock.url}/_mock/counters`)).status).toBe(404);
  expect((await post({ url: new URL(mock.controlUrl).origin })).status).toBe(404);
});

test('quotas are set, read and cut under /_mock/quota', async () => {
  const mock = await start({ timeScale: 60 });
  const quotaUrl = `${mock.controlUrl}/quota`;
  const set = await fetch(quotaUrl, { method: 'PUT', body: 'gpt-4o=standard(tpm=1000, rpm=none)' });
  const quotas = { 'gpt-4o': { kind: 'standard', tpm: 1000, rpm: false } };
  const usage = { kind: 'rates', limitTokens: 1000, remainingTokens: 1000 };
  const windows = { tokenWindowMs: 60_000, window: 'rolling', requestWindowMs: 10_000 };
  const limits = { kind: 'rates', tpm: 1000, ...windows, cuts: [] };
  const unspent = { limits, usage, admitted: 0, refused: 0, tokens: 0, periods: [] };
  const times = { timeScale: 60, startedAtMs: expect.any(Number), nowMs: expect.any(Number) };
  const state = { ...times, quotas, deployments: { 'gpt-4o': unspent } };
  expect([set.status, await set.json()]).toEqual([200, state]);
  await post(mock, chatPath, { messages: [], max_tokens: 800 });
  const body = JSON.stringify({ deployment: 'gpt-4o', factor: 0.7, forMs: 600_000 });
  const cut = await fetch(`${quotaUrl}/cut`, { method: 'POST', body });
  const spent = { limitTokens: 700, remainingTokens: 0 };
  expect(await cut.json()).toMatchObject({ deployments: { 'gpt-4o': { usage: spent, tokens: 800 } } });
  expect(await (await fetch(quotaUrl)).json()).toMatchObject({
    deployments: { 'gpt-4o': { admitted: 1, periods: [{ admitted: 1, refused: 0, tokens: 800 }] } },
  });
});

test('what the prompt cache did is read under /_mock/cache, and forgotten by a reset', async () => {
  const mock = await start();
  const body = { messages: [{ role: 'user', content: 'All work and no play. '.repeat(300) }] };
  for (const _ of [1, 2]) await (await post(mock, chatPath, body)).text();
  const read = async () => (await fetch(`${mock.controlUrl}/cache`)).json();
  expect(await read()).toEqual(mock.cache);
  expect(mock.cache).toMatchObject({ 'gpt-4o': { requests: 2, hits: 1 } });
  mock.reset();
  expect(await read()).toEqual({});
  await (await post(mock, chatPath, body)).text();
  expect(mock.cache).toMatchObject({ 'gpt-4o': { requests: 1, hits: 0, cachedTokens: 0 } });
});

test.each([
  ['PUT', 'quota', 'ptu()', 'The quota is wrong.', ['["*"].units: is missing']],
  [
    'POST',
    'quota/cut',
    '{"forMs":1,"factor":3}',
    'The cut is wrong.',
    ['cut.factor: 3 is not a number from 0 to 1'],
  ],
])('%s %s with %s is refused with every problem', async (method, path, body, message, details) => {
  const mock = await start();
  const reply = await fetch(`${mock.controlUrl}/${path}`, { method, body });
  expect(reply.status).toBe(400);
  expect(await reply.json()).toEqual({ error: { code: '400', message, details } });
});

test('latencies are set and read under /_mock/latency, and a reset takes the first again', async () => {
  const mock = await start({ latency: '1ms' });
  const url = `${mock.controlUrl}/latency`;
  const latency = { 'gpt-4o': { preset: 'gpt-4o', ttftMs: 30, ttftSigma: 0 } };
  const set = await fetch(url, { method: 'PUT', body: 'gpt-4o=gpt-4o(ttft=30ms, ttft-sigma=0)' });
  expect([set.status, await set.json()]).toEqual([200, latency]);
  expect(await (await fetch(url)).json()).toEqual(latency);
  expect(mock.latency).toEqual(latency);
  const wrong = await fetch(url, { method: 'PUT', body: 'fast' });
  expect([wrong.status, await wrong.text()]).toEqual([
    400,
    expect.stringContaining('1:1: \\"fast\\" is not'),
  ]);
  mock.reset();
  expect(mock.latency).toEqual({ '*': { ttftMs: 1 } });
  expect(() => mock.setLatency('fast')).toThrow('1:1: "fast"');
});

async function statuses(from: Mock): Promise<number[]> {
  const found: number[] = [];
  for (let count = 0; count < 40; count += 1) found.push((await post(from)).status);
  return found;
}

test('a script with chances takes the same requests again after a reset, and of the same seed elsewhere', async () => {
  const options = { name: 'a', seed: 7, script: '30% throttle(1), 20% status(503)' };
  const mock = await start(options);
  const first = await statuses(mock);
  expect(new Set(first)).toEqual(new Set([200, 429, 503]));
  mock.reset();
  expect(await statuses(mock)).toEqual(first);
  expect(await statuses(await start(options))).toEqual(first);
  expect(await statuses(await start({ ...options, name: 'b' }))).not.toEqual(first);
});
