import { expect, test } from 'vitest';
import { Drains } from './drains.ts';
import { QuotaGroups } from '../quota/quota-groups.ts';
import { makeBackend } from '../testing/make-backend.ts';
import { attempt, makeHeadroomPool, requestFor } from '../testing/make-headroom-pool.ts';
import { BackendState } from './backend-state.ts';
import { Lease } from './lease.ts';

const WINDOWS = { tokenWindowMs: 60_000, requestWindowMs: 10_000 };

/** This many leases at one backend. */
function takeLeases(count: number) {
  const backend = makeBackend('a');
  const state = new BackendState(backend, new QuotaGroups([backend], WINDOWS), new Drains());
  const quota = state.quotaOf('x');
  const leases = Array.from({ length: count }, (_, pick) => {
    state.begin('x', pick, 0);
    return new Lease(state, 'x', 0, { requested: 'gpt-4o', quota, charge: quota.charge(undefined, 0) });
  });
  return { state, leases };
}

test('a lease gives its slot back once, however often it is released', () => {
  const { state, leases } = takeLeases(1);
  expect(state.inFlight).toBe(1);
  leases[0]?.release();
  expect(state.inFlight).toBe(0);
  leases[0]?.release();
  leases[0]?.release();
  expect(state.inFlight).toBe(0);
});

test('a lease gives back its own slot only', () => {
  const { state, leases } = takeLeases(2);
  leases[1]?.release();
  leases[1]?.release();
  expect(state.inFlight).toBe(1);
  leases[0]?.release();
  expect(state.inFlight).toBe(0);
});

test('a lease remembers the backend, both names of the deployment and when the attempt began', () => {
  const backend = makeBackend('a');
  const state = new BackendState(backend, new QuotaGroups([backend], WINDOWS), new Drains());
  const quota = state.quotaOf('gpt-4o-eu');
  const drawn = { requested: 'gpt-4o', quota, charge: quota.charge(undefined, 0) };
  expect(new Lease(state, 'gpt-4o-eu', 5, drawn)).toMatchObject({
    backend,
    deployment: 'gpt-4o-eu',
    requested: 'gpt-4o',
    startedMs: 5,
  });
});

test('a lease knows whether its backend has served later requests, in whichever order they have ended', () => {
  const a = makeBackend('a');
  const pool = makeHeadroomPool([a]);
  const [first, silent] = [pool.lease(a, 'x', 0), pool.lease(a, 'x', 1)];
  expect(silent.isServingOthers).toBe(false);
  attempt(pool, a, requestFor(1), 2);
  pool.settle(first, { kind: 'succeeded', status: 200 }, 3, () => undefined);
  expect(silent.isServingOthers).toBe(true);
});
