import type { AttemptRecord, Backend } from '@spillway/core';
import { expect, test } from 'vitest';
import { Exchange } from '../exchange.ts';
import { DeploymentNames } from '../metrics/deployment-names.ts';
import { COUNTS, type UsageRow } from './usage-day.ts';
import { UsageHistory } from './usage-history.ts';

const a = { name: 'a', deployments: new Map([['gpt-4o', 'gpt-4o']]) } as unknown as Backend;
const NOON_MS = Date.UTC(2026, 10, 30, 12);
const DAY_MS = 86_400_000;

class Scene {
  wallMs = NOON_MS;
  readonly history = new UsageHistory(new DeploymentNames([a]), () => this.wallMs);

  note(fields: Partial<Exchange> & { readonly backend?: Backend }): void {
    const { backend, ...rest } = fields;
    const exchange = new Exchange('id', 0, 'POST');
    const served = { backend, deployment: rest.deployment, outcome: { kind: 'succeeded' } };
    const noted = { status: 200, ...(backend && { served: served as unknown as AttemptRecord }), ...rest };
    this.history.record(Object.assign(exchange, noted));
  }

  get rows() {
    return this.history.days.flatMap(({ date, rows }) =>
      [...rows].map((row) => [date, ...namesOf(row), countsOf(row)]),
    );
  }
}

function namesOf({ client, deployment, backend }: UsageRow) {
  return [client, deployment, backend];
}

function countsOf(row: UsageRow) {
  return COUNTS.map((name) => row[name]);
}

const usage = { promptTokens: 10, outputTokens: 5, cachedTokens: 4, reasoningTokens: 3 };
const asked = { client: 'chat', deployment: 'gpt-4o', backend: a };

test('requests are counted by day, client, deployment and backend, with what their answers tell', () => {
  const scene = new Scene();
  scene.note({ ...asked, usage });
  scene.note({ ...asked, usage });
  scene.note({ ...asked });
  scene.note({ client: 'chat', deployment: 'gpt-4o', status: 429 });
  scene.note({ ...asked, ending: 'interrupted', usage });
  scene.note({ client: 'nightly', status: 404 });
  scene.note({ deployment: 'gpt-4o', backend: a, usage });
  scene.wallMs += DAY_MS / 2;
  scene.note({ ...asked, usage });
  expect(scene.rows).toEqual([
    ['2026-11-30', 'chat', 'gpt-4o', 'a', [4, 1, 1, 30, 15, 12, 9]],
    ['2026-11-30', 'chat', 'gpt-4o', 'none', [1, 1, 0, 0, 0, 0, 0]],
    ['2026-11-30', 'nightly', 'none', 'none', [1, 1, 0, 0, 0, 0, 0]],
    ['2026-11-30', '', 'gpt-4o', 'a', [1, 0, 0, 10, 5, 4, 3]],
    ['2026-12-01', 'chat', 'gpt-4o', 'a', [1, 0, 0, 10, 5, 4, 3]],
  ]);
});

test('names that nobody serves are one row, however many there are', () => {
  const scene = new Scene();
  for (let count = 0; count < 5000; count++)
    scene.note({ client: 'chat', deployment: `x${count}`, status: 404 });
  expect(scene.rows).toEqual([['2026-11-30', 'chat', 'other', 'none', [5000, 5000, 0, 0, 0, 0, 0]]]);
});

test('numbers that no answer can mean are not counted', () => {
  const scene = new Scene();
  const wrong = [Number.NaN, -1, Number.POSITIVE_INFINITY, 1e300];
  for (const tokens of wrong)
    scene.note({
      ...asked,
      usage: { ...usage, promptTokens: tokens, outputTokens: tokens, cachedTokens: tokens },
    });
  expect(scene.rows).toEqual([['2026-11-30', 'chat', 'gpt-4o', 'a', [4, 0, 0, 0, 0, 0, 12]]]);
});

test('a day has so many rows and no more, and says what it has dropped', () => {
  const scene = new Scene();
  for (let count = 0; count < 3000; count++) scene.note({ ...asked, client: `c${count}`, usage });
  for (let count = 0; count < 3000; count++) scene.note({ ...asked, client: `c${count}`, usage });
  const [day] = scene.history.days;
  expect([...day!.rows]).toHaveLength(2000);
  expect(countsOf(day!.dropped)).toEqual([2000, 0, 0, 20_000, 10_000, 8000, 6000]);
});

test('thirteen months are remembered, and then the oldest day is forgotten', () => {
  const scene = new Scene();
  for (let day = 0; day < 500; day++) {
    scene.wallMs = NOON_MS + day * DAY_MS;
    scene.note(asked);
  }
  const { days } = scene.history;
  expect(days).toHaveLength(400);
  expect(days[0]?.date).toBe('2027-03-10');
});

test('a clock that goes back and forth adds to the days that it names', () => {
  const scene = new Scene();
  for (const wallMs of [NOON_MS, NOON_MS - DAY_MS, NOON_MS + DAY_MS, NOON_MS, NOON_MS - DAY_MS]) {
    scene.wallMs = wallMs;
    scene.note(asked);
  }
  expect(scene.history.days.map(({ date, rows }) => [date, [...rows][0]?.requests])).toEqual([
    ['2026-11-29', 2],
    ['2026-11-30', 2],
    ['2026-12-01', 1],
  ]);
});

test('a day that was saved is added to what has been counted since, with clients and backends that are gone', () => {
  const before = new Scene();
  before.note({ ...asked, client: 'gone', usage });
  before.note({ ...asked, usage });
  const saved = JSON.parse(JSON.stringify(before.history.dayOf('2026-11-30').save())) as unknown;
  const after = new Scene();
  after.note({ ...asked, usage });
  after.history.dayOf('2026-11-30').restore(saved, undefined);
  after.note({ ...asked, usage });
  const both = [
    ['2026-11-30', 'chat', 'gpt-4o', 'a', [3, 0, 0, 30, 15, 12, 9]],
    ['2026-11-30', 'gone', 'gpt-4o', 'a', [1, 0, 0, 10, 5, 4, 3]],
  ];
  expect(after.rows).toEqual(both);

  before.note({ ...asked, usage });
  after.history.dayOf('2026-11-30').restore(before.history.dayOf('2026-11-30').save(), saved);
  expect(after.rows[0]?.[4]).toEqual([4, 0, 0, 40, 20, 16, 12]);
});

test.each([
  [null],
  [{}],
  [{ rows: [['x']], dropped: [] }],
  [{ rows: [['c', 'd', 'b', [1, 2, 3]]], dropped: [0] }],
])('a day that makes no sense is refused as a whole: %j', (value) => {
  const { history } = new Scene();
  expect(() => history.dayOf('2026-11-30').restore(value, undefined)).toThrow(/Invalid|too/i);
  expect([...history.dayOf('2026-11-30').rows]).toEqual([]);
});
