import { expect, test } from 'vitest';
import { readCooldownMs } from './read-cooldown.ts';

test.each([
  ['seconds', { 'retry-after': '7' }, 1, 7_000],
  ['seconds, whatever the other headers say', { 'retry-after': '7', 'retry-after-ms': '6500' }, 1, 7_000],
  ['of requests', { 'x-ratelimit-reset-requests': '4', 'x-ratelimit-reset-tokens': '9' }, 1, 4_000],
  ['of tokens', { 'x-ratelimit-reset-tokens': '9' }, 1, 9_000],
  ['nothing', {}, 1, 10_000],
  ['nothing that is a number', { 'retry-after': 'soon' }, 1, 10_000],
  ['nothing, in a faster time', {}, 10, 1_000],
  ['whole seconds of a faster time', { 'retry-after': '1', 'retry-after-ms': '310' }, 10, 400],
  ['real seconds only, in a faster time', { 'retry-after': '1' }, 10, 1_000],
])('a backend that tells %s cools down so long', (_case, headers, timeScale, expected) => {
  expect(readCooldownMs(headers, timeScale)).toBe(expected);
});
