import { expect, test } from 'vitest';
import type { Figure } from '@spillway/simulation';
import { compareReports, renderComparison } from './compare-reports.ts';
import type { Report } from './report.ts';
import type { Verdict } from './verdict.ts';

function reportOf(figures: readonly Figure[], verdicts: readonly Verdict[] = [], name = 'normal'): Report {
  const runs = [{ name, shows: '', figures, verdicts, charts: [] }];
  return { version: 1, kind: 'scenarios', title: '', madeAt: '2026-01-02', charts: [], runs };
}

const latency = (value: number | null): Figure => ({ name: 'p99', value, unit: 'ms', better: 'lower' });
const served = (value: number): Figure => ({ name: 'served', value, unit: '%', better: 'higher' });

test.each<[string, Figure, Figure, 'better' | 'worse' | 'same']>([
  ['a latency that rose', latency(20), latency(30), 'worse'],
  ['a latency that fell', latency(30), latency(20), 'better'],
  ['a share that rose', served(50), served(90), 'better'],
  ['a share that fell', served(90), served(50), 'worse'],
  ['a tenth, which is noise', latency(90), latency(100), 'same'],
  ['more than a tenth', latency(89), latency(100), 'worse'],
  ['none before, some now', latency(0), latency(1), 'worse'],
  ['none before and none now', latency(0), latency(0), 'same'],
  ['nothing to measure before', latency(null), latency(5), 'same'],
  [
    'a number that is neither good nor bad',
    { ...served(1), better: undefined },
    { ...served(9), better: undefined },
    'same',
  ],
])('%s is found to be what it is: %j, %j', (_, before, now, expected) => {
  const { better, worse } = compareReports(reportOf([before]), reportOf([now]));
  const found = better.length > 0 ? 'better' : worse.length > 0 ? 'worse' : 'same';
  expect([found, better.length + worse.length]).toEqual([expected, expected === 'same' ? 0 : 1]);
});

const verdict = (isMet: boolean, found: string): Verdict => ({ claim: 'no 429', isMet, found });

test('expectations that turned are named before figures, with what was found then and now', () => {
  const old = reportOf([latency(20)], [verdict(true, '0')]);
  const now = reportOf([latency(40)], [verdict(false, '7')]);
  expect(renderComparison(compareReports(old, now)).split('\n')).toEqual([
    'compared with 2026-01-02',
    'worse:',
    '  normal, no 429: met (0) -> failed (7)',
    '  normal, p99: 20 ms -> 40 ms',
    'better: nothing',
  ]);
  expect(compareReports(now, old).better.map(({ name }) => name)).toEqual(['no 429', 'p99']);
});

test('runs that only one of two reports has are named, not compared', () => {
  const { unmatched, better, worse } = compareReports(reportOf([], [], 'old'), reportOf([], [], 'new'));
  expect({ unmatched, better, worse }).toEqual({
    unmatched: ['new (new)', 'old (only before)'],
    better: [],
    worse: [],
  });
});

test('figures and expectations that only one of two reports has, or has in another unit, are named, not compared', () => {
  const old = reportOf([latency(20), served(90), { ...latency(1), name: 'gone' }], [verdict(true, '0')]);
  const now = reportOf(
    [latency(null), { ...served(0.9), unit: '' }, { ...latency(1), name: 'added' }],
    [{ ...verdict(true, '0'), claim: 'no 503' }],
  );
  const { unmatched, better, worse } = compareReports(old, now);
  expect({ better, worse }).toEqual({ better: [], worse: [] });
  expect(unmatched).toEqual([
    'normal, no 503 (new)',
    'normal, no 429 (only before)',
    'normal, added (new)',
    'normal, gone (only before)',
    'normal, p99 (20 ms -> –)',
    'normal, served (90 % -> 0.90)',
  ]);
  expect(renderComparison(compareReports(old, now))).toContain('not compared: normal, no 503 (new), ');
});
