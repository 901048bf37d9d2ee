import { expect, test } from 'vitest';
import { judgeResult } from '../src/scenarios/judge-result.ts';
import { runScenario } from '../src/scenarios/run-scenario.ts';
import type { Scenario } from '../src/scenarios/scenario.ts';

const briefly: Scenario = {
  name: 'briefly',
  shows: 'a group that is throttled for a moment',
  durationMs: 1_400,
  backends: [
    { name: 'first', priority: 1 },
    { name: 'second', priority: 2 },
  ],
  // From then on, however late it is: the order of the calls tells before from after.
  changes: [{ atMs: 500, backend: 'first', script: 'throttle(retry-after=30)' }],
  expectations: [
    { kind: 'clients-see', status: 200 },
    { kind: 'refusals-at-most', count: 24 },
  ],
};

test('a scenario runs over real sockets and is judged by what both sides saw', async () => {
  const progress: string[] = [];
  const result = await runScenario(briefly, (text) => progress.push(text));
  expect(judgeResult(briefly.expectations, result).filter(({ isMet }) => !isMet)).toEqual([]);
  expect(progress[0]).toMatch(/^briefly: \d/);
  const [first, second] = result.backends.map(({ calls }) => calls);
  const refused = first?.find(({ status }) => status === 429);
  expect(refused).toBeDefined();
  expect(second?.[0]?.atMs).toBeGreaterThan(refused?.atMs ?? Infinity);
});
