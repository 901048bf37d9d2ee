import { describe, expect, test } from 'vitest';
import type { Attempt, AttemptResult } from '../attempt.ts';
import { BackendPool } from '../pool/backend-pool.ts';
import { makeAnswer } from '../testing/make-answer.ts';
import { makeBackend } from '../testing/make-backend.ts';
import { seededRandom } from '../testing/make-random.ts';
import { scriptedTransport } from '../testing/scripted-transport.ts';
import { WaitingScene } from '../testing/waiting-scene.ts';
import { runFailover } from './run-failover.ts';

const ok = (body: string) => makeAnswer(200, { body });
const throttled = makeAnswer(429, { headers: { 'retry-after': '5' }, body: 'of 429' });

/** Two or more backends that answer when a test says so, and a wait that ends when a test says so. */
class Scene {
  readonly pool: BackendPool;
  readonly transport = scriptedTransport({});
  readonly aborted: string[] = [];
  readonly replies = new Map<string, PromiseWithResolvers<AttemptResult<string>>>();
  #waits = 0;
  #cancelled = 0;
  #overNow: (() => void) | undefined;

  constructor(names: readonly string[], retries = 10) {
    const backends = names.map((name, index) => makeBackend(name, { priority: index + 1 }));
    this.pool = new BackendPool(backends, {
      strategy: 'round-robin',
      cooldown: { defaultMs: 10_000, floorMs: 100, ceilingMs: 300_000 },
      random: seededRandom(1),
      retryBudget: { share: 0, minRetriesPerSecond: retries / 10 },
    });
    for (const name of names) {
      const reply = Promise.withResolvers<AttemptResult<string>>();
      this.replies.set(name, reply);
      this.transport.script.set(name, () => reply.promise);
    }
    this.transport.hedging = {
      wait: () => {
        this.#waits++;
        const { promise, resolve } = Promise.withResolvers<undefined>();
        this.#overNow = () => resolve(undefined);
        return { isOver: promise, cancel: () => this.#cancelled++ };
      },
      abort: ({ backend }: Attempt) => {
        this.aborted.push(backend.name);
        this.replies.get(backend.name)?.resolve({ kind: 'aborted' });
      },
    };
  }

  run(createsObject = false) {
    return runFailover(this.pool, { deployment: 'x', createsObject }, this.transport, () => 0);
  }

  reply(name: string, result: AttemptResult<string>): void {
    this.replies.get(name)?.resolve(result);
  }

  /** The time until the hedge is over; resolves when what follows from that has happened. */
  async beSlow(): Promise<void> {
    this.#overNow?.();
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  }

  get called(): string[] {
    return this.transport.calls.map((call) => call.split('/')[0]!);
  }

  get waits() {
    return { begun: this.#waits, cancelled: this.#cancelled };
  }

  get snapshots() {
    return this.pool.snapshots('x', 0).map(({ availability, inFlight }) => `${availability} ${inFlight}`);
  }
}

describe('a hedge', () => {
  test('is not sent when the first backend answers in time', async () => {
    const scene = new Scene(['a', 'b']);
    scene.reply('a', ok('of a'));
    expect(await scene.run()).toMatchObject({ kind: 'relay', answer: { body: 'of a' } });
    expect(scene.called).toEqual(['a']);
    expect(scene.waits).toEqual({ begun: 1, cancelled: 1 });
  });

  test('wins when it answers first; the other is aborted, cools nobody and holds no slot', async () => {
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

  test('loses when the first answers first', async () => {
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

  test('whose loser has answered all the same discards that answer', async () => {
    const scene = new Scene(['a', 'b']);
    const running = scene.run();
    await scene.beSlow();
    scene.reply('b', ok('of b'));
    scene.reply('a', ok('of a'));
    expect(await running).toMatchObject({ answer: { body: 'of b' } });
    await scene.beSlow();
    expect(scene.transport.discarded).toEqual(['of a']);
    expect(scene.snapshots).toEqual(['available 0', 'available 1']);
  });

  test('that fails leaves the first to answer', async () => {
    const scene = new Scene(['a', 'b']);
    const running = scene.run();
    await scene.beSlow();
    scene.reply('b', throttled);
    await scene.beSlow();
    scene.reply('a', ok('of a'));
    expect(await running).toMatchObject({ kind: 'relay', answer: { body: 'of a' } });
    expect(scene.aborted).toEqual([]);
    expect(scene.transport.discarded).toEqual(['of 429']);
    expect(scene.snapshots).toEqual(['available 1', 'throttled 0']);
  });

  test('and the first that both fail are followed by the next backend', async () => {
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

  test('ends with the client', async () => {
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
  ])('is not sent when %s', async (_, scene) => {
    const running = scene.run();
    await scene.beSlow();
    expect(scene.called).toEqual(['a']);
    scene.reply('a', ok('of a'));
    expect(await running).toMatchObject({ kind: 'relay', answer: { body: 'of a' } });
  });

  test('is not sent to a backend that rests, as an only attempt would be', async () => {
    const scene = new Scene(['a', 'b']);
    const [, b] = scene.pool.backends;
    const failure = { kind: 'unreachable', failure: 'refused', wasSent: false } as const;
    const lease = scene.pool.lease(b!, 'x', 0);
    scene.pool.settle(lease, failure, 0);
    lease.release();
    const running = scene.run();
    await scene.beSlow();
    scene.reply('a', ok('of a'));
    expect(await running).toMatchObject({ kind: 'relay', answer: { body: 'of a' } });
    expect(scene.called).toEqual(['a']);
  });

  test('is not sent for a request that makes an object', async () => {
    const scene = new Scene(['a', 'b']);
    scene.reply('a', ok('of a'));
    await scene.run(true);
    expect(scene.waits.begun).toBe(0);
  });

  test('is not sent when too little time is left', async () => {
    const scene = new Scene(['a', 'b']);
    scene.transport.timing = { deadlineMs: 50, attemptMs: 1000, minAttemptMs: 100 };
    const running = scene.run();
    await scene.beSlow();
    expect(scene.called).toEqual(['a']);
    scene.reply('a', ok('of a'));
    await running;
  });
});

/** Requests of so many tokens. */
const of = (tokens: number) => ({ estimate: { promptTokens: 0, outputTokens: tokens } });

describe('where requests wait', () => {
  const A = makeBackend('a');
  const B = makeBackend('b', { priority: 2, quota: { tpm: 1000 } });
  /** A request of 400 tokens at `a`, which is silent; `beSlow` lets the time until its hedge pass. */
  async function startSilent() {
    const answers = new Map<string, (result: AttemptResult<string>) => void>();
    const answerOf = (name: string) => () =>
      new Promise<AttemptResult<string>>((resolve) => answers.set(name, resolve));
    const scene = new WaitingScene(
      [A, B],
      { a: answerOf('a'), b: answerOf('b') },
      { maxWaitMs: 100_000 },
      { strategy: 'most-headroom' },
    );
    const wait = Promise.withResolvers<undefined>();
    scene.transport.hedging = { wait: () => ({ isOver: wait.promise, cancel() {} }), abort() {} };
    await scene.arrive({ name: 'hedged', ...of(400) });
    return { scene, answers, beSlow: () => wait.resolve(undefined) };
  }

  test('a hedge that is refused lets them look at once, not when the first attempt has ended', async () => {
    const { scene, answers, beSlow } = await startSilent();
    beSlow();
    await scene.settle();
    const waitingRequest = await scene.arrive({ name: 'waiting', owner: 'b', ...of(900) });
    expect(waitingRequest.ending).toBeUndefined();
    await scene.passTo(50);
    answers.get('b')?.(makeAnswer(429, { headers: { 'retry-after': '1' } }));
    scene.transport.script.set('b', () => ok('of b'));
    await scene.settle();
    await scene.passTo(2000);
    expect(waitingRequest.ending).toMatch(/^200 from b at 1\d\d\d$/);
  });

  test('no hedge is sent to a quota that one of them has reserved', async () => {
    const { scene, beSlow } = await startSilent();
    const lease = scene.pool.lease(B, 'x', 0, of(500).estimate);
    const waitingRequest = await scene.arrive({ owner: 'b', ...of(800) });
    expect(waitingRequest.ending).toBeUndefined();
    beSlow();
    await scene.settle();
    expect(scene.transport.calls).toEqual(['a/x']);
    lease.release();
  });
});
