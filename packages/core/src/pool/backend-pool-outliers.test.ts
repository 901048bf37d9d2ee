import { expect, test } from 'vitest';
import type { Backend } from '../backend.ts';
import type { Outcome, UnavailableCause } from '../outcome.ts';
import { makeBackend } from '../testing/make-backend.ts';
import { seededRandom } from '../testing/make-random.ts';
import { BackendPool } from './backend-pool.ts';

const makePool = (backends: readonly Backend[]) =>
  new BackendPool(backends, {
    strategy: 'round-robin',
    cooldown: { defaultMs: 10_000, floorMs: 100, ceilingMs: 300_000 },
    outlier: { share: 0.3, consecutiveFailures: 3 },
    random: seededRandom(1),
  });

const OK: Outcome = { kind: 'succeeded', status: 200 };
const BAD_REQUEST: Outcome = { kind: 'rejected', status: 400 };
const THROTTLED: Outcome = { kind: 'throttled', status: 429, retryAfterMs: 0 };
const ABORTED: Outcome = { kind: 'aborted' };
const RESET: Outcome = { kind: 'unreachable', failure: 'reset', wasSent: true };
const REFUSED: Outcome = { kind: 'unreachable', failure: 'refused', wasSent: false };
const SILENT: Outcome = { kind: 'unreachable', failure: 'header-timeout', wasSent: true };
const HURRIED: Outcome = { ...SILENT, wasHurried: true };
const unavailable = (status: number, cause: UnavailableCause, retryAfterMs?: number): Outcome => ({
  kind: 'unavailable',
  status,
  cause,
  retryAfterMs,
});
const serverError = (retryAfterMs?: number): Outcome => unavailable(500, 'server-error', retryAfterMs);

/** Makes these attempts at once, from beginning to end. */
const attempt = (
  pool: BackendPool,
  backend: Backend,
  outcomes: readonly Outcome[],
  nowMs = 0,
  deployment = 'x',
) => {
  for (const outcome of outcomes) {
    const lease = pool.lease(backend, deployment, nowMs);
    pool.settle(lease, outcome, nowMs);
    lease.release();
  }
};

const snapshotOf = (pool: BackendPool, backend: Backend, nowMs = 0, deployment = 'x') =>
  pool.snapshots(deployment, nowMs).find((snapshot) => snapshot.backend === backend);

const availabilityOf = (...from: Parameters<typeof snapshotOf>) => snapshotOf(...from)?.availability;

/** Sends one request on until a backend serves it. Returns the names of the backends it was sent to. */
const send = (pool: BackendPool, outcomeOf: (backend: Backend) => Outcome, nowMs: number): string[] => {
  const tried: Backend[] = [];
  for (;;) {
    const selection = pool.select({ deployment: 'x' }, (backend) => tried.includes(backend), nowMs);
    if (selection.kind === 'exhausted') break;
    tried.push(selection.backend);
    const outcome = outcomeOf(selection.backend);
    attempt(pool, selection.backend, [outcome], nowMs);
    if (outcome.kind === 'succeeded') break;
  }
  return tried.map(({ name }) => name);
};

const a = makeBackend('a');
const b = makeBackend('b');
const c = makeBackend('c');

test.each<[string, readonly Outcome[], string]>([
  ['two server errors', [serverError(), serverError()], 'available'],
  ['three server errors', [serverError(), serverError(), serverError()], 'cooling'],
  ['three failures of different kinds', [serverError(), SILENT, serverError()], 'cooling'],
  ['three resets', [RESET, RESET, RESET], 'cooling'],
  ['three timeouts', [SILENT, SILENT, SILENT], 'cooling'],
  ['failures with a success between', [serverError(), serverError(), OK, serverError()], 'available'],
  ['failures with a rejection between', [serverError(), serverError(), BAD_REQUEST, SILENT], 'available'],
  ['a success after three failures', [serverError(), serverError(), serverError(), OK], 'available'],
  ['resets with any answer between', [RESET, RESET, serverError(), RESET], 'available'],
  ['any number of hurried timeouts', Array.from({ length: 100 }, () => HURRIED), 'available'],
  ['any number of clients that left', Array.from({ length: 100 }, () => ABORTED), 'available'],
  ['one server error that says when to come back', [serverError(5000)], 'cooling'],
  ['one refused connection', [REFUSED], 'cooling'],
])('a backend that has served after %s', (_, outcomes, expected) => {
  const pool = makePool([a, b]);
  attempt(pool, a, [OK, OK, OK, OK]);
  attempt(pool, a, outcomes);
  expect(availabilityOf(pool, a)).toBe(expected);
});

test('a backend that has served neither cools down for being throttled nor is proven well by it', () => {
  const pool = makePool([a, b]);
  attempt(pool, a, [OK]);
  const spent = Array.from({ length: 50 }, () => THROTTLED);
  attempt(pool, a, [...spent, serverError(), ...spent, serverError()]);
  expect(availabilityOf(pool, a, 100)).toBe('available');
  attempt(pool, a, [...spent, serverError()]);
  expect(availabilityOf(pool, a, 100)).toBe('cooling');
});

test('a backend that has served cools down for one deployment, not for the others', () => {
  const pool = makePool([a, b]);
  attempt(pool, a, [OK, serverError(), serverError(), serverError()]);
  expect(availabilityOf(pool, a, 0, 'y')).toBe('available');
});

test('a backend that has served cools down for all deployments when its connections break, whichever they were for', () => {
  const pool = makePool([a, b]);
  attempt(pool, a, [OK]);
  for (const deployment of ['x', 'y', 'z']) attempt(pool, a, [RESET], 0, deployment);
  expect(availabilityOf(pool, a, 0, 'w')).toBe('cooling');
});

const failures = [serverError(), serverError(), serverError()];

test('the others that fail as well keep a backend from cooling down', () => {
  const pool = makePool([a, b]);
  for (const backend of [a, b]) attempt(pool, backend, [OK, OK]);
  attempt(pool, b, failures.slice(1));
  attempt(pool, a, failures);
  expect(availabilityOf(pool, a)).toBe('available');
});

test('the others are known by the name that the deployment has there', () => {
  const other = makeBackend('b', { deployments: new Map([['x', 'z']]) });
  const pool = makePool([a, other]);
  attempt(pool, a, [OK, OK]);
  attempt(pool, other, failures.slice(1));
  attempt(pool, a, failures);
  expect(availabilityOf(pool, a)).toBe('available');
});

test('the others are no excuse for failures of another deployment', () => {
  const pool = makePool([a, b]);
  attempt(pool, a, [OK, OK]);
  attempt(pool, b, failures, 0, 'y');
  attempt(pool, a, failures);
  expect(availabilityOf(pool, a)).toBe('cooling');
});

test('the others are of no use when they cannot be reached', () => {
  const pool = makePool([a, b]);
  for (const backend of [a, b]) attempt(pool, backend, [OK, OK]);
  attempt(pool, b, [REFUSED]);
  attempt(pool, a, failures);
  expect(availabilityOf(pool, a)).toBe('available');
});

test('the others are of no use when there are none', () => {
  const pool = makePool([a]);
  attempt(pool, a, failures);
  expect(availabilityOf(pool, a)).toBe('available');
});

test('a request that fails everywhere takes out the first alone, where nothing is known', () => {
  const pool = makePool([a, b, c]);
  for (let request = 0; request < 5; request++) send(pool, () => serverError(), request);
  const snapshots = pool.snapshots('x', 5).map(({ availability }) => availability);
  expect(snapshots).toEqual(['cooling', 'available', 'available']);
});

test.each([1, 10, 100, 1000])(
  'one failure in a hundred keeps nobody from serving, at %d requests a second',
  (rate) => {
    const pool = makePool([a, b, c]);
    const chance = seededRandom(7);
    for (let request = 0; request < 10_000; request++) {
      const nowMs = (request * 1000) / rate;
      const isWarm = request >= 100;
      send(pool, () => (isWarm && chance() < 0.01 ? serverError() : OK), nowMs);
      expect(pool.snapshots('x', nowMs).every(({ availability }) => availability === 'available')).toBe(true);
    }
  },
);

/**
 * Sends ten requests a second; `a` fails those in the middle period. Returns when it was asked during that time, in ms.
 */
const askedWhileDead = (pool: BackendPool, fromMs: number, toMs: number, untilMs: number) => {
  const asked: number[] = [];
  for (let nowMs = 0; nowMs < untilMs; nowMs += 100) {
    const isDead = nowMs >= fromMs && nowMs < toMs;
    const names = send(pool, ({ name }) => (isDead && name === 'a' ? serverError() : OK), nowMs);
    if (isDead && names.includes('a')) asked.push(nowMs - fromMs);
  }
  return asked;
};

test('a backend that dies is asked three times, and then probed every ten seconds, as others can answer for it', () => {
  const asked = askedWhileDead(makePool([a, b, c]), 30_000, 100_000, 100_000);
  const [first, second, third, ...probes] = asked;
  expect(first).toBeLessThan(300);
  expect(second).toBeLessThan(600);
  expect(third).toBeLessThan(900);
  const pauses = probes.map((atMs, index) => atMs - (asked[index + 2] ?? 0));
  // Within the turn or two that a probe waits for.
  expect(pauses.map((ms) => Math.round(ms / 1000))).toEqual([10, 10, 10, 10, 10, 10]);
});

test('a backend that dies is back after its cooldown, by a probe and a ramp', () => {
  const pool = makePool([makeBackend('a', { priority: 0 }), b, c]);
  askedWhileDead(pool, 1000, 30_000, 30_000);
  const backAtMs = pool.snapshots('x', 30_000)[0]?.recoversAtMs ?? 0;
  /** How many of 100 simultaneous requests it gets; it serves them all. */
  const wave = (nowMs: number) => {
    const leases = Array.from({ length: 100 }, () => {
      const selection = pool.select({ deployment: 'x' }, () => false, nowMs);
      if (selection.kind === 'exhausted') throw new Error('there is no backend');
      return pool.lease(selection.backend, 'x', nowMs);
    });
    for (const lease of leases) {
      pool.settle(lease, OK, nowMs);
      lease.release();
    }
    return leases.filter(({ backend }) => backend.name === 'a').length;
  };
  expect([-1, 0, 1, 2, 3].map((afterMs) => wave(backAtMs + afterMs))).toEqual([0, 1, 2, 8, 100]);
});

test('a backend that dies cools down for as short as at first once it has been well for long', () => {
  const pool = makePool([a, b, c]);
  askedWhileDead(pool, 1000, 25_000, 400_000);
  const failures = [serverError(), serverError(), serverError()];
  attempt(pool, a, failures, 400_000);
  expect(snapshotOf(pool, a, 400_000)?.recoversAtMs).toBe(410_000);
});

const TWENTY_OKS: readonly Outcome[] = Array.from({ length: 20 }, () => OK);

/** Lets `a` fail while the others serve, and each of its probes after that. Returns the length of each cooldown. */
const restsOf = (backends: readonly Backend[], outcome: Outcome) => {
  const pool = makePool(backends);
  let nowMs = 0;
  return Array.from({ length: 4 }, () => {
    for (const peer of backends.slice(1)) attempt(pool, peer, TWENTY_OKS, nowMs);
    attempt(pool, a, [outcome, outcome, outcome], nowMs);
    const cooldownMs = (snapshotOf(pool, a, nowMs)?.recoversAtMs ?? 0) - nowMs;
    nowMs += cooldownMs;
    return cooldownMs;
  });
};

test.each<[string, Outcome]>([
  ['server errors', serverError()],
  ['resets', RESET],
  ['errors that it reports', unavailable(503, 'nothing-made')],
])(
  'the probe of a backend that failed comes soon, again and again, after %s that others make up for',
  (_, outcome) => {
    expect(restsOf([a, b, c], outcome)).toEqual([10_000, 10_000, 10_000, 10_000]);
  },
);

test.each<[string, Outcome]>([
  ['silence, which would cost its client time', SILENT],
  ['refused connections, which are tried without a request', REFUSED],
])('the probe of a backend that failed comes later each time after %s', (_, outcome) => {
  expect(restsOf([a, b, c], outcome)).toEqual([10_000, 20_000, 40_000, 80_000]);
});

/** A pool in which `a` has failed at 0, and the backends that requests of one kind would go to at a moment. */
const afterFailures = (outcomes: readonly Outcome[]) => {
  const pool = makePool([makeBackend('a'), makeBackend('b', { priority: 2 })]);
  const [first, second] = pool.backends;
  attempt(pool, second!, TWENTY_OKS);
  attempt(pool, first!, outcomes);
  const choose = (createsObject: boolean, nowMs: number) => {
    const selection = pool.select({ deployment: 'x', createsObject }, undefined, nowMs);
    return selection.kind === 'selected' ? selection.backend.name : undefined;
  };
  return { pool, first: first!, choose };
};

const COSTLY: readonly [string, Outcome][] = [
  ['silence', SILENT],
  ['resets', RESET],
  ['errors after which the object may be there', serverError()],
];

test.each(COSTLY)(
  'the probe of a backend that failed with %s is a request that makes an object only after a further cooldown without any other, and only one',
  (_, outcome) => {
    const { pool, first, choose } = afterFailures([outcome, outcome, outcome]);
    expect([choose(true, 10_000), choose(false, 10_000)]).toEqual(['b', 'a']);
    expect([choose(true, 19_999), choose(true, 20_000)]).toEqual(['b', 'a']);
    const probe = pool.lease(first, 'x', 20_000);
    expect(choose(true, 80_000)).toBe('b');
    pool.settle(probe, OK, 80_000);
    expect(choose(true, 80_000)).toBe('a');
  },
);

test.each(COSTLY)(
  'after %s, requests that make an object wait for one of the others to succeed, however many are sent',
  (_, outcome) => {
    const { pool, first, choose } = afterFailures([outcome, outcome, outcome]);
    const probes = Array.from({ length: 40 }, () => pool.lease(first, 'x', 20_000));
    expect([choose(true, 30_000), choose(false, 30_000)]).toEqual(['b', 'a']);
    pool.lease(first, 'x', 30_000);
    expect(choose(true, 30_000)).toBe('b');
    pool.settle(probes[0]!, OK, 30_000);
    expect(choose(true, 30_000)).toBe('a');
  },
);

test.each(COSTLY)(
  'after %s, requests that make an object come at once where an operator says so',
  (_, outcome) => {
    const { pool, first, choose } = afterFailures([outcome, outcome, outcome]);
    pool.clearCooldowns(first, undefined, 1000);
    expect(choose(true, 1000)).toBe('a');
  },
);

test('a request that makes an object goes to a backend that may cost it its answer if there is no other', () => {
  const { pool, choose } = afterFailures([RESET, RESET, RESET]);
  expect(choose(true, 10_000)).toBe('b');
  const routing = { deployment: 'x', createsObject: true };
  const selection = pool.select(routing, ({ name }) => name === 'b', 10_000);
  expect(selection).toMatchObject({ backend: { name: 'a' } });
});

test.each<[string, Outcome]>([
  ['refused connections', REFUSED],
  ['a refused credential', unavailable(401, 'credential-refused')],
  ['a missing deployment', unavailable(404, 'deployment-missing')],
  ['errors that it reports', unavailable(503, 'nothing-made')],
])(
  'the probe of a backend that failed with %s may be a request that makes an object, as the others answer it then',
  (_, outcome) => {
    const { choose } = afterFailures([outcome, outcome, outcome]);
    expect([choose(true, 9_999), choose(true, 10_000)]).toEqual(['b', 'a']);
  },
);

test('a request that makes an object goes to a backend as soon as it can be connected to', () => {
  const { pool, first, choose } = afterFailures([REFUSED]);
  pool.noteConnection(first, 1000);
  expect(choose(true, 1000)).toBe('a');
});
