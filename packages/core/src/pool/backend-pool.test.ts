import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Backend } from '../backend.ts';
import type { DeclineCause, Outcome } from '../outcome.ts';
import type { DeploymentSnapshot } from './deployment-state.ts';
import { makeBackend } from '../testing/make-backend.ts';
import { seededRandom } from '../testing/make-random.ts';
import { BackendPool } from './backend-pool.ts';
import type { PoolOptions } from './pool-options.ts';
import type { Lease } from './lease.ts';

const makePool = (backends: readonly Backend[], options: Partial<PoolOptions> = {}) =>
  new BackendPool(backends, {
    strategy: 'round-robin',
    cooldown: { defaultMs: 10_000, floorMs: 100, ceilingMs: 300_000 },
    random: seededRandom(1),
    ...options,
  });

const OK: Outcome = { kind: 'succeeded', status: 200 };
const BAD_REQUEST: Outcome = { kind: 'rejected', status: 400 };
const ABORTED: Outcome = { kind: 'aborted' };
const REFUSED: Outcome = { kind: 'unreachable', failure: 'refused', wasSent: false };
const SILENT: Outcome = { kind: 'unreachable', failure: 'header-timeout', wasSent: true };
const throttled = (retryAfterMs?: number): Outcome => ({ kind: 'throttled', status: 429, retryAfterMs });
const serverError = (retryAfterMs?: number): Outcome => ({
  kind: 'unavailable',
  status: 500,
  cause: 'server-error',
  retryAfterMs,
});
const MISSING: Outcome = {
  kind: 'unavailable',
  status: 404,
  cause: 'deployment-missing',
  retryAfterMs: undefined,
};
const UNAUTHORIZED: Outcome = {
  kind: 'unavailable',
  status: 401,
  cause: 'credential-refused',
  retryAfterMs: undefined,
};

/** Makes one attempt from beginning to end. */
const attempt = (
  pool: BackendPool,
  backend: Backend,
  deployment: string,
  outcome: Outcome,
  nowMs: number,
) => {
  const lease = pool.lease(backend, deployment, nowMs);
  pool.settle(lease, outcome, nowMs);
  lease.release();
};

/** The name of the backend that the pool selects for a first attempt. */
const selected = (pool: BackendPool, nowMs: number, deployment = 'x') => {
  const selection = pool.select({ deployment }, () => false, nowMs);
  return selection.kind === 'selected' ? selection.backend.name : undefined;
};

const availabilityOf = (
  pool: BackendPool,
  backend: Backend,
  nowMs: number,
  deployment = 'x',
): DeploymentSnapshot['availability'] | undefined =>
  pool.snapshots(deployment, nowMs).find((snapshot) => snapshot.backend === backend)?.availability;

const availabilityAsAWhole = (
  pool: BackendPool,
  backend: Backend,
  nowMs: number,
): DeploymentSnapshot['availability'] | undefined =>
  pool.snapshots(undefined, nowMs).find((snapshot) => snapshot.backend === backend)?.availability;

describe('a throttled backend', () => {
  const a = makeBackend('a');
  const b = makeBackend('b', { priority: 2 });

  test('a throttled backend stays away until the cooldown ends, then returns', () => {
    const pool = makePool([a, b]);
    expect(selected(pool, 0)).toBe('a');
    attempt(pool, a, 'x', throttled(1000), 0);
    expect(selected(pool, 0)).toBe('b');
    expect(selected(pool, 999)).toBe('b');
    expect(selected(pool, 1000)).toBe('a');
  });

  test('a throttled backend cools down for the default when it did not say how long', () => {
    const pool = makePool([a, b]);
    attempt(pool, a, 'x', throttled(), 0);
    expect(selected(pool, 9999)).toBe('b');
    expect(selected(pool, 10_000)).toBe('a');
  });

  test('a throttled backend cools down no longer than the ceiling and no shorter than the floor', () => {
    const pool = makePool([a, b]);
    attempt(pool, a, 'x', throttled(86_400_000), 0);
    expect(selected(pool, 299_999)).toBe('b');
    expect(selected(pool, 300_000)).toBe('a');
    attempt(pool, a, 'x', throttled(0), 300_000);
    expect(selected(pool, 300_099)).toBe('b');
    expect(selected(pool, 300_100)).toBe('a');
  });

  test('a throttled backend cools down for one deployment only', () => {
    const pool = makePool([a, b]);
    attempt(pool, a, 'x', throttled(1000), 0);
    expect(selected(pool, 0, 'y')).toBe('a');
  });

  test('a throttled backend cools down under every name that means the same deployment there', () => {
    const mapping = makeBackend('a', { deployments: new Map([['x', 'z']]) });
    const pool = makePool([mapping, b]);
    attempt(pool, mapping, 'x', throttled(1000), 0);
    expect(selected(pool, 0, 'x')).toBe('b');
    expect(selected(pool, 0, 'z')).toBe('b');
    expect(selected(pool, 0, 'y')).toBe('a');
  });

  test('a throttled backend cools down whatever is asked for when it has one deployment for everything', () => {
    const single = makeBackend('a', { deployment: 'only' });
    const pool = makePool([single, b]);
    attempt(pool, single, 'x', throttled(1000), 0);
    expect(selected(pool, 0, 'y')).toBe('b');
  });

  test('a throttled backend cools down until the later of two cooldowns, in whichever order they come', () => {
    for (const [first, second] of [
      [5000, 1000],
      [1000, 5000],
    ]) {
      const pool = makePool([a, b]);
      attempt(pool, a, 'x', throttled(first), 0);
      attempt(pool, a, 'x', throttled(second), 0);
      expect(selected(pool, 4999)).toBe('b');
      expect(selected(pool, 5000)).toBe('a');
    }
  });

  test('a throttled backend is not brought back by a success of an attempt that began before', () => {
    const pool = makePool([a, b]);
    const slow = pool.lease(a, 'x', 0);
    attempt(pool, a, 'x', throttled(1000), 10);
    pool.settle(slow, OK, 500);
    expect(selected(pool, 500)).toBe('b');
  });
});

describe('when every backend is throttled', () => {
  test('when every backend is throttled, nobody is selected, and the soonest recovery is told', () => {
    const [a, b] = [makeBackend('a'), makeBackend('b', { priority: 2 })];
    const pool = makePool([a, b]);
    attempt(pool, a, 'x', throttled(5000), 0);
    attempt(pool, b, 'x', throttled(2000), 0);
    expect(pool.select({ deployment: 'x' }, () => false, 500)).toEqual({
      kind: 'exhausted',
      isThrottled: true,
      recoveryMs: 1500,
    });
    expect(selected(pool, 2000)).toBe('b');
  });
});

describe('a recovery', () => {
  const a = makeBackend('a');
  const b = makeBackend('b', { priority: 2 });

  /** How many of 100 simultaneous requests go to the recovering backend; all are answered in the end. */
  const wave = (pool: BackendPool, outcome: Outcome, nowMs: number) => {
    const leases: Lease[] = [];
    for (let request = 0; request < 100; request++) {
      const selection = pool.select({ deployment: 'x' }, () => false, nowMs);
      if (selection.kind === 'selected') leases.push(pool.lease(selection.backend, 'x', nowMs));
    }
    const recovering = leases.filter(({ backend }) => backend === a);
    for (const lease of leases) {
      pool.settle(lease, lease.backend === a ? outcome : OK, nowMs);
      lease.release();
    }
    return recovering.length;
  };

  test.each([
    ['spent quota', throttled(1000)],
    ['a server error', serverError(1000)],
  ])(
    'a recovery from %s lets one probe through, then twice as many for each success, then all',
    (_, outcome) => {
      const pool = makePool([a, b]);
      attempt(pool, a, 'x', outcome, 0);
      expect(wave(pool, OK, 999)).toBe(0);
      expect(wave(pool, OK, 1000)).toBe(1);
      expect(wave(pool, OK, 1001)).toBe(2);
      expect(wave(pool, OK, 1002)).toBe(8);
      expect(wave(pool, OK, 1003)).toBe(100);
    },
  );

  test('a recovery of the whole backend lets one probe through for all deployments together', () => {
    const pool = makePool([a, b]);
    attempt(pool, a, 'x', REFUSED, 0);
    expect(selected(pool, 10_000, 'y')).toBe('a');
    const probe = pool.lease(a, 'y', 10_000);
    expect(selected(pool, 10_000, 'x')).toBe('b');
    pool.settle(probe, OK, 10_001);
    expect(selected(pool, 10_001, 'x')).toBe('a');
  });

  test.each([
    ['spent quota', throttled(1000)],
    ['a server error', serverError(1000)],
    ['a refused connection', REFUSED],
  ])('a recovery from %s does not wait for a slow request of before', (_, outcome) => {
    const pool = makePool([a, b]);
    const slow = pool.lease(a, 'x', 0);
    attempt(pool, a, 'x', outcome, 10);
    expect(selected(pool, 10_010)).toBe('a');
    const probe = pool.lease(a, 'x', 10_010);
    expect(selected(pool, 10_010)).toBe('b');
    // The slow one takes no slot, so it has none to give back either.
    pool.settle(slow, ABORTED, 10_020);
    expect(selected(pool, 10_020)).toBe('b');
    pool.settle(probe, OK, 10_030);
    expect(wave(pool, OK, 10_030)).toBe(2);
  });

  test.each([
    ['spent quota', throttled(1000)],
    ['a refused connection', REFUSED],
  ])('a recovery from %s is not opened by successes of requests of before', (_, outcome) => {
    const pool = makePool([a, b]);
    const slow = Array.from({ length: 60 }, () => pool.lease(a, 'x', 0));
    attempt(pool, a, 'x', outcome, 10);
    for (const lease of slow.slice(0, 20)) pool.settle(lease, OK, 20);
    expect(selected(pool, 20)).toBe('b');
    for (const lease of slow.slice(20, 40)) pool.settle(lease, OK, 10_010);
    const probe = pool.lease(a, 'x', 10_010);
    for (const lease of slow.slice(40)) pool.settle(lease, OK, 10_020);
    expect(selected(pool, 10_020)).toBe('b');
    pool.settle(probe, OK, 10_030);
    expect(wave(pool, OK, 10_030)).toBe(2);
  });

  test('a recovery whose answers take long widens with every second that brings no refusal', () => {
    const pool = makePool([a, b]);
    attempt(pool, a, 'x', throttled(1000), 0);
    /** How many more of 100 requests go to the recovering backend; none is answered. */
    const more = (nowMs: number) =>
      Array.from({ length: 100 }, () => {
        const name = selected(pool, nowMs);
        pool.lease(name === 'a' ? a : b, 'x', nowMs);
        return name;
      }).filter((name) => name === 'a').length;
    const seconds = [1000, 1999, 2000, 2999, 3000, 4000, 5000, 5999, 6000];
    expect(seconds.map(more)).toEqual([1, 0, 1, 0, 2, 4, 8, 0, 100]);
  });

  test('a recovery that is refused late in its ramp begins again with one probe', () => {
    const pool = makePool([a, b]);
    attempt(pool, a, 'x', throttled(1000), 0);
    expect(wave(pool, OK, 1000)).toBe(1);
    expect(wave(pool, throttled(1000), 3000)).toBe(8);
    expect(wave(pool, OK, 3999)).toBe(0);
    expect(wave(pool, OK, 4000)).toBe(1);
  });

  test('a recovery that nobody needed for long still begins with one probe', () => {
    const pool = makePool([a, b]);
    attempt(pool, a, 'x', throttled(1000), 0);
    expect(wave(pool, OK, 3_600_000)).toBe(1);
    expect(wave(pool, OK, 3_600_000)).toBe(2);
  });

  test.each<[string, Outcome, DeploymentSnapshot['availability']]>([
    ['a success', OK, 'available'],
    ['an answer that the client is to blame for', BAD_REQUEST, 'available'],
    ['spent quota', throttled(), 'available'],
    ['a server error', serverError(), 'available'],
    ['a missing deployment', MISSING, 'available'],
    ['a refused credential', UNAUTHORIZED, 'cooling'],
    ['a refused connection', REFUSED, 'cooling'],
    ['no response head in time', SILENT, 'probing'],
    ['a client that went away', ABORTED, 'probing'],
  ])(
    'a recovery of the whole whose probe ends with %s: how it stands with another out',
    (_, outcome, expected) => {
      const pool = makePool([a, b]);
      attempt(pool, a, 'x', REFUSED, 0);
      const probe = pool.lease(a, 'y', 10_000);
      expect(availabilityOf(pool, a, 10_000, 'x')).toBe('probing');
      pool.settle(probe, outcome, 10_001);
      pool.lease(a, 'z', 10_001);
      expect(availabilityOf(pool, a, 10_001, 'x')).toBe(expected);
    },
  );

  test('a recovery whose probe is throttled is a cooldown again', () => {
    const pool = makePool([a, b]);
    attempt(pool, a, 'x', throttled(1000), 0);
    expect(wave(pool, throttled(2000), 1000)).toBe(1);
    expect(wave(pool, OK, 2999)).toBe(0);
    expect(wave(pool, OK, 3000)).toBe(1);
  });

  test('a recovery whose probe is aborted lets another probe through', () => {
    const pool = makePool([a, b]);
    attempt(pool, a, 'x', throttled(1000), 0);
    expect(wave(pool, ABORTED, 1000)).toBe(1);
    expect(wave(pool, OK, 1001)).toBe(1);
    expect(wave(pool, OK, 1002)).toBe(2);
  });

  test('a recovery takes an answer that the client is to blame for as a success', () => {
    const pool = makePool([a, b]);
    attempt(pool, a, 'x', throttled(1000), 0);
    expect(wave(pool, BAD_REQUEST, 1000)).toBe(1);
    expect(wave(pool, OK, 1001)).toBe(2);
  });

  test('a recovery does not wait for the stream that its probe has begun', () => {
    const pool = makePool([a, b]);
    attempt(pool, a, 'x', throttled(1000), 0);
    const probe = pool.lease(a, 'x', 1000);
    pool.settle(probe, OK, 1001);
    expect(selected(pool, 1001)).toBe('a');
    expect(pool.snapshots('x', 1001)[0]?.inFlight).toBe(1);
  });

  test('a recovery takes everything when nothing else is available', () => {
    const pool = makePool([a, b]);
    attempt(pool, a, 'x', throttled(1000), 0);
    attempt(pool, b, 'x', throttled(9000), 0);
    expect(wave(pool, OK, 1000)).toBe(100);
  });
});

describe('a failing backend', () => {
  const a = makeBackend('a');
  const b = makeBackend('b');

  test('a failing backend cools down while another can serve', () => {
    const pool = makePool([a, b]);
    attempt(pool, a, 'x', serverError(), 0);
    for (let nowMs = 0; nowMs < 10_000; nowMs += 500) {
      expect(selected(pool, nowMs)).toBe('b');
      attempt(pool, b, 'x', OK, nowMs);
    }
    expect(selected(pool, 10_000)).toBe('a');
  });

  test('a failing backend is tried anyway when it is alone, and a success clears its state at once', () => {
    const pool = makePool([a]);
    attempt(pool, a, 'x', serverError(), 0);
    expect(availabilityOf(pool, a, 1)).toBe('cooling');
    expect(selected(pool, 1)).toBe('a');
    attempt(pool, a, 'x', OK, 1);
    expect(availabilityOf(pool, a, 1)).toBe('available');
  });

  test('a failing backend is tried anyway in turn with the others: first whichever failed longest ago', () => {
    const pool = makePool([a, b]);
    attempt(pool, a, 'x', serverError(), 0);
    attempt(pool, b, 'x', serverError(), 1);
    expect(selected(pool, 2)).toBe('a');
    attempt(pool, a, 'x', serverError(), 2);
    expect(selected(pool, 3)).toBe('b');
  });

  test('a failing backend is not tried first again because an older failure of one deployment is still remembered', () => {
    const pool = makePool([a, b]);
    attempt(pool, a, 'x', serverError(), 0);
    attempt(pool, b, 'x', serverError(), 1);
    attempt(pool, a, 'x', REFUSED, 2);
    expect(selected(pool, 3)).toBe('b');
  });

  test.each<[string, Outcome, Outcome]>([
    ['its deployment', serverError(60_000), REFUSED],
    [
      'the whole',
      { kind: 'unavailable', status: 401, cause: 'credential-refused', retryAfterMs: 60_000 },
      SILENT,
    ],
  ])(
    'a failing backend is not tried first again because an older failure of %s has the longer cooldown',
    (_, older, newer) => {
      const pool = makePool([a, b]);
      attempt(pool, a, 'x', older, 0);
      attempt(pool, b, 'x', serverError(), 1);
      attempt(pool, a, 'x', newer, 2);
      expect(pool.snapshots('x', 3)[0]).toMatchObject({ failedAtMs: 2, recoversAtMs: 60_000 });
      expect(selected(pool, 3)).toBe('b');
    },
  );

  test('a failing backend is not tried first again because an older failure of the whole is still remembered', () => {
    const pool = makePool([a, b]);
    attempt(pool, a, 'x', REFUSED, 0);
    attempt(pool, b, 'x', serverError(), 1);
    attempt(pool, a, 'x', SILENT, 2);
    expect(pool.snapshots('x', 3).map(({ failedAtMs }) => failedAtMs)).toEqual([2, 1]);
    expect(selected(pool, 3)).toBe('b');
    // A deployment that has not failed itself shows only the failure of the whole backend.
    expect(pool.snapshots('y', 3)[0]?.failedAtMs).toBe(0);
  });

  test('a failing backend is not brought back by a success of an attempt that began before', () => {
    const pool = makePool([a, b]);
    const slow = pool.lease(a, 'x', 0);
    attempt(pool, a, 'x', serverError(), 10);
    pool.settle(slow, OK, 20);
    expect(availabilityOf(pool, a, 20)).toBe('cooling');
  });

  test('a failing backend is tried although another is throttled', () => {
    const pool = makePool([a, b]);
    attempt(pool, a, 'x', throttled(100), 0);
    attempt(pool, b, 'x', serverError(), 0);
    expect(selected(pool, 1)).toBe('b');
  });

  test('a failing backend is not tried when it is throttled as well', () => {
    const pool = makePool([a]);
    attempt(pool, a, 'x', throttled(5000), 0);
    attempt(pool, a, 'x', serverError(), 1);
    attempt(pool, a, 'x', REFUSED, 2);
    expect(selected(pool, 3)).toBeUndefined();
    expect(selected(pool, 4999)).toBeUndefined();
    expect(selected(pool, 5000)).toBe('a');
  });

  test.each<[string, Outcome, DeploymentSnapshot['availability']]>([
    ['a refused connection', REFUSED, 'cooling'],
    ['a refused credential', UNAUTHORIZED, 'cooling'],
    ['a server error', serverError(), 'available'],
    ['no response head in time', SILENT, 'available'],
    ['spent quota', throttled(), 'available'],
  ])('a failing backend after %s of one deployment: how it stands for another', (_, outcome, expected) => {
    const pool = makePool([a, b]);
    attempt(pool, a, 'x', outcome, 0);
    expect(availabilityOf(pool, a, 1, 'x')).not.toBe('available');
    expect(availabilityOf(pool, a, 1, 'y')).toBe(expected);
  });

  test.each<[string, Outcome, DeploymentSnapshot['availability']]>([
    ['a success', OK, 'available'],
    ['an answer that the client is to blame for', BAD_REQUEST, 'available'],
    ['spent quota', throttled(), 'available'],
    ['a server error', serverError(), 'available'],
    ['a missing deployment', MISSING, 'available'],
    ['a refused credential', UNAUTHORIZED, 'cooling'],
    ['a refused connection', REFUSED, 'cooling'],
    ['no response head in time', SILENT, 'cooling'],
    ['a client that went away', ABORTED, 'cooling'],
  ])(
    'a failing backend that could not be reached: how it stands after %s of another deployment',
    (_, outcome, expected) => {
      const pool = makePool([a]);
      attempt(pool, a, 'x', REFUSED, 0);
      attempt(pool, a, 'y', outcome, 1);
      expect(availabilityOf(pool, a, 1, 'x')).toBe(expected);
      const ofOther = availabilityOf(pool, a, 1, 'y');
      const isTold = outcome.kind === 'throttled' || outcome.kind === 'unavailable';
      expect(availabilityAsAWhole(pool, a, 1)).toBe(isTold && outcome !== MISSING ? ofOther : expected);
    },
  );

  test('a failing backend that could not be reached is not brought back by an answer to an attempt that began before', () => {
    const pool = makePool([a]);
    const slow = [OK, throttled(), serverError()].map((outcome) => [pool.lease(a, 'y', 0), outcome] as const);
    attempt(pool, a, 'x', REFUSED, 10);
    for (const [lease, outcome] of slow) pool.settle(lease, outcome, 20);
    expect(availabilityOf(pool, a, 20, 'x')).toBe('cooling');
  });

  test('a failing backend whose quota turns out to be spent is throttled, and no longer failing once that is over', () => {
    const pool = makePool([a]);
    attempt(pool, a, 'x', REFUSED, 0);
    attempt(pool, a, 'x', throttled(1000), 1);
    expect(availabilityOf(pool, a, 1000)).toBe('throttled');
    expect(availabilityOf(pool, a, 1001)).toBe('available');
  });

  test('a failing backend comes back as a whole with a success of any deployment', () => {
    const pool = makePool([a]);
    attempt(pool, a, 'x', REFUSED, 0);
    attempt(pool, a, 'y', OK, 1);
    expect(availabilityOf(pool, a, 1, 'x')).toBe('available');
  });

  test.each([OK, BAD_REQUEST, ABORTED])('a failing backend is not what $kind makes it', (outcome) => {
    const pool = makePool([a]);
    attempt(pool, a, 'x', outcome, 0);
    expect(availabilityOf(pool, a, 0)).toBe('available');
    expect(availabilityAsAWhole(pool, a, 0)).toBe('available');
  });
});

describe('as a whole, a backend', () => {
  const a = makeBackend('a');

  /** Its state at 10 ms after these attempts at 0 ms, and when it recovers. */
  const asAWhole = (...attempts: [deployment: string, outcome: Outcome][]) => {
    const pool = makePool([a]);
    for (const [deployment, outcome] of attempts) attempt(pool, a, deployment, outcome, 0);
    return pool.snapshots(undefined, 10)[0];
  };

  test.each<[string, [string, Outcome][], DeploymentSnapshot['availability']]>([
    ['is available before it was asked anything', [], 'available'],
    ['is throttled when its only deployment is', [['x', throttled()]], 'throttled'],
    [
      'is throttled when all its deployments are',
      [
        ['x', throttled()],
        ['y', throttled()],
      ],
      'throttled',
    ],
    [
      'is available when one of its deployments is',
      [
        ['x', throttled()],
        ['y', OK],
      ],
      'available',
    ],
    [
      'is failing when what it served fails',
      [
        ['x', OK],
        ['x', serverError()],
      ],
      'cooling',
    ],
    [
      'is failing when one fails, the others are throttled',
      [
        ['x', throttled()],
        ['y', OK],
        ['y', serverError()],
      ],
      'cooling',
    ],
    [
      'is failing when no connection succeeds',
      [
        ['x', OK],
        ['y', REFUSED],
      ],
      'cooling',
    ],
    [
      'is failing when its credential is refused',
      [
        ['x', OK],
        ['y', UNAUTHORIZED],
      ],
      'cooling',
    ],
    [
      'is not judged by a deployment it may not have',
      [
        ['x', throttled()],
        ['random', MISSING],
      ],
      'throttled',
    ],
    ['is not blamed for a deployment it may not have', [['random', MISSING]], 'available'],
    ['is cooling when all that it was asked for fails', [['x', serverError()]], 'cooling'],
    ...[BAD_REQUEST, ABORTED, SILENT, serverError()].map(
      (outcome): [string, [string, Outcome][], DeploymentSnapshot['availability']] => [
        `is not judged by a deployment it has never served, after ${outcome.kind}`,
        [
          ['x', throttled()],
          ['random', outcome],
        ],
        'throttled',
      ],
    ),
  ])('as a whole, a backend %s', (_, attempts, expected) => {
    expect(asAWhole(...attempts)?.availability).toBe(expected);
  });

  test('as a whole, a backend recovers with the first of its deployments', () => {
    expect(asAWhole(['x', throttled(60_000)], ['y', throttled(1000)])?.recoversAtMs).toBe(1000);
    expect(asAWhole(['x', throttled(1000)], ['y', throttled(60_000)])?.recoversAtMs).toBe(1000);
  });

  test('as a whole, a backend recovers with the first of its deployments that stand equally badly', () => {
    // A backend that merely fails may be tried although its cooldown is longer than the quota's.
    expect(asAWhole(['x', throttled(1000)], ['y', OK], ['y', serverError(60_000)])?.recoversAtMs).toBe(
      60_000,
    );
    expect(
      asAWhole(
        ['x', OK],
        ['x', serverError(60_000)],
        ['y', OK],
        ['y', serverError(5000)],
        ['z', throttled(100)],
      )?.recoversAtMs,
    ).toBe(5000);
    expect(asAWhole(['x', throttled(1000)], ['y', OK])?.recoversAtMs).toBe(-Infinity);
  });

  test('as a whole, a backend recovers no sooner than its connection, once its quota is back', () => {
    const pool = makePool([a]);
    attempt(pool, a, 'x', throttled(1000), 0);
    attempt(pool, a, 'y', REFUSED, 0);
    const whole = (nowMs: number) => pool.snapshots(undefined, nowMs)[0];
    expect(whole(999)).toMatchObject({ availability: 'throttled', recoversAtMs: 1000 });
    expect(whole(1000)).toMatchObject({ availability: 'cooling', recoversAtMs: 10_000, failedAtMs: 0 });
    expect(whole(9999)).toMatchObject({ availability: 'cooling', recoversAtMs: 10_000 });
    expect(whole(10_000)).toMatchObject({ availability: 'available', recoversAtMs: -Infinity });
  });

  test('as a whole, a backend recovers with whichever lasts longer, of a failing deployment and a failing connection', () => {
    expect(asAWhole(['x', OK], ['x', serverError(60_000)], ['y', REFUSED])?.recoversAtMs).toBe(60_000);
    expect(asAWhole(['x', OK], ['x', serverError(5000)], ['y', REFUSED])?.recoversAtMs).toBe(10_000);
  });

  test('as a whole, a backend is probing while the probe of its only deployment is out, unless it has another', () => {
    const pool = makePool([a]);
    attempt(pool, a, 'x', throttled(1000), 0);
    pool.lease(a, 'x', 1000);
    expect(availabilityAsAWhole(pool, a, 1000)).toBe('probing');
    attempt(pool, a, 'y', OK, 1000);
    expect(availabilityAsAWhole(pool, a, 1000)).toBe('available');
  });
});

describe('strategies in a pool', () => {
  const backends = [makeBackend('a'), makeBackend('b', { weight: 2 }), makeBackend('c', { priority: 2 })];

  /** The names that ten requests go to, none of which ends. */
  const picks = (options: Partial<PoolOptions>) => {
    const pool = makePool(backends, options);
    return Array.from({ length: 9 }, () => {
      const name = selected(pool, 0)!;
      pool.lease(
        backends.find((backend) => backend.name === name)!,
        'x',
        0,
      );
      return name;
    }).join('');
  };

  test('round-robin goes round the best group', () => {
    expect(picks({ strategy: 'round-robin' })).toBe('ababababa');
  });

  test('round-robin takes turns for each deployment apart', () => {
    const pool = makePool(backends, { strategy: 'round-robin' });
    const next = (deployment: string) => {
      const name = selected(pool, 0, deployment);
      attempt(
        pool,
        backends.find((backend) => backend.name === name)!,
        deployment,
        OK,
        0,
      );
      return `${deployment}${name}`;
    };
    // If turns were shared, alternating requests would send all of "x" to one backend and all of "y" to the other.
    expect(['x', 'y', 'x', 'y', 'x', 'y'].map(next).join(' ')).toBe('xa ya xb yb xa ya');
    expect(['y', 'y', 'x', 'z'].map(next).join(' ')).toBe('yb ya xb za');
  });

  test('round-robin takes turns under the name that the deployment has at each backend', () => {
    const mapped = ['a', 'b'].map((name) => makeBackend(name, { deployment: `only-${name}` }));
    const pool = makePool(mapped, { strategy: 'round-robin' });
    const next = (deployment: string) => {
      const name = selected(pool, 0, deployment)!;
      pool.lease(
        mapped.find((backend) => backend.name === name)!,
        deployment,
        0,
      );
      return name;
    };
    expect(['x', 'y', 'x', 'z'].map(next).join('')).toBe('abab');
  });

  test('least-in-flight fills the best group by weight', () => {
    expect([...picks({ strategy: 'least-in-flight' })].sort().join('')).toBe('aaabbbbbb');
  });

  test('weighted-random is decided by chance alone', () => {
    expect(picks({ strategy: 'weighted-random', random: () => 0.33 })).toBe('aaaaaaaaa');
    expect(picks({ strategy: 'weighted-random', random: () => 0.34 })).toBe('bbbbbbbbb');
    const seeded = () => picks({ strategy: 'weighted-random', random: seededRandom(7) });
    expect(seeded()).toBe(seeded());
  });
});

describe('what a pool remembers of deployments', () => {
  const a = makeBackend('a');

  /** Asks for this many names, each of which ends in this way. */
  const askFor = (pool: BackendPool, count: number, outcome: Outcome, nowMs = 1) => {
    for (let name = 0; name < count; name++) attempt(pool, a, `${outcome.kind}-${name}`, outcome, nowMs);
  };

  test.each<[string, Outcome, number]>([
    ['missing', MISSING, 100],
    ['cooling', serverError(), 100],
    ['silent', SILENT, 100],
    ['rejected', BAD_REQUEST, 100],
    ['given up on', ABORTED, 100],
  ])(
    'what a pool remembers of deployments is bounded to the last of those never served: of %s names',
    (_, outcome, most) => {
      for (const [count, expected] of [
        [most - 1, 'cooling'],
        [most, 'available'],
      ] as const) {
        const pool = makePool([a]);
        attempt(pool, a, 'x', MISSING, 0);
        askFor(pool, count, outcome);
        expect(availabilityOf(pool, a, 2, 'x'), `after ${count}`).toBe(expected);
      }
    },
  );

  test.each<[string, Outcome]>([
    ['served', OK],
    ['throttled', throttled(100)],
  ])(
    'what a pool remembers of deployments is bounded to the last thousand of those that exist: of %s names',
    (_, outcome) => {
      for (const [count, expected] of [
        [999, 'throttled'],
        [1000, 'available'],
      ] as const) {
        const pool = makePool([a]);
        attempt(pool, a, 'x', throttled(60_000), 0);
        askFor(pool, count, outcome);
        expect(availabilityOf(pool, a, 2, 'x'), `after ${count}`).toBe(expected);
      }
    },
  );

  test('what a pool remembers of deployments is of 20,000 names that nobody has the last hundred, and all that exist', () => {
    const pool = makePool([a]);
    attempt(pool, a, 'served', OK, 0);
    attempt(pool, a, 'spent', throttled(60_000), 0);
    attempt(pool, a, 'broken', OK, 0);
    attempt(pool, a, 'broken', serverError(60_000), 0);
    askFor(pool, 20_000, MISSING);
    const cooling = Array.from({ length: 20_000 }, (_, name) => name).filter(
      (name) => availabilityOf(pool, a, 2, `unavailable-${name}`) !== 'available',
    );
    expect(cooling).toEqual(Array.from({ length: 100 }, (_, name) => 19_900 + name));
    expect(availabilityOf(pool, a, 2, 'served')).toBe('available');
    expect(availabilityOf(pool, a, 2, 'spent')).toBe('throttled');
    expect(availabilityOf(pool, a, 2, 'broken')).toBe('cooling');
  });

  test('what a pool remembers of deployments does not let names that nobody has change how the backend stands as a whole', () => {
    const pool = makePool([a]);
    attempt(pool, a, 'x', throttled(60_000), 0);
    const before = pool.snapshots(undefined, 2);
    for (const outcome of [MISSING, serverError(), SILENT, BAD_REQUEST, ABORTED]) askFor(pool, 4000, outcome);
    expect(pool.snapshots(undefined, 2)).toEqual(before);
  });

  test('what a pool remembers of deployments does not let 20,000 attempts under way disturb the slots and the ramp', () => {
    const pool = makePool([a]);
    attempt(pool, a, 'x', throttled(100), 0);
    const probe = pool.lease(a, 'x', 100);
    const leases = Array.from({ length: 20_000 }, (_, name) => pool.lease(a, `random-${name}`, 100));
    expect(pool.snapshots('x', 100)[0]).toMatchObject({ availability: 'probing', inFlight: 20_001 });
    // Most of these names have been forgotten by the time their attempts end.
    for (const lease of leases) {
      pool.settle(lease, MISSING, 101);
      lease.release();
    }
    expect(pool.snapshots('x', 101)[0]).toMatchObject({ availability: 'probing', inFlight: 1 });
    pool.settle(probe, OK, 101);
    expect(availabilityOf(pool, a, 101, 'x')).toBe('available');
  });

  test('what a pool remembers of deployments keeps a name that proved to exist out of the reach of those that do not', () => {
    const pool = makePool([a]);
    attempt(pool, a, 'x', MISSING, 0);
    attempt(pool, a, 'x', OK, 1);
    attempt(pool, a, 'x', serverError(), 2);
    askFor(pool, 1000, MISSING, 3);
    expect(availabilityOf(pool, a, 4, 'x')).toBe('cooling');
  });

  test('what a pool remembers of deployments has room for another stranger when one proves to exist', () => {
    const pool = makePool([a]);
    attempt(pool, a, 'x', MISSING, 0);
    askFor(pool, 500, OK);
    askFor(pool, 99, MISSING);
    expect(availabilityOf(pool, a, 2, 'x')).toBe('cooling');
  });

  test('what a pool remembers of deployments does not grow by being asked', () => {
    const pool = makePool([a]);
    attempt(pool, a, 'x', MISSING, 0);
    attempt(pool, a, 'y', throttled(), 0);
    for (let name = 0; name < 5000; name++) selected(pool, 1, `random-${name}`);
    expect(availabilityOf(pool, a, 1, 'x')).toBe('cooling');
    expect(availabilityOf(pool, a, 1, 'y')).toBe('throttled');
  });
});

test('a backend that was silent again and again is seen to cool down as a whole, though it has served nothing yet', () => {
  const [a, b] = [makeBackend('a'), makeBackend('b')];
  const pool = makePool([a, b]);
  const leases = [1, 2, 3].map(() => pool.lease(a, 'x', 0));
  for (const lease of leases) pool.noteSilence(lease, 1);
  expect(availabilityAsAWhole(pool, a, 1)).toBe('cooling');
});

test.each<[string, readonly boolean[], readonly boolean[], DeploymentSnapshot['availability']]>([
  ['two answers', [false, false], [], 'available'],
  ['three answers', [false, false, false], [], 'cooling'],
  ['three answers, with a whole one between', [false, false, true, false], [], 'available'],
  ['three answers, as the only other did', [false, false, false], [false], 'available'],
  ['three answers, and the only other no longer does', [false, false, false], [false, true], 'cooling'],
])('a backend that broke off %s in a row is as told', (_, ownWhole, othersWhole, expected) => {
  const [a, b] = [makeBackend('a'), makeBackend('b')];
  const pool = makePool([a, b]);
  let nowMs = 0;
  for (const isWhole of othersWhole) pool.noteAnswerEnd(pool.lease(b, 'x', nowMs), isWhole, ++nowMs);
  for (const isWhole of ownWhole) pool.noteAnswerEnd(pool.lease(a, 'x', nowMs), isWhole, ++nowMs);
  expect(pool.snapshots('x', nowMs)[0]?.availability).toBe(expected);
});

test('an answer that broke off long ago at the only other backend, idle since, does not keep a backend in', () => {
  const [a, b] = [makeBackend('a'), makeBackend('b')];
  const pool = makePool([a, b]);
  pool.noteAnswerEnd(pool.lease(b, 'x', 0), false, 1);
  const breakThreeOff = (fromMs: number) => {
    for (let nowMs = fromMs; nowMs < fromMs + 3; nowMs++)
      pool.noteAnswerEnd(pool.lease(a, 'x', nowMs), false, nowMs);
    return pool.snapshots('x', fromMs + 3)[0]?.availability;
  };
  expect(breakThreeOff(10_000)).toBe('available');
  expect(breakThreeOff(30_000)).toBe('cooling');
});

test('a backend that breaks its answers off stays in while the only other is out', () => {
  const [a, b] = [makeBackend('a'), makeBackend('b')];
  const pool = makePool([a, b]);
  const refused = {
    kind: 'unavailable',
    status: 401,
    cause: 'credential-refused',
    retryAfterMs: undefined,
  } as const;
  pool.settle(pool.lease(b, 'x', 0), refused, 0);
  for (const nowMs of [1, 2, 3]) pool.noteAnswerEnd(pool.lease(a, 'x', nowMs), false, nowMs);
  expect(pool.snapshots('x', 3).map(({ availability }) => availability)).toEqual(['available', 'cooling']);
});

test('answers that break off together are one accident: their backend may have been restarted', () => {
  const [a, b] = [makeBackend('a'), makeBackend('b')];
  const pool = makePool([a, b]);
  const breakOff = (startedMs: number, number: number) => {
    const leases = Array.from({ length: number }, () => pool.lease(a, 'x', startedMs));
    for (const [place, lease] of leases.entries()) pool.noteAnswerEnd(lease, false, startedMs + 10 + place);
  };
  breakOff(0, 50);
  breakOff(100, 50);
  expect(pool.snapshots('x', 200)[0]?.availability).toBe('available');
  breakOff(200, 1);
  expect(pool.snapshots('x', 300)[0]?.availability).toBe('cooling');
});

test('a backend that still breaks its answers off after a cooldown is left alone for longer at once', () => {
  const [a, b] = [makeBackend('a'), makeBackend('b')];
  const pool = makePool([a, b]);
  for (const nowMs of [-1, 0, 1]) pool.noteAnswerEnd(pool.lease(a, 'x', nowMs), false, nowMs);
  const cooledMs = (nowMs: number) => (pool.snapshots('x', nowMs)[0]?.recoversAtMs ?? 0) - nowMs;
  const firstMs = cooledMs(1);
  const probeMs = 1 + firstMs;
  const probe = pool.lease(a, 'x', probeMs);
  pool.settle(probe, { kind: 'succeeded', status: 200 }, probeMs);
  pool.noteAnswerEnd(probe, false, probeMs);
  expect(cooledMs(probeMs)).toBe(2 * firstMs);
});

test.each<[DeclineCause, DeploymentSnapshot['availability']]>([
  ['unsupported', 'available'],
  ['unexplained', 'cooling'],
  ['forbidden', 'cooling'],
])(
  'a backend whose credential was refused and that then declines a request as %s is %s',
  (cause, expected) => {
    const a = makeBackend('a');
    const pool = makePool([a]);
    attempt(pool, a, 'x', UNAUTHORIZED, 0);
    attempt(pool, a, 'x', { kind: 'declined', status: 403, cause }, 5);
    expect(availabilityAsAWhole(pool, a, 6)).toBe(expected);
  },
);

test('a backend that is throttled is left alone, though it has declined the operation, too', () => {
  const a = makeBackend('a');
  const pool = makePool([a]);
  const routing = { deployment: 'x', method: 'POST', operation: 'chat/completions' };
  pool.blame(a, 'unsupported', routing, 0);
  expect(pool.select(routing, undefined, 1)).toMatchObject({ kind: 'selected' });
  attempt(pool, a, 'x', throttled(5000), 1);
  expect(pool.select(routing, undefined, 2)).toMatchObject({ kind: 'exhausted', isThrottled: true });
});

test('a backend that is not of the pool is a mistake', () => {
  expect(() => makePool([makeBackend('a')]).lease(makeBackend('b'), 'x', 0)).toThrow(
    'backend "b" is not of this pool',
  );
});

describe('whatever happens in whichever order', () => {
  const backends = [makeBackend('a'), makeBackend('b'), makeBackend('c', { priority: 2 })];
  const outcome = fc.oneof(
    fc.constantFrom(
      OK,
      BAD_REQUEST,
      ABORTED,
      REFUSED,
      SILENT,
      UNAUTHORIZED,
      serverError(),
      serverError(30_000),
    ),
    fc.option(fc.nat(2000), { nil: undefined }).map(throttled),
  );
  const step = fc.record({
    does: fc.constantFrom('begin' as const, 'settle' as const, 'release' as const),
    deployment: fc.constantFrom('x', 'y'),
    which: fc.nat(20),
    outcome,
    elapsedMs: fc.nat(400),
  });

  type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

  interface Open {
    readonly lease: Lease;
    isSettled: boolean;
    isReleased: boolean;
  }

  /** Plays the steps and checks the pool after each of them; a step that is impossible is skipped. */
  const play = (
    steps: readonly Step[],
    check: (pool: BackendPool, open: readonly Open[], nowMs: number) => void,
    settled: (lease: Lease, outcome: Outcome, nowMs: number) => void = () => {},
  ) => {
    const pool = makePool(backends, { strategy: 'least-in-flight' });
    const open: Open[] = [];
    let nowMs = 0;
    for (const { does, deployment, which, outcome, elapsedMs } of steps) {
      nowMs += elapsedMs;
      const chosen = open[which % Math.max(1, open.length)];
      const selection = pool.select({ deployment }, () => false, nowMs);
      if (does === 'begin' && selection.kind === 'selected')
        open.push({
          lease: pool.lease(selection.backend, deployment, nowMs),
          isSettled: false,
          isReleased: false,
        });
      if (does === 'settle' && chosen?.isSettled === false) {
        pool.settle(chosen.lease, outcome, nowMs);
        settled(chosen.lease, outcome, nowMs);
        chosen.isSettled = true;
      }
      if (does === 'release' && chosen !== undefined) {
        chosen.lease.release();
        chosen.isReleased = true;
      }
      check(pool, open, nowMs);
    }
    return { pool, open, nowMs };
  };

  test('whatever happens in whichever order, in-flight is what is leased and not released, never below 0, and 0 in the end', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { pool, open, nowMs } = play(steps, (pool, open, nowMs) => {
          for (const { backend, inFlight } of pool.snapshots('x', nowMs)) {
            const held = open.filter(({ lease, isReleased }) => lease.backend === backend && !isReleased);
            expect(inFlight).toBe(held.length);
          }
        });
        for (const { lease, isSettled } of open) {
          if (!isSettled) pool.settle(lease, ABORTED, nowMs);
          lease.release();
        }
        expect(pool.snapshots(undefined, nowMs).map(({ inFlight }) => inFlight)).toEqual([0, 0, 0]);
      }),
    );
  });

  test('whatever happens in whichever order, everything is available again once every cooldown and recovery is over', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { pool, open, nowMs } = play(steps, () => {});
        for (const { lease, isSettled } of open) {
          if (!isSettled) pool.settle(lease, ABORTED, nowMs);
        }
        const laterMs = nowMs + 300_000;
        for (const deployment of ['x', 'y']) {
          const snapshots = pool.snapshots(deployment, laterMs);
          expect(snapshots.map(({ availability }) => availability)).toEqual([
            'available',
            'available',
            'available',
          ]);
        }
      }),
    );
  });

  test('whatever happens in whichever order, a backend cools down for what it was told and what it did, no shorter and no longer', () => {
    interface Rest {
      throttledUntilMs: number;
      failingUntilMs: number;
      failedAtMs: number;
      /** Cools down for failures, each time twice as long as the last, and notes when the last was to be over. */
      consecutiveFailures: number;
      plannedUntilMs: number;
    }
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const cooldowns = new Map<string, Rest>();
        const restOf = (backend: Backend, deployment: string) => {
          const key = `${backend.name}/${deployment}`;
          const coolDown = cooldowns.get(key) ?? {
            throttledUntilMs: -Infinity,
            failingUntilMs: -Infinity,
            failedAtMs: -Infinity,
            consecutiveFailures: 0,
            plannedUntilMs: -Infinity,
          };
          cooldowns.set(key, coolDown);
          return coolDown;
        };
        const fail = (coolDown: Rest, startedMs: number, nowMs: number, leastMs = 10_000) => {
          if (startedMs >= coolDown.plannedUntilMs) coolDown.consecutiveFailures++;
          const untilMs = nowMs + Math.min(leastMs * 2 ** (coolDown.consecutiveFailures - 1), 300_000);
          coolDown.plannedUntilMs = Math.max(coolDown.plannedUntilMs, untilMs);
          coolDown.failingUntilMs = Math.max(coolDown.failingUntilMs, untilMs);
          coolDown.failedAtMs = nowMs;
        };
        const succeed = (coolDown: Rest, startedMs: number) => {
          if (startedMs >= coolDown.failedAtMs) coolDown.failingUntilMs = -Infinity;
        };
        const settled = ({ backend, deployment, startedMs }: Lease, outcome: Outcome, nowMs: number) => {
          const own = restOf(backend, deployment);
          const whole = restOf(backend, 'whole');
          if (outcome === REFUSED || outcome === UNAUTHORIZED) return fail(whole, startedMs, nowMs);
          if (outcome === ABORTED) return;
          if (outcome.kind === 'throttled') {
            const durationMs = Math.max(100, outcome.retryAfterMs ?? 10_000);
            own.throttledUntilMs = Math.max(own.throttledUntilMs, nowMs + durationMs);
          } else if (outcome === SILENT) fail(own, startedMs, nowMs);
          else if (outcome.kind === 'unavailable') fail(own, startedMs, nowMs, outcome.retryAfterMs);
          else succeed(own, startedMs);
          if (outcome !== SILENT) succeed(whole, startedMs);
        };
        const check = (pool: BackendPool, _: readonly Open[], nowMs: number) => {
          for (const deployment of ['x', 'y']) {
            for (const snapshot of pool.snapshots(deployment, nowMs)) {
              const own = restOf(snapshot.backend, deployment);
              const failing = [own, restOf(snapshot.backend, 'whole')].filter(
                ({ failingUntilMs }) => failingUntilMs > nowMs,
              );
              const isThrottled = own.throttledUntilMs > nowMs;
              const availability = isThrottled ? 'throttled' : failing.length > 0 ? 'cooling' : 'none';
              expect(
                ['available', 'probing'].includes(snapshot.availability) ? 'none' : snapshot.availability,
              ).toBe(availability);
              expect(snapshot.failedAtMs).toBe(
                Math.max(-Infinity, ...failing.map(({ failedAtMs }) => failedAtMs)),
              );
              expect(snapshot.recoversAtMs).toBe(
                isThrottled
                  ? own.throttledUntilMs
                  : Math.max(-Infinity, ...failing.map(({ failingUntilMs }) => failingUntilMs)),
              );
            }
          }
        };
        play(steps, check, settled);
      }),
      { numRuns: 500 },
    );
  });

  test('whatever happens in whichever order, the pool is empty only when every backend is throttled', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        play(steps, (pool, _, nowMs) => {
          for (const deployment of ['x', 'y']) {
            const canServe = pool
              .snapshots(deployment, nowMs)
              .some(({ availability }) => availability !== 'throttled');
            expect(pool.select({ deployment }, () => false, nowMs).kind).toBe(
              canServe ? 'selected' : 'exhausted',
            );
          }
        });
      }),
    );
  });
});
