import { describe, expect, test } from 'vitest';
import {
  formatCount,
  formatCountdown,
  formatLatency,
  formatPercent,
  formatRate,
  formatSpan,
  joinNames,
} from './numbers.ts';

describe('numbers on the page', () => {
  test.each([
    [0, '0'],
    [940, '940'],
    [999.6, '1000'],
    [1000, '1k'],
    [6240, '6.2k'],
    [9960, '10k'],
    [62_400, '62k'],
    [999_400, '999k'],
    [999_600, '1M'],
    [1_500_000, '1.5M'],
    [80_000_000, '80M'],
  ])('a count of %s reads %s', (value, text) => expect(formatCount(value)).toBe(text));

  test.each([
    [0, '0'],
    [0.4, '0.4'],
    [7, '7'],
    [9.94, '9.9'],
    [9.96, '10'],
    [1234, '1.2k'],
  ])('a rate of %s reads %s', (value, text) => expect(formatRate(value)).toBe(text));

  test.each([
    [0, '0:00'],
    [1, '0:01'],
    [12_000, '0:12'],
    [59_001, '1:00'],
    [185_000, '3:05'],
  ])('a countdown of %s ms reads %s', (ms, text) => expect(formatCountdown(ms)).toBe(text));

  test.each([
    [400, '0 s'],
    [9000, '9 s'],
    [61_000, '1 min'],
    [3_600_000, '1 h'],
    [3_900_000, '1 h 5 min'],
    [86_400_000, '1 d'],
    [183_600_000, '2 d 3 h'],
  ])('a span of %s ms reads %s', (ms, text) => expect(formatSpan(ms)).toBe(text));

  test.each([
    [0, '0 ms'],
    [0.25, '0.25 ms'],
    [0.3, '0.3 ms'],
    [2, '2 ms'],
    [50.4, '50 ms'],
    [1250, '1.3 s'],
  ])('a latency of %s ms reads %s', (ms, text) => expect(formatLatency(ms)).toBe(text));

  test.each([
    [0, '0 %'],
    [0.004, '<1 %'],
    [0.38, '38 %'],
    [1, '100 %'],
  ])('a share of %s reads %s', (share, text) => expect(formatPercent(share)).toBe(text));

  test.each([
    [[], ''],
    [['a'], 'a'],
    [['a', 'b'], 'a and b'],
    [['a', 'b', 'c'], 'a, b and c'],
    [['a', 'b', 'c', 'd'], '4 backends'],
  ])('the names %j are joined as "%s"', (names, text) => expect(joinNames(names, 'backends')).toBe(text));
});
