import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AttemptResult } from '../attempt.ts';
import type { Backend } from '../backend.ts';
import type { TransportFailure } from '../outcome.ts';
import { BackendPool } from '../pool/backend-pool.ts';
import { type Headers, makeAnswer } from '../testing/make-answer.ts';
import { makeBackend } from '../testing/make-backend.ts';
import { seededRandom } from '../testing/make-random.ts';
import { type ScriptedTransport, scriptedTransport } from '../testing/scripted-transport.ts';
import type { FailoverRequest } from './decide-next-step.ts';
import { runFailover } from './run-failover.ts';
import type { Verdict } from './verdict.ts';

type Reply = () => AttemptResult<string>;

const replying =
  (status: number, headers: Headers = {}, bodyText = ''): Reply =>
  () =>
    makeAnswer(status, { headers, bodyText, body: `body of ${status}` });
const ok = replying(200);
const throttled = (seconds: number) => replying(429, { 'retry-after': String(seconds) });
const failing =
  (failure: TransportFailure, wasSent: boolean): Reply =>
  () => ({ kind: 'failed', failure, wasSent });
const refused = failing('refused', false);
const aborted: Reply = () => ({ kind: 'aborted' });
const wrongKey = replying(
  401,
  {},
  '{"error":{"code":"401","message":"Access denied due to invalid subscription key."}}',
);
const missing = replying(404, {}, '{"error":{"code":"DeploymentNotFound","message":"…"}}');

/** A pool with its transport, and a clock that stands still until a test moves it. */
class Scene {
  readonly pool: BackendPool;
  readonly transport: ScriptedTransport;
  nowMs = 0;

  constructor(backends: readonly Backend[], script: Readonly<Record<string, Reply>>) {
    this.transport = scriptedTransport(script);
    this.pool = new BackendPool(backends, {
      strategy: 'round-robin',
      cooldown: { defaultMs: 10_000, floorMs: 100, ceilingMs: 300_000 },
      random: seededRandom(1),
    });
  }

  /** Runs one request. Returns its verdict. */
  run(request: Partial<FailoverRequest> = {}): Promise<Verdict<Backend, string>> {
    const whole = { deployment: 'x', createsObject: false, ...request };
    return runFailover(this.pool, whole, this.transport, () => this.nowMs);
  }

  /** Runs one request and ends its answer. Returns its status and the backends that were called for it. */
  async outcome(request?: Partial<FailoverRequest>) {
    const before = this.transport.calls.length;
    const verdict = await this.run(request);
    if (verdict.kind === 'relay') verdict.lease.release();
    const calls = this.transport.calls.slice(before).map((call) => call.split('/')[0]);
    return [verdict.kind === 'relay' ? verdict.answer.status : verdict.kind, ...calls];
  }

  get inFlight(): number[] {
    return this.pool.snapshots(undefined, this.nowMs).map(({ inFlight }) => inFlight);
  }
}

const A = makeBackend('a');
const B = makeBackend('b');
const SECOND = makeBackend('second', { priority: 2 });

test('a request is answered by the best backend alone', async () => {
  const scene = new Scene([SECOND, A], { a: ok });
  expect(await scene.outcome()).toEqual([200, 'a']);
});

test('a request spills into the next group at once when the first is throttled', async () => {
  const scene = new Scene([A, B, SECOND], { a: throttled(5), b: throttled(5), second: ok });
  expect(await scene.outcome()).toEqual([200, 'a', 'b', 'second']);
});

test('a request is called by the name that the deployment has at each backend', async () => {
  const mapped = makeBackend('b', { deployments: new Map([['x', 'x-eu']]) });
  const scene = new Scene([A, mapped], { a: throttled(5), b: ok });
  await scene.run();
  expect(scene.transport.calls).toEqual(['a/x', 'b/x-eu']);
});

test('a request is recorded attempt by attempt', async () => {
  const scene = new Scene([A, SECOND], {
    a: () => {
      scene.nowMs += 30;
      return throttled(5)();
    },
    second: () => {
      scene.nowMs += 12;
      return ok();
    },
  });
  expect((await scene.run()).attempts).toEqual([
    {
      number: 1,
      backend: A,
      deployment: 'x',
      startedMs: 0,
      durationMs: 30,
      outcome: { kind: 'throttled', status: 429, retryAfterMs: 5000 },
    },
    {
      number: 2,
      backend: SECOND,
      deployment: 'x',
      startedMs: 30,
      durationMs: 12,
      outcome: { kind: 'succeeded', status: 200 },
      spill: { fromPriority: 1, cause: 'throttled' },
    },
  ]);
});

const owner = 'second';

test('a request that only one backend can serve goes to it, whatever its priority', async () => {
  const scene = new Scene([A, SECOND], { a: ok, second: ok });
  expect(await scene.outcome({ owner })).toEqual([200, 'second']);
});

test('a request that only one backend can serve is throttled with it, although others have quota', async () => {
  const scene = new Scene([A, SECOND], { a: ok, second: throttled(7) });
  const verdict = await scene.run({ owner });
  expect(verdict).toMatchObject({ kind: 'exhausted', cause: 'throttled', recoveryMs: 7000 });
  expect(await scene.outcome({ owner })).toEqual(['exhausted']);
  expect(await scene.outcome()).toEqual([200, 'a']);
});

test('a request that only one backend can serve is not served by another when it is down', async () => {
  const scene = new Scene([A, SECOND], { a: ok, second: refused });
  expect(await scene.run({ owner })).toMatchObject({ kind: 'exhausted', cause: 'unavailable' });
});

test('a request that only one backend can serve is not served at all when the pool has no such backend', async () => {
  const scene = new Scene([A], { a: ok });
  expect(await scene.run({ owner: 'gone' })).toMatchObject({
    kind: 'exhausted',
    cause: 'unavailable',
    attempts: [],
  });
});

const isLookup = true;
const unknown = replying(404, {}, '{"error":{"message":"No such File object"}}');

test('a look-up of an object that any backend may have goes from backend to backend until one has it', async () => {
  const scene = new Scene([A, B, SECOND], { a: unknown, b: unknown, second: ok });
  expect(await scene.outcome({ isLookup })).toEqual([200, 'a', 'b', 'second']);
  expect(await scene.outcome({ isOfObject: true })).toEqual([404, 'a']);
});

test('a request that is about no object is tried elsewhere after any 404, which is for the client if all agree', async () => {
  const one = new Scene([A, SECOND], { a: unknown, second: ok });
  expect(await one.outcome()).toEqual([200, 'a', 'second']);
  const all = new Scene([A, SECOND], { a: unknown, second: unknown });
  expect(await all.outcome()).toEqual([404, 'a', 'second']);
  const mixed = new Scene([A, SECOND], { a: unknown, second: missing });
  expect(await mixed.outcome()).toEqual([404, 'a', 'second']);
});

test.each<[string, Reply, string]>([
  ['not found when none has it', unknown, 'not-found'],
  ['throttled when one that may have it is', throttled(5), 'throttled'],
  ['unavailable when one that may have it is', refused, 'unavailable'],
])('a look-up of an object that any backend may have is %s', async (_, last, cause) => {
  const scene = new Scene([A, SECOND], { a: unknown, second: last });
  expect(await scene.run({ isLookup })).toMatchObject({ kind: 'exhausted', cause });
});

test.each<[string, Reply]>([
  ...[300, 302, 408, 429, 500, 501, 502, 503, 504, 529].map((status): [string, Reply] => [
    String(status),
    replying(status),
  ]),
  ...[401, 403, 404, 410].map((status): [string, Reply] => [
    `${status}, once another backend has done it`,
    replying(status),
  ]),
  ['401 of the key', wrongKey],
  ['424', replying(424, { 'retry-after': '3' })],
  ['404 DeploymentNotFound', missing],
  ['400 of an unknown model', replying(400, {}, '{"error":{"code":"unknown_model"}}')],
  ['refused', refused],
  ['reset', failing('reset', true)],
  ['dns', failing('dns', false)],
  ['tls', failing('tls', false)],
  ['connect-timeout', failing('connect-timeout', false)],
  ['header-timeout', failing('header-timeout', true)],
  ['malformed', failing('malformed', true)],
  ['credential', failing('credential', false)],
])('%s is retried at once on another backend', async (_, reply) => {
  const scene = new Scene([A, SECOND], { a: reply, second: ok });
  expect(await scene.outcome()).toEqual([200, 'a', 'second']);
  // And the backend cools down: the next request does not begin there.
  expect(await scene.outcome()).toEqual([200, 'second']);
  expect(scene.inFlight).toEqual([0, 0]);
});

test.each<[string, Reply, number]>([
  ...[200, 201, 204, 304, 400, 405, 409, 413, 422].map((status): [string, Reply, number] => [
    String(status),
    status < 400 ? replying(status) : replying(status, {}, '{"error":{"code":null,"message":"No."}}'),
    status,
  ]),
  ['400 of the content filter', replying(400, {}, '{"error":{"code":"content_filter"}}'), 400],
  ['404 of an object', unknown, 404],
])('%s is relayed as it is', async (_, reply, status) => {
  const scene = new Scene([A, SECOND], { a: reply });
  expect(await scene.outcome({ isOfObject: true })).toEqual([status, 'a']);
  // And nothing cools down for it.
  expect(await scene.outcome({ isOfObject: true })).toEqual([status, 'a']);
  expect(scene.transport.discarded).toEqual([]);
});

const forbids = replying(401, {}, '{"error":{"code":"PermissionDenied","message":"lacks the data action"}}');
const chat = { method: 'POST', operation: 'chat/completions' };
const embed = { method: 'POST', operation: 'embeddings' };
const upload = { deployment: '', method: 'POST', operation: 'files' };

test.each([
  ['an operation', chat, upload, forbids],
  ['a deployment', { ...chat, deployment: 'x' }, { ...chat, deployment: 'y' }, replying(403)],
  ['an operation of a deployment', embed, chat, replying(404)],
])(
  'a backend that declines %s cools down for that alone, once another has done it',
  async (_, what, other, reply) => {
    const scene = new Scene([A, SECOND], { a: reply, second: ok });
    expect(await scene.outcome(what)).toEqual([200, 'a', 'second']);
    expect(await scene.outcome(what)).toEqual([200, 'second']);
    scene.transport.script.set('a', ok);
    expect(await scene.outcome(other)).toEqual([200, 'a']);
    scene.nowMs += 10_000;
    expect(await scene.outcome(what)).toEqual([200, 'a']);
  },
);

test('a backend that declines single requests among those that it serves cools down for nothing', async () => {
  const scene = new Scene([A, SECOND], { a: ok, second: ok });
  const declining = replying(
    400,
    {},
    '{"error":{"message":"This feature is not enabled for this resource."}}',
  );
  await scene.outcome(chat);
  for (let round = 0; round < 5; round++) {
    scene.transport.script.set('a', declining);
    expect(await scene.outcome(chat)).toEqual([200, 'a', 'second']);
    expect(await scene.outcome(chat)).toEqual([200, 'a', 'second']);
    scene.transport.script.set('a', ok);
    expect(await scene.outcome(chat)).toEqual([200, 'a']);
  }
});

test('a backend that declines an operation three times in a row cools down for that, though it has served', async () => {
  const scene = new Scene([A, SECOND], { a: ok, second: ok });
  await scene.outcome(chat);
  scene.transport.script.set('a', replying(404));
  for (let round = 0; round < 3; round++) expect(await scene.outcome(chat)).toEqual([200, 'a', 'second']);
  expect(await scene.outcome(chat)).toEqual([200, 'second']);
});

test('a backend that declines two things without saying why cools down as a whole', async () => {
  const scene = new Scene([A, SECOND], { a: replying(401), second: ok });
  expect(await scene.outcome(chat)).toEqual([200, 'a', 'second']);
  expect(await scene.outcome(upload)).toEqual([200, 'a', 'second']);
  expect(await scene.outcome(embed)).toEqual([200, 'second']);
});

test('a backend that declines two things, and serves in between, cools down for these alone', async () => {
  const scene = new Scene([A, SECOND], { a: replying(401), second: ok });
  await scene.outcome(chat);
  scene.transport.script.set('a', ok);
  expect(await scene.outcome(embed)).toEqual([200, 'a']);
  scene.transport.script.set('a', replying(401));
  await scene.outcome(upload);
  scene.transport.script.set('a', ok);
  expect(await scene.outcome(embed)).toEqual([200, 'a']);
});

test('a backend that declines two operations because they are not allowed cools down for these alone', async () => {
  const scene = new Scene([A, SECOND], { a: forbids, second: ok });
  await scene.outcome(upload);
  await scene.outcome({ ...upload, operation: 'batches' });
  scene.transport.script.set('a', ok);
  expect(await scene.outcome(chat)).toEqual([200, 'a']);
});

test('a backend that declines what concerns one object cools down for nothing', async () => {
  const scene = new Scene([A, SECOND], { a: forbids, second: ok });
  const read = { deployment: '', method: 'GET', operation: 'files/file-1' };
  expect(await scene.outcome(read)).toEqual([200, 'a', 'second']);
  expect(await scene.outcome(read)).toEqual([200, 'a', 'second']);
});

test.each([401, 403, 404, 410, 424])(
  'a backend that declines like all others is relayed, and nobody cools down: %d',
  async (status) => {
    const scene = new Scene([A, SECOND], { a: replying(403), second: replying(status) });
    expect(await scene.outcome(chat)).toEqual([status, 'a', 'second']);
    expect(scene.transport.discarded).toEqual(['body of 403']);
    scene.transport.script.set('a', ok);
    expect(await scene.outcome(chat)).toEqual([200, 'a']);
    expect(scene.inFlight).toEqual([0, 0]);
  },
);

test('a backend that declines is relayed where another has not got the deployment', async () => {
  const scene = new Scene([A, SECOND], { a: replying(403), second: missing });
  expect(await scene.outcome(chat)).toEqual([403, 'a', 'second']);
});

test('a backend that declines is relayed when no time is left for another', async () => {
  const scene = new Scene([A, SECOND], { a: replying(403), second: ok });
  scene.transport.timing = { deadlineMs: 400, attemptMs: 400, minAttemptMs: 500 };
  expect(await scene.outcome(chat)).toEqual([403, 'a']);
});

test('a model that is asked for by name alone and that nobody has costs nobody a cooldown', async () => {
  const scene = new Scene([A, SECOND], { a: missing, second: missing });
  const read = { deployment: '', method: 'GET', operation: 'models/unknown' };
  expect(await scene.outcome(read)).toEqual([404, 'a', 'second']);
  scene.transport.script.set('a', ok);
  expect(await scene.outcome({ ...read, operation: 'files' })).toEqual([200, 'a']);
});

test('a backend that cools down is not called until its cooldown ends, and is then', async () => {
  const scene = new Scene([A, SECOND], { a: throttled(5), second: ok });
  expect(await scene.outcome()).toEqual([200, 'a', 'second']);
  scene.transport.script.set('a', ok);
  for (scene.nowMs = 0; scene.nowMs < 5000; scene.nowMs += 250)
    expect(await scene.outcome()).toEqual([200, 'second']);
  expect(await scene.outcome()).toEqual([200, 'a']);
});

test('a backend that cools down counts its cooldown from the answer, not from the attempt', async () => {
  const scene = new Scene([A, SECOND], {
    a: () => {
      scene.nowMs = 3000;
      return throttled(5)();
    },
    second: ok,
  });
  await scene.outcome();
  scene.nowMs = 7999;
  expect(await scene.outcome()).toEqual([200, 'second']);
});

test.each<[string, Reply, number]>([
  ['a 429 with the reset of its tokens', replying(429, { 'x-ratelimit-reset-tokens': '60' }), 60_000],
  ['a 429 with an unknown reset', replying(429, { 'x-ratelimit-reset-tokens': '0' }), 10_000],
  [
    'a 429 with an unknown reset and the misspelt one',
    replying(429, { 'x-ratelimit-reset-tokens': '0', 'x-rate-limit-reset-tokens': '55' }),
    55_000,
  ],
  ['a 500 with the reset of its tokens', replying(500, { 'x-ratelimit-reset-tokens': '60' }), 10_000],
  ['a 503 with Retry-After', replying(503, { 'retry-after': '60', 'x-ratelimit-reset-tokens': '5' }), 60_000],
  ['a missing deployment', missing, 10_000],
])('a backend is in its cooldown after %s for as long as it should', async (_, reply, cooldownMs) => {
  const scene = new Scene([A, SECOND], { a: reply, second: ok });
  await scene.outcome();
  scene.transport.script.set('a', ok);
  scene.nowMs = cooldownMs - 1;
  expect(await scene.outcome()).toEqual([200, 'second']);
  scene.nowMs = cooldownMs;
  expect(await scene.outcome()).toEqual([200, 'a']);
});

test('a backend that cools down is probed at once although a slow request of before is still out', async () => {
  const scene = new Scene([A, SECOND], { second: ok });
  const slow = Promise.withResolvers<AttemptResult<string>>();
  scene.transport.script.set('a', () => slow.promise);
  const waiting = scene.run();
  scene.transport.script.set('a', throttled(5));
  expect(await scene.outcome()).toEqual([200, 'a', 'second']);
  scene.transport.script.set('a', ok);
  scene.nowMs = 5000;
  expect(await scene.outcome()).toEqual([200, 'a']);
  slow.resolve(ok());
  expect((await waiting).kind).toBe('relay');
});

test('a backend that cools down is asked by one probe first, then by more for each success', async () => {
  const scene = new Scene([A, SECOND], { a: throttled(5), second: ok });
  await scene.outcome();
  scene.nowMs = 5000;
  const probe = Promise.withResolvers<AttemptResult<string>>();
  scene.transport.script.set('a', () => probe.promise);
  const probing = scene.run();
  expect(await scene.outcome()).toEqual([200, 'second']);
  expect(await scene.outcome()).toEqual([200, 'second']);
  probe.resolve(ok());
  expect((await probing).kind).toBe('relay');
  scene.transport.script.set('a', ok);
  expect(await scene.outcome()).toEqual([200, 'a']);
});

test('a backend that cools down serves its other deployments meanwhile', async () => {
  const scene = new Scene([A, SECOND], { a: throttled(5), second: ok });
  await scene.outcome({ deployment: 'x' });
  scene.transport.script.set('a', ok);
  expect(await scene.outcome({ deployment: 'x' })).toEqual([200, 'second']);
  expect(await scene.outcome({ deployment: 'y' })).toEqual([200, 'a']);
});

test.each<[string, Reply]>([
  ['a connection', refused],
  ['a credential', wrongKey],
])('a backend that cools down for %s serves no deployment meanwhile', async (_, reply) => {
  const scene = new Scene([A, SECOND], { a: reply, second: ok });
  await scene.outcome({ deployment: 'x' });
  expect(await scene.outcome({ deployment: 'y' })).toEqual([200, 'second']);
});

test('when every backend is throttled, nobody is called, and the soonest recovery of the whole pool is told', async () => {
  const scene = new Scene([A, SECOND], { a: throttled(30), second: throttled(7) });
  expect(await scene.run()).toMatchObject({ kind: 'exhausted', cause: 'throttled', recoveryMs: 7000 });
  expect(scene.transport.calls).toHaveLength(2);

  scene.nowMs = 1000;
  expect(await scene.run()).toEqual({
    kind: 'exhausted',
    cause: 'throttled',
    recoveryMs: 6000,
    attempts: [],
  });
  expect(scene.transport.calls).toHaveLength(2);
});

test('when every backend is throttled, the first to recover is called alone', async () => {
  const scene = new Scene([A, SECOND], { a: throttled(30), second: throttled(7) });
  await scene.outcome();
  scene.nowMs = 7000;
  scene.transport.script.set('second', ok);
  expect(await scene.outcome()).toEqual([200, 'second']);
});

test.each<[string, Reply, Reply, string]>([
  ['all fail', replying(500), refused, 'unavailable'],
  ['all refuse the credential', wrongKey, wrongKey, 'unavailable'],
  ['one declines, another fails', replying(403), replying(500), 'unavailable'],
  ['one declines, another refuses the credential', replying(403), wrongKey, 'unavailable'],
  ['one is throttled', throttled(5), replying(500), 'throttled'],
  ['one is throttled, and the others lack the deployment', missing, throttled(5), 'throttled'],
  ['nobody has the deployment', missing, missing, 'deployment-missing'],
  ['one lacks the deployment, another fails', missing, replying(503), 'unavailable'],
])('when nobody can serve because %s, the gateway says so itself', async (_, a, second, cause) => {
  const scene = new Scene([A, SECOND], { a, second });
  const verdict = await scene.run();
  expect(verdict).toMatchObject({ kind: 'exhausted', cause });
  expect(verdict.attempts).toHaveLength(2);
  expect(scene.inFlight).toEqual([0, 0]);
  // It stays the same while they cool down, except for a throttled backend, which is left alone.
  expect(await scene.run()).toMatchObject({ kind: 'exhausted', cause });
});

test.each<[string, Partial<FailoverRequest>, unknown[]]>([
  ['and another has done is not sent there again', {}, [200, 'b']],
  [
    'is sent there again where it looks for an object, which only one may have',
    { isLookup: true },
    [200, 'a', 'b'],
  ],
])('a request that a backend has declined %s', async (_, request, next) => {
  const scene = new Scene([A, B], { a: replying(405), b: ok });
  expect(await scene.outcome(request)).toEqual([200, 'a', 'b']);
  expect(await scene.outcome(request)).toEqual(next);
});

test('when nobody can serve because of a 429, that is told even if its cooldown is over by the time the others have failed', async () => {
  const scene = new Scene([A, SECOND], {
    a: throttled(1),
    second: () => {
      scene.nowMs = 5000;
      return failing('header-timeout', true)();
    },
  });
  expect(await scene.run()).toMatchObject({ kind: 'exhausted', cause: 'throttled', recoveryMs: 0 });
});

test.each<[string, Reply, Reply, number]>([
  ['all are throttled', throttled(30), throttled(7), 7000],
  ['one is throttled for longer than the other fails', throttled(30), replying(500), 10_000],
  ['one is throttled for less long than the other fails', throttled(5), replying(500), 5000],
  ['one is throttled, and the other lacks the deployment', throttled(55), missing, 55_000],
  ['one is throttled, and the other declines', replying(403), throttled(55), 55_000],
  ['one is throttled, and the other refuses the credential', throttled(55), wrongKey, 55_000],
  ['all fail', replying(500, { 'retry-after': '3' }), refused, 3000],
  ['nobody has the deployment', missing, missing, 10_000],
])(
  'when nobody can serve because %s, the soonest end of a cooldown is told',
  async (_, a, second, recoveryMs) => {
    const scene = new Scene([A, SECOND], { a, second });
    expect(await scene.run()).toMatchObject({ kind: 'exhausted', recoveryMs });
  },
);

test('when nobody can serve because nobody is there, that is no missing deployment', async () => {
  const verdict = await new Scene([], {}).run();
  expect(verdict).toMatchObject({ kind: 'exhausted', cause: 'unavailable', attempts: [] });
});

test('when nobody can serve because nobody has any of 20,000 names, each costs one call to each, and others are served as before', async () => {
  const scene = new Scene([A, SECOND], { a: ok, second: throttled(60) });
  await scene.outcome();
  scene.transport.script.set('a', missing);
  scene.transport.script.set('second', missing);
  scene.transport.calls.length = 0;
  let missed = 0;
  for (let name = 0; name < 20_000; name++) {
    const verdict = await scene.run({ deployment: `random-${name}` });
    if (verdict.kind === 'exhausted' && verdict.cause === 'deployment-missing') missed++;
  }
  expect(missed).toBe(20_000);
  expect(scene.transport.calls).toHaveLength(40_000);
  expect(scene.inFlight).toEqual([0, 0]);
  scene.transport.script.set('a', ok);
  expect(await scene.outcome()).toEqual([200, 'a']);
  // The newest names keep their cooldowns, the oldest are forgotten: asking them again costs a call and nothing else.
  const isInCooldown = (name: number) =>
    scene.pool.snapshots(`random-${name}`, 0).map(({ availability }) => availability === 'cooling');
  expect([0, 19_899, 19_900, 19_999].map(isInCooldown)).toEqual([
    [false, false],
    [false, false],
    [true, true],
    [true, true],
  ]);
});

test('when nobody can serve, a single backend that failed once is tried again by the next request', async () => {
  const scene = new Scene([A], { a: replying(500) });
  expect(await scene.outcome()).toEqual(['exhausted', 'a']);
  scene.transport.script.set('a', ok);
  expect(await scene.outcome()).toEqual([200, 'a']);
});

test('when nobody can serve, those that fail are all tried, the one that failed longest ago first', async () => {
  const scene = new Scene([A, SECOND], { a: replying(500), second: replying(500) });
  expect(await scene.outcome()).toEqual(['exhausted', 'a', 'second']);
  scene.nowMs = 1;
  expect(await scene.outcome()).toEqual(['exhausted', 'a', 'second']);
  scene.transport.script.set('second', ok);
  expect(await scene.outcome()).toEqual([200, 'a', 'second']);
});

const creates = { createsObject: true };

test.each<[string, Reply, number]>([
  ['a 500', replying(500), 500],
  ['a 503', replying(503), 503],
  ['a 408', replying(408), 408],
])(
  'a request that creates an object is not repeated after %s: the client sees it',
  async (_, reply, status) => {
    const scene = new Scene([A, SECOND], { a: reply });
    expect(await scene.outcome(creates)).toEqual([status, 'a']);
    expect(scene.transport.discarded).toEqual([]);
    // The backend cools down for it nevertheless.
    scene.transport.script.set('second', ok);
    expect(await scene.outcome(creates)).toEqual([200, 'second']);
  },
);

test.each<[string, Reply]>([
  ['a reset after sending', failing('reset', true)],
  ['no response head in time', failing('header-timeout', true)],
])('a request that creates an object is not repeated after %s: the gateway says why', async (_, reply) => {
  const scene = new Scene([A, SECOND], { a: reply });
  expect(await scene.run(creates)).toMatchObject({
    kind: 'exhausted',
    cause: 'not-repeatable',
    recoveryMs: 0,
  });
  expect(scene.transport.calls).toEqual(['a/x']);
  expect(scene.inFlight).toEqual([0, 0]);
});

test.each<[string, Reply]>([
  ['a 429', throttled(5)],
  ['a 401', replying(401)],
  ['a missing deployment', missing],
  ['a refused connection', refused],
  ['a reset before sending', failing('reset', false)],
])('a request that creates an object is repeated after %s', async (_, reply) => {
  const scene = new Scene([A, SECOND], { a: reply, second: ok });
  expect(await scene.outcome(creates)).toEqual([200, 'a', 'second']);
});

test('a client that goes away ends the request, cools nobody and holds no slot', async () => {
  const scene = new Scene([A, SECOND], { a: aborted });
  expect(await scene.run()).toMatchObject({
    kind: 'abandoned',
    attempts: [{ number: 1, outcome: { kind: 'aborted' } }],
  });
  expect(scene.transport.calls).toEqual(['a/x']);
  expect(scene.inFlight).toEqual([0, 0]);
  scene.transport.script.set('a', ok);
  expect(await scene.outcome()).toEqual([200, 'a']);
});

test('a client that goes away ends the request in a later attempt too', async () => {
  const scene = new Scene([A, B, SECOND], { a: throttled(5), b: aborted });
  expect(await scene.outcome()).toEqual(['abandoned', 'a', 'b']);
  expect(scene.transport.discarded).toEqual(['body of 429']);
});

test('every answer that is not relayed is discarded once, and the relayed one is not', async () => {
  const scene = new Scene([A, B, SECOND], { a: throttled(5), b: replying(503), second: ok });
  const verdict = await scene.run();
  expect(verdict).toMatchObject({ kind: 'relay', answer: { body: 'body of 200' } });
  expect(scene.transport.discarded).toEqual(['body of 429', 'body of 503']);
});

test('the last answer is discarded as well when nobody can serve', async () => {
  const scene = new Scene([A, B], { a: throttled(5), b: replying(500) });
  await scene.run();
  expect(scene.transport.discarded).toEqual(['body of 429', 'body of 500']);
});

test('the slot of a relayed answer is held until its body has ended', async () => {
  const scene = new Scene([A, SECOND], { a: throttled(5), second: ok });
  const verdict = await scene.run();
  expect(scene.inFlight).toEqual([0, 1]);
  if (verdict.kind !== 'relay') throw new Error('expected an answer');
  verdict.lease.release();
  verdict.lease.release();
  expect(scene.inFlight).toEqual([0, 0]);
});

test('a slot is held while an attempt is out, by one backend at a time', async () => {
  const seen: number[][] = [];
  const look =
    (reply: Reply): Reply =>
    () => {
      seen.push(scene.inFlight);
      return reply();
    };
  const scene = new Scene([A, SECOND], { a: look(throttled(5)), second: look(ok) });
  await scene.run();
  expect(seen).toEqual([
    [1, 0],
    [0, 1],
  ]);
});

test('whatever the backends answer, a request ends in order', async () => {
  const reply = fc.oneof(
    fc.constantFrom(200, 304, 400, 401, 404, 408, 429, 500, 503).map((status) => replying(status)),
    fc.nat(20).map(throttled),
    fc.constantFrom(refused, failing('reset', true), failing('header-timeout', true), aborted, missing),
  );
  const backend = fc.record({
    priority: fc.nat(2),
    replies: fc.array(reply, { minLength: 1, maxLength: 6 }),
  });
  const requests = fc.array(
    fc.record({
      createsObject: fc.boolean(),
      deployment: fc.constantFrom('x', 'y'),
      elapsedMs: fc.nat(8000),
    }),
    { minLength: 1, maxLength: 12 },
  );

  await fc.assert(
    fc.asyncProperty(fc.array(backend, { maxLength: 4 }), requests, async (backends, some) => {
      const names = backends.map((_, index) => String(index));
      const script = names.map((name, index) => {
        let call = 0;
        const { replies } = backends[index]!;
        return [name, () => replies[call++ % replies.length]!()] as const;
      });
      const scene = new Scene(
        names.map((name, index) => makeBackend(name, { priority: backends[index]!.priority })),
        Object.fromEntries(script),
      );
      for (const { elapsedMs, ...request } of some) {
        scene.nowMs += elapsedMs;
        const callable = scene.pool
          .snapshots(request.deployment, scene.nowMs)
          .filter(({ availability }) => availability !== 'throttled')
          .map(({ backend }) => backend.name);
        scene.transport.discarded.length = 0;
        const verdict = await scene.run(request);

        const called = verdict.attempts.map(({ backend }) => backend.name);
        expect(new Set(called).size, 'no backend twice').toBe(called.length);
        expect(callable, 'nobody who is throttled').toEqual(expect.arrayContaining(called));
        expect(verdict.attempts.map(({ number }) => number)).toEqual(called.map((_, index) => index + 1));

        const answers = verdict.attempts.filter(({ outcome }) => 'status' in outcome).length;
        const relayed = verdict.kind === 'relay' ? 1 : 0;
        expect(scene.transport.discarded, 'every other body').toHaveLength(answers - relayed);
        expect(scene.inFlight.reduce((sum, each) => sum + each, 0)).toBe(relayed);
        if (verdict.kind === 'relay') verdict.lease.release();

        const isMissing = verdict.kind === 'exhausted' && verdict.cause === 'deployment-missing';
        expect(isMissing && called.length === 0, 'missing although nobody said so').toBe(false);

        const isCutShort = verdict.kind === 'exhausted' && verdict.cause !== 'not-repeatable';
        expect(isCutShort ? called.length : callable.length, 'everybody is asked first').toBe(
          callable.length,
        );
        // All requests here are of one operation, which a backend may have declined.
        const endsMs = scene.pool
          .snapshots(request.deployment, scene.nowMs)
          .map(({ recoversAtMs, declined }) =>
            Math.max(
              0,
              ...[recoversAtMs, ...declined.map(({ untilMs }) => untilMs)].map((ms) => ms - scene.nowMs),
            ),
          );
        const recoveryMs = isCutShort && backends.length > 0 ? verdict.recoveryMs : 0;
        expect([0, ...endsMs], 'the end of somebody’s cooldown').toContain(recoveryMs);
      }
    }),
    { numRuns: 200 },
  );
});
