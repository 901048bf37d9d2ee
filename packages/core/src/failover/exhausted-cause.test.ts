import { expect, test } from 'vitest';
import type { AttemptRecord } from '../attempt.ts';
import type { Outcome } from '../outcome.ts';
import { makeBackend } from '../testing/make-backend.ts';
import { exhaustedCause } from './exhausted-cause.ts';

const backends = { a: makeBackend('a'), b: makeBackend('b') };
const throttled: Outcome = { kind: 'throttled', status: 429, retryAfterMs: undefined };
const notFound: Outcome = { kind: 'not-found', status: 404 };
const missing: Outcome = {
  kind: 'unavailable',
  status: 404,
  cause: 'deployment-missing',
  retryAfterMs: undefined,
};
const timeout: Outcome = { kind: 'unreachable', failure: 'header-timeout', wasSent: true };
const noDescriptors: Outcome = { kind: 'unreachable', failure: 'no-descriptors', wasSent: false };

function attempts(...outcomes: readonly [keyof typeof backends, Outcome][]): AttemptRecord[] {
  return outcomes.map(([name, outcome], index) => {
    return {
      number: index + 1,
      backend: backends[name],
      deployment: 'x',
      outcome,
      startedMs: 0,
      durationMs: 1,
    };
  });
}

test.each([
  ['nothing was tried', attempts(), 'unavailable'],
  ['one was throttled', attempts(['a', throttled], ['b', missing]), 'throttled'],
  ['all lack the deployment', attempts(['a', missing], ['b', missing]), 'deployment-missing'],
  ['all lack the object', attempts(['a', notFound], ['b', notFound]), 'not-found'],
  ['one lacks the object, one the deployment', attempts(['a', notFound], ['b', missing]), 'unavailable'],
  ['no connection could be opened', attempts(['a', noDescriptors], ['b', noDescriptors]), 'overloaded'],
  ['no connection could be opened to one', attempts(['a', noDescriptors], ['b', timeout]), 'unavailable'],
  [
    'one was throttled, and after a wait lacks the object',
    attempts(['a', throttled], ['a', notFound]),
    'not-found',
  ],
  [
    'one was throttled, and after a wait the deployment',
    attempts(['a', throttled], ['a', missing]),
    'deployment-missing',
  ],
  [
    'one lacks the object, and after a wait the other is throttled again',
    attempts(['a', notFound], ['b', throttled], ['b', throttled]),
    'throttled',
  ],
])('the cause of an exhausted pool is told when %s', (_, tried, expected) => {
  expect(exhaustedCause(false, tried, false)).toBe(expected);
  expect(exhaustedCause(true, tried, false)).toBe('throttled');
});

test('time that ran out over a silent backend is told as such, unless quota is what is missing', () => {
  expect(exhaustedCause(false, attempts(['a', timeout]), true)).toBe('out-of-time');
  expect(exhaustedCause(false, attempts(['a', timeout]), false)).toBe('unavailable');
  expect(exhaustedCause(false, attempts(['b', throttled], ['a', timeout]), true)).toBe('throttled');
});
