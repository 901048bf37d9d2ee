import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { cooldownAfter, type CooldownBounds } from './cooldown.ts';
import type { Outcome, UnavailableCause, TransportFailure } from '../outcome.ts';

const BOUNDS: CooldownBounds = { defaultMs: 10_000, floorMs: 100, ceilingMs: 300_000 };

const throttled = (retryAfterMs: number | undefined): Outcome => ({
  kind: 'throttled',
  status: 429,
  retryAfterMs,
});
const unavailable = (cause: UnavailableCause, retryAfterMs?: number): Outcome => ({
  kind: 'unavailable',
  status: 500,
  cause,
  retryAfterMs,
});
const unreachable = (failure: TransportFailure): Outcome => ({ kind: 'unreachable', failure, wasSent: true });

test.each<[string, number | undefined, number]>([
  ['what the backend said', 2500, 2500],
  ['the default when it said nothing', undefined, 10_000],
  ['the floor for 0', 0, 100],
  ['the floor for less than it', 99.5, 100],
  ['the floor itself', 100, 100],
  ['the ceiling itself', 300_000, 300_000],
  ['the ceiling for more than it', 300_001, 300_000],
  ['the ceiling for a day', 86_400_000, 300_000],
  ['the ceiling for the largest number', Number.MAX_VALUE, 300_000],
])('how long a backend cools down: %s', (_, retryAfterMs, durationMs) => {
  expect(cooldownAfter(throttled(retryAfterMs), BOUNDS)).toMatchObject({ durationMs });
  expect(cooldownAfter(unavailable('server-error', retryAfterMs), BOUNDS)).toMatchObject({ durationMs });
});

test('a default cooldown is bounded as well', () => {
  expect(cooldownAfter(throttled(undefined), { ...BOUNDS, defaultMs: 1 })).toMatchObject({
    durationMs: 100,
  });
  expect(cooldownAfter(unreachable('reset'), { ...BOUNDS, ceilingMs: 5000 })).toMatchObject({
    durationMs: 5000,
  });
});

test('a cooldown always lies between floor and ceiling', () => {
  const bounds = fc
    .tuple(fc.nat(1_000_000), fc.nat(1_000_000), fc.nat(2_000_000))
    .map(([floorMs, more, defaultMs]) => ({ floorMs, ceilingMs: floorMs + more, defaultMs }));
  const retryAfterMs = fc.option(fc.double({ min: 0, noNaN: true }), { nil: undefined });
  const outcome = fc.oneof(
    retryAfterMs.map(throttled),
    retryAfterMs.map((ms) => unavailable('server-error', ms)),
    fc.constant(unreachable('refused')),
  );
  fc.assert(
    fc.property(outcome, bounds, (some, within) => {
      const { durationMs } = cooldownAfter(some, within)!;
      expect(durationMs).toBeGreaterThanOrEqual(within.floorMs);
      expect(durationMs).toBeLessThanOrEqual(within.ceilingMs);
    }),
  );
});

test.each<[string, Outcome, 'throttled' | 'failing', 'deployment' | 'backend']>([
  ['spent quota', throttled(1000), 'throttled', 'deployment'],
  ['a server error', unavailable('server-error'), 'failing', 'deployment'],
  ['a missing deployment', unavailable('deployment-missing'), 'failing', 'deployment'],
  ['a refused credential', unavailable('credential-refused'), 'failing', 'backend'],
  ['a refused connection', unreachable('refused'), 'failing', 'backend'],
  ['a reset', unreachable('reset'), 'failing', 'backend'],
  ['a failed name look-up', unreachable('dns'), 'failing', 'backend'],
  ['a failed TLS handshake', unreachable('tls'), 'failing', 'backend'],
  ['a connection that took too long', unreachable('connect-timeout'), 'failing', 'backend'],
  ['a response that is not HTTP', unreachable('malformed'), 'failing', 'backend'],
  ['a credential that could not be had', unreachable('credential'), 'failing', 'backend'],
  ['no response head in time', unreachable('header-timeout'), 'failing', 'deployment'],
])('why a backend cools down, and how much of it: %s', (_, outcome, reason, scope) => {
  expect(cooldownAfter(outcome, BOUNDS)).toMatchObject({ reason, scope });
});

test.each<[Outcome]>([
  [{ kind: 'succeeded', status: 200 }],
  [{ kind: 'rejected', status: 400 }],
  [{ kind: 'not-found', status: 404 }],
  [{ kind: 'aborted' }],
  [unreachable('no-descriptors')],
])('nobody cools down after %j', (outcome) => {
  expect(cooldownAfter(outcome, BOUNDS)).toBeUndefined();
});

test.each<[string, Outcome, boolean]>([
  ['spent quota', throttled(undefined), true],
  ['a server error', unavailable('server-error'), false],
  ['a server error that says when to come back', unavailable('server-error', 1000), true],
  ['a missing deployment', unavailable('deployment-missing'), true],
  ['a refused credential', unavailable('credential-refused'), true],
  ['a refused connection', unreachable('refused'), true],
  ['a failed name look-up', unreachable('dns'), true],
  ['a failed TLS handshake', unreachable('tls'), true],
  ['a connection that took too long', unreachable('connect-timeout'), true],
  ['a credential that could not be had', unreachable('credential'), true],
  ['a reset', unreachable('reset'), false],
  ['a response that is not HTTP', unreachable('malformed'), false],
  ['no response head in time', unreachable('header-timeout'), false],
])('whether once is enough: %s', (_, outcome, isCertain) => {
  expect(cooldownAfter(outcome, BOUNDS)).toMatchObject({ isCertain });
});
