import { describe, expect, test } from 'vitest';
import type { FailureRow } from './failure-row.ts';
import { type Chapter, renderFailures } from './render-failures.ts';
import { bounds } from './rows/bounds.ts';
import { clients } from './rows/clients.ts';
import { connections } from './rows/connections.ts';
import { deadlines } from './rows/deadlines.ts';
import { doors } from './rows/doors.ts';
import { firstEvents } from './rows/first-events.ts';
import { largeBodies } from './rows/large-bodies.ts';
import { midAnswer } from './rows/mid-answer.ts';
import { outliers } from './rows/outliers.ts';
import { pool } from './rows/pool.ts';
import { requests } from './rows/requests.ts';
import { retryAfter } from './rows/retry-after.ts';
import { sessions } from './rows/sessions.ts';
import { statuses } from './rows/statuses.ts';
import { storedObjects } from './rows/stored-objects.ts';
import { turns } from './rows/turns.ts';
import { waiting } from './rows/waiting.ts';
import { type Observed, runRow } from './run-row.ts';

const chapters: readonly Chapter[] = [
  { title: 'Statuses', rows: statuses },
  { title: 'When to come back', rows: retryAfter },
  { title: 'Connections', rows: connections },
  { title: 'Within an answer', rows: midAnswer },
  { title: 'The beginning of a stream', rows: firstEvents },
  { title: 'Deadlines and retries', rows: deadlines },
  { title: 'Clients', rows: clients },
  { title: 'Requests', rows: requests },
  { title: 'Paths, redirects and lists of models', rows: doors },
  { title: 'One request at a time', rows: turns },
  { title: 'Bounds', rows: bounds },
  { title: 'Bodies that are not kept', rows: largeBodies },
  { title: 'Stored objects', rows: storedObjects },
  { title: 'Realtime sessions', rows: sessions },
  { title: 'The pool', rows: pool },
  { title: 'Waiting for quota', rows: waiting },
  { title: 'Failures now and then', rows: outliers },
];

const observations = new Map<FailureRow, Observed>();

describe.each(chapters)('$title:', ({ rows }) => {
  test.each(rows.map((row) => [row.title, row] as const))('%s', async (_, row) => {
    const observed = await runRow(row);
    expect(observed).toEqual(expectedOf(row));
    observations.set(row, observed);
  });
});

test('no two rows of the failures page have one title', () => {
  const titles = chapters.flatMap(({ rows }) => rows.map(({ title }) => title));
  expect(new Set(titles).size).toBe(titles.length);
  expect(titles.length).toBeGreaterThanOrEqual(60);
});

test('docs/failures.md shows what happened when its rows were played', async () => {
  const unproven = chapters.flatMap(({ rows }) => rows.filter((row) => !observations.has(row)));
  expect(unproven.map(({ title }) => title)).toEqual([]);
  await expect(renderFailures(chapters, observations)).toMatchFileSnapshot('../../../../docs/failures.md');
});

function expectedOf({ sees, cooldowns, logged }: FailureRow): Observed {
  return { sees: [sees].flat(), cooldowns, logged: [logged].flat(), complaints: [] };
}
