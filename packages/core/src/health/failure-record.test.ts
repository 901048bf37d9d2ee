import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { FailureRecord, failureShare } from './failure-record.ts';

/** Returns a record of these attempts at 0 ms: `+` succeeds, `-` fails. */
function recordOf(attempts: string): FailureRecord {
  const record = new FailureRecord();
  for (const attempt of attempts) {
    if (attempt === '+') record.succeed(0, 0);
    else record.fail(0);
  }
  return record;
}

const CEILING_MS = 300_000;
/** Starts a cooldown after an attempt that began and failed at this moment. */
const coolDown = (record: FailureRecord, nowMs: number, startedMs = nowMs, leastMs = 10_000) => {
  record.fail(nowMs);
  return record.coolDown(startedMs, leastMs, CEILING_MS, nowMs);
};

test.each([
  [0, 0, 0],
  [5, 0, 0],
  [0, 5, 0.5],
  [10, 5, 0.25],
  [90, 5, 0.05],
])('of %d successes and %d failures, %d counts as the share that fails', (successes, failures, share) => {
  expect(failureShare({ successes, failures })).toBe(share);
});

test('what is remembered is every attempt, as long as it is fresh', () => {
  expect(recordOf('++-+-').recall(0)).toEqual({ successes: 3, failures: 2 });
});

test('what is remembered fades with time, failures and successes alike', () => {
  const { successes, failures } = recordOf('++++--').recall(20_000);
  expect(successes).toBeCloseTo(4 / Math.E);
  expect(failures).toBeCloseTo(2 / Math.E);
});

test('what is remembered settles at what twenty seconds bring, at whatever rate', () => {
  fc.assert(
    fc.property(fc.integer({ min: 5, max: 1000 }), (everyMs) => {
      const record = new FailureRecord();
      for (let nowMs = 0; nowMs < 200_000; nowMs += everyMs) record.succeed(nowMs, nowMs);
      const { successes } = record.recall(200_000);
      expect(successes / (20_000 / everyMs)).toBeCloseTo(1, 1);
    }),
    { numRuns: 20 },
  );
});

test('what is remembered does not grow when a clock goes back', () => {
  const record = recordOf('++');
  record.recall(1000);
  expect(record.recall(500).successes).toBeLessThan(2);
});

test.each([
  ['', 0],
  ['+', 0],
  ['---', 3],
  ['--+--', 2],
  ['--+', 0],
])('failures in a row after %j are %d', (attempts, consecutiveFailures) => {
  expect(recordOf(attempts).failuresInARow).toBe(consecutiveFailures);
});

test('failures in a row mean that it fails, until they are long ago', () => {
  expect(recordOf('+').isFailing(0)).toBe(false);
  expect(recordOf('-+').isFailing(0)).toBe(false);
  expect(recordOf('-').isFailing(19_999)).toBe(true);
  expect(recordOf('-').isFailing(20_000)).toBe(false);
});

test.each<[string, string, number, number]>([
  ['is none of what was never asked', '', 0, 0],
  ['is none of what only succeeded', '+++', 0, 0],
  ['is certain after a failure', '+++-', 0, 1],
  ['is halved by one success since', '+++-+', 0, 0.5],
  ['falls with every success since', `-${'+'.repeat(99)}`, 0, 0.01],
  ['is the share that fails, if that is more', `${'-'.repeat(5)}${'+'.repeat(10)}`, 0, 0.25],
  ['is the share that fails once the last failure is long ago', '-', 20_000, 1 / Math.E / (1 / Math.E + 5)],
])('the chance of a failure %s', (_, attempts, nowMs, chance) => {
  expect(recordOf(attempts).chanceOfFailure(nowMs)).toBeCloseTo(chance);
});

test('a cooldown lasts as long as it must, and twice as long each time its probe fails, up to the ceiling', () => {
  const record = new FailureRecord();
  const durations: number[] = [];
  let nowMs = 0;
  for (let time = 0; time < 7; time++) {
    const durationMs = coolDown(record, nowMs);
    durations.push(durationMs);
    nowMs += durationMs;
  }
  expect(durations).toEqual([10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000]);
});

test('a cooldown is at least as long as the backend asks for', () => {
  const record = new FailureRecord();
  expect(coolDown(record, 0, 0, 1000)).toBe(1000);
  expect(coolDown(record, 1000, 1000, 30_000)).toBe(60_000);
});

test('a cooldown grows by what has begun after the last one, however long it took to fail', () => {
  const record = new FailureRecord();
  coolDown(record, 0);
  expect(coolDown(record, 110_000, 10_000)).toBe(20_000);
});

test.each([
  ['before it', -5],
  ['within it', 5000],
])('a cooldown is the same as that of an attempt that began %s', (_, startedMs) => {
  const record = new FailureRecord();
  coolDown(record, 0);
  for (let time = 0; time < 50; time++) expect(coolDown(record, 9000, startedMs)).toBe(10_000);
  // But the cooldown is counted from the last failure.
  expect(record.isOfCooldown(18_999)).toBe(true);
  expect(record.isOfCooldown(19_000)).toBe(false);
});

test('a cooldown that a success has cut short does not grow before it would have been over', () => {
  const record = new FailureRecord();
  coolDown(record, 0);
  record.succeed(1000, 1000);
  expect(coolDown(record, 2000)).toBe(10_000);
  expect(coolDown(record, 12_000)).toBe(20_000);
});

test('a cooldown is forgiven after ten times as long without another', () => {
  const almost = new FailureRecord();
  coolDown(almost, 0);
  almost.succeed(10_000, 10_000);
  expect(coolDown(almost, 109_999)).toBe(20_000);

  const record = new FailureRecord();
  coolDown(record, 0);
  record.succeed(10_000, 10_000);
  expect(coolDown(record, 110_000)).toBe(10_000);
});

test('a cooldown is forgiven after no more than the ceiling', () => {
  const record = new FailureRecord();
  coolDown(record, 0, 0, 200_000);
  expect(coolDown(record, 500_000, 500_000)).toBe(10_000);
});

test('a cooldown is none before the first', () => {
  const record = recordOf('--');
  expect(record.isOfCooldown(0)).toBe(false);
  expect(record.isInRotation(0)).toBe(true);
});

test('what cools down is out until a success, or until nobody has asked for long', () => {
  const record = new FailureRecord();
  coolDown(record, 0);
  expect(record.isInRotation(29_999)).toBe(false);
  expect(record.isInRotation(30_000)).toBe(true);
  record.succeed(10_000, 10_001);
  expect(record.isInRotation(10_001)).toBe(true);
  expect(record.isOfCooldown(5000)).toBe(false);
});

test('what cools down does not return by an attempt that began before it failed', () => {
  const record = new FailureRecord();
  coolDown(record, 10);
  record.succeed(9, 20);
  expect(record.isInRotation(20)).toBe(false);
  expect(record.failuresInARow).toBe(1);
});

test('what cools down returns with a clean slate', () => {
  const record = recordOf('+++--------');
  coolDown(record, 0);
  record.succeed(10_000, 10_000);
  expect(record.recall(10_000)).toEqual({ successes: 1, failures: 0 });
});

test('whatever happens, a cooldown lies between what it must be and the ceiling, and at most doubles', () => {
  const step = fc.record({
    does: fc.constantFrom('succeed', 'fail', 'cool down'),
    agoMs: fc.nat(20_000),
    elapsedMs: fc.nat(60_000),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const record = new FailureRecord();
      let [nowMs, lastMs] = [0, 10_000];
      for (const { does, agoMs, elapsedMs } of steps) {
        nowMs += elapsedMs;
        if (does === 'succeed') record.succeed(nowMs - agoMs, nowMs);
        if (does === 'fail') record.fail(nowMs);
        if (does !== 'cool down') continue;
        const durationMs = coolDown(record, nowMs, nowMs - agoMs);
        expect(durationMs).toBeGreaterThanOrEqual(10_000);
        expect(durationMs).toBeLessThanOrEqual(Math.min(2 * lastMs, CEILING_MS));
        expect(record.isOfCooldown(nowMs)).toBe(true);
        lastMs = durationMs;
      }
    }),
  );
});
