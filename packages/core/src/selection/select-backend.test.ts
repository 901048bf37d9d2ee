import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Backend } from '../backend.ts';
import { makeBackend } from '../testing/make-backend.ts';
import { scriptedRandom, seededRandom } from '../testing/make-random.ts';
import { selectBackend, type BackendCandidate } from './select-backend.ts';
import { strategies } from './strategies.ts';

const NOW_MS = 1000;
const NEVER = Number.NEGATIVE_INFINITY;
const NO_QUOTA = {
  headroom: undefined,
  isProvisioned: false,
  isSpilling: false,
  isProbeDue: false,
  isWithout: false,
};

/** A backend's state: its name, availability and priority, and when it failed and recovers. */
const candidate = (
  name: string,
  availability: BackendCandidate['availability'],
  priority = 1,
  { failedAtMs = NEVER, recoversAtMs = NEVER } = {},
): BackendCandidate => ({
  backend: makeBackend(name, { priority }),
  availability,
  failedAtMs,
  recoversAtMs: (atMostMs = Number.POSITIVE_INFINITY) => Math.min(recoversAtMs, atMostMs),
  inFlight: 0,
  lastPick: 0,
  ...NO_QUOTA,
});
const failed = (name: string, failedAtMs: number, priority = 1) =>
  candidate(name, 'cooling', priority, { failedAtMs, recoversAtMs: failedAtMs + 5000 });
const throttled = (name: string, recoversAtMs: number, priority = 1) =>
  candidate(name, 'throttled', priority, { recoversAtMs });
const drained = (one: BackendCandidate): BackendCandidate => ({
  ...one,
  backend: { ...one.backend, weight: 0 },
});

const select = (candidates: readonly BackendCandidate[], tried: readonly string[] = []) =>
  selectBackend(
    candidates,
    ({ name }) => tried.includes(name),
    { strategy: strategies['round-robin'], random: scriptedRandom() },
    NOW_MS,
  );
const selectedName = (candidates: readonly BackendCandidate[], tried?: readonly string[]) => {
  const selection = select(candidates, tried);
  return selection.kind === 'selected' ? selection.backend.name : undefined;
};

test.each<[string, BackendCandidate[], string[], string]>([
  ['the available one', [candidate('a', 'available')], [], 'a'],
  ['the best group', [candidate('a', 'available', 2), candidate('b', 'available', 1)], [], 'b'],
  [
    'the best group of all numbers',
    [candidate('a', 'available', 0), candidate('b', 'available', -1)],
    [],
    'b',
  ],
  ['within the group by the strategy', [candidate('a', 'available'), candidate('b', 'available')], [], 'a'],
  ['the next of the group', [candidate('a', 'available'), candidate('b', 'available')], ['a'], 'b'],
  ['the group before the next', [candidate('a', 'available'), candidate('b', 'available', 2)], ['a'], 'b'],
  [
    'the next group when one is full',
    [candidate('a', 'full', 1, { recoversAtMs: 2000 }), candidate('b', 'available', 2)],
    [],
    'b',
  ],
  [
    'provisioned throughput of its group',
    [candidate('a', 'available'), { ...candidate('b', 'available'), isProvisioned: true }],
    [],
    'b',
  ],
  [
    'no provisioned throughput of a later group',
    [candidate('a', 'available'), { ...candidate('b', 'available', 2), isProvisioned: true }],
    [],
    'a',
  ],
  [
    'the next group when provisioned throughput spills',
    [
      { ...candidate('a', 'available'), isProvisioned: true, isSpilling: true },
      candidate('b', 'available', 2),
    ],
    [],
    'b',
  ],
  [
    'what spills when nothing else has room',
    [
      { ...candidate('a', 'available'), isProvisioned: true, isSpilling: true },
      candidate('b', 'full', 2, { recoversAtMs: 2000 }),
    ],
    [],
    'a',
  ],
  [
    'whatever else is available rather than one of weight 0',
    [drained(candidate('a', 'available')), candidate('b', 'available', 2)],
    [],
    'b',
  ],
  [
    'what spills rather than one of weight 0',
    [drained(candidate('a', 'available')), { ...candidate('b', 'available', 2), isSpilling: true }],
    [],
    'b',
  ],
  [
    'one of weight 0 when nothing else is available',
    [drained(candidate('a', 'available', 2)), throttled('b', 2000), candidate('c', 'probing')],
    [],
    'a',
  ],
  [
    'what seems full but was left alone for long',
    [
      candidate('a', 'full', 1, { recoversAtMs: 2000 }),
      { ...candidate('b', 'full', 2, { recoversAtMs: 2000 }), isProbeDue: true },
    ],
    [],
    'b',
  ],
  ['the next group when one is throttled', [throttled('a', 2000), candidate('b', 'available', 2)], [], 'b'],
  ['the next group when one is failing', [failed('a', 900), candidate('b', 'available', 2)], [], 'b'],
  [
    'the next group while a probe is out',
    [candidate('a', 'probing'), candidate('b', 'available', 2)],
    [],
    'b',
  ],
  ['the recovering one when nothing is available', [candidate('a', 'probing'), failed('b', 0)], [], 'a'],
  ['the best group of the recovering', [candidate('a', 'probing', 2), candidate('b', 'probing')], [], 'b'],
  [
    'the recovering one rather than the throttled',
    [throttled('a', 1001), candidate('b', 'probing', 2)],
    [],
    'b',
  ],
  ['the failing one when it is alone', [failed('a', 999)], [], 'a'],
  ['the one that failed longest ago', [failed('a', 900), failed('b', 800), failed('c', 850)], [], 'b'],
  ['whichever failed longest ago, of any group', [failed('a', 900, 1), failed('b', 800, 9)], [], 'b'],
  ['the first of those that failed together', [failed('a', 900), failed('b', 900)], [], 'a'],
  ['the failing one beside throttled ones', [throttled('a', 1001), failed('b', 999)], [], 'b'],
  [
    'the failing one whose cooldown is the longest, if it failed first',
    [
      candidate('a', 'cooling', 1, { failedAtMs: 900, recoversAtMs: 1001 }),
      candidate('b', 'cooling', 1, { failedAtMs: 800, recoversAtMs: 99_000 }),
    ],
    [],
    'b',
  ],
  ['the failing one that was not tried', [failed('a', 800), failed('b', 900)], ['a'], 'b'],
])('the pool selects %s', (_, candidates, tried, expected) => {
  expect(selectedName(candidates, tried)).toBe(expected);
});

test.each<[string, BackendCandidate[], string[], boolean, number]>([
  [
    'until the soonest recovers, when all are throttled',
    [throttled('a', 4000), throttled('b', 1500)],
    [],
    true,
    500,
  ],
  [
    'until the soonest recovers, even if it was tried',
    [throttled('a', 4000), throttled('b', 1500)],
    ['a', 'b'],
    true,
    500,
  ],
  ['of failing ones, and says so', [failed('a', 900), failed('b', 800)], ['a', 'b'], false, 4800],
  ['of both, until the soonest recovers', [failed('a', 500), throttled('b', 9000)], ['a'], true, 4500],
  // A client that retries at once may be served by the backend that is not cooling down.
  [
    'for no time when one that was tried does not cool down',
    [throttled('a', 4000), candidate('b', 'available')],
    ['b'],
    true,
    0,
  ],
  [
    'for no time when one that was tried recovers',
    [throttled('a', 4000), candidate('b', 'probing')],
    ['b'],
    true,
    0,
  ],
  ['for no time when nothing cools down', [candidate('a', 'available')], ['a'], false, 0],
  [
    'for no time when the only cooldown is over',
    [candidate('a', 'available', 1, { recoversAtMs: 900 })],
    ['a'],
    false,
    0,
  ],
])('the pool is exhausted %s', (_, candidates, tried, isThrottled, recoveryMs) => {
  expect(select(candidates, tried)).toEqual({ kind: 'exhausted', isThrottled, recoveryMs });
});

const hasRoom = ({ availability }: BackendCandidate) =>
  availability === 'available' || availability === 'probing';
const isSpent = ({ availability, isProbeDue }: BackendCandidate) =>
  availability === 'throttled' || (availability === 'full' && !isProbeDue);

const pool = fc
  .array(
    fc.record({
      availability: fc.constantFrom<BackendCandidate['availability']>(
        'available',
        'probing',
        'full',
        'cooling',
        'throttled',
      ),
      priority: fc.integer({ min: -1, max: 3 }),
      atMs: fc.integer({ min: 1, max: 900 }),
      inFlight: fc.nat(5),
      lastPick: fc.nat(9),
      isTried: fc.boolean(),
      headroom: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
      isProvisioned: fc.boolean(),
      isSpilling: fc.boolean(),
      isProbeDue: fc.boolean(),
    }),
    { maxLength: 8 },
  )
  .map((some) =>
    some
      .map(({ priority, atMs, ...rest }, index) => ({ atMs, priority, ...rest, index }))
      .map(({ index, priority, atMs, availability, ...rest }) => ({
        ...candidate(String(index), availability, priority, {
          failedAtMs: availability === 'cooling' ? NOW_MS - atMs : NEVER,
          recoversAtMs: ['cooling', 'throttled', 'full'].includes(availability) ? NOW_MS + atMs : NEVER,
        }),
        ...rest,
      })),
  );
const strategy = fc.constantFrom(...Object.values(strategies));

/** Checks a property of the selection from any pool, by any strategy, under any chance. */
const holds = (
  property: (selected: Backend | undefined, all: (BackendCandidate & { isTried: boolean })[]) => void,
) =>
  fc.assert(
    fc.property(pool, strategy, fc.integer(), (all, how, seed) => {
      const tried = new Set(all.filter(({ isTried }) => isTried).map(({ backend }) => backend));
      const selection = selectBackend(
        all,
        (backend) => tried.has(backend),
        { strategy: how, random: seededRandom(seed), affinityKey: seed % 2 === 0 ? () => seed : undefined },
        NOW_MS,
      );
      property(selection.kind === 'selected' ? selection.backend : undefined, all);
    }),
    { numRuns: 500 },
  );

test('whatever the candidates never selects what is throttled or was tried', () => {
  holds((selected, all) => {
    const own = all.find(({ backend }) => backend === selected);
    expect(own?.availability).not.toBe('throttled');
    expect(own?.isTried ?? false).toBe(false);
  });
});

test('whatever the candidates never skips a better group that has an available candidate, nor provisioned throughput within it', () => {
  holds((selected, all) => {
    const available = all.filter(({ availability, isTried }) => availability === 'available' && !isTried);
    if (available.length === 0) return;
    const unspilt = available.filter(({ isSpilling }) => !isSpilling);
    const candidates = unspilt.length > 0 ? unspilt : available;
    const best = Math.min(...candidates.map(({ backend }) => backend.priority));
    const group = candidates.filter(({ backend }) => backend.priority === best);
    const paid = group.filter(({ isProvisioned }) => isProvisioned);
    expect((paid.length > 0 ? paid : group).map(({ backend }) => backend)).toContain(selected);
  });
});

test('whatever the candidates never selects what is full while anything has room, nor without a reason to doubt it', () => {
  holds((selected, all) => {
    const own = all.find(({ backend }) => backend === selected);
    if (own?.availability !== 'full') return;
    expect(own.isProbeDue).toBe(true);
    expect(all.some((candidate) => hasRoom(candidate) && !candidate.isTried)).toBe(false);
  });
});

test('whatever the candidates only spent quota may empty the pool', () => {
  holds((selected, all) => {
    const canServe = all.some((candidate) => !isSpent(candidate) && !candidate.isTried);
    expect(selected !== undefined).toBe(canServe);
  });
});

test('whatever the candidates a pool that is exhausted says when the soonest cooldown ends, or that one does not cool down', () => {
  fc.assert(
    fc.property(
      pool.filter((all) => all.length > 0),
      (all) => {
        const selection = selectBackend(
          all,
          () => true,
          { strategy: strategies['round-robin'], random: scriptedRandom() },
          NOW_MS,
        );
        const cooldowns = all.map((candidate) => candidate.recoversAtMs()).filter((atMs) => atMs > NOW_MS);
        const isSomeAwake = cooldowns.length < all.length;
        expect(selection).toEqual({
          kind: 'exhausted',
          isThrottled: all.some(({ availability }) => ['throttled', 'full'].includes(availability)),
          recoveryMs: isSomeAwake ? 0 : Math.min(...cooldowns) - NOW_MS,
        });
      },
    ),
  );
});
