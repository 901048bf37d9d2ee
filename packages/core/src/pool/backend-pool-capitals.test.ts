import { expect, test } from 'vitest';
import { makeBackend } from '../testing/make-backend.ts';
import { attempt, makeHeadroomPool, requestFor, selectedName } from '../testing/make-headroom-pool.ts';

const A = makeBackend('a');
const B = makeBackend('b', { priority: 2 });
const loud = (tokens: number) => requestFor(tokens, { deployment: 'X' });

test('a deployment that cools down does so in whatever capitals it is asked for', () => {
  const pool = makeHeadroomPool([A, B]);
  attempt(pool, A, requestFor(1), 0, {
    outcome: { kind: 'throttled', status: 429, retryAfterMs: 60_000 },
  });
  expect(selectedName(pool, loud(1), 1)).toBe('b');
  pool.clearCooldowns(A, 'X', 2);
  expect(selectedName(pool, requestFor(1), 3)).toBe('a');
});

test('a quota is one in whatever capitals its deployment is asked for, and so is what is configured of it', () => {
  const quotas = new Map([['x', { tpm: 100 }]]);
  const [limited, other] = [makeBackend('a', { quotas }), makeBackend('b', { priority: 2 })];
  const pool = makeHeadroomPool([limited, other]);
  expect(selectedName(pool, loud(101), 0)).toBe('b');
  attempt(pool, limited, loud(80), 0);
  expect(selectedName(pool, requestFor(30), 1)).toBe('b');
});

test('a report has a deployment once, and a change of settings keeps what is known of it', () => {
  const pool = makeHeadroomPool([A, B]);
  attempt(pool, A, loud(1), 0);
  attempt(pool, A, requestFor(1), 0, {
    outcome: { kind: 'throttled', status: 429, retryAfterMs: 60_000 },
  });
  pool.drains.drain('a', 'x');
  const [report] = pool.report(1, () => ['x', 'y']);
  expect(report?.deployments.map(({ deployment }) => deployment)).toEqual(['X', 'y']);
  pool.drains.undrain('a', 'x');
  pool.update([makeBackend('a', { quotas: new Map([['x', { tpm: 500 }]]) }), B]);
  expect(pool.report(1)[0]?.deployments).toMatchObject([
    { deployment: 'X', state: { availability: 'throttled' }, headroom: { limitTokens: 500 } },
  ]);
});
