import { array, assert, integer, property } from 'fast-check';
import { expect, test } from 'vitest';
import { Shelf } from './shelf.ts';
import type { StoredObject } from './stored-object.ts';

const object = (id: string, size = 0): StoredObject => ({ id, body: { id }, bytes: Buffer.alloc(size) });
const idsOf = (shelf: Shelf) => shelf.of().map(({ id }) => id);

test('a shelf drops the oldest when there are too many', () => {
  const shelf = new Shelf(2, 1000);
  for (const id of ['a', 'b', 'c']) shelf.put(object(id));
  expect(idsOf(shelf)).toEqual(['b', 'c']);
  expect(shelf.get('a')).toBeUndefined();
});

test('a shelf drops the oldest when they are too big together, but keeps one that alone is', () => {
  const shelf = new Shelf(10, 1000);
  shelf.put(object('a', 600));
  shelf.put(object('b', 600));
  expect(idsOf(shelf)).toEqual(['b']);
  shelf.put(object('c', 5000));
  expect(idsOf(shelf)).toEqual(['c']);
  shelf.put(object('d', 10));
  expect(idsOf(shelf)).toEqual(['d']);
});

test('an object that changes keeps its place, and its size is counted once', () => {
  const shelf = new Shelf(10, 1000);
  shelf.put(object('a', 100));
  shelf.put(object('b', 100));
  for (let count = 0; count < 50; count += 1) shelf.put(object('a', 100 + count));
  expect(idsOf(shelf)).toEqual(['a', 'b']);
});

test('an id belongs to its owner', () => {
  const shelf = new Shelf(10, 1000);
  shelf.put({ ...object('a'), owner: 'one' });
  shelf.put({ ...object('a'), owner: 'two' });
  expect(shelf.of('one')).toHaveLength(1);
  shelf.delete('a', 'one');
  expect(shelf.get('a', 'one')).toBeUndefined();
  expect(shelf.get('a', 'two')).toBeDefined();
  expect(shelf.get('a')).toBeUndefined();
});

test('never holds more than its limits, whatever comes and goes', () => {
  assert(
    property(array(integer({ min: -9, max: 4000 })), (steps) => {
      const shelf = new Shelf(5, 1000);
      for (const value of steps) {
        const id = String(Math.abs(value) % 10);
        if (value < 0) shelf.delete(id);
        else shelf.put(object(id, value % 400));
      }
      const kept = shelf.of();
      const bytes = kept.reduce(
        (sum, { bytes: held, body }) => sum + (held?.length ?? 0) + JSON.stringify(body).length,
        0,
      );
      expect(kept.length).toBeLessThanOrEqual(5);
      expect(bytes).toBeLessThanOrEqual(1000);
    }),
  );
});
