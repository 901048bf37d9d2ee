import { expect, test } from 'vitest';
import { FailedAttempts, networkOf } from './failed-attempts.ts';

test('so many attempts may fail in a minute, and further ones have to wait for the next', () => {
  const failed = new FailedAttempts(3);
  const at = (ms: number) => failed.note('192.0.2.1', ms);
  expect([0, 1000, 2000].map(at)).toEqual([0, 0, 0]);
  expect([3000, 59_001].map(at)).toEqual([57, 1]);
  expect(at(60_000)).toBe(0);
});

test('what one address fails is not counted for another, also among thousands', () => {
  const failed = new FailedAttempts(10);
  for (let n = 0; n < 1000; n++) failed.note('192.0.2.1', 0);
  const others = Array.from({ length: 1000 }, (_, n) => failed.note(`10.0.${n >> 8}.${n & 255}`, 0));
  expect(others.filter((seconds) => seconds > 0).length).toBeLessThan(5);
});

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
  ['2001:db8::9', '2001:db8:0:0::/64'],
  ['2001:0DB8::9', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['', ''],
])('the network of %s is %s', (address, network) => {
  expect(networkOf(address)).toBe(network);
});
