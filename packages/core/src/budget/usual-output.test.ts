import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { UsualOutput } from './usual-output.ts';

const noted = (answers: readonly number[]) => {
  const usual = new UsualOutput();
  for (const tokens of answers) usual.note(tokens);
  return usual.tokens;
};

test('before twenty answers are known a thousand tokens are usual', () => {
  expect([noted([]), noted(Array.from({ length: 19 }, () => 5))]).toEqual([1000, 1000]);
});

test('whatever answers come, at least 95 of 100 are no longer, and no more than a fifth is added to one of them', () => {
  const answers = fc.array(fc.nat(100_000), { minLength: 20, maxLength: 300, size: 'max' });
  fc.assert(
    fc.property(answers, (some) => {
      const all = some.slice(0, some.length - (some.length % 10));
      const tokens = noted(all);
      const sorted = all.toSorted((one, other) => one - other);
      const quantile = sorted[Math.ceil(all.length * 0.95) - 1]!;
      expect([quantile <= tokens, tokens <= (quantile + 1) * 1.2]).toEqual([true, true]);
    }),
  );
});

test('a client whose answers become longer or shorter is followed', () => {
  const long = Array.from({ length: 5000 }, () => 8000);
  const short = Array.from({ length: 5000 }, () => 50);
  const [shorter, longer] = [noted([...long, ...short]), noted([...short, ...long])];
  expect([shorter >= 50 && shorter <= 61, longer >= 8000 && longer <= 9602]).toEqual([true, true]);
});
