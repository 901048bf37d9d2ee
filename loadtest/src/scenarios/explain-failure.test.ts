import { expect, test } from 'vitest';
import { explainFailure } from './explain-failure.ts';
import type { ScenarioResult } from './scenario-result.ts';
import type { Expectation } from './scenario.ts';

type Calls = readonly (readonly [atMs: number, status: number | undefined])[];

function resultOf(answers: Calls, east: Calls = [], west: Calls = []): ScenarioResult {
  const view = (name: string, priority: number, calls: Calls) => ({
    name,
    priority,
    calls: calls.map(([atMs, status]) => ({ atMs, status })),
  });
  return {
    clients: {
      answers: answers.map(([atMs, status]) => ({
        atMs,
        status: status ?? 0,
        latencyMs: 1,
        backend: status === 200 || status === 500 ? 'east' : undefined,
        retryAfterSeconds: undefined,
        retryAfterMs: undefined,
      })),
      errors: 0,
      latencyP50Ms: 1,
      latencyP99Ms: 1,
    },
    backends: [view('east', 1, east), view('west', 2, west)],
  };
}

const seen: Expectation = { kind: 'clients-see', status: 200, fromMs: 100 };
const group: Expectation = { kind: 'only-group-called', priority: 1, fromMs: 100 };

test.each<[string, Expectation, ScenarioResult, string | undefined]>([
  [
    'the first wrong answer, and the last trouble before it',
    seen,
    resultOf(
      [
        [50, 503],
        [120, 200],
        [130, 500],
        [140, 503],
      ],
      [
        [80, 429],
        [125, undefined],
      ],
      [[135, 500]],
    ),
    'the first was 500 from east at 0.13 s; before it came no answer by east at 0.13 s',
  ],
  [
    'a wrong answer of the gateway itself, without any trouble before it',
    seen,
    resultOf([[130, 503]], [[120, 200]]),
    'the first was 503 from the gateway itself at 0.13 s; no backend had failed before',
  ],
  ['that nobody was answered', seen, resultOf([[50, 200]]), 'no client was answered in this time'],
  [
    'the first call to another group, and what went before it',
    group,
    resultOf(
      [],
      [
        [90, 429],
        [110, 200],
      ],
      [
        [95, 200],
        [150, 200],
      ],
    ),
    'the first call elsewhere was 200 by west at 0.15 s; before it came 429 by east at 0.09 s',
  ],
  ['who was left out', group, resultOf([], [[90, 200]]), 'east got no call'],
  [
    'the first call where there should be none',
    { kind: 'nobody-called', fromMs: 100 },
    resultOf(
      [],
      [
        [90, 429],
        [200, 429],
      ],
      [[150, 200]],
    ),
    'the first call was 200 by west at 0.15 s',
  ],
  [
    'who refused how often, and when',
    { kind: 'refusals-at-most', count: 1 },
    resultOf(
      [],
      [
        [10, 429],
        [30, 429],
        [40, 200],
      ],
      [[20, 429]],
    ),
    'refused by east 2, west 1, from 0.01 s to 0.03 s',
  ],
  ['nothing, where the finding says it all', { kind: 'group-shares', priority: 1 }, resultOf([]), undefined],
])('a failure is explained by %s', (_, expectation, result, expected) => {
  expect(explainFailure(expectation, result)).toBe(expected);
});
