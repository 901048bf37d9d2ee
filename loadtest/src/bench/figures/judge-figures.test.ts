import { expect, test } from 'vitest';
import { judgeMemory, judgeRequests, judgeScrapes, judgeStart, judgeStreams } from './judge-figures.ts';

const requests = (name: string, cpuMicros: number[], failed = 0, chat = 'short') => ({
  name,
  chat,
  cpuMicros,
  requestsPerSecond: [],
  failed,
});

test.each([
  ['at the limit', [48, 48], 0, [true, true]],
  ['above the limit', [49, 49], 0, [false, true]],
  ['with a failed request', [40, 40], 1, [true, false]],
])('the bench judges the requests of a gateway %s', (_case, cpuMicros, failed, expected) => {
  const verdicts = judgeRequests([requests('gateway', cpuMicros, failed), requests('bare', [40, 40])]);
  expect(verdicts.map(({ isMet }) => isMet)).toEqual(expected);
});

test('the bench judges every configuration of the gateway, and what is sent, against what the yardstick takes for the same', () => {
  const verdicts = judgeRequests([
    requests('gateway', [50], 0, 'short'),
    requests('gateway', [120], 0, 'long'),
    requests('all on', [60], 0, 'short'),
    requests('all on', [140], 0, 'long'),
    requests('clients', [50], 0, 'short'),
    requests('clients', [120], 0, 'long'),
    requests('bare', [40], 0, 'short'),
    requests('bare', [100], 0, 'long'),
    requests('nginx', [400], 0, 'long'),
  ]);
  expect(verdicts.map(({ claim, found }) => [claim, found])).toEqual([
    ['gateway: CPU per request of short at most 1.2 x bare', '1.25'],
    ['all on: CPU per request of short at most 1.35 x bare', '1.50'],
    ['clients: CPU per request of short at most 1.3 x bare', '1.25'],
    ['gateway: CPU per request of long at most 1.2 x bare', '1.20'],
    ['all on: CPU per request of long at most 1.35 x bare', '1.40'],
    ['clients: CPU per request of long at most 1.3 x bare', '1.20'],
    ['every request answered with 200', '0 failed'],
  ]);
});

test.each([
  ['flat', 1024, 0, true],
  ['shrinking', -50_000_000, 0, true],
  ['growing', 50_000_000, 0, false],
  ['failing', 0, 1, false],
])('the bench judges memory that is %s', (_case, grownBytes, failed, expected) => {
  const [verdict] = judgeMemory({ requests: 100_000, residentBytes: [], grownBytes, failed });
  expect(verdict?.isMet).toBe(expected);
});

const streams = (name: string, fullCpu: number, halfCpu: number, bytes: number, gapMs = 100, broken = 0) => {
  const round = { busy: 1, residentBytes: 0, delivered: 1, gapP99Ms: gapMs, gapMaxMs: gapMs, broken };
  return {
    name,
    full: [{ ...round, cpuMicrosPerEvent: fullCpu }],
    half: [{ ...round, cpuMicrosPerEvent: halfCpu }],
    residentBytesPerStream: [bytes],
  };
};

test.each([
  ['all well', streams('gateway', 25, 31, 91_000), [true, true, true, true]],
  ['too much CPU', streams('gateway', 26, 25, 91_000), [false, true, true, true]],
  ['too much CPU that a full core hid', streams('gateway', 20, 32, 91_000), [true, false, true, true]],
  ['too much memory', streams('gateway', 20, 25, 92_000), [true, true, false, true]],
  ['a silent stream', streams('gateway', 20, 25, 70_000, 1_500), [true, true, true, false]],
  ['more memory than it may have with all on', streams('all on', 20, 25, 106_000), [true, true, false, true]],
  ['as much memory as it may have with all on', streams('all on', 20, 25, 105_000), [true, true, true, true]],
  ['a broken stream', streams('gateway', 20, 25, 70_000, 100, 1), [true, true, true, false]],
])('the bench judges the streams of a gateway: %s', (_case, gateway, expected) => {
  const verdicts = judgeStreams([gateway, streams('bare', 20, 25, 70_000)]);
  expect(verdicts.map(({ isMet }) => isMet)).toEqual(expected);
});

const MB = 1024 * 1024;

test.each([
  ['at both limits', [150, 100, 200], 130 * MB, 0, [true, true]],
  ['that starts late', [151, 151, 100], 130 * MB, 0, [false, true]],
  ['that is heavy', [100], 131 * MB, 0, [true, false]],
  ['whose first request failed', [100], 100 * MB, 1, [false, true]],
])('the bench judges the start of a gateway %s', (_case, elapsedMs, residentBytes, failed, expected) => {
  const verdicts = judgeStart([{ name: 'gateway', elapsedMs, cpuMs: [], residentBytes, failed }]);
  expect(verdicts.map(({ isMet }) => isMet)).toEqual(expected);
});

test.each([
  ['at the limits', 1200, 20, 21, 0, [true, true]],
  ['that keeps the gateway busy for too long', 1200, 21, 21, 0, [false, true]],
  ['of too few series', 1199, 20, 21, 0, [false, true]],
  ['that requests wait for', 1200, 20, 22, 0, [true, false]],
  ['beside requests that fail', 1200, 20, 21, 1, [true, false]],
])('the bench judges a scrape %s', (_case, series, cpuMs, besideMs, failed, expected) => {
  const round = { cpuMs, scrapesMs: [], besideMs: [besideMs], calmMs: [1], failed };
  const disturbed = { ...round, cpuMs: 90, besideMs: [90] };
  const verdicts = judgeScrapes({ series, rounds: [round, disturbed, round] });
  expect(verdicts.map(({ isMet }) => isMet)).toEqual(expected);
});
