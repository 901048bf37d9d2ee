import { expect, test } from 'vitest';
import { judgeResult } from './judge-result.ts';
import type { ClientAnswer, ScenarioResult } from './scenario-result.ts';
import type { Expectation } from './scenario.ts';

const answer = (
  atMs: number,
  status = 200,
  retryAfterSeconds?: number,
  retryAfterMs?: number,
): ClientAnswer => ({
  atMs,
  status,
  latencyMs: 1,
  backend: undefined,
  retryAfterSeconds,
  retryAfterMs,
});

type Calls = readonly (readonly [atMs: number, status: number | undefined])[];

function result(
  answers: readonly ClientAnswer[],
  first: Calls = [],
  second: Calls = [],
  errors = 0,
): ScenarioResult {
  const view = (name: string, priority: number, calls: Calls) => ({
    name,
    priority,
    calls: calls.map(([atMs, status]) => ({ atMs, status })),
  });
  return {
    clients: { answers, errors, latencyP50Ms: 1, latencyP99Ms: 2 },
    backends: [view('first', 1, first), view('second', 2, second)],
  };
}

function sharing(name: string, count: number): ScenarioResult['backends'][number] {
  return { name, priority: 1, calls: Array.from({ length: count }, () => ({ atMs: 0, status: 200 })) };
}

function halves(one: number, other: number): ScenarioResult {
  return { ...result([]), backends: [sharing('one', one), sharing('other', other)] };
}

const seen: Expectation = { kind: 'clients-see', status: 200, fromMs: 100, toMs: 200 };
const group: Expectation = { kind: 'only-group-called', priority: 1, toMs: 200 };
const nobody: Expectation = { kind: 'nobody-called', fromMs: 100, toMs: 200 };
const shares: Expectation = { kind: 'group-shares', priority: 1 };
const refusals: Expectation = { kind: 'refusals-at-most', count: 1 };
const duplicates: Expectation = { kind: 'duplicates-at-most', perThousand: 500 };
const honest: Expectation = { kind: 'honest-retry-after', recoveryMs: 3_000 };

test.each<[string, Expectation, ScenarioResult, boolean]>([
  ['all answers have the status', seen, result([answer(100), answer(199)]), true],
  ['an answer has another status', seen, result([answer(100), answer(150, 500)]), false],
  [
    'another status outside the stretch',
    seen,
    result([answer(99, 500), answer(100), answer(200, 500)]),
    true,
  ],
  ['no answer in the stretch', seen, result([answer(99), answer(200)]), false],
  ['only the group is called', group, result([], [[0, 200]]), true],
  ['another group is called too', group, result([], [[0, 200]], [[199, 200]]), false],
  ['another group is called later', group, result([], [[0, 200]], [[200, 200]]), true],
  ['the group is not called', group, result([]), false],
  ['nobody is called', nobody, result([], [[99, 200]], [[200, 200]]), true],
  ['somebody is called', nobody, result([], [[100, 429]]), false],
  ['one of a group gets nearly all', shares, halves(3, 1326), false],
  ['a group shares as chance has it', shares, halves(690, 640), true],
  ['nobody of a group is called', shares, halves(0, 0), false],
  ['as many refusals as allowed', refusals, result([], [[0, 429]], [[1, 200]]), true],
  ['too many refusals', refusals, result([], [[0, 429]], [[1, 429]]), false],
  [
    'as many duplicates as allowed',
    duplicates,
    result(
      [answer(1), answer(2)],
      [[0, 200]],
      [
        [1, 200],
        [2, undefined],
      ],
    ),
    true,
  ],
  ['too many duplicates', duplicates, result([answer(1)], [[0, 200]], [[1, undefined]]), false],
  ['no duplicates, as nobody was answered', duplicates, result([]), false],
  ['a 429 that tells the truth', honest, result([answer(1_000, 429, 2, 1_990)]), true],
  ['a 429 without Retry-After', honest, result([answer(1_000, 429, undefined, 1_990)]), false],
  ['a 429 without retry-after-ms', honest, result([answer(1_000, 429, 2)]), false],
  ['a 429 rounded down', honest, result([answer(1_000, 429, 1, 1_990)]), false],
  ['a 429 that comes too early', honest, result([answer(1_000, 429, 1, 1_000)]), false],
  ['no 429 at all', honest, result([answer(1_000)]), false],
])('an expectation of a scenario is judged when %s', (_case, expectation, run, expected) => {
  expect(judgeResult([expectation], run).at(-1)?.isMet).toBe(expected);
});

test('a transport error fails every scenario', () => {
  expect(judgeResult([], result([answer(0)], [], [], 1)).map(({ isMet }) => isMet)).toEqual([false]);
});
