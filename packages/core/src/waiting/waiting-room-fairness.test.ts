import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AttemptResult } from '../attempt.ts';
import { priorityClasses } from '../routing-request.ts';
import { makeAnswer } from '../testing/make-answer.ts';
import { makeBackend } from '../testing/make-backend.ts';
import { RollingBackend, type RollingLimits } from '../testing/rolling-backend.ts';
import { type Arrived, WaitingScene } from '../testing/waiting-scene.ts';
import type { WaitingRoomBounds } from './waiting-room.ts';

const TPM = 1000;
const A = makeBackend('a', { quota: { tpm: TPM } });
/** With a request in each ten seconds. */
const A_SLOW = makeBackend('a', { quota: { tpm: TPM, rpm: 6 } });
const SECOND_MS = 1000;

/** Requests of this many tokens. */
const of = (tokens: number) => ({ estimate: { promptTokens: tokens, outputTokens: 0 } });

/** A room before a backend with 1,000 tokens a minute, known to the pool, or before several that share them. */
class QuotaScene extends WaitingScene {
  readonly backend: RollingBackend;

  constructor(bounds: Partial<WaitingRoomBounds> = {}, backends = [A], limits: RollingLimits = { tpm: TPM }) {
    const judge = (): AttemptResult<string> => {
      const { outcome, header } = this.backend.judge(this.asking?.estimate?.promptTokens ?? 0, this.nowMs);
      const { status } = outcome as { status: number };
      return { kind: 'answered', status, header, body: '' };
    };
    const script = Object.fromEntries(backends.map(({ name }) => [name, judge]));
    super(backends, script, { maxWaitMs: 120 * SECOND_MS, ...bounds }, { strategy: 'most-headroom' });
    this.backend = new RollingBackend(limits);
  }
}

test('where the quota is known, requests are sent as it has room for them, and no more', async () => {
  const scene = new QuotaScene({ maxWaitMs: 130 * SECOND_MS });
  for (let count = 0; count < 30; count++) await scene.arrive(of(100));
  await scene.passTo(59 * SECOND_MS);
  expect(scene.ended).toHaveLength(10);
  await scene.passTo(61 * SECOND_MS);
  expect(scene.ended).toHaveLength(20);
  await scene.passTo(122 * SECOND_MS);
  expect(scene.ended).toHaveLength(30);
  expect(scene.ended.filter((line) => line.includes('200 from a'))).toHaveLength(30);
  // Now and then it is asked although it seems full, as otherwise nothing would show that it is not.
  expect(scene.backend.refusals).toBeLessThanOrEqual(2);
});

test('where the quota is known, a request that fits nowhere is tried at ever longer intervals, as its estimate may be wrong', async () => {
  const scene = new QuotaScene();
  const { client, verdict } = await scene.arrive(of(1001));
  await scene.passTo(120 * SECOND_MS);
  expect(await verdict).toMatchObject({ kind: 'exhausted', cause: 'throttled' });
  expect(client.waitedMs).toBeLessThanOrEqual(120 * SECOND_MS);
  expect(scene.backend.refusals).toBeGreaterThan(2);
  expect(scene.backend.refusals).toBeLessThan(12);
});

test('where the quota is known, no request goes before one that waits, however small it is', async () => {
  const scene = new QuotaScene();
  await scene.arrive(of(500));
  const huge = await scene.arrive(of(900));
  const small = await scene.arrive(of(100));
  expect([huge.ending, small.ending]).toEqual([undefined, undefined]);
  await scene.passTo(61 * SECOND_MS);
  expect([huge.ending, small.ending]).toEqual(['200 from a at 60025', '200 from a at 60025']);
});

test('where the quota is known, a huge request is served although small ones would take all there is', async () => {
  const scene = new QuotaScene();
  const comeUntil = async (untilMs: number) => {
    while (scene.nowMs < untilMs) {
      await scene.arrive(of(50));
      await scene.passTo(scene.nowMs + 3 * SECOND_MS);
    }
  };
  await comeUntil(60 * SECOND_MS);
  const huge = await scene.arrive({ name: 'huge', ...of(800) });
  await comeUntil(108 * SECOND_MS);
  expect(huge.ending).toMatch(/^200/);
  await comeUntil(180 * SECOND_MS);
  await scene.passTo(400 * SECOND_MS);
  expect(scene.ended.filter((line) => !line.includes('200 from a'))).toEqual([]);
});

test('where the quota is known, what one has reserved that is refused as a probe is not taken by those behind it', async () => {
  const scene = new QuotaScene();
  await scene.arrive(of(440));
  await scene.passTo(31);
  await scene.arrive(of(392));
  const huge = await scene.arrive(of(609));
  await scene.passTo(131);
  await scene.arrive(of(223));
  const last = await scene.arrive(of(169));
  // There is room for 608 then, and it was left alone for so long that it is asked for 609.
  await scene.passTo(60_025);
  scene.room.lookAgain();
  await scene.settle();
  expect([scene.backend.refusals, huge.ending, last.ending]).toEqual([1, undefined, undefined]);
  await scene.passTo(61_000);
  expect(huge.ending).toBe('200 from a at 60125');
});

test('where the quota is known, what one has reserved that waits is not kept from the more urgent', async () => {
  const scene = new QuotaScene();
  await scene.arrive(of(500));
  await scene.passTo(30 * SECOND_MS);
  await scene.arrive(of(400));
  const huge = await scene.arrive({ name: 'huge', ...of(800) });
  await scene.passTo(65 * SECOND_MS);
  const chat = await scene.arrive({ name: 'chat', priorityClass: 'interactive', ...of(210) });
  await scene.passTo(70 * SECOND_MS);
  const usual = await scene.arrive({ name: 'usual', ...of(210) });
  expect([chat.ending, usual.ending]).toEqual(['200 from a at 65000', undefined]);
  await scene.passTo(190 * SECOND_MS);
  expect([huge.ending, usual.ending]).toEqual(['200 from a at 125025', '200 from a at 185050']);
});

test('where the quota is known, what one had reserved that leaves is free at once', async () => {
  const scene = new QuotaScene();
  await scene.arrive(of(500));
  const huge = await scene.arrive(of(800));
  const small = await scene.arrive(of(250));
  expect([huge.ending, small.ending]).toEqual([undefined, undefined]);
  await scene.passTo(5 * SECOND_MS);
  await scene.leave(huge);
  expect(small.ending).toBe('200 from a at 5000');
});

test('where the quota is known, one that asks for more than the whole reserves nothing', async () => {
  const scene = new QuotaScene();
  await scene.arrive(of(500));
  const vast = await scene.arrive(of(1001));
  const small = await scene.arrive(of(500));
  expect([vast.ending, small.ending]).toEqual([undefined, '200 from a at 0']);
});

test('where the quota is known, a quota is reserved at all backends that draw on it', async () => {
  const quota = { tpm: TPM, quotaGroup: 'shared' };
  const scene = new QuotaScene({}, [makeBackend('a', { quota }), makeBackend('b', { quota, priority: 2 })]);
  await scene.arrive(of(500));
  const huge = await scene.arrive(of(800));
  const small = await scene.arrive(of(250));
  expect([huge.ending, small.ending]).toEqual([undefined, undefined]);
  await scene.passTo(61 * SECOND_MS);
  expect(huge.ending).toMatch(/^200/);
});

test.each([
  ['there is', 600, 20_025],
  ['all of it is there', 850, 50_025],
])(
  'where the quota is known, one for whom there is only room that is reserved is told when %s what the other waits for',
  async (_, tokens, recoveryMs) => {
    const scene = new QuotaScene({ maxRequests: 1 });
    await scene.arrive(of(500));
    await scene.passTo(30 * SECOND_MS);
    await scene.arrive(of(300));
    await scene.arrive(of(tokens));
    await scene.passTo(40 * SECOND_MS);
    const { ending } = await scene.arrive(of(200));
    expect(ending).toBe(`throttled, recovery in ${recoveryMs} at 40000`);
  },
);

test('where the quota is known, a huge request reserves room though one that is larger than everything waits before it', async () => {
  const scene = new QuotaScene({ maxWaitMs: 200 * SECOND_MS });
  let huge: Arrived | undefined;
  for (let nowMs = 0; nowMs < 200 * SECOND_MS; nowMs += 3 * SECOND_MS) {
    await scene.passTo(nowMs);
    if (nowMs === 57 * SECOND_MS) await scene.arrive(of(1001));
    if (nowMs === 60 * SECOND_MS) huge = await scene.arrive(of(800));
    await scene.arrive(of(50));
  }
  expect(huge?.ending).toMatch(/^200 from a at 1[01]/);
});

test.each([false, true])(
  'where the quota is known, a request is not made later by the number of others either (another: %s)',
  async (isMet) => {
    const scene = new QuotaScene({}, [A_SLOW], { tpm: TPM, rpm: 6, tells: 'a minute' });
    await scene.arrive(of(500));
    await scene.passTo(20 * SECOND_MS);
    const huge = await scene.arrive(of(800));
    await scene.passTo(55 * SECOND_MS);
    if (isMet) await scene.arrive(of(10));
    await scene.passTo(100 * SECOND_MS);
    expect(huge.ending).toBe('200 from a at 60025');
  },
);

test('where the quota is known, at the end of its time a request takes what another has reserved', async () => {
  const scene = new QuotaScene();
  await scene.arrive(of(500));
  const huge = await scene.arrive(of(800));
  const small = await scene.arrive({ timing: { deadlineMs: 10 * SECOND_MS }, ...of(250) });
  await scene.passTo(10 * SECOND_MS);
  expect([huge.ending, small.ending]).toEqual([undefined, '200 from a at 9498']);
});

test('a request that is refused again and again holds up nobody else', async () => {
  const refuse = makeAnswer(429, { headers: { 'retry-after-ms': '1000' } });
  const scene: WaitingScene = new WaitingScene(
    [makeBackend('a')],
    { a: () => (scene.asking?.estimate?.promptTokens === 5000 ? refuse : makeAnswer(200)) },
    { maxWaitMs: 30 * SECOND_MS },
    { strategy: 'most-headroom' },
  );
  await scene.arrive(of(5000));
  for (let nowMs = 200; nowMs <= 8 * SECOND_MS; nowMs += 200) {
    await scene.passTo(nowMs);
    await scene.arrive({ name: `small of ${nowMs}`, ...of(50) });
  }
  expect(scene.ended.filter((line) => line.includes('200 from a')).length).toBeGreaterThan(30);
});

interface Coming {
  readonly rank: number;
  readonly tokens: number;
  readonly bytes: number;
  readonly afterMs: number;
  readonly leavesAfterMs: number | undefined;
}

const coming: fc.Arbitrary<Coming> = fc.record({
  rank: fc.integer({ min: 0, max: 2 }),
  tokens: fc.integer({ min: 1, max: 700 }),
  bytes: fc.integer({ min: 0, max: 300 }),
  afterMs: fc.integer({ min: 0, max: 10_000 }),
  leavesAfterMs: fc.option(fc.integer({ min: 0, max: 60_000 }), { nil: undefined, freq: 4 }),
});

/** Lets requests come and go, and then all time pass; checks the scene after each step. */
async function play(scene: QuotaScene, all: readonly Coming[], look: () => void): Promise<void> {
  const leaving: { atMs: number; leave: () => Promise<void> }[] = [];
  for (const { rank, tokens, bytes, afterMs, leavesAfterMs } of all) {
    await scene.passTo(scene.nowMs + afterMs);
    for (const { leave } of leaving.splice(0).filter(({ atMs }) => atMs <= scene.nowMs)) await leave();
    look();
    const arrived = await scene.arrive({ bytes, priorityClass: priorityClasses[rank], ...of(tokens) });
    look();
    if (leavesAfterMs !== undefined)
      leaving.push({ atMs: scene.nowMs + leavesAfterMs, leave: () => scene.leave(arrived) });
  }
  await scene.passTo(scene.nowMs + 600 * SECOND_MS);
  look();
}

test('never more wait than may, nobody longer than may, and everyone leaves once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(coming, { minLength: 10, maxLength: 40 }), async (all) => {
      const bounds = { maxWaitMs: 40_000, maxRequests: 5, maxBytes: 1000 };
      const scene = new QuotaScene(bounds);
      await play(scene, all, () => {
        const waiting = scene.arrived.flatMap(({ ending }, index) =>
          ending === undefined ? [all[index]!.bytes] : [],
        );
        expect(waiting.length).toBe(scene.size);
        expect(waiting.length).toBeLessThanOrEqual(bounds.maxRequests);
        expect(waiting.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThanOrEqual(bounds.maxBytes);
      });
      expect(scene.ended).toHaveLength(all.length);
      expect(Math.max(...scene.arrived.map(({ client }) => client.waitedMs))).toBeLessThanOrEqual(40_001);
      expect([scene.size, scene.isAlarmSet]).toEqual([0, false]);
      expect(scene.pool.snapshots(undefined, scene.nowMs).map(({ inFlight }) => inFlight)).toEqual([0]);
    }),
    { numRuns: 60 },
  );
});

test('of a class and a size, those that came first are served first, and no refusal is left to the client', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(coming, { minLength: 10, maxLength: 30 }), async (all) => {
      const same = all.map((one) => ({
        ...one,
        tokens: 200,
        leavesAfterMs: undefined,
        afterMs: one.afterMs + 1,
      }));
      const scene = new QuotaScene({ maxWaitMs: 1_000_000 });
      await play(scene, same, () => {});
      const served = scene.ended.map((line) => Number(line.split(':')[0]) - 1);
      expect(scene.ended.every((line) => line.includes('200 from a'))).toBe(true);
      for (const rank of [0, 1, 2]) {
        const ofClass = served.filter((index) => same[index]!.rank === rank);
        expect(ofClass).toEqual(ofClass.toSorted((a, b) => a - b));
      }
    }),
    { numRuns: 40 },
  );
});

test('the first that waits is served hardly later than if nobody came after it', async () => {
  const arrivals = fc.array(coming, { minLength: 1, maxLength: 15 });
  await fc.assert(
    fc.asyncProperty(arrivals, fc.integer({ min: 1, max: 1000 }), arrivals, async (before, tokens, after) => {
      const play = async (later: readonly Coming[]) => {
        const scene = new QuotaScene({ maxWaitMs: 1_000_000 });
        for (const one of before) {
          await scene.passTo(scene.nowMs + one.afterMs);
          if (scene.backend.hasRoomAt(one.tokens, scene.nowMs, 100)) await scene.arrive(of(one.tokens));
        }
        const first = await scene.arrive(of(tokens));
        for (const one of later) {
          // So that they do not share a slot of the ledger with earlier charges.
          await scene.passTo(scene.nowMs + 100 + one.afterMs);
          const priorityClass = one.rank === 0 ? 'standard' : 'batch';
          await scene.arrive({ priorityClass, ...of(one.tokens) });
        }
        await scene.passTo(1_000_000);
        return Number(first.ending?.split(' at ')[1]);
      };
      // It may have been sent as a probe meanwhile, and refused: a pause follows.
      expect(await play(after)).toBeLessThanOrEqual((await play([])) + SECOND_MS);
    }),
    { numRuns: 60 },
  );
});
