import { expect, test } from 'vitest';
import { Quota } from '../quota/quota.ts';
import { makeBackend } from '../testing/make-backend.ts';
import { Lease } from './lease.ts';

const quota = new Quota({}, { tokenWindowMs: 60_000, requestWindowMs: 10_000 });
const drawn = { requested: 'gpt-4o', quota, charge: quota.charge(undefined, 0) };

test('gives its slot back once, however often it is released', () => {
  let released = 0;
  const lease = new Lease(makeBackend('a'), 'gpt-4o', 5, drawn, { release: () => void released++ });
  expect(released).toBe(0);
  lease.release();
  expect(released).toBe(1);
  lease.release();
  lease.release();
  expect(released).toBe(1);
});

test('gives back its own slot only', () => {
  let taken = 2;
  const [first, second] = ['x', 'x'].map(
    (deployment) => new Lease(makeBackend('a'), deployment, 0, drawn, { release: () => void taken-- }),
  );
  second?.release();
  second?.release();
  expect(taken).toBe(1);
  first?.release();
  expect(taken).toBe(0);
});

test('remembers the backend, both names of the deployment and when the attempt began', () => {
  const backend = makeBackend('a');
  expect(new Lease(backend, 'gpt-4o-eu', 5, drawn, { release() {} })).toMatchObject({
    backend,
    deployment: 'gpt-4o-eu',
    requested: 'gpt-4o',
    startedMs: 5,
  });
});
