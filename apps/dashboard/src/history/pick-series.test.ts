import { expect, test } from 'vitest';
import { makeSnapshot } from '../testing/make-snapshot.ts';
import { MAX_SERIES, pickSeries } from './pick-series.ts';
import { RateHistory } from './rate-history.ts';

function historyOf(count: number): { history: RateHistory; names: string[] } {
  const backends = Array.from({ length: count }, (_, place) => ({
    name: `b${place}`,
    requestsPerSecond: place,
  }));
  const history = new RateHistory();
  history.note(makeSnapshot({ backends }));
  return { history, names: backends.map(({ name }) => name) };
}

test('each of a few backends is shown by itself, in the order of the configuration', () => {
  const { history, names } = historyOf(MAX_SERIES);
  expect(pickSeries(history, names, 60).map(({ label, place }) => [label, place])).toEqual(
    names.map((name, place) => [name, place]),
  );
});

test('of many backends the busiest are shown by themselves, and all others together', () => {
  const { history, names } = historyOf(200);
  const picked = pickSeries(history, names, 60);
  expect(picked).toHaveLength(MAX_SERIES);
  expect(picked.map(({ place }) => place)).toEqual([...names.keys()].slice(189).concat(undefined as never));
  expect(picked.at(-1)).toMatchObject({ label: '189 others' });
  // The displayed series add up to the total.
  const shown = picked.reduce((sum, one) => sum + (history.sumOf(one.names, 1)[0] ?? 0), 0);
  expect(shown).toBe((199 * 200) / 2);
});
