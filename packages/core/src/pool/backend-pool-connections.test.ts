import { expect, test } from 'vitest';
import type { Outcome } from '../outcome.ts';
import { makeBackend } from '../testing/make-backend.ts';
import { seededRandom } from '../testing/make-random.ts';
import { BackendPool } from './backend-pool.ts';

const OK: Outcome = { kind: 'succeeded', status: 200 };
const failed = (
  failure: 'refused' | 'dns' | 'tls' | 'connect-timeout' | 'reset' | 'credential',
): Outcome => ({
  kind: 'unreachable',
  failure,
  wasSent: false,
});
const FORBIDDEN: Outcome = {
  kind: 'unavailable',
  status: 403,
  cause: 'credential-refused',
  retryAfterMs: undefined,
};

/** Two backends, the first of which has had these outcomes, in this order. */
function poolAfter(...outcomes: readonly Outcome[]) {
  const backends = [makeBackend('a'), makeBackend('b')];
  const pool = new BackendPool(backends, {
    strategy: 'round-robin',
    cooldown: { defaultMs: 10_000, floorMs: 100, ceilingMs: 300_000 },
    random: seededRandom(1),
  });
  const leases = outcomes.map((outcome) => [pool.lease(backends[0]!, 'x', 0), outcome] as const);
  for (const [lease, outcome] of leases) {
    pool.settle(lease, outcome, 0);
    lease.release();
  }
  const availability = (nowMs: number) => pool.snapshots('x', nowMs)[0]?.availability;
  return { pool, a: backends[0]!, availability, unconnected: () => pool.unconnected.map(({ name }) => name) };
}

test.each(['refused', 'dns', 'tls', 'connect-timeout', 'credential'] as const)(
  'a backend that failed as %s is back as soon as it can be connected to, with one probe',
  (failure) => {
    const { pool, a, availability, unconnected } = poolAfter(failed(failure));
    expect(unconnected()).toEqual(['a']);
    expect(availability(1000)).toBe('cooling');
    pool.noteConnection(a, 1000);
    expect(unconnected()).toEqual([]);
    expect(availability(1000)).toBe('available');
    const probe = pool.lease(a, 'x', 1000);
    expect(availability(1000)).toBe('probing');
    pool.settle(probe, OK, 1001);
    expect(availability(1001)).toBe('available');
  },
);

test.each([
  ['breaks its connections', [failed('reset')]],
  ['refuses the credential, and then connections', [FORBIDDEN, failed('refused')]],
  ['refuses connections, and then the credential', [failed('refused'), FORBIDDEN]],
])('a connection is no reason to come back for a backend that %s', (_, outcomes) => {
  const { pool, a, availability, unconnected } = poolAfter(...outcomes);
  expect(unconnected()).toEqual([]);
  pool.noteConnection(a, 1000);
  expect(availability(1000)).toBe('cooling');
});

test('a backend that has served again is not tried by connecting any more', () => {
  const { pool, a, unconnected } = poolAfter(failed('refused'));
  const probe = pool.lease(a, 'x', 10_000);
  expect(unconnected()).toEqual(['a']);
  pool.settle(probe, OK, 10_001);
  expect(unconnected()).toEqual([]);
});
