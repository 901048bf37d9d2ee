import { startMocks, type Mock } from '@spillway/mock-openai';
import { afterEach, expect, test } from 'vitest';
import { chatPath } from '../src/harvest/load/render-body.ts';
import { ApimSample } from '../src/harvest/reference/apim-sample.ts';
import { RoundRobin } from '../src/harvest/reference/round-robin.ts';
import { startReference, type RunningReference } from '../src/harvest/reference/start-reference.ts';

const running: (Mock | RunningReference)[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.stop()));
});

async function startScene(strategyOf: typeof RoundRobin | typeof ApimSample, ...scripts: string[]) {
  const mocks = await startMocks(
    scripts.map((script, index) => ({ name: `mock-${index}`, script, apiKey: 'secret' })),
  );
  const backends = mocks.map(({ url }) => ({ url, priority: 1 }));
  const strategy = new strategyOf(backends, () => 0);
  const proxy = await startReference({ backends, strategy, apiKey: 'secret', timeScale: 1 });
  running.push(...mocks, proxy);
  const ask = (stream: boolean) =>
    fetch(`${proxy.url}${chatPath}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-ms-client-request-id': '5' },
      body: JSON.stringify({ messages: [{ role: 'user', content: 'Hello' }], stream }),
    });
  return { mocks, ask };
}

test('the reference proxy relays the answer of the backend that the strategy ends at', async () => {
  const { mocks, ask } = await startScene(ApimSample, 'always throttle(5)', 'ok');
  const response = await ask(false);
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({ object: 'chat.completion' });
  expect(mocks.map(({ counters }) => counters.byStatus)).toEqual([{ 429: 1 }, { 200: 1 }]);
  expect(mocks[1]?.requests[0]?.headers['x-ms-client-request-id']).toBe('5');
  expect(mocks[1]?.requests[0]?.body).toContain('Hello');
});

test('the reference proxy relays a stream to its end', async () => {
  const { ask } = await startScene(RoundRobin, 'ok');
  expect(await (await ask(true)).text()).toMatch(/data: \[DONE\]\n\n$/);
});

test("the reference proxy relays a refusal with the backend's own headers when the strategy gives up", async () => {
  const { mocks, ask } = await startScene(RoundRobin, 'always throttle(5)', 'ok');
  const response = await ask(false);
  expect(response.status).toBe(429);
  expect(response.headers.get('retry-after')).toBe('5');
  expect(mocks[1]?.counters.total).toBe(0);
});

test('the reference proxy answers 502 when the backend breaks the connection', async () => {
  const { ask } = await startScene(RoundRobin, 'always reset');
  expect((await ask(false)).status).toBe(502);
});
