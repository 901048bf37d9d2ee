import { expect, test } from 'vitest';
import { UsageRefusals } from './usage-refusals.ts';

test('a deployment that refused to report its usage is not asked again, in whatever capitals', () => {
  const refusals = new UsageRefusals();
  expect(refusals.has('GPT-4o')).toBe(false);
  refusals.add('GPT-4o');
  expect(['GPT-4o', 'gpt-4o', 'gpt-5'].map((name) => refusals.has(name))).toEqual([true, true, false]);
});
