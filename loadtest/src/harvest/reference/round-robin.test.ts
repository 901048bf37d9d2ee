import { expect, test } from 'vitest';
import { RoundRobin } from './round-robin.ts';

const backend = { url: 'http://backend', priority: 1 };

test('round robin takes one backend after the other, and never tries a request again', () => {
  const robin = new RoundRobin([backend, backend, backend]);
  expect([robin.pick(), robin.pick(), robin.pick(), robin.pick()]).toEqual([0, 1, 2, 0]);
  expect(robin.shouldRetry()).toBe(false);
});
