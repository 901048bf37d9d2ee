import { expect, test } from 'vitest';
import { readRateReport } from '../azure/quota-headers.ts';
import { Agenda } from '../testing/agenda.ts';
import { seededRandom } from '../testing/make-random.ts';
import { ProvisionedBackend } from '../testing/provisioned-backend.ts';
import { UtilizationGauge } from './utilization-gauge.ts';

const DRAIN_MS = 60_000;
const TRAVEL_MS = 20;
const SIZE = 100_000;

interface Load {
  readonly meanTokens: number;
  /** As a share of the drain. */
  readonly load: number;
  /** The level at the beginning. */
  readonly others?: number;
  readonly answerMs?: number;
  /** The share of each request that it turns out not to take. */
  readonly givenBack?: number;
}

/**
 * Sends requests where there seems to be room, for four minutes. Returns how wrong the gauge was after the first half.
 */
const drive = ({ meanTokens, load, others = 0, answerMs = 1000, givenBack = 0 }: Load) => {
  const random = seededRandom(1);
  const agenda = new Agenda();
  const [gauge, backend] = [new UtilizationGauge(DRAIN_MS, undefined), new ProvisionedBackend(SIZE, others)];
  const came = { sent: 0, refusedLate: 0, errors: [] as number[] };
  const send = (tokens: number, sentMs: number) => {
    const mark = gauge.charge(tokens, sentMs);
    came.sent++;
    agenda.add(sentMs + TRAVEL_MS * random(), (arrivedMs) => {
      const { outcome, header } = backend.judge(tokens, arrivedMs);
      const isTaken = outcome.kind === 'succeeded';
      agenda.add(arrivedMs + random() * (isTaken ? 2 * answerMs : TRAVEL_MS), (nowMs) => {
        const difference = isTaken ? -tokens * givenBack : -tokens;
        if (!isTaken && nowMs > DRAIN_MS) came.refusedLate++;
        if (!isTaken) gauge.correct(mark, difference, nowMs);
        gauge.observe(mark, readRateReport(header).utilization ?? Number.NaN, nowMs);
        if (!isTaken || difference === 0) return;
        backend.pour(difference, nowMs);
        gauge.correct(mark, difference, nowMs);
      });
    });
  };
  const next = (nowMs: number) => {
    if (nowMs > 120_000) came.errors.push(Math.abs(gauge.levelAt(nowMs) - backend.levelAt(nowMs)));
    if (gauge.belowAtMs(1, nowMs) <= nowMs) send(Math.ceil(meanTokens * (0.1 + 1.8 * random())), nowMs);
    const gapMs = (DRAIN_MS * meanTokens) / (SIZE * load);
    const nextMs = nowMs - Math.log(1 - random()) * gapMs;
    if (nextMs < 240_000) agenda.add(nextMs, next);
  };
  agenda.add(0, next);
  agenda.run();
  came.errors.sort((a, b) => a - b);
  return { ...came, p95: came.errors[Math.floor(came.errors.length * 0.95)] };
};

test.each<[string, Load]>([
  ['small requests below its throughput', { meanTokens: 100, load: 0.8 }],
  ['small requests beyond its throughput', { meanTokens: 100, load: 2 }],
  ['large requests beyond its throughput', { meanTokens: 2000, load: 2 }],
  ['answers that take long', { meanTokens: 1000, load: 2, answerMs: 10_000 }],
  ['answers that take less than was asked for', { meanTokens: 1000, load: 2, givenBack: 0.4 }],
  ['a bucket that others had filled before', { meanTokens: 200, load: 2, others: 0.9 * SIZE }],
  ['a bucket that was over before', { meanTokens: 1000, load: 2, others: 1.3 * SIZE }],
])(
  'a leaky bucket of unknown size is followed within 0.02 of the whole, and hardly ever refuses once its size is learned: %s',
  (_, load) => {
    const { sent, refusedLate, p95 } = drive(load);
    expect(p95).toBeLessThan(0.02);
    expect(refusedLate / sent).toBeLessThan(0.02);
  },
);

test('of a leaky bucket of unknown size, what drains beyond the first minute is used up, and little more is held back', () => {
  const { sent } = drive({ meanTokens: 500, load: 2 });
  // It takes its size at the beginning, and as much again in each of four minutes.
  expect(sent * 500).toBeGreaterThan(4.8 * SIZE);
});

test('the level is put right once by what was told, however many answers were under way', () => {
  const gauge = new UtilizationGauge(DRAIN_MS, SIZE);
  const marks = Array.from({ length: 20 }, () => gauge.charge(0, 0));
  for (const mark of marks) gauge.observe(mark, 0.5, 0);
  expect(gauge.levelAt(0)).toBe(0.5);
  const late = gauge.charge(10_000, 0);
  gauge.observe(late, 0.6, 0);
  expect(gauge.levelAt(0)).toBeCloseTo(0.6);
});

test('the level counts what is under way, and drains by all of it in a minute', () => {
  const gauge = new UtilizationGauge(DRAIN_MS, SIZE);
  gauge.charge(40_000, 0);
  expect(gauge.levelAt(0)).toBe(0.4);
  gauge.charge(20_000, 6000);
  expect(gauge.levelAt(6000)).toBeCloseTo(0.5);
  expect(gauge.levelAt(36_000)).toBeCloseTo(0);
  expect(gauge.levelAt(90_000)).toBe(0);
});

test('the level falls by what an answer gives back', () => {
  const gauge = new UtilizationGauge(DRAIN_MS, SIZE);
  const mark = gauge.charge(40_000, 0);
  gauge.correct(mark, -30_000, 0);
  expect(gauge.levelAt(0)).toBeCloseTo(0.1);
});

test('the level is not changed by an answer that is older than another', () => {
  const gauge = new UtilizationGauge(DRAIN_MS, SIZE);
  const [older, newer] = [gauge.charge(0, 0), gauge.charge(0, 1000)];
  gauge.observe(newer, 0.3, 2000);
  const level = gauge.levelAt(3000);
  gauge.observe(older, 0.9, 3000);
  expect(gauge.levelAt(3000)).toBe(level);
});

test('the level is not known to be told before an answer has told it', () => {
  const gauge = new UtilizationGauge(DRAIN_MS, undefined);
  const mark = gauge.charge(1000, 0);
  expect([gauge.isTold, gauge.levelAt(0)]).toEqual([false, 0]);
  gauge.observe(mark, 0, 10);
  expect(gauge.isTold).toBe(true);
});

test('the level says when it will have drained to a share', () => {
  const gauge = new UtilizationGauge(DRAIN_MS, SIZE);
  gauge.charge(120_000, 0);
  const roomMs = gauge.belowAtMs(1, 0);
  expect(gauge.levelAt(roomMs)).toBeLessThanOrEqual(1);
  expect(gauge.levelAt(roomMs)).toBeGreaterThan(0.99);
  expect(gauge.belowAtMs(1, roomMs + 1)).toBe(roomMs + 1);
  expect(gauge.belowAtMs(0.5, roomMs)).toBeGreaterThan(roomMs + 25_000);
});

/** Reports the level of a real bucket, with a request of no tokens. */
const look = (gauge: UtilizationGauge, backend: ProvisionedBackend, nowMs: number) =>
  gauge.observe(gauge.charge(0, nowMs), backend.levelAt(nowMs), nowMs);

test('what others pour in is believed for three minutes after the last that was told, and then it drains as it does alone', () => {
  const [gauge, backend] = [new UtilizationGauge(DRAIN_MS, SIZE), new ProvisionedBackend(SIZE, 0.3 * SIZE)];
  for (let nowMs = 0; nowMs <= 10_000; nowMs += 1000) {
    look(gauge, backend, nowMs);
    backend.pour(0.09 * SIZE, nowMs);
  }
  const roomMs = gauge.belowAtMs(0.5, 10_000);
  expect(gauge.levelAt(40_000)).toBeGreaterThan(0.8);
  expect(roomMs).toBeLessThan(10_000 + DRAIN_MS * 4);
  expect(gauge.levelAt(roomMs)).toBeLessThanOrEqual(0.5);
  expect(gauge.levelAt(roomMs - 1000)).toBeGreaterThan(0.5);
  expect(gauge.levelAt(10_000 + DRAIN_MS * 4 + 1000)).toBe(0);
});

test('what others pour in is not taken for what we have poured in ourselves, as long as its size is not known', () => {
  const [gauge, backend] = [new UtilizationGauge(DRAIN_MS, undefined), new ProvisionedBackend(SIZE)];
  backend.pour(0.3 * SIZE, 0);
  look(gauge, backend, 0);
  const mark = gauge.charge(80_000, 10_000);
  backend.pour(80_000, 10_000);
  gauge.observe(mark, backend.levelAt(10_000), 10_000);
  for (const nowMs of [10_000, 20_000, 40_000])
    expect(gauge.levelAt(nowMs)).toBeCloseTo(backend.levelAt(nowMs));
});

test('a request that asks for more than everything counts as no more than the whole', () => {
  const gauge = new UtilizationGauge(DRAIN_MS, SIZE);
  const mark = gauge.charge(1e9, 0);
  expect(gauge.levelAt(0)).toBe(1);
  expect(gauge.levelAt(30_000)).toBe(0.5);
  gauge.correct(mark, 500 - mark.tokens, 30_000);
  expect(gauge.levelAt(30_000)).toBe(0);
});

test('an answer that took more than the whole, as others have made it seem small, counts as no more than the whole', () => {
  const gauge = new UtilizationGauge(DRAIN_MS, undefined);
  gauge.observe(gauge.charge(200, 0), 0.05, 500);
  // Others have poured in half of it since, so 200 tokens seem to be that much.
  gauge.observe(gauge.charge(200, 2000), 0.55, 2500);
  const mark = gauge.charge(16_000, 10_000);
  gauge.observe(mark, 0.6, 10_500);
  gauge.correct(mark, 15_500 - mark.tokens, 12_000);
  expect(gauge.levelAt(12_000)).toBeLessThan(1.6);
  expect(gauge.levelAt(130_000)).toBe(0);
});

test('whatever is reported to be in use, it is worth another look after minutes, not days', () => {
  const gauge = new UtilizationGauge(DRAIN_MS, SIZE);
  gauge.observe(gauge.charge(100, 0), 10_000, 0);
  expect(gauge.levelAt(60_000)).toBeGreaterThan(3);
  expect(gauge.belowAtMs(1, 60_000)).toBeLessThan(6 * DRAIN_MS);
});
