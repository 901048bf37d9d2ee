import { type Backend, BackendPool, ClientBudgets, type Outcome } from '@spillway/core';
import { expect, test } from 'vitest';
import type { Client } from '../client/client.ts';
import { Exchange } from '../telemetry/exchange.ts';
import { LiveTraffic } from '../telemetry/live/live-traffic.ts';
import { takeSnapshot } from './take-snapshot.ts';

const NAMES = ['swedencentral', 'eastus', 'westeurope', 'francecentral', 'australiaeast', 'canadaeast'];
const OK: Outcome = { kind: 'succeeded', status: 200 };
const THROTTLED: Outcome = { kind: 'throttled', status: 429, retryAfterMs: 30_000 };
const BRIEFLY: Outcome = { ...THROTTLED, retryAfterMs: 900 };
const START_MS = 1_000_000;

const process = {
  uptimeMs: 86_400_000,
  isStopping: false,
  isConfigurationRefused: false,
  inFlight: 40,
  connections: 120,
  residentBytes: 180_000_000,
  memoryLimitBytes: 2_000_000_000,
  eventLoopDelayP99Ms: 1.2,
  eventLoopDelayMaxMs: 14,
  escapedErrors: 0,
  droppedLogLines: 0,
};

/** A gateway in front of some backends. Each request may try several of them. */
class Scene {
  readonly backends: readonly Backend[];
  readonly pool: BackendPool;
  #nowMs = START_MS;
  readonly traffic = new LiveTraffic();
  readonly clients = new Map<string, Pick<Client, 'name' | 'budgets' | 'tags'>>();

  constructor(
    names: readonly string[],
    quota: Backend['quota'] = { tpm: 1_000_000, rpm: 6000 },
    strategy: 'round-robin' | 'most-headroom' = 'round-robin',
  ) {
    this.backends = names.map((name, at) => ({
      name: `openai-${name}`,
      priority: 1 + Math.floor(at / 2),
      weight: 1,
      quota,
    }));
    this.pool = new BackendPool(this.backends, {
      strategy,
      cooldown: { defaultMs: 10_000, floorMs: 100, ceilingMs: 300_000 },
      random: () => 0.5,
      noteChange: (change) => this.traffic.changes.note(change, this.#nowMs),
    });
  }

  /** An operator's drain of a whole backend, or its end. */
  turn(action: 'drain' | 'undrain', backend: string, nowMs: number): void {
    const stateOf = () => this.pool.snapshots(undefined, nowMs).find((one) => one.backend.name === backend)!;
    const before = stateOf();
    this.pool.drains[action](backend);
    this.traffic.changes.noteAction({ backend, deployment: undefined }, before, stateOf(), nowMs);
  }

  /** One request that goes from backend to backend. */
  request(deployment: string, way: readonly (readonly [number, Outcome])[], nowMs: number): void {
    this.#nowMs = nowMs;
    const exchange = new Exchange('id', nowMs - 50, 'POST');
    exchange.noteRequest({ body: undefined, arrivedMs: nowMs - 49 });
    const attempts = way.map(([at, outcome], index) => {
      const backend = this.backends[at]!;
      const spill = this.pool.spillOf({ deployment }, backend, [], nowMs);
      const lease = this.pool.lease(backend, deployment, nowMs - 40);
      this.pool.settle(lease, outcome, nowMs);
      lease.release();
      const { startedMs } = lease;
      const record = { number: index + 1, backend, deployment, outcome, startedMs, durationMs: 20, spill };
      return { lease, record };
    });
    const records = attempts.map(({ record }) => record);
    const { lease, record } = attempts.at(-1)!;
    const answer = { kind: 'answered', status: 200, header: () => undefined, body: undefined } as const;
    exchange.noteVerdict(
      record.outcome.kind === 'succeeded'
        ? { kind: 'relay', answer, lease, attempts: records }
        : { kind: 'exhausted', cause: 'throttled', recoveryMs: 0, attempts: records },
      0,
      nowMs,
    );
    exchange.usage = { promptTokens: 700, outputTokens: 300, cachedTokens: 0, reasoningTokens: 0 };
    exchange.noteEnd(record.outcome.kind === 'succeeded' ? 200 : 429, nowMs);
    this.traffic.record(exchange);
  }

  snapshot(nowMs: number) {
    const { pool, traffic, clients } = this;
    const reports = pool.report(nowMs);
    const waiting = { interactive: 1, standard: 2, batch: 3 };
    return takeSnapshot(
      { version: '0.1.0', process, waiting, reports, clients, traffic, atMs: 1_790_000_000_000 },
      nowMs,
    );
  }
}

test('a snapshot says where traffic goes, why, and what clients see of it', () => {
  const scene = new Scene(['a', 'b', 'c']);
  for (let at = 0; at < 20; at++) scene.request('gpt-4o', [[0, OK]], START_MS + at);
  scene.snapshot(START_MS);
  for (let at = 0; at < 10; at++) {
    scene.request('gpt-4o', [[0, THROTTLED], [1, THROTTLED], [2, OK]], START_MS + 1000); // prettier-ignore
  }
  scene.request('gpt-4o', [[0, THROTTLED]], START_MS + 1000);
  const snapshot = scene.snapshot(START_MS + 2000);
  expect(snapshot.totals).toMatchObject({
    requestsPerSecond: 3.1,
    refusedPerSecond: 0.1,
    tokensPerMinute: 30_000,
    client429s: 1,
    client5xx: 0,
    overheadP99Ms: 29,
    firstByteP95Ms: 50,
  });
  expect(snapshot.groups).toEqual([
    { priority: 1, requestsPerSecond: 2, spilledIn: [] },
    {
      priority: 2,
      requestsPerSecond: 1,
      spilledIn: [{ fromPriority: 1, cause: 'throttled', requestsPerSecond: 1 }],
      spilledAgoMs: 1000,
    },
  ]);
  expect(snapshot.backends[0]).toMatchObject({
    name: 'openai-a',
    state: 'throttled',
    why: '429',
    recoversInMs: 29_000,
    rps: 2,
    deployments: [
      {
        name: 'gpt-4o',
        state: 'throttled',
        why: '429',
        rpm: 31,
        tpm: 20_000,
        absorbed429s: 10,
        p50Ms: 20,
        limitTokens: 1_000_000,
      },
    ],
  });
  expect(snapshot.failovers).toEqual([
    { deployment: 'gpt-4o', from: 'openai-b', reason: '429', to: 'openai-c', count: 10, sinceMs: 1000, agoMs: 1000 },
    { deployment: 'gpt-4o', from: 'openai-a', reason: '429', to: 'openai-b', count: 10, sinceMs: 1000, agoMs: 1000 },
  ]); // prettier-ignore
  expect(snapshot.events).toEqual([
    {
      agoMs: 1000,
      backend: 'openai-b',
      deployment: 'gpt-4o',
      from: 'available',
      to: 'throttled',
      why: '429',
    },
    {
      agoMs: 1000,
      backend: 'openai-a',
      deployment: 'gpt-4o',
      from: 'available',
      to: 'throttled',
      why: '429',
    },
  ]);
});

test('a backend that changes as a whole is one event, and so is its return', () => {
  const scene = new Scene(['a', 'b']);
  for (const deployment of ['gpt-4o', 'o3']) scene.request(deployment, [[0, OK]], START_MS);
  scene.turn('drain', 'openai-a', START_MS + 1000);
  scene.turn('drain', 'openai-a', START_MS + 1001);
  scene.turn('undrain', 'openai-a', START_MS + 1002);
  expect(scene.snapshot(START_MS + 3000).events).toEqual([
    { agoMs: 1998, backend: 'openai-a', from: 'draining', to: 'available' },
    { agoMs: 2000, backend: 'openai-a', from: 'available', to: 'draining' },
  ]);
});

test('a snapshot of six busy backends with two deployments each is less than 9 KB', () => {
  const scene = new Scene(NAMES);
  for (let second = 0; second < 30; second++) {
    for (let at = 0; at < 12; at++) {
      const way = [[at % 6, second % 3 === 0 ? BRIEFLY : OK], [(at + 1 + second) % 6, OK]] as const; // prettier-ignore
      scene.request(at % 2 ? 'gpt-4o-mini-2024' : 'text-embedding-3', way, START_MS + second * 1000);
      scene.request(at % 2 ? 'text-embedding-3' : 'gpt-4o-mini-2024', way, START_MS + second * 1000);
    }
    scene.snapshot(START_MS + second * 1000);
  }
  for (let at = 0; at < 12; at++)
    scene.request(
      at % 2 ? 'gpt-4o-mini-2024' : 'text-embedding-3',
      [[at >> 1, THROTTLED]],
      START_MS + 30_000,
    );
  const snapshot = scene.snapshot(START_MS + 30_000);
  expect(snapshot.backends.every(({ deployments }) => deployments.every(({ why }) => why === '429'))).toBe(
    true,
  );
  expect(snapshot.failovers).toHaveLength(20);
  expect(snapshot.events).toHaveLength(8);
  expect(snapshot.backends.map(({ deployments }) => deployments.length)).toEqual([2, 2, 2, 2, 2, 2]);
  expect(JSON.stringify(snapshot).length).toBeLessThan(9216);
});

test('a snapshot says for how long clients have been hurt and requests have spilled, whoever looks first', () => {
  const scene = new Scene(['a', 'b', 'c']);
  for (let second = 0; second <= 60; second += 5) {
    scene.request('gpt-4o', [[0, THROTTLED], [1, THROTTLED], [2, OK]], START_MS + second * 1000); // prettier-ignore
    if (second >= 30) scene.request('gpt-4o', [[0, THROTTLED]], START_MS + second * 1000);
  }
  expect(scene.snapshot(START_MS + 62_000)).toMatchObject({
    totals: { hurtForMs: 32_000, hurtAgoMs: 2000, spillingForMs: 62_000 },
    groups: [{}, { spilledAgoMs: 2000 }],
  });
  const { totals, groups } = scene.snapshot(START_MS + 80_000);
  expect([totals.hurtForMs, totals.hurtAgoMs, totals.spillingForMs]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  expect(groups.map(({ spilledAgoMs }) => spilledAgoMs)).toEqual([undefined, undefined]);
});

test('a snapshot compares tokens with the limits that are known to apply to them, and counts a shared one once', () => {
  const scene = new Scene(['a', 'b'], { tpm: 10_000, quotaGroup: 'east' });
  for (const at of [0, 0, 1]) scene.request('gpt-4o', [[at, OK]], START_MS);
  const { totals, backends } = scene.snapshot(START_MS);
  expect(totals).toMatchObject({
    tokensPerMinute: 3000,
    ofKnownLimits: { tokensPerMinute: 3000, limitTokens: 10_000 },
  });
  const [first, second] = backends.map(({ deployments: [deployment] }) => deployment);
  expect(first).toMatchObject({ quotaGroup: 'east', limitTokens: 10_000 });
  expect(second).toMatchObject({ quotaGroup: 'east', remainingTokens: first?.remainingTokens });

  const unknown = new Scene(['c'], {});
  unknown.request('gpt-4o', [[0, OK]], START_MS);
  expect(unknown.snapshot(START_MS).totals.ofKnownLimits).toBeUndefined();
});

test('of deployments that are left out, a quota counts once, and not if one that is shown has told of it', () => {
  const scene = new Scene(['a'], { tpm: 10_000, quotaGroup: 'east' });
  for (let at = 0; at < 12; at++) scene.request(`gpt-${at}`, [[0, OK]], START_MS);
  const { backends, totals } = scene.snapshot(START_MS);
  expect(backends[0]).toMatchObject({ deploymentsLeftOut: 4, notShown: { rpm: 4, tpm: 4000 } });
  expect(backends[0]?.notShown?.limitTokens).toBeUndefined();
  expect(totals.ofKnownLimits).toEqual({ tokensPerMinute: 12_000, limitTokens: 10_000 });
});

test('a deployment that comes and goes does not hide what others have changed', () => {
  const scene = new Scene(['a', 'b']);
  scene.request('o3', [[1, THROTTLED]], START_MS);
  for (let times = 1; times <= 20; times++) scene.request('gpt-4o', [[0, BRIEFLY]], START_MS + times * 1000);
  const throttled = { to: 'throttled', why: '429' };
  expect(scene.snapshot(START_MS + 20_500).events).toMatchObject([
    { agoMs: 500, backend: 'openai-a', deployment: 'gpt-4o', ...throttled },
    { agoMs: 20_500, backend: 'openai-b', deployment: 'o3', ...throttled },
  ]);
});

test('a backend with very many deployments shows the drained and the busiest, and how many more there are', () => {
  const scene = new Scene(['a']);
  for (let at = 0; at < 12; at++)
    for (let times = 0; times <= at; times++) scene.request(`d${at}`, [[0, OK]], START_MS);
  const [backend] = scene.snapshot(START_MS).backends;
  expect(backend?.deployments.map(({ name }) => name)).toEqual(
    [11, 10, 9, 8, 7, 6, 5, 4].map((at) => `d${at}`),
  );
  expect(backend?.deploymentsLeftOut).toBe(4);
  // 1, 2, 3 and 4 requests, each deployment with a quota of its own.
  expect(backend?.notShown).toMatchObject({ taking: 4, rpm: 10, limitTokens: 4_000_000 });
  scene.pool.drains.drain('openai-a', 'd0');
  const [after] = scene.snapshot(START_MS).backends;
  expect(after?.deployments.map(({ name }) => name)).toEqual(
    [0, 11, 10, 9, 8, 7, 6, 5].map((at) => `d${at}`),
  );
});

test('a snapshot is small whatever clients call deployments', () => {
  const scene = new Scene(['a', 'b']);
  const failed: Outcome = { kind: 'unavailable', status: 500, cause: 'server-error', retryAfterMs: 60_000 };
  for (let at = 0; at < 40; at++)
    scene.request(`${at}${'x'.repeat(5000)}`, [[0, failed], [1, failed]], START_MS); // prettier-ignore
  const snapshot = scene.snapshot(START_MS);
  expect(snapshot.failovers[0]?.deployment).toBe(`39${'x'.repeat(61)}…`);
  expect(JSON.stringify(snapshot).length).toBeLessThan(12_000);
});

test('that a quota has no room for a moment is no event', () => {
  const scene = new Scene(['a'], { rpm: 1 }, 'most-headroom');
  scene.request('gpt-4o', [[0, OK]], START_MS);
  const snapshot = scene.snapshot(START_MS);
  expect([snapshot.backends[0]?.state, snapshot.events]).toEqual(['full', []]);
});

test('a snapshot of three backends and twelve clients with a budget each is less than 8 KB', () => {
  const scene = new Scene(['a', 'b', 'c']);
  for (let at = 0; at < 12; at++) {
    scene.request('gpt-4o', [[at % 2, BRIEFLY], [2, OK]], START_MS); // prettier-ignore
    const name = `team-number-${at}`;
    const budgets = new ClientBudgets([{ tpm: 60_000, rpm: 600, tokensPerMonth: 100_000_000 }]);
    budgets.admit({ deployment: 'gpt-4o', estimate: { promptTokens: 1000 * at, outputTokens: 500 } }, START_MS, START_MS); // prettier-ignore
    scene.clients.set(name, { name, budgets, tags: [] });
  }
  const snapshot = scene.snapshot(START_MS + 1000);
  expect(snapshot.clients?.map(({ limits }) => limits.length)).toEqual(Array(12).fill(3));
  expect(snapshot.clients?.[0]).toMatchObject({ name: 'team-number-11', inFlight: 1 });
  expect(JSON.stringify(snapshot).length).toBeLessThan(8192);
});

test('a client with very many limits shows the fullest, and each names few deployments', () => {
  const scene = new Scene(['a']);
  const name = 'chat';
  const budgets = new ClientBudgets(
    Array.from({ length: 20 }, (_, at) => ({
      deployments: [`d${at}`, ...['e', 'f', 'g'].map((other) => `${other}${at}`)],
      tpm: 1000 * (20 - at),
    })),
  );
  for (let at = 0; at < 20; at++)
    budgets.admit({ deployment: `d${at}`, estimate: { promptTokens: 500, outputTokens: 0 } }, START_MS, START_MS); // prettier-ignore
  scene.clients.set(name, { name, budgets, tags: [] });
  const [client] = scene.snapshot(START_MS).clients ?? [];
  expect(client?.limits.map(({ limitValue }) => limitValue)).toEqual([1000, 2000, 3000, 4000, 5000, 6000]);
  expect(client?.limits[0]).toMatchObject({ deployments: ['d19', 'e19', 'f19'], deploymentsLeftOut: 1 });
  expect(client?.limitsLeftOut).toBe(14);
});
