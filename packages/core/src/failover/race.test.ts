import { expect, test } from 'vitest';
import type { Attempt, AttemptResult } from '../attempt.ts';
import type { Outcome } from '../outcome.ts';
import { BackendPool } from '../pool/backend-pool.ts';
import { makeAnswer } from '../testing/make-answer.ts';
import { makeBackend } from '../testing/make-backend.ts';
import { seededRandom } from '../testing/make-random.ts';
import { scriptedTransport } from '../testing/scripted-transport.ts';
import { SlowAttempt } from '../testing/slow-attempt.ts';
import { WaitingScene } from '../testing/waiting-scene.ts';
import type { FailoverRequest } from './decide-next-step.ts';
import { runFailover } from './run-failover.ts';

const ok = (body: string) => makeAnswer(200, { body });
const throttled = makeAnswer(429, { headers: { 'retry-after': '5' }, body: 'of 429' });

/** Two or more backends that answer, and run out of time, when a test says so. */
class Scene {
  readonly pool: BackendPool;
  readonly transport = scriptedTransport({});
  readonly attempts = new Map<string, SlowAttempt>();
  nowMs = 0;

  constructor(names: readonly string[], retries = 10) {
    const backends = names.map((name, index) => makeBackend(name, { priority: index + 1 }));
    this.pool = new BackendPool(backends, {
      strategy: 'round-robin',
      cooldown: { defaultMs: 10_000, floorMs: 100, ceilingMs: 300_000 },
      random: seededRandom(1),
      retryBudget: { share: 0, minRetriesPerSecond: retries / 10 },
    });
    this.renew();
    this.transport.timing = { deadlineMs: 230_000, attemptMs: 100_000, minAttemptMs: 500 };
    this.transport.hedging = { afterMs: 1000 };
    this.transport.abort = ({ backend }: Attempt) => {
      this.transport.aborted.push(backend.name);
      this.reply(backend.name, { kind: 'aborted' });
    };
  }

  /** Another request is to come. */
  renew(): void {
    for (const { name } of this.pool.backends) {
      const attempt = new SlowAttempt();
      this.attempts.set(name, attempt);
      this.transport.script.set(name, () => attempt.next);
    }
  }

  run(createsObject = false, more: Partial<FailoverRequest> = {}) {
    const request = { deployment: 'x', createsObject, ...more };
    return runFailover(this.pool, request, this.transport, () => this.nowMs);
  }

  reply(name: string, result: AttemptResult<string>): void {
    this.attempts.get(name)?.end(result);
  }

  /** The time given to an attempt is over. Resolves when the consequences have happened. */
  async beSlow(name = 'a', wasSent = true): Promise<void> {
    this.attempts.get(name)?.beOverdue(wasSent);
    await settle();
  }

  get called(): string[] {
    return this.transport.calls.map((call) => call.split('/')[0]!);
  }

  get aborted(): readonly string[] {
    return this.transport.aborted;
  }

  get snapshots() {
    return this.pool
      .snapshots('x', this.nowMs)
      .map(({ availability, inFlight }) => `${availability} ${inFlight}`);
  }
}

/** Everything that follows from the test's last step has happened. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

/** An earlier attempt at a backend has ended with an outcome that lets it cool down. */
function coolDown({ pool, nowMs }: Scene, name: string, outcome: Outcome): void {
  const backend = pool.backends.find((one) => one.name === name)!;
  const lease = pool.lease(backend, 'x', nowMs);
  pool.settle(lease, outcome, nowMs);
  lease.release();
}

test('a hedge is not sent when the first backend answers in time', async () => {
  const scene = new Scene(['a', 'b']);
  scene.reply('a', ok('of a'));
  expect(await scene.run()).toMatchObject({ kind: 'relay', answer: { body: 'of a' } });
  expect(scene.called).toEqual(['a']);
  expect(scene.transport.timeLimits).toEqual([1000]);
});

test('a hedge wins when it answers first; the other is aborted, cools nobody and holds no slot', async () => {
  const scene = new Scene(['a', 'b']);
  const running = scene.run();
  await scene.beSlow();
  expect(scene.called).toEqual(['a', 'b']);
  scene.reply('b', ok('of b'));
  const verdict = await running;
  expect(verdict).toMatchObject({ kind: 'relay', answer: { body: 'of b' } });
  expect(verdict.attempts.map(({ number, outcome }) => [number, outcome.kind])).toEqual([
    [1, 'aborted'],
    [2, 'succeeded'],
  ]);
  expect(scene.aborted).toEqual(['a']);
  expect(scene.snapshots).toEqual(['available 0', 'available 1']);
});

test('a hedge loses when the first answers first', async () => {
  const scene = new Scene(['a', 'b']);
  const running = scene.run();
  await scene.beSlow();
  scene.reply('a', ok('of a'));
  const verdict = await running;
  expect(verdict).toMatchObject({ kind: 'relay', answer: { body: 'of a' } });
  expect(verdict.attempts.map(({ number }) => number)).toEqual([2, 1]);
  expect(scene.aborted).toEqual(['b']);
  expect(scene.snapshots).toEqual(['available 1', 'available 0']);
});

test('a hedge whose loser has answered all the same discards that answer', async () => {
  const scene = new Scene(['a', 'b']);
  const running = scene.run();
  await scene.beSlow();
  scene.reply('b', ok('of b'));
  scene.reply('a', ok('of a'));
  expect(await running).toMatchObject({ answer: { body: 'of a' } });
  await settle();
  expect(scene.transport.discarded).toEqual(['of b']);
  expect(scene.snapshots).toEqual(['available 1', 'available 0']);
});

test('a hedge that fails leaves the first to answer', async () => {
  const scene = new Scene(['a', 'b']);
  const running = scene.run();
  await scene.beSlow();
  scene.reply('b', throttled);
  await settle();
  scene.reply('a', ok('of a'));
  expect(await running).toMatchObject({ kind: 'relay', answer: { body: 'of a' } });
  expect(scene.aborted).toEqual([]);
  expect(scene.transport.discarded).toEqual(['of 429']);
  expect(scene.snapshots).toEqual(['available 1', 'throttled 0']);
});

test('a hedge that fails is followed by another one while the first is still silent', async () => {
  const scene = new Scene(['a', 'b', 'c']);
  const running = scene.run();
  await scene.beSlow();
  scene.reply('b', throttled);
  await settle();
  expect(scene.called).toEqual(['a', 'b', 'c']);
  scene.reply('c', ok('of c'));
  expect(await running).toMatchObject({ kind: 'relay', answer: { body: 'of c' } });
  expect(scene.aborted).toEqual(['a']);
});

const LACK = '{"error":{"message":"It lacks it."}}';
const lack = makeAnswer(400, { bodyText: LACK, body: 'of lack' });
/** A request that the backends refuse which lack what it needs. */
const needing: Partial<FailoverRequest> = {
  isRefusedForLack: ({ kind }, { bodyText }) => kind === 'rejected' && bodyText === LACK,
};

test('a hedge that is refused for lack of something that another may have leaves the first to answer', async () => {
  const scene = new Scene(['a', 'b']);
  const running = scene.run(false, needing);
  await scene.beSlow();
  scene.reply('b', lack);
  await settle();
  expect(scene.aborted).toEqual([]);
  scene.reply('a', ok('of a'));
  expect(await running).toMatchObject({ kind: 'relay', answer: { body: 'of a' } });
  expect(scene.transport.discarded).toEqual(['of lack']);
  expect(scene.snapshots).toEqual(['available 1', 'available 0']);
});

test.each<[string, AttemptResult<string>]>([
  ['refuses it, too', makeAnswer(400, { bodyText: LACK, body: 'of a' })],
  ['does not have the deployment', makeAnswer(404, { bodyText: '{"error":{"code":"DeploymentNotFound"}}' })],
])('a hedge that is refused for lack of something is told of if the first %s', async (_, answer) => {
  const scene = new Scene(['a', 'b']);
  const running = scene.run(false, needing);
  await scene.beSlow();
  scene.reply('b', lack);
  await settle();
  scene.reply('a', answer);
  const verdict = await running;
  expect(verdict).toMatchObject({ kind: 'relay', answer: { status: 400 } });
  expect(verdict.attempts.map(({ backend }) => backend.name)).toEqual(['b', 'a']);
  const held = verdict.kind === 'relay' ? verdict.lease.backend.name : undefined;
  expect(scene.snapshots.map((line) => line.slice(-1))).toEqual(held === 'a' ? ['1', '0'] : ['0', '1']);
});

test('a hedge that is refused for lack of something says nothing of the first, which may have it and failed', async () => {
  const scene = new Scene(['a', 'b']);
  const running = scene.run(false, needing);
  await scene.beSlow();
  scene.reply('b', lack);
  await settle();
  scene.reply('a', throttled);
  expect(await running).toMatchObject({ kind: 'exhausted', cause: 'throttled' });
  expect(scene.snapshots.map((line) => line.slice(-1))).toEqual(['0', '0']);
});

test('a request that is refused for lack of something without a hedge is told of it, and is not tried elsewhere', async () => {
  const scene = new Scene(['a', 'b']);
  scene.reply('a', lack);
  expect(await scene.run(false, needing)).toMatchObject({ kind: 'relay', answer: { body: 'of lack' } });
  expect(scene.called).toEqual(['a']);
});

test('a hedge that is refused through the fault of the client ends the race', async () => {
  const scene = new Scene(['a', 'b']);
  const running = scene.run(false, needing);
  await scene.beSlow();
  scene.reply('b', makeAnswer(400, { bodyText: '{"error":{"message":"No."}}', body: 'of b' }));
  expect(await running).toMatchObject({ kind: 'relay', answer: { body: 'of b' } });
  expect(scene.aborted).toEqual(['a']);
});

test('a hedge that fails is not followed by one to a backend that cools down', async () => {
  const scene = new Scene(['a', 'b', 'c']);
  coolDown(scene, 'c', { kind: 'unreachable', failure: 'refused', wasSent: false });
  const running = scene.run();
  await scene.beSlow();
  scene.reply('b', throttled);
  await settle();
  expect(scene.called).toEqual(['a', 'b']);
  scene.reply('a', ok('of a'));
  expect(await running).toMatchObject({ kind: 'relay', answer: { body: 'of a' } });
});

test('a hedge that is late, too, is not followed by two at once', async () => {
  const scene = new Scene(['a', 'b', 'c', 'd']);
  for (const name of ['c', 'd'])
    coolDown(scene, name, { kind: 'throttled', status: 429, retryAfterMs: 5000 });
  const running = scene.run();
  await scene.beSlow('a');
  await scene.beSlow('b');
  expect(scene.called).toEqual(['a', 'b']);
  scene.nowMs = 6000;
  scene.reply('a', throttled);
  await settle();
  expect(scene.called).toEqual(['a', 'b', 'c']);
  await scene.beSlow('b');
  expect(scene.called).toEqual(['a', 'b', 'c']);
  scene.reply('c', ok('of c'));
  expect(await running).toMatchObject({ kind: 'relay', answer: { body: 'of c' } });
});

test('a hedge that is late, too, is not to blame if the first answers, which had more time', async () => {
  const scene = new Scene(['a', 'b']);
  for (let request = 1; request <= 3; request++) {
    scene.renew();
    const running = scene.run();
    scene.nowMs += 1000;
    await scene.beSlow('a');
    scene.nowMs += 1000;
    await scene.beSlow('b');
    scene.reply('a', ok('of a'));
    expect(await running).toMatchObject({ kind: 'relay', answer: { body: 'of a' } });
  }
  expect(scene.snapshots).toEqual(['available 3', 'available 0']);
});

test('a hedge and the first that both fail are followed by the next backend', async () => {
  const scene = new Scene(['a', 'b', 'c']);
  const running = scene.run();
  await scene.beSlow();
  scene.reply('a', throttled);
  scene.reply('b', throttled);
  scene.reply('c', ok('of c'));
  const verdict = await running;
  expect(verdict).toMatchObject({ kind: 'relay', answer: { body: 'of c' } });
  expect(verdict.attempts.map(({ number }) => number)).toEqual([1, 2, 3]);
});

test('a hedge ends with the client', async () => {
  const scene = new Scene(['a', 'b']);
  const running = scene.run();
  await scene.beSlow();
  scene.reply('a', { kind: 'aborted' });
  expect((await running).kind).toBe('abandoned');
  expect(scene.aborted).toEqual(['b']);
  expect(scene.snapshots).toEqual(['available 0', 'available 0']);
});

test.each([
  ['there is no other backend', new Scene(['a'])],
  ['the retry budget is spent', new Scene(['a', 'b'], 0)],
])('a hedge is not sent when %s', async (_, scene) => {
  const running = scene.run();
  await scene.beSlow();
  expect(scene.called).toEqual(['a']);
  scene.reply('a', ok('of a'));
  expect(await running).toMatchObject({ kind: 'relay', answer: { body: 'of a' } });
});

test('a hedge is not sent to a backend that cools down, as an only attempt would be', async () => {
  const scene = new Scene(['a', 'b']);
  coolDown(scene, 'b', { kind: 'unreachable', failure: 'refused', wasSent: false });
  const running = scene.run();
  await scene.beSlow();
  scene.reply('a', ok('of a'));
  expect(await running).toMatchObject({ kind: 'relay', answer: { body: 'of a' } });
  expect(scene.called).toEqual(['a']);
});

test('a hedge is not sent for a request that makes an object', async () => {
  const scene = new Scene(['a', 'b']);
  const running = scene.run(true);
  await scene.beSlow();
  await scene.beSlow();
  scene.reply('a', ok('of a'));
  expect(await running).toMatchObject({ answer: { body: 'of a' } });
  expect(scene.called).toEqual(['a']);
});

test('a hedge is not sent when too little time is left', async () => {
  const scene = new Scene(['a', 'b']);
  scene.transport.timing = { deadlineMs: 50, attemptMs: 1000, minAttemptMs: 100 };
  const running = scene.run();
  await scene.beSlow();
  expect(scene.called).toEqual(['a']);
  scene.reply('a', ok('of a'));
  await running;
});

/** A scene in which this many answers took this long. */
function withAnswers(count: number, ms: number): Scene {
  const scene = new Scene(['a', 'b', 'c']);
  scene.transport.hedging = { afterMs: 'auto' };
  for (let answer = 0; answer < count; answer++) scene.pool.lateAnswers.note('x', () => undefined, ms);
  return scene;
}

test('a hedge after a time that is learned is sent after a second where answers are quick, and one beside it if that is silent, too', async () => {
  const scene = withAnswers(1000, 50);
  const running = scene.run();
  expect(scene.transport.timeLimits).toEqual([1000]);
  await scene.beSlow('a');
  expect(scene.called).toEqual(['a', 'b']);
  await scene.beSlow('b');
  expect(scene.called).toEqual(['a', 'b', 'c']);
  scene.reply('c', ok('of c'));
  expect(await running).toMatchObject({ answer: { body: 'of c' } });
  expect(scene.aborted).toEqual(['a', 'b']);
});

test('a hedge after a time that is learned is sent later where answers take long, and not before anything is known', async () => {
  const scene = withAnswers(0, 0);
  const running = scene.run();
  await scene.beSlow();
  expect(scene.attempts.get('a')?.waits).toEqual([250]);
  for (let answer = 0; answer < 1000; answer++) scene.pool.lateAnswers.note('x', () => undefined, 4000);
  await scene.beSlow();
  const [, dueMs = 0] = scene.attempts.get('a')!.waits;
  expect(dueMs).toBeGreaterThan(10_000);
  expect(scene.called).toEqual(['a']);
  await scene.beSlow();
  expect(scene.called).toEqual(['a', 'b']);
  scene.reply('a', ok('of a'));
  expect(await running).toMatchObject({ answer: { body: 'of a' } });
});

test('a request that makes an object is sent to nobody else when it is late, but three in a row let the backend cool down', async () => {
  const scene = withAnswers(1000, 50);
  const running = [];
  const late = [];
  for (let request = 1; request <= 3; request++) {
    scene.renew();
    running.push(scene.run(true));
    late.push(scene.attempts.get('a')!);
    await scene.beSlow('a');
    expect(scene.snapshots[0]).toBe(request < 3 ? `available ${request}` : 'cooling 3');
  }
  expect(scene.called).toEqual(['a', 'a', 'a']);
  scene.renew();
  scene.reply('b', ok('of b'));
  expect(await scene.run(true)).toMatchObject({ answer: { body: 'of b' } });
  for (const attempt of late) attempt.end(ok('of a, late'));
  for (const verdict of await Promise.all(running)) expect(verdict).toMatchObject({ kind: 'relay' });
});

test('a request that makes an object says nothing of its backend before anything is known', async () => {
  const scene = withAnswers(0, 0);
  const running = [];
  for (let request = 1; request <= 3; request++) {
    scene.renew();
    running.push(scene.run(true));
    for (let look = 0; look < 40; look++) await scene.beSlow('a');
  }
  expect(scene.called).toEqual(['a', 'a', 'a']);
  expect(scene.snapshots[0]).toBe('available 3');
});

test('a hedge before anything is known is sent after five seconds, for one request at a time until something is answered', async () => {
  const scene = withAnswers(0, 0);
  scene.transport.abort = () => {};
  const first = scene.run();
  for (let look = 0; look < 16; look++) await scene.beSlow();
  expect(scene.called).toEqual(['a']);
  await scene.beSlow();
  expect(scene.called).toEqual(['a', 'b']);
  const b = scene.attempts.get('b')!;

  scene.renew();
  const second = scene.run();
  for (let look = 0; look < 20; look++) await scene.beSlow();
  expect(scene.called).toEqual(['a', 'b', 'a']);
  b.end(ok('of b'));
  expect(await first).toMatchObject({ answer: { body: 'of b' } });
  await scene.beSlow();
  expect(scene.called).toEqual(['a', 'b', 'a', 'b']);
  scene.reply('b', ok('of b, too'));
  expect(await second).toMatchObject({ answer: { body: 'of b, too' } });
});

test('a hedge before anything is known is sent only after fifteen seconds to a backend that has served later requests', async () => {
  const scene = withAnswers(0, 0);
  const running = scene.run();
  const lease = scene.pool.lease(scene.pool.backends[0]!, 'quick', 1);
  scene.pool.settle(lease, { kind: 'succeeded', status: 200 }, 10, () => undefined);
  lease.release();
  for (let look = 0; look < 56; look++) await scene.beSlow();
  expect(scene.called).toEqual(['a']);
  await scene.beSlow();
  expect(scene.called).toEqual(['a', 'b']);
  scene.reply('b', ok('of b'));
  expect(await running).toMatchObject({ answer: { body: 'of b' } });
});

test('a hedge is not sent before three times the longest answer so far, as long as few are known', async () => {
  const scene = withAnswers(1, 20_000);
  const running = scene.run();
  for (let look = 0; look < 230; look++) await scene.beSlow();
  expect(scene.called).toEqual(['a']);
  for (let look = 0; look < 60; look++) await scene.beSlow();
  expect(scene.called).toEqual(['a', 'b']);
  scene.reply('b', ok('of b'));
  expect(await running).toMatchObject({ answer: { body: 'of b' } });
});

test('a hedge before anything is known is sent again after ten seconds without any answer', async () => {
  const scene = withAnswers(0, 0);
  const running = scene.run();
  for (let look = 0; look < 17; look++) await scene.beSlow();
  for (let look = 0; look < 20; look++) await scene.beSlow('b');
  expect(scene.called).toEqual(['a', 'b']);
  scene.nowMs = 10_000;
  await scene.beSlow('b');
  expect(scene.called).toEqual(['a', 'b', 'c']);
  scene.reply('c', ok('of c'));
  expect(await running).toMatchObject({ answer: { body: 'of c' } });
});

test('a hedge after a time that is learned is not sent beside an answer that has begun, nor for one of streams what is known of others', async () => {
  const scene = withAnswers(1000, 50);
  scene.attempts.get('a')!.isAnswering = true;
  const running = scene.run();
  await scene.beSlow();
  expect(scene.called).toEqual(['a']);
  scene.reply('a', ok('of a'));
  await running;

  const streams = withAnswers(1000, 50);
  streams.transport.isStream = () => true;
  const stream = streams.run();
  await streams.beSlow();
  expect(streams.called).toEqual(['a']);
  streams.reply('a', ok('of a'));
  await stream;
});

test('a hedge after a time that is learned lets a backend cool down that was silent three times in a row, and takes nothing of the retry budget', async () => {
  const scene = withAnswers(1000, 50);
  for (let request = 1; request <= 3; request++) {
    scene.renew();
    const running = scene.run();
    await scene.beSlow('a');
    scene.reply('b', ok('of b'));
    expect(await running).toMatchObject({ answer: { body: 'of b' } });
    expect(scene.snapshots[0]).toBe(request < 3 ? 'available 0' : 'cooling 0');
  }
  expect(Array.from({ length: 12 }, () => scene.pool.takeRetry(0)).filter(Boolean)).toHaveLength(10);
});

test('a hedge after a time that is learned forgets silences once the backend has answered', async () => {
  const scene = withAnswers(1000, 50);
  for (const name of ['b', 'b', 'a', 'b', 'b']) {
    scene.renew();
    const running = scene.run();
    await scene.beSlow('a');
    scene.reply(name, ok('of it'));
    await running;
  }
  expect(scene.snapshots[0]).toMatch(/^available/);
});

test.each(['a', 'b'])(
  'a hedge after a time that is learned lets no backend cool down where all answers are late, as longer ones are asked for: %s is first',
  async (first) => {
    const scene = withAnswers(1000, 50);
    for (let request = 1; request <= 3; request++) {
      scene.renew();
      const running = scene.run();
      await scene.beSlow('a');
      await scene.beSlow('b');
      await scene.beSlow('c');
      expect(scene.called).toHaveLength(3 * request);
      scene.reply(first, ok('of it'));
      expect(await running).toMatchObject({ answer: { body: 'of it' } });
    }
    expect(scene.snapshots).toEqual(['a', 'b', 'c'].map((name) => `available ${name === first ? 3 : 0}`));
  },
);

/** A scene without hedges. */
function withoutHedges(names: readonly string[], retries?: number): Scene {
  const scene = new Scene(names, retries);
  delete scene.transport.hedging;
  return scene;
}

test('an attempt whose usual time is over is followed by another and goes on beside it, and its backend cools down for its silence', async () => {
  const scene = withoutHedges(['a', 'b']);
  const running = scene.run();
  scene.nowMs = 100_000;
  await scene.beSlow();
  expect(scene.transport.timeLimits).toEqual([100_000, 100_000]);
  expect(scene.snapshots).toEqual(['cooling 1', 'available 1']);
  scene.reply('b', ok('of b'));
  const verdict = await running;
  expect(verdict).toMatchObject({ answer: { body: 'of b' } });
  expect(verdict.attempts).toMatchObject([
    { number: 1, outcome: { kind: 'unreachable', failure: 'header-timeout' }, durationMs: 100_000 },
    { number: 2, outcome: { kind: 'succeeded' } },
  ]);
  expect(scene.aborted).toEqual(['a']);
  expect(scene.snapshots).toEqual(['cooling 0', 'available 1']);
});

test('an attempt whose usual time is over wins if it was only long, and is told as what it has come to', async () => {
  const scene = withoutHedges(['a', 'b', 'c']);
  const running = scene.run();
  scene.nowMs = 100_000;
  await scene.beSlow();
  scene.nowMs = 150_000;
  scene.reply('a', ok('of a'));
  const verdict = await running;
  expect(verdict).toMatchObject({ answer: { body: 'of a' } });
  expect(verdict.attempts).toMatchObject([
    { number: 2, outcome: { kind: 'aborted' } },
    { number: 1, outcome: { kind: 'succeeded' }, durationMs: 150_000 },
  ]);
  expect(scene.called).toEqual(['a', 'b']);
  expect(scene.aborted).toEqual(['b']);
});

test('an attempt whose usual time is over has all the time that is left where there is no other backend', async () => {
  const scene = withoutHedges(['a']);
  const running = scene.run();
  scene.nowMs = 100_000;
  await scene.beSlow();
  expect(scene.snapshots).toEqual(['available 1']);
  scene.reply('a', ok('of a'));
  expect(await running).toMatchObject({ answer: { body: 'of a' } });
});

test('an attempt whose usual time is over has it where another may not be made, or is too many', async () => {
  const owned = withoutHedges(['a', 'b']);
  const creation = owned.run(true);
  owned.nowMs = 100_000;
  await owned.beSlow();
  expect(owned.attempts.get('a')?.waits).toEqual([130_000]);
  owned.reply('a', ok('of a'));
  expect(await creation).toMatchObject({ answer: { body: 'of a' } });

  const spent = withoutHedges(['a', 'b'], 0);
  const running = spent.run();
  spent.nowMs = 100_000;
  await spent.beSlow();
  expect(spent.called).toEqual(['a']);
  spent.reply('a', ok('of a'));
  expect(await running).toMatchObject({ answer: { body: 'of a' } });
});

test('an attempt whose usual time is over ends where it could make a second object after all', async () => {
  const scene = withoutHedges(['a', 'b']);
  const running = scene.run(true);
  scene.nowMs = 100_000;
  await scene.beSlow('a', false);
  scene.reply('b', ok('of b'));
  expect(await running).toMatchObject({ answer: { body: 'of b' } });
  expect(scene.snapshots).toEqual(['cooling 0', 'available 1']);
});

test('an attempt whose usual time is over is followed as soon as another backend has come back', async () => {
  const scene = withoutHedges(['a', 'b']);
  coolDown(scene, 'b', { kind: 'throttled', status: 429, retryAfterMs: 101_000 });
  const running = scene.run();
  scene.nowMs = 100_000;
  await scene.beSlow();
  expect(scene.called).toEqual(['a']);
  scene.nowMs = 101_500;
  await scene.beSlow();
  expect(scene.called).toEqual(['a', 'b']);
  scene.reply('b', ok('of b'));
  expect(await running).toMatchObject({ answer: { body: 'of b' } });
});

test('an attempt whose usual time is over and all others end with the overall time', async () => {
  const scene = withoutHedges(['a', 'b', 'c']);
  const running = scene.run();
  for (const [nowMs, name] of [
    [100_000, 'a'],
    [200_000, 'b'],
    [230_000, 'a'],
    [230_000, 'b'],
    [230_000, 'c'],
  ] as const) {
    scene.nowMs = nowMs;
    await scene.beSlow(name);
  }
  expect(await running).toMatchObject({ kind: 'exhausted', cause: 'out-of-time' });
  expect(scene.called).toEqual(['a', 'b', 'c']);
  expect(scene.snapshots.map((line) => line.slice(-1))).toEqual(['0', '0', '0']);
});

test('an attempt whose usual time is over whose answer has begun is judged by its head', async () => {
  const scene = withoutHedges(['a', 'b']);
  const running = scene.run();
  scene.nowMs = 100_000;
  scene.attempts.get('a')!.isAnswering = true;
  await scene.beSlow();
  scene.reply('b', ok('of b'));
  expect(await running).toMatchObject({ answer: { body: 'of b' } });
  expect(scene.aborted).toEqual([]);
});

/** Requests of this many tokens. */
const of = (tokens: number) => ({ estimate: { promptTokens: 0, outputTokens: tokens } });

const A = makeBackend('a');
const B = makeBackend('b', { priority: 2, quota: { tpm: 1000 } });
/** A request of 400 tokens at `a`, which is silent; `beSlow` lets the time until its hedge pass. */
async function startSilent() {
  const [a, b] = [new SlowAttempt(), new SlowAttempt()];
  const scene = new WaitingScene(
    [A, B],
    { a: () => a.next, b: () => b.next },
    { maxWaitMs: 100_000 },
    { strategy: 'most-headroom' },
  );
  scene.transport.hedging = { afterMs: 1000 };
  await scene.arrive({ name: 'hedged', ...of(400) });
  return { scene, b, beSlow: () => a.beOverdue() };
}

test('where requests wait, a hedge that is refused lets them look at once, not when the first attempt has ended', async () => {
  const { scene, b, beSlow } = await startSilent();
  beSlow();
  await scene.settle();
  const waitingRequest = await scene.arrive({ name: 'waiting', owner: 'b', ...of(900) });
  expect(waitingRequest.ending).toBeUndefined();
  await scene.passTo(50);
  b.end(makeAnswer(429, { headers: { 'retry-after': '1' } }));
  scene.transport.script.set('b', () => ok('of b'));
  await scene.settle();
  await scene.passTo(2000);
  expect(waitingRequest.ending).toMatch(/^200 from b at 1\d\d\d$/);
});

test('where requests wait, no hedge is sent to a quota that one of them has reserved', async () => {
  const { scene, beSlow } = await startSilent();
  const lease = scene.pool.lease(B, 'x', 0, of(500));
  const waitingRequest = await scene.arrive({ owner: 'b', ...of(800) });
  expect(waitingRequest.ending).toBeUndefined();
  beSlow();
  await scene.settle();
  expect(scene.transport.calls).toEqual(['a/x']);
  lease.release();
});

test('where requests wait, a refusal that is relayed lets them look at once', async () => {
  const upload = new SlowAttempt();
  const scene = new WaitingScene(
    [makeBackend('a', { quota: { tpm: 1000 } })],
    { a: () => upload.next },
    { maxWaitMs: 100_000 },
    { strategy: 'most-headroom' },
  );
  scene.transport.isBodyGone = () => true;
  await scene.arrive({ name: 'upload', ...of(900) });
  scene.transport.isBodyGone = () => false;
  scene.transport.script.set('a', () => ok('of a'));
  const waitingRequest = await scene.arrive({ name: 'waiting', ...of(400) });
  expect(waitingRequest.ending).toBeUndefined();
  const headers = { 'x-ratelimit-limit-tokens': '1000', 'x-ratelimit-remaining-tokens': '500' };
  upload.end(makeAnswer(429, { headers }));
  await scene.settle();
  expect(scene.ended).toEqual(['upload: 429 from a at 0', 'waiting: 200 from a at 0']);
});

async function namesAsked(names: readonly string[], method: string, owner?: string): Promise<string> {
  const scene = new Scene(names);
  const running = scene.run(false, { method, owner });
  for (const _ of [1, 2, 3]) await scene.beSlow();
  for (const name of names) scene.reply(name, ok(`of ${name}`));
  expect((await running).kind).toBe('relay');
  return scene.called.join('');
}

test('a silent backend is asked a second time only for a GET, only once, and only where nobody else can answer', async () => {
  expect(await namesAsked(['a'], 'GET')).toBe('aa');
  expect(await namesAsked(['a', 'b'], 'GET', 'a')).toBe('aa');
  expect(await namesAsked(['a', 'b'], 'GET')).toBe('ab');
  expect(await namesAsked(['a'], 'POST')).toBe('a');
  expect(await namesAsked(['a', 'b'], 'POST', 'a')).toBe('a');
});

test('a backend that answers a GET only on another connection is not blamed for its silence on the first', async () => {
  const scene = new Scene(['a']);
  for (const _ of [1, 2, 3, 4]) {
    const running = scene.run(false, { method: 'GET' });
    scene.transport.script.set('a', () => ok('of a'));
    await scene.beSlow();
    expect(await running).toMatchObject({ answer: { body: 'of a' } });
    scene.renew();
  }
  expect(scene.snapshots).toEqual(['available 4']);
});
