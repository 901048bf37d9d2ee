import { expect, test } from 'vitest';
import { makeSnapshot } from '../testing/make-snapshot.ts';
import { describeHistory } from './describe-history.ts';
import { HISTORY_S, RateHistory } from './rate-history.ts';
import { anyOf, meanOf, spansOf } from './spans.ts';

const START_S = 1_790_000_000;

function note(
  history: RateHistory,
  second: number,
  rate: number,
  state: 'available' | 'throttled' = 'available',
) {
  history.note(
    makeSnapshot({
      atMs: (START_S + second) * 1000,
      backends: [{ name: 'eastus', requestsPerSecond: rate, state }],
    }),
  );
}

test('rates come back second by second, and seconds without a snapshot are told from seconds without traffic', () => {
  const history = new RateHistory();
  note(history, 0, 1);
  note(history, 1, 0);
  note(history, 4, 3);
  expect(history.ratesOf('eastus', 6)).toEqual([Number.NaN, 1, 0, Number.NaN, Number.NaN, 3]);
  expect(history.seenS).toBe(5);
});

test('what is older than the ring is forgotten', () => {
  const history = new RateHistory();
  for (let second = 0; second < 2 * HISTORY_S; second++) note(history, second, second);
  const rates = history.ratesOf('eastus', HISTORY_S);
  expect(rates.length).toBe(HISTORY_S);
  expect([rates[0], rates.at(-1)]).toEqual([HISTORY_S, 2 * HISTORY_S - 1]);
  expect(history.seenS).toBe(HISTORY_S);
});

test('two snapshots of one second count once, as the later of them', () => {
  const history = new RateHistory();
  note(history, 0, 1);
  note(history, 0, 2);
  expect(history.ratesOf('eastus', 1)).toEqual([2]);
});

test.each([-3600, 3600 * 24])('a clock that jumps by %s s begins anew', (jumpS) => {
  const history = new RateHistory();
  note(history, 0, 1);
  note(history, jumpS, 7);
  expect(history.ratesOf('eastus', 3)).toEqual([Number.NaN, Number.NaN, 7]);
  expect(history.seenS).toBe(1);
});

test('a backend that is not configured any more is forgotten', () => {
  const history = new RateHistory();
  note(history, 0, 1);
  history.note(makeSnapshot({ atMs: (START_S + 1) * 1000, backends: [{ name: 'other' }] }));
  expect(history.names).toEqual(['other']);
});

test('cooldowns are kept as stretches of seconds', () => {
  const history = new RateHistory();
  for (let second = 0; second < 8; second++)
    note(history, second, 1, second >= 2 && second < 5 ? 'throttled' : 'available');
  expect(spansOf(history.cooldownsOf('eastus', 8))).toEqual([{ from: 2, to: 5 }]);
});

test.each([
  [[], []],
  [[false], []],
  [[true], [{ from: 0, to: 1 }]],
  [
    [true, true, false, true],
    [
      { from: 0, to: 2 },
      { from: 3, to: 4 },
    ],
  ],
])('the stretches of %j are %j', (flags, spans) => expect(spansOf(flags)).toEqual(spans));

test('flags of several are joined second by second', () => {
  expect(anyOf([])).toEqual([]);
  expect(
    anyOf([
      [true, false, false],
      [false, false, true],
    ]),
  ).toEqual([true, false, true]);
});

test('a mean leaves out what was not seen', () => {
  expect(meanOf([1, Number.NaN, 3])).toBe(2);
  expect(meanOf([Number.NaN])).toBeUndefined();
});

test('what the chart shows is told in a sentence, the largest first', () => {
  const history = new RateHistory();
  expect(describeHistory(history, ['eastus'], 120)).toBe(
    'In the last 0 s no requests were served. None was throttled or cooling.',
  );
  const names = ['a', 'b', 'c', 'd', 'e', 'f'];
  for (let second = 0; second < 60; second++) {
    const state = second < 15 ? ('throttled' as const) : ('available' as const);
    const backends = names.map((name, place) => ({
      name,
      requestsPerSecond: place,
      ...(place === 0 && { state }),
    }));
    history.note(makeSnapshot({ atMs: (START_S + second) * 1000, backends }));
  }
  expect(describeHistory(history, names, 120)).toBe(
    'In the last 1 min, of 15 req/s: f 33 %, e 27 %, d 20 %, c 13 %, 1 more. Throttled or cooling: a for 15 s.',
  );
});
