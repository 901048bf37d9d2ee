import { expect, test } from 'vitest';
import { Lease } from './lease.ts';
import { makeBackend } from './testing/make-backend.ts';

test('gives its slot back once, however often it is released', () => {
  let released = 0;
  const lease = new Lease(makeBackend('a'), 'gpt-4o', 5, { release: () => void released++ });
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
    (deployment) => new Lease(makeBackend('a'), deployment, 0, { release: () => void taken-- }),
  );
  second?.release();
  second?.release();
  expect(taken).toBe(1);
  first?.release();
  expect(taken).toBe(0);
});

test('remembers the backend, its name for the deployment and when the attempt began', () => {
  const backend = makeBackend('a');
  expect(new Lease(backend, 'gpt-4o-eu', 5, { release() {} })).toMatchObject({
    backend,
    deployment: 'gpt-4o-eu',
    startedMs: 5,
  });
});
