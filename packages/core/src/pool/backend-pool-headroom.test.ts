import { describe, expect, test } from 'vitest';
import type { Outcome } from '../outcome.ts';
import { strategies, type StrategyName } from '../selection/strategies.ts';
import { makeBackend } from '../testing/make-backend.ts';
import { attempt, makeHeadroomPool, selectedName, requestFor } from '../testing/make-headroom-pool.ts';

const throttled = (retryAfterMs: number): Outcome => ({ kind: 'throttled', status: 429, retryAfterMs });
const left = (limit: number, remaining: number) => ({
  'x-ratelimit-limit-tokens': String(limit),
  'x-ratelimit-remaining-tokens': String(remaining),
});
const otherStrategies = (Object.keys(strategies) as StrategyName[]).filter(
  (name) => name !== 'most-headroom',
);

describe('a request', () => {
  const small = makeBackend('small', { quota: { tpm: 1000 } });
  const large = makeBackend('large', { quota: { tpm: 10_000 } });
  const later = makeBackend('later', { quota: { tpm: 10_000 }, priority: 2 });

  test('a request that is very large goes where it fits', () => {
    const pool = makeHeadroomPool([small, large]);
    for (let request = 0; request < 20; request++)
      expect(selectedName(pool, requestFor(5000), 0)).toBe('large');
    const next = makeHeadroomPool([small, later]);
    expect(selectedName(next, requestFor(5000), 0)).toBe('later');
  });

  test('a request that is larger than every quota may be estimated wrongly, and is tried where half is free', () => {
    const pool = makeHeadroomPool([small, later]);
    expect(selectedName(pool, requestFor(50_000), 0)).toBe('small');
    attempt(pool, small, requestFor(600), 0);
    expect(selectedName(pool, requestFor(50_000), 0)).toBe('later');
    attempt(pool, later, requestFor(6000), 0);
    expect(selectedName(pool, requestFor(50_000), 0)).toBeUndefined();
  });

  test('a request spills into the next group before anything refuses it, and comes back as soon as there is room', () => {
    const pool = makeHeadroomPool([small, later]);
    expect(selectedName(pool, requestFor(700), 0)).toBe('small');
    attempt(pool, small, requestFor(700), 0);
    expect(selectedName(pool, requestFor(700), 1)).toBe('later');
    expect(selectedName(pool, requestFor(300), 1)).toBe('small');
    expect(selectedName(pool, requestFor(700), 60_000)).toBe('later');
    expect(selectedName(pool, requestFor(700), 60_060)).toBe('small');
  });

  test('a request counts for the others from the moment on at which it begins', () => {
    const pool = makeHeadroomPool([large]);
    let sent = 0;
    while (selectedName(pool, requestFor(100), 0) !== undefined) {
      pool.lease(large, 'x', 0, requestFor(100));
      sent++;
    }
    expect(sent).toBe(100);
  });

  test('a request that fits nowhere hears when the first will have room for it', () => {
    const pool = makeHeadroomPool([small, later]);
    attempt(pool, small, requestFor(900), 0);
    attempt(pool, later, requestFor(9900), 5000);
    const selection = pool.select(requestFor(500), () => false, 10_000);
    expect(selection).toMatchObject({ kind: 'exhausted', isThrottled: true });
    const recoveryMs = selection.kind === 'exhausted' ? selection.recoveryMs : Number.NaN;
    expect(recoveryMs).toBeGreaterThanOrEqual(50_000);
    expect(recoveryMs).toBeLessThan(50_060);
  });

  test('a request of no known need fits as long as one more request does', () => {
    const pool = makeHeadroomPool([makeBackend('a', { quota: { tpm: 10, rpm: 6 } })]);
    expect(selectedName(pool, { deployment: 'x' }, 0)).toBe('a');
    attempt(pool, pool.backends[0]!, requestFor(10), 0);
    expect(selectedName(pool, { deployment: 'x' }, 1)).toBeUndefined();
  });
});

describe('an estimate that is absurd', () => {
  const aborted: Outcome = { kind: 'aborted' };

  test.each<[string, Outcome]>([
    ['its client left', aborted],
    ['it was refused as wrong', { kind: 'rejected', status: 400 }],
    ['it failed', { kind: 'unavailable', status: 500, cause: 'server-error', retryAfterMs: undefined }],
    ['it was served', { kind: 'succeeded', status: 200 }],
  ])('an estimate that is absurd is not left to count once it is known that %s', (_, outcome) => {
    const pool = makeHeadroomPool([makeBackend('a', { quota: { tpm: 1000 } })]);
    attempt(pool, pool.backends[0]!, requestFor(1e9), 0, { outcome });
    expect(pool.quotaOf(pool.backends[0]!, 'x').headroomAt(1).remainingTokens).toBe(1000);
  });

  test('an estimate that is absurd costs provisioned throughput its bucket at the most', () => {
    const ptu = makeBackend('ptu', { quota: { tpm: 37_500, spillAt: 0.9 } });
    const pool = makeHeadroomPool([ptu, makeBackend('payg', { priority: 2 })]);
    attempt(pool, ptu, requestFor(1e9), 0, { outcome: aborted });
    expect(selectedName(pool, requestFor(10), 5000)).toBe('payg');
    expect(selectedName(pool, requestFor(10), 7000)).toBe('ptu');
  });
});

test('a limit that was told once, and never again, is forgotten when a probe shows that it is wrong', () => {
  const a = makeBackend('a');
  const pool = makeHeadroomPool([a]);
  attempt(pool, a, requestFor(900), 0, { headers: left(1000, 100) });
  expect(selectedName(pool, requestFor(500), 10_000)).toBeUndefined();
  expect(selectedName(pool, requestFor(500), 20_000)).toBe('a');
  attempt(pool, a, requestFor(500), 20_000, { headers: left(-1, -1) });
  expect(selectedName(pool, requestFor(500), 20_001)).toBe('a');
  attempt(pool, a, requestFor(500), 20_001, { headers: left(1000, 100) });
  expect(selectedName(pool, requestFor(500), 20_002)).toBeUndefined();
});

describe('a limit that is lower than any request', () => {
  const small = makeBackend('small');
  const later = makeBackend('later', { priority: 2 });
  const request = requestFor(2000);
  const refused = { outcome: throttled(60_000), headers: left(1000, 1000) };

  /** Sends a request every second, of which the small backend refuses all. Returns when it got them. */
  function refusalsUntil(pool: ReturnType<typeof makeHeadroomPool>, untilMs: number): number[] {
    const triedMs: number[] = [];
    for (let nowMs = 1000; nowMs < untilMs; nowMs += 1000) {
      if (selectedName(pool, request, nowMs) !== 'small') continue;
      attempt(pool, small, request, nowMs, refused);
      triedMs.push(nowMs);
    }
    return triedMs;
  }

  test('a limit that is lower than any request is tried now and then although others have room, as it may have been raised', () => {
    const pool = makeHeadroomPool([small, later]);
    attempt(pool, small, request, 0, refused);
    expect(refusalsUntil(pool, 600_000)).toEqual([15, 45, 105, 225, 345, 465, 585].map((s) => s * 1000));
    expect(selectedName(pool, request, 705_000)).toBe('small');
    attempt(pool, small, request, 705_000, { headers: left(100_000, 98_000) });
    expect(selectedName(pool, request, 705_001)).toBe('small');
  });

  test('a limit that is lower than any request is tried by one at a time', () => {
    const pool = makeHeadroomPool([small, later]);
    attempt(pool, small, request, 0, refused);
    pool.lease(small, 'x', 20_000, request);
    expect(selectedName(pool, request, 20_001)).toBe('later');
  });

  test('a limit that is lower than any request is in no doubt while smaller requests are answered with it', () => {
    const pool = makeHeadroomPool([small, later]);
    for (let nowMs = 0; nowMs < 120_000; nowMs += 5000) {
      attempt(pool, small, requestFor(10), nowMs, { headers: left(1000, 900) });
      expect(selectedName(pool, request, nowMs + 4999)).toBe('later');
    }
  });

  test('a limit that is lower than any request, and is told by refusals alone, is forgotten once it is exceeded', () => {
    const pool = makeHeadroomPool([small, later]);
    attempt(pool, small, request, 0, refused);
    for (let nowMs = 0; nowMs < 14_000; nowMs += 1000) attempt(pool, small, requestFor(10), nowMs);
    expect(selectedName(pool, request, 15_000)).toBe('small');
    attempt(pool, small, request, 15_000);
    for (let nowMs = 15_001; nowMs < 15_010; nowMs++) {
      expect(selectedName(pool, request, nowMs)).toBe('small');
      attempt(pool, small, request, nowMs);
    }
  });

  test('a limit that is lower than any request is never in doubt where it is configured', () => {
    const pool = makeHeadroomPool([makeBackend('small', { quota: { tpm: 1000 } }), later]);
    attempt(pool, pool.backends[0]!, requestFor(10), 0, { headers: left(100_000, 99_990) });
    expect(selectedName(pool, request, 600_000)).toBe('later');
  });
});

describe('a 429', () => {
  const a = makeBackend('a');
  const b = makeBackend('b', { priority: 2 });
  const large = requestFor(800);

  test('a 429 that what is left explains cools nobody down: smaller requests still go there', () => {
    const pool = makeHeadroomPool([a, b]);
    attempt(pool, a, large, 0, { outcome: throttled(30_000), headers: left(1000, 500) });
    expect(selectedName(pool, large, 1)).toBe('b');
    expect(selectedName(pool, requestFor(300), 1)).toBe('a');
  });

  test('a 429 of a request that is larger than the whole quota cools nobody down either', () => {
    const pool = makeHeadroomPool([a, b]);
    attempt(pool, a, requestFor(5000), 0, { outcome: throttled(60_000), headers: left(1000, 900) });
    expect(selectedName(pool, requestFor(300), 1)).toBe('a');
  });

  test.each([
    ['although there is enough left', left(1000, 900)],
    ['and does not say what is left', {}],
    ['and does not know what is left', left(-1, -1)],
  ])('a 429 that comes %s cools the deployment down for as long as it says', (_, headers) => {
    const pool = makeHeadroomPool([a, b]);
    attempt(pool, a, large, 0, { outcome: throttled(5000), headers });
    expect(selectedName(pool, requestFor(1), 4999)).toBe('b');
    expect(selectedName(pool, requestFor(1), 5000)).toBe('a');
  });

  test('a 429 costs nothing of what is left', () => {
    const pool = makeHeadroomPool([makeBackend('a', { quota: { tpm: 1000 } }), b]);
    attempt(pool, pool.backends[0]!, large, 0, { outcome: throttled(5000), headers: left(1000, 700) });
    expect(pool.report(0)[0]?.deployments[0]?.headroom.remainingTokens).toBe(700);
  });

  test.each(otherStrategies)(
    'a 429 always cools the deployment down under %s, and nothing is held back',
    (strategy) => {
      const quota = { tpm: 1000, rpm: 6, spillAt: 0.5 };
      const [first, second] = [makeBackend('a', { quota }), makeBackend('b', { priority: 2 })];
      const pool = makeHeadroomPool([first, second], { strategy });
      attempt(pool, first, requestFor(5000), 0);
      expect(selectedName(pool, requestFor(5000), 1)).toBe('a');
      attempt(pool, first, large, 1, { outcome: throttled(5000), headers: left(1000, 500) });
      expect(selectedName(pool, requestFor(1), 5000)).toBe('b');
      expect(selectedName(pool, requestFor(1), 5001)).toBe('a');
    },
  );
});

describe('what is reserved', () => {
  const reserves = { interactive: 0.2, standard: 0.3 };

  test.each([
    [0, ['interactive', 'standard', 'batch']],
    [400, ['interactive', 'standard', 'batch']],
    [401, ['interactive', 'standard']],
    [700, ['interactive', 'standard']],
    [701, ['interactive']],
    [900, ['interactive']],
    [901, []],
  ] as const)('what is reserved lets in, with %i of 1000 in use and 100 wanted: %j', (used, expected) => {
    const pool = makeHeadroomPool([makeBackend('a', { quota: { tpm: 1000 } })], { reserves });
    attempt(pool, pool.backends[0]!, requestFor(used), 0);
    const classes = (['interactive', 'standard', 'batch'] as const).filter(
      (priorityClass) => selectedName(pool, requestFor(100, { priorityClass }), 1) !== undefined,
    );
    expect(classes).toEqual(expected);
  });

  test('what is reserved is not spent on probes: that only the reserve is left is no reason to doubt', () => {
    const pool = makeHeadroomPool([makeBackend('a', { quota: { tpm: 1000 } })], { reserves });
    attempt(pool, pool.backends[0]!, requestFor(450), 0);
    const batch = requestFor(100, { priorityClass: 'batch' });
    for (const nowMs of [14_000, 16_000, 59_000]) expect(selectedName(pool, batch, nowMs)).toBeUndefined();
    attempt(pool, pool.backends[0]!, requestFor(1000), 59_000);
    expect(selectedName(pool, batch, 59_500)).toBeUndefined();
    expect(selectedName(pool, batch, 75_000)).toBe('a');
  });

  test('what is reserved counts who says nothing as standard', () => {
    const pool = makeHeadroomPool([makeBackend('a', { quota: { tpm: 1000 } })], { reserves });
    attempt(pool, pool.backends[0]!, requestFor(750), 0);
    expect(selectedName(pool, requestFor(100), 1)).toBeUndefined();
  });
});

describe('prompts', () => {
  const quota = { tpm: 1000 };

  test('prompts stay together while their backend has room, and go elsewhere when it has not', () => {
    const pool = makeHeadroomPool(['a', 'b', 'c'].map((name) => makeBackend(name, { quota })));
    const routing = requestFor(100, { affinityKey: () => 42 });
    const home = selectedName(pool, routing, 0);
    for (let request = 0; request < 20; request++) expect(selectedName(pool, routing, 0)).toBe(home);
    const backend = pool.backends.find(({ name }) => name === home)!;
    attempt(pool, backend, requestFor(950), 0);
    expect(selectedName(pool, routing, 1)).not.toBe(home);
    expect(selectedName(pool, routing, 60_100)).toBe(home);
  });

  test('prompts never lead into a later group', () => {
    const pool = makeHeadroomPool([makeBackend('a'), makeBackend('b', { priority: 2 })]);
    for (let key = 0; key < 50; key++) {
      expect(selectedName(pool, requestFor(1, { affinityKey: () => key }), 0)).toBe('a');
    }
  });
});
