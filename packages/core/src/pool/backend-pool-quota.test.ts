import { expect, test } from 'vitest';
import type { Outcome } from '../outcome.ts';
import { headerLookup } from '../testing/make-answer.ts';
import { makeBackend } from '../testing/make-backend.ts';
import { attempt, makeHeadroomPool, selectedName, requestFor } from '../testing/make-headroom-pool.ts';
import { RollingBackend, type RollingLimits } from '../testing/rolling-backend.ts';
import type { BackendPool } from './backend-pool.ts';

const OK: Outcome = { kind: 'succeeded', status: 200 };
const THROTTLED: Outcome = { kind: 'throttled', status: 429, retryAfterMs: 5000 };
const ERROR: Outcome = { kind: 'unavailable', status: 500, cause: 'server-error', retryAfterMs: 5000 };
const utilization = (percent: number) => ({ 'azure-openai-deployment-utilization': `${percent}%` });
const left = (limit: number, remaining: number) => ({
  'x-ratelimit-limit-tokens': String(limit),
  'x-ratelimit-remaining-tokens': String(remaining),
});

const a = makeBackend('a', { quota: { quotaGroup: 'east', tpm: 1000 } });
const b = makeBackend('b', { quota: { quotaGroup: 'east' } });
const other = makeBackend('other', { priority: 2 });

test('backends of one quota group count together', () => {
  const pool = makeHeadroomPool([a, b, other]);
  attempt(pool, a, requestFor(400), 0);
  attempt(pool, b, requestFor(400), 0);
  expect(selectedName(pool, requestFor(201), 1)).toBe('other');
  expect(['a', 'b']).toContain(selectedName(pool, requestFor(200), 1));
});

test('backends of one quota group cool down together for spent quota', () => {
  const pool = makeHeadroomPool([a, b, other]);
  attempt(pool, a, requestFor(1), 0, { outcome: THROTTLED });
  expect(selectedName(pool, requestFor(1), 4999)).toBe('other');
  expect(['a', 'b']).toContain(selectedName(pool, requestFor(1), 5000));
});

test('backends of one quota group recover together, by one probe', () => {
  const pool = makeHeadroomPool([a, b, other]);
  attempt(pool, a, requestFor(1), 0, { outcome: THROTTLED });
  const probe = pool.lease(b, 'x', 5000);
  expect(selectedName(pool, requestFor(1), 5001)).toBe('other');
  pool.settle(probe, OK, 5002);
  expect(['a', 'b']).toContain(selectedName(pool, requestFor(1), 5003));
});

test('backends of one quota group can be used again together when an operator ends the cooldown of one', () => {
  const pool = makeHeadroomPool([a, b, other]);
  attempt(pool, a, requestFor(1), 0, { outcome: THROTTLED });
  pool.clearCooldowns(b, 'x', 1);
  expect(['a', 'b']).toContain(selectedName(pool, requestFor(1), 1));
});

test('backends of one quota group do not cool down together for failures', () => {
  const pool = makeHeadroomPool([a, b, other]);
  attempt(pool, a, requestFor(1), 0, { outcome: ERROR });
  for (let request = 0; request < 20; request++) expect(selectedName(pool, requestFor(1), 1)).toBe('b');
});

test('backends of one quota group cool down together for the same reason, whatever failed before', () => {
  const pool = makeHeadroomPool([a, b, other]);
  attempt(pool, b, requestFor(1), 0, { outcome: ERROR });
  attempt(pool, b, requestFor(1), 6000, { outcome: OK });
  attempt(pool, a, requestFor(1), 6001, { outcome: THROTTLED });
  const [, ofB] = pool.snapshots('x', 6002);
  expect(ofB).toMatchObject({ availability: 'throttled', coolsDownFor: THROTTLED });
});

test('backends of one quota group learn together what is left', () => {
  const pool = makeHeadroomPool([a, b, other]);
  attempt(pool, a, requestFor(100), 0, { headers: left(1000, 50) });
  expect(selectedName(pool, requestFor(100), 1)).toBe('other');
});

test('backends of one quota group may be two deployments of one backend, with a third apart', () => {
  const east = { quotaGroup: 'east', tpm: 1000 };
  const one = makeBackend('one', {
    quotas: new Map([
      ['x', east],
      ['y', east],
    ]),
  });
  const pool = makeHeadroomPool([one, other]);
  attempt(pool, one, requestFor(900), 0);
  expect(selectedName(pool, requestFor(500, { deployment: 'y' }), 1)).toBe('other');
  expect(selectedName(pool, requestFor(500, { deployment: 'z' }), 1)).toBe('one');
  attempt(pool, one, requestFor(1), 2, { outcome: THROTTLED });
  expect(selectedName(pool, requestFor(1, { deployment: 'y' }), 3)).toBe('other');
  expect(selectedName(pool, requestFor(1, { deployment: 'z' }), 3)).toBe('one');
});

const paid = makeBackend('paid', { quota: { tpm: 10_000, spillAt: 0.8 } });
const open = makeBackend('open', { quota: { tpm: 1000 } });

test('provisioned throughput is spent before what is paid as it is used', () => {
  const pool = makeHeadroomPool([open, paid]);
  for (let request = 0; request < 20; request++) expect(selectedName(pool, requestFor(1), 0)).toBe('paid');
});

test('provisioned throughput is passed over from its share on, used when nothing else has room, and not when it is full', () => {
  const pool = makeHeadroomPool([paid, open]);
  attempt(pool, open, requestFor(600), 0);
  attempt(pool, paid, requestFor(8500), 0);
  expect(selectedName(pool, requestFor(400), 1)).toBe('open');
  expect(selectedName(pool, requestFor(500), 1)).toBe('paid');
  attempt(pool, paid, requestFor(2000), 1);
  expect(selectedName(pool, requestFor(500), 2)).toBeUndefined();
  expect(selectedName(pool, requestFor(400), 2)).toBe('open');
});

test('provisioned throughput spills into a later group, and is preferred again once it has drained', () => {
  const later = makeBackend('later', { priority: 2 });
  const pool = makeHeadroomPool([paid, later]);
  attempt(pool, paid, requestFor(8500), 0);
  expect(selectedName(pool, requestFor(1), 1)).toBe('later');
  expect(selectedName(pool, requestFor(1), 3010)).toBe('paid');
});

test('provisioned throughput has room again for what was in the cache', () => {
  const pool = makeHeadroomPool([paid, open]);
  const lease = pool.lease(paid, 'x', 0, requestFor(8500));
  pool.settle(lease, OK, 100);
  expect(lease.wantsUsage).toBe(true);
  expect(selectedName(pool, requestFor(1), 100)).toBe('open');
  lease.finish({ promptTokens: 8400, outputTokens: 100, cachedTokens: 8000 }, 200);
  expect(selectedName(pool, requestFor(1), 200)).toBe('paid');
  expect(pool.report(200)[0]?.deployments[0]?.headroom.utilization).toBeCloseTo(0.05, 1);
});

test('provisioned throughput is recognised by what its answers tell', () => {
  const [a, b] = [makeBackend('a'), makeBackend('b')];
  const pool = makeHeadroomPool([a, b]);
  attempt(pool, b, requestFor(100), 0, { headers: utilization(30) });
  for (let request = 0; request < 20; request++) expect(selectedName(pool, requestFor(1), 1)).toBe('b');
  attempt(pool, b, requestFor(100), 10, { headers: utilization(101) });
  expect(selectedName(pool, requestFor(1), 11)).toBe('a');
});

test('provisioned throughput that Azure spills over itself is full, though it serves when nothing else has room', () => {
  const headers = { 'x-ms-spillover-from-deployment': 'ptu', 'x-ratelimit-remaining-tokens': '5' };
  const [ptu, later] = [makeBackend('ptu'), makeBackend('later', { priority: 2 })];
  const pool = makeHeadroomPool([ptu, later]);
  attempt(pool, ptu, requestFor(100), 0, { headers });
  expect(pool.report(1)[0]?.deployments[0]?.headroom).toMatchObject({
    share: 0,
    remainingTokens: undefined,
  });
  expect(selectedName(pool, requestFor(1), 500)).toBe('later');
  expect(selectedName(pool, requestFor(1), 2000)).toBe('ptu');
  const alone = makeHeadroomPool([ptu]);
  attempt(alone, ptu, requestFor(100), 0, { headers });
  expect(selectedName(alone, requestFor(1), 1)).toBe('ptu');
  attempt(alone, ptu, requestFor(100), 1, { outcome: THROTTLED, headers: utilization(100) });
  alone.clearCooldowns(ptu, undefined, 2);
  expect(selectedName(alone, requestFor(1), 2)).toBeUndefined();
});

test('provisioned throughput cools nobody down for a refusal that its utilisation explains, and takes requests once it has drained', () => {
  const pool = makeHeadroomPool([makeBackend('a')]);
  const retrySoon: Outcome = { kind: 'throttled', status: 429, retryAfterMs: 30_000 };
  attempt(pool, pool.backends[0]!, requestFor(100), 0, { outcome: retrySoon, headers: utilization(101) });
  expect(selectedName(pool, requestFor(1), 600)).toBeUndefined();
  expect(selectedName(pool, requestFor(1), 800)).toBe('a');
});

/** The time of the first request of a stream, ms apart, that is sent despite the quota. */
const firstProbe = (pool: BackendPool, fromMs: number, everyMs: number) => {
  for (let nowMs = fromMs; nowMs < fromMs + 60_000; nowMs += everyMs) {
    if (selectedName(pool, requestFor(1000), nowMs) !== undefined) return nowMs;
  }
  return undefined;
};
const spend = () => {
  const pool = makeHeadroomPool([makeBackend('a')]);
  attempt(pool, pool.backends[0]!, requestFor(10), 0, { headers: left(1000, 100) });
  return pool;
};

test('what seems spent is tried again after a quarter of a minute alone, not before', () => {
  expect(firstProbe(spend(), 100, 100)).toBe(15_000);
});

test('what seems spent is not tried while smaller requests tell that it is', () => {
  const pool = spend();
  for (let nowMs = 1000; nowMs < 50_000; nowMs += 1000) {
    expect(selectedName(pool, requestFor(1000), nowMs)).toBeUndefined();
    attempt(pool, pool.backends[0]!, requestFor(1), nowMs, { headers: left(1000, 100) });
  }
});

test('what seems spent is tried by one request at a time', () => {
  const pool = spend();
  expect(selectedName(pool, requestFor(1000), 15_000)).toBe('a');
  pool.lease(pool.backends[0]!, 'x', 15_000, requestFor(1000));
  expect(selectedName(pool, requestFor(1000), 15_001)).toBeUndefined();
});

test('what always reports that nothing is left, and serves, soon serves every request', () => {
  const pool = spend();
  const spent = { headers: left(1000, 0) };
  attempt(pool, pool.backends[0]!, requestFor(10), 1000, spent);
  let served = 0;
  for (let nowMs = 1100; nowMs < 61_000; nowMs += 100) {
    if (selectedName(pool, requestFor(10), nowMs) === undefined) continue;
    attempt(pool, pool.backends[0]!, requestFor(10), nowMs, spent);
    if (nowMs >= 41_000) served++;
  }
  expect(served).toBe(200);

  attempt(pool, pool.backends[0]!, requestFor(10), 61_000, { outcome: THROTTLED, ...spent });
  expect(firstProbe(pool, 61_100, 100)).toBe(76_000);
});

test('what seems spent is left alone no longer because several tries were refused at once', () => {
  const pool = spend();
  const leases = [15_000, 15_001, 15_002].map((nowMs) =>
    pool.lease(pool.backends[0]!, 'x', nowMs, requestFor(1000)),
  );
  for (const lease of leases) pool.settle(lease, THROTTLED, 15_010, headerLookup(left(1000, 100)));
  expect(firstProbe(pool, 15_102, 100)).toBe(45_002);
});

test('what seems spent is tried ever less often as long as it is refused, and takes all at once when it is not', () => {
  const pool = spend();
  const refusal = { outcome: THROTTLED, headers: left(1000, 100) };
  attempt(pool, pool.backends[0]!, requestFor(1000), 15_000, refusal);
  expect(firstProbe(pool, 15_100, 100)).toBe(45_000);
  attempt(pool, pool.backends[0]!, requestFor(1000), 45_000, { headers: left(100_000, 99_000) });
  expect(selectedName(pool, requestFor(1000), 45_001)).toBe('a');
});

/** Sends every 100 ms as long as there seems to be room. Returns how many were served in each minute, and all refused. */
function saturate(limits: RollingLimits, minutes: number) {
  const pool = makeHeadroomPool([makeBackend('a')]);
  const backend = new RollingBackend(limits);
  const served = Array.from({ length: minutes }, () => 0);
  for (let nowMs = 0; nowMs < minutes * 60_000; nowMs += 100) {
    if (selectedName(pool, requestFor(1), nowMs) === undefined) continue;
    const lease = pool.lease(pool.backends[0]!, 'x', nowMs, requestFor(1));
    const { outcome, header } = backend.judge(1, nowMs);
    pool.settle(lease, outcome, nowMs, header);
    lease.release();
    if (outcome.kind === 'succeeded') served[Math.floor(nowMs / 60_000)]! += 1;
  }
  return { served, refused: backend.refusals };
}

test.each([60, 120, 300])(
  'requests that are counted and reported per second are sent every second, where %d a minute are allowed',
  (rpm) => {
    const limits = { tpm: 1_000_000, rpm, tells: 'one second', requestWindowMs: 1000 } as const;
    const { served, refused } = saturate(limits, 3);
    expect(Math.min(...served)).toBeGreaterThan(0.85 * rpm);
    expect(refused).toBeLessThanOrEqual(2);
  },
);

test('requests that are counted and reported in 10 s are seldom tried for being counted per second', () => {
  const { served, refused } = saturate({ tpm: 1_000_000, rpm: 60, tells: '10 s' }, 60);
  expect(Math.min(...served)).toBeGreaterThan(50);
  expect(refused).toBeLessThan(12);
});

test('what seems spent is not tried where something else has room', () => {
  const pool = makeHeadroomPool([makeBackend('a'), makeBackend('b', { priority: 2 })]);
  attempt(pool, pool.backends[0]!, requestFor(10), 0, { headers: left(1000, 100) });
  expect(selectedName(pool, requestFor(900), 50_000)).toBe('b');
});

test('the report tells of each deployment that a backend is known to have how it stands and what is left', () => {
  const pool = makeHeadroomPool([makeBackend('a'), makeBackend('b', { quota: { tpm: 1000 } })]);
  attempt(pool, pool.backends[0]!, requestFor(100), 0, { headers: left(2000, 1500) });
  const [a, b] = pool.report(1);
  expect(b?.deployments).toEqual([]);
  expect(a?.deployments).toMatchObject([
    {
      deployment: 'x',
      state: { availability: 'available' },
      headroom: { share: 0.75, remainingTokens: 1500 },
    },
  ]);
  attempt(pool, pool.backends[0]!, requestFor(100), 10, { headers: left(2000, 0) });
  expect(pool.report(11)[0]?.deployments[0]).toMatchObject({ headroom: { share: 0, remainingTokens: 0 } });
});

test('what leaves the pool does not change afterwards', () => {
  const a = makeBackend('a', { quota: { tpm: 1000 } });
  const pool = makeHeadroomPool([a]);
  attempt(pool, a, requestFor(100), 0);
  const seen = [pool.snapshots('x', 1), pool.snapshots(undefined, 1), pool.report(1)];
  const before = structuredClone(seen);
  pool.lease(a, 'x', 2, requestFor(900));
  attempt(pool, a, requestFor(1), 3, { outcome: THROTTLED });
  expect(pool.select(requestFor(1), undefined, 4).kind).toBe('exhausted');
  expect(seen).toEqual(before);
});
