import { expect, test } from 'vitest';
import { seededRandom } from '../testing/make-random.ts';
import { ResponseTimes } from './response-times.ts';

function timesOf(count: number, msOf: (index: number) => number): ResponseTimes {
  const times = new ResponseTimes();
  for (let index = 0; index < count; index++) times.note(msOf(index));
  return times;
}

test('nothing is late as long as next to nothing is known', () => {
  expect(timesOf(19, () => 10).hedgeAfterMs).toBeUndefined();
  expect(timesOf(20, () => 10).hedgeAfterMs).toBe(1000);
});

test('where answers take seconds, late is several times as long', () => {
  const ms = timesOf(2000, () => 4000).hedgeAfterMs;
  expect(ms).toBeGreaterThanOrEqual(12_000);
  expect(ms).toBeLessThan(15_000);
});

test('where one in two hundred takes a minute, late is longer than that', () => {
  expect(timesOf(3000, (index) => (index % 200 === 0 ? 60_000 : 500)).hedgeAfterMs).toBeGreaterThan(60_000);
});

test('where little is known, late is much longer than anything that was seen', () => {
  const few = timesOf(50, () => 2000).hedgeAfterMs!;
  expect(few).toBeGreaterThan(10_000);
  expect(timesOf(1000, () => 2000).hedgeAfterMs).toBeLessThan(few / 1.5);
});

test('what took long once is forgotten after some thousand answers', () => {
  const times = timesOf(50, () => 60_000);
  for (let index = 0; index < 60_000; index++) times.note(100);
  expect(times.hedgeAfterMs).toBe(1000);
});

test('of times that are spread as a model’s are, no more than one in a thousand is late', () => {
  const random = seededRandom(5);
  const spread = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  for (const sigma of [0.3, 0.6, 1]) {
    const times = new ResponseTimes();
    let late = 0;
    for (let index = 0; index < 50_000; index++) {
      const ms = 800 * Math.exp(sigma * spread());
      if (ms > (times.hedgeAfterMs ?? Number.POSITIVE_INFINITY)) late++;
      times.note(ms);
    }
    expect(late).toBeLessThanOrEqual(50);
  }
});

test.each([
  [0.002, 20_000, 300_000],
  [0.003, 30_000, 180_000],
  [0.005, 5000, 600_000],
])(
  'where a few are much longer than the others, each by its own measure, no more than one in a thousand is late: %s from %s to %s ms',
  (share, fromMs, toMs) => {
    const random = seededRandom(5);
    const times = new ResponseTimes();
    let late = 0;
    for (let index = 0; index < 200_000; index++) {
      const isLong = random() < share;
      const ms = isLong ? fromMs * (toMs / fromMs) ** random() : 300 + 400 * random();
      if (ms > (times.hedgeAfterMs ?? Number.POSITIVE_INFINITY)) late++;
      times.note(ms);
    }
    expect(late).toBeLessThanOrEqual(200);
  },
);

test('times out of all bounds are taken, too', () => {
  expect(timesOf(100, (index) => (index % 2 === 0 ? 0 : 1e12)).hedgeAfterMs).toBeGreaterThan(900_000);
});
