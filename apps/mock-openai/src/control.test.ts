import { afterEach, expect, test } from 'vitest';
import { startMock } from './start-mock.ts';
import { chatPath, post } from './testing/post.ts';
import type { Mock } from './start-mock.ts';
import type { MockOptions } from './options.ts';

const running: Mock[] = [];

async function start(options: MockOptions = {}): Promise<Mock> {
  const mock = await startMock(options);
  running.push(mock);
  return mock;
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((mock) => mock.stop()));
});

test.each(['1x throttle(retry-after=10)', '[{"kind":"throttle","retryAfterSeconds":10,"times":1}]'])(
  'PUT script takes %s',
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
  const reply = await fetch(`${mock.controlUrl}/script`, { method: 'PUT', body: '1x nap, hang(1)' });
  expect(reply.status).toBe(400);
  expect(await reply.json()).toEqual({
    error: {
      code: '400',
      message: 'The script is wrong.',
      details: [
        '1:4: "nap" is not one of ok, slow, throttle, status, hang, reset, truncate',
        '1:14: "1" is not an argument of hang (it has none)',
      ],
    },
  });
  expect((await post(mock)).status).toBe(503);
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
