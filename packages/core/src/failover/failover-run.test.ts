import { expect, test } from 'vitest';
import type { AttemptResult } from '../attempt.ts';
import { BackendPool } from '../pool/backend-pool.ts';
import type { Lease } from '../pool/lease.ts';
import { makeAnswer } from '../testing/make-answer.ts';
import { makeBackend } from '../testing/make-backend.ts';
import { seededRandom } from '../testing/make-random.ts';
import { scriptedTransport } from '../testing/scripted-transport.ts';
import { runFailover } from './run-failover.ts';

type Reply = () => AttemptResult<string>;

const ok: Reply = () => makeAnswer(200);
const broken: Reply = () => makeAnswer(500);
const throttled: Reply = () => makeAnswer(429, { headers: { 'retry-after': '5' } });
const silent: Reply = () => ({ kind: 'failed', failure: 'header-timeout', wasSent: true });
const reset: Reply = () => ({ kind: 'failed', failure: 'reset', wasSent: true });

const A = makeBackend('a');
const B = makeBackend('b', { priority: 2 });
const C = makeBackend('c', { priority: 3 });

/** Three backends whose replies take time, and requests that have a deadline. */
class Scene {
  nowMs = 0;
  readonly transport = scriptedTransport({});
  readonly pool: BackendPool;

  constructor(replies: Readonly<Record<string, readonly [tookMs: number, Reply]>>, retries = 100) {
    for (const [name, [tookMs, reply]] of Object.entries(replies)) {
      this.transport.script.set(name, () => {
        this.nowMs += tookMs;
        return reply();
      });
    }
    this.pool = new BackendPool([A, B, C], {
      strategy: 'round-robin',
      cooldown: { defaultMs: 10_000, floorMs: 100, ceilingMs: 300_000 },
      random: seededRandom(1),
      retryBudget: { share: 0, minRetriesPerSecond: retries / 10 },
    });
  }

  async run(deadlineMs: number, createsObject = false) {
    this.transport.calls.length = 0;
    this.transport.timeLimits.length = 0;
    this.transport.timing = { deadlineMs: this.nowMs + deadlineMs, attemptMs: 1000, minAttemptMs: 100 };
    const request = { deployment: 'x', createsObject };
    const verdict = await runFailover(this.pool, request, this.transport, () => this.nowMs);
    if (verdict.kind === 'relay') verdict.lease.release();
    return [
      verdict.kind === 'exhausted' ? verdict.cause : verdict.kind,
      ...this.transport.calls.map((call) => call.split('/')[0]),
    ];
  }

  get availability(): string[] {
    return this.pool.snapshots('x', this.nowMs).map(({ availability }) => availability);
  }
}

test('a request with a deadline gives each attempt its usual time, and the last what is left', async () => {
  const scene = new Scene({ a: [1000, silent], b: [1000, silent], c: [10, ok] });
  expect(await scene.run(2500)).toEqual(['relay', 'a', 'b', 'c']);
  expect(scene.transport.timeLimits).toEqual([1000, 1000, 500]);
});

test.each<[string, Reply]>([
  ['a failure', broken],
  ['a silence', silent],
  ['a refusal for quota', throttled],
])(
  'a request with a deadline is not tried elsewhere after %s when too little time is left',
  async (_, reply) => {
    const scene = new Scene({ a: [950, reply] });
    expect(await scene.run(1000)).toEqual(['out-of-time', 'a']);
  },
);

test('a request with a deadline is tried elsewhere when there is just enough', async () => {
  const scene = new Scene({ a: [900, broken], b: [1, ok] });
  expect(await scene.run(1000)).toEqual(['relay', 'a', 'b']);
  expect(scene.transport.timeLimits).toEqual([1000, 100]);
});

test('a request with a deadline has its first attempt however little time it has', async () => {
  const scene = new Scene({ a: [5, ok] });
  expect(await scene.run(20)).toEqual(['relay', 'a']);
  expect(scene.transport.timeLimits).toEqual([20]);
});

test('a request with a deadline has no attempt at all once its deadline is over', async () => {
  const scene = new Scene({});
  expect(await scene.run(-1)).toEqual(['out-of-time']);
});

test('a request with a deadline is throttled, not late, when nothing but quota is missing', async () => {
  const scene = new Scene({ a: [1, throttled], b: [1, throttled], c: [998, throttled] });
  expect(await scene.run(1000)).toEqual(['throttled', 'a', 'b', 'c']);
});

test('a request with a deadline is late when the last backend there is has not answered by then', async () => {
  const scene = new Scene({ a: [1, broken], b: [1, broken], c: [998, silent] });
  expect(await scene.run(1000)).toEqual(['out-of-time', 'a', 'b', 'c']);
});

test('a request with a deadline that makes an object is not called late when it may have been made', async () => {
  const scene = new Scene({ a: [1000, silent] });
  expect(await scene.run(1000, true)).toEqual(['not-repeatable', 'a']);
});

test('a backend that does not answer in time cools down when it had its usual time', async () => {
  const scene = new Scene({ a: [1000, silent], b: [1, ok] });
  await scene.run(5000);
  expect(scene.availability).toEqual(['cooling', 'available', 'available']);
});

test('a backend that does not answer in time does not cool down when the client gave it less', async () => {
  const scene = new Scene({ a: [200, silent] });
  expect(await scene.run(200)).toEqual(['out-of-time', 'a']);
  expect(scene.availability).toEqual(['available', 'available', 'available']);
});

test('a backend that does not answer in time cools down for a broken connection however little time it had', async () => {
  const scene = new Scene({ a: [10, reset], b: [1, ok] });
  await scene.run(200);
  expect(scene.availability[0]).toBe('cooling');
});

test('the retry budget lets failures be retried as long as it lasts, and then ends them', async () => {
  const scene = new Scene({ a: [0, broken], b: [0, broken], c: [0, ok] }, 1);
  expect(await scene.run(5000)).toEqual(['retries-spent', 'a', 'b']);
  // A failed backend cools down, so others are served regardless.
  expect(await scene.run(5000)).toEqual(['relay', 'c']);
});

test('the retry budget is not needed to spill', async () => {
  const scene = new Scene({ a: [0, throttled], b: [0, throttled], c: [0, ok] }, 0);
  expect(await scene.run(5000)).toEqual(['relay', 'a', 'b', 'c']);
});

const once = (reply: Reply, isGone = true) => {
  const scene = new Scene({ a: [0, reply], b: [0, ok] });
  scene.transport.isBodyGone = () => isGone;
  return scene;
};

test.each<[string, Reply]>([
  ['a refusal for quota', throttled],
  ['an error', broken],
])(
  'a request whose body is gone with its first attempt ends with %s of the backend that had it',
  async (_, reply) => {
    expect(await once(reply).run(5000)).toEqual(['relay', 'a']);
  },
);

test('a request whose body is gone with its first attempt ends with an error of the gateway when that has not answered', async () => {
  expect(await once(reset).run(5000)).toEqual(['not-replayable', 'a']);
  expect(await once(silent).run(5000)).toEqual(['out-of-time', 'a']);
  expect(await once(reset).run(5000, true)).toEqual(['not-repeatable', 'a']);
});

test('a request whose body is gone with its first attempt goes elsewhere when the body was not needed yet', async () => {
  expect(await once(throttled, false).run(5000)).toEqual(['relay', 'a', 'b']);
});

/** A failover in which the transport throws, and the leases that it handed out before. */
const throwing = async (where: 'forward' | 'discard') => {
  const scene = new Scene({ a: [0, broken], b: [0, ok] });
  const held: Lease[] = [];
  scene.transport.hold = (lease) => void held.push(lease);
  scene.transport[where] = () => {
    throw new Error('a bug');
  };
  await expect(scene.run(5000)).rejects.toThrow('a bug');
  return { scene, held };
};

test.each(['forward', 'discard'] as const)(
  'whatever is thrown within a failover, its lease was handed out before, and is ended by whoever holds it: %s throws',
  async (where) => {
    const { scene, held } = await throwing(where);
    expect(held).toHaveLength(1);
    for (const lease of held) scene.pool.endLease(lease, scene.nowMs);
    for (const lease of held) scene.pool.endLease(lease, scene.nowMs);
    expect(scene.pool.report(0).map(({ asWhole }) => asWhole.inFlight)).toEqual([0, 0, 0]);
  },
);

test('whatever is thrown within a failover, a probe whose attempt it ends leaves the place to the next one', async () => {
  const pool = new BackendPool([A], {
    strategy: 'round-robin',
    cooldown: { defaultMs: 10_000, floorMs: 100, ceilingMs: 300_000 },
    random: seededRandom(1),
  });
  const first = pool.lease(A, 'x', 0);
  pool.settle(first, { kind: 'throttled', status: 429, retryAfterMs: 1000 }, 0);
  pool.endLease(first, 0);
  const probe = pool.lease(A, 'x', 1000);
  expect(pool.snapshots('x', 1000)[0]?.availability).toBe('probing');
  pool.endLease(probe, 1000);
  expect(pool.snapshots('x', 1000)[0]?.availability).toBe('available');
});
