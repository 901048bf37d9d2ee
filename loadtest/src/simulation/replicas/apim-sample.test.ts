import { expect, test } from 'vitest';
import { makeCall } from '@spillway/simulation/testing';
import { SimulatedRequest } from '@spillway/simulation';
import { makeBackends } from '../backends/simulated-backend.ts';
import { ApimSample } from './apim-sample.ts';

/** One provisioned backend in the first group, and two more in the second. */
function scene() {
  const backends = makeBackends(3);
  let nowMs = 0;
  const replica = new ApimSample(
    backends,
    () => 0.99,
    () => nowMs,
  );
  /** Serves a request; these refuse with a `Retry-After` in seconds, the others answer. */
  async function serve(refusals: Readonly<Record<string, string>>) {
    const visited: string[] = [];
    const request: SimulatedRequest = new SimulatedRequest(makeCall(), () => {
      const { name } = request.backend;
      visited.push(name);
      const retryAfter = refusals[name];
      request.answerWith(retryAfter === undefined ? 200 : 429, () => retryAfter);
      queueMicrotask(() => request.deliver());
    });
    const held = await replica.serve(request);
    return { visited, isServed: held !== undefined };
  }
  return { serve, wait: (ms: number) => (nowMs += ms) };
}

test('a simulated replica of Azure’s sample tries the groups in turn until one answers', async () => {
  const { serve } = scene();
  expect(await serve({ 'backend-1': '5' })).toEqual({ visited: ['backend-1', 'backend-3'], isServed: true });
});

test('a simulated replica of Azure’s sample stays away from what has refused for as long as it said', async () => {
  const { serve, wait } = scene();
  await serve({ 'backend-1': '5' });
  wait(4999);
  expect((await serve({})).visited).toEqual(['backend-3']);
  wait(1);
  expect((await serve({})).visited).toEqual(['backend-1']);
});

test('a simulated replica of Azure’s sample gives up once all are cooling, and then knows only the first', async () => {
  const { serve } = scene();
  const all = { 'backend-1': '5', 'backend-2': '9', 'backend-3': '7' };
  expect(await serve(all)).toEqual({ visited: ['backend-1', 'backend-3', 'backend-2'], isServed: false });
  expect(await serve(all)).toEqual({ visited: ['backend-1'], isServed: false });
  expect(await serve({})).toEqual({ visited: ['backend-1'], isServed: true });
});
