import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Backend } from '../backend.ts';
import { runFailover } from './run-failover.ts';
import type { Outcome } from '../outcome.ts';
import { makeAnswer } from '../testing/make-answer.ts';
import { makeBackend } from '../testing/make-backend.ts';
import { attempt, makeHeadroomPool, requestFor, selectedName } from '../testing/make-headroom-pool.ts';
import { scriptedTransport } from '../testing/scripted-transport.ts';

const THROTTLED: Outcome = { kind: 'throttled', status: 429, retryAfterMs: 5000 };

const eu = makeBackend('eu', { tags: ['eu'] });
const us = makeBackend('us', { tags: ['us'] });
const isEuropean = ({ tags = [] }: Backend) => tags.includes('eu');

test('a part of a pool has those backends only that it was made of', () => {
  const part = makeHeadroomPool([us, eu]).only(isEuropean);
  expect(part.backends).toEqual([eu]);
  expect(part.size).toBe(1);
  for (let request = 0; request < 50; request++)
    expect(selectedName(part, requestFor(1), request)).toBe('eu');
});

test('a part of a pool has no backend whose name another one has got, and those that come', () => {
  const pool = makeHeadroomPool([makeBackend('first', { tags: ['eu'] }), us]);
  const part = pool.only(isEuropean);
  pool.update([makeBackend('first', { tags: ['us'] }), makeBackend('new', { tags: ['eu'], priority: 2 })]);
  expect(part.backends.map(({ name }) => name)).toEqual(['new']);
  for (let request = 0; request < 50; request++)
    expect(selectedName(part, requestFor(1), request)).toBe('new');
  pool.update([us]);
  expect(part.size).toBe(0);
  expect(part.select(requestFor(1), undefined, 100).kind).toBe('exhausted');
});

test('a part of a pool knows what the whole learns of its backends', () => {
  const pool = makeHeadroomPool([us, eu]);
  const part = pool.only(isEuropean);
  attempt(pool, eu, requestFor(1), 0, { outcome: THROTTLED });
  expect(part.snapshots('x', 1)).toMatchObject([{ availability: 'throttled', recoversAtMs: 5000 }]);
});

test('the whole pool knows what a part of it learns', () => {
  const pool = makeHeadroomPool([us, eu]);
  attempt(pool.only(isEuropean), eu, requestFor(1), 0, { outcome: THROTTLED });
  expect(pool.snapshots('x', 1)).toMatchObject([
    { availability: 'available' },
    { availability: 'throttled', recoversAtMs: 5000 },
  ]);
});

test('an attempt of a part of a pool takes its slot at the backend for all', () => {
  const pool = makeHeadroomPool([us, makeBackend('eu', { tags: ['eu'], maxInFlight: 1 })]);
  const part = pool.only(isEuropean);
  const [backend] = part.backends as [Backend];
  const lease = part.lease(backend, 'x', 0);
  expect(selectedName(pool, requestFor(1), 1)).toBe('us');
  expect(part.select(requestFor(1), undefined, 1).kind).toBe('exhausted');
  lease.release();
  expect(selectedName(part, requestFor(1), 2)).toBe('eu');
});

test('what an operator has taken out of a pool is taken out of its parts', () => {
  const pool = makeHeadroomPool([us, eu]);
  const part = pool.only(isEuropean);
  pool.drains.drain('eu');
  expect(part.select(requestFor(1), undefined, 1).kind).toBe('exhausted');
});

test('the first group of a part of a pool is the first that it has, so that its requests do not count as spilled', () => {
  const second = makeBackend('eu', { tags: ['eu'], priority: 2 });
  const pool = makeHeadroomPool([us, second]);
  expect(pool.spillOf(requestFor(1), second, [], 1)).toMatchObject({ fromPriority: 1 });
  expect(pool.only(isEuropean).spillOf(requestFor(1), second, [], 1)).toBeUndefined();
});

test('a request of a part of a pool never reaches another backend, whatever its own ones answer', async () => {
  const answer = fc.constantFrom(
    () => makeAnswer(200),
    () => makeAnswer(429, { headers: { 'retry-after': '1' } }),
    () => makeAnswer(503),
    () => makeAnswer(404),
  );
  const property = fc.asyncProperty(
    fc.array(fc.record({ isAllowed: fc.boolean(), priority: fc.integer({ min: 1, max: 3 }), answer }), {
      minLength: 1,
      maxLength: 6,
    }),
    fc.option(fc.integer({ min: 0, max: 5 }), { nil: undefined }),
    async (drawn, owner) => {
      const backends = drawn.map(({ isAllowed, priority }, index) =>
        makeBackend(`b${index}`, { priority, tags: isAllowed ? ['eu'] : [] }),
      );
      const part = makeHeadroomPool(backends).only(isEuropean);
      const transport = scriptedTransport(
        Object.fromEntries(drawn.map(({ answer }, index) => [`b${index}`, answer])),
      );
      const request = {
        ...requestFor(1),
        createsObject: false,
        ...(owner === undefined ? {} : { owner: `b${owner}` }),
      };
      for (let repeat = 0; repeat < 5; repeat++) await runFailover(part, request, transport, () => repeat);
      const names = transport.calls.map((call) => call.split('/')[0]);
      expect(backends.filter(isEuropean).map(({ name }) => name)).toEqual(expect.arrayContaining(names));
    },
  );
  await fc.assert(property);
});
