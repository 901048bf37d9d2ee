import { expect, test } from 'vitest';
import { Quota } from '../quota/quota.ts';
import { keptUntilMs } from './reserved-until.ts';

const of = (tokens: number) => ({ promptTokens: tokens, outputTokens: 0 });
const FREE = Number.NEGATIVE_INFINITY;
const NOW_MS = 40_000;

/** A quota of 1,000 tokens a minute of which 500 count until 60,025 ms, and 300 until 90,025. */
function spentQuota(): Quota {
  const quota = new Quota({ tpm: 1000 }, { tokenWindowMs: 60_000, requestWindowMs: 10_000 });
  quota.charge(of(500), 0);
  quota.charge(of(300), 30_000);
  return quota;
}

test.each([
  ['fits beside the other when that gets its room', 100, 600, 60_025, FREE],
  ['asks for nothing', 0, 600, 60_025, FREE],
  ['would make the other later, until there is room for both', 101, 600, 60_025, 90_025],
  ['never fits beside the other, until that has its room', 401, 600, 60_025, 60_025],
  ['wants what is kept for one that does not go although there seems to be room', 1, 200, 40_100, 40_100],
])('a request that %s', (_, tokens, other, otherAtMs, expected) => {
  const room = { estimate: of(other), reserved: 0 };
  expect(keptUntilMs(spentQuota(), of(tokens), room, otherAtMs, NOW_MS)).toBe(expected);
});
