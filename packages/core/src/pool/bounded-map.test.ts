import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { BoundedMap } from './bounded-map.ts';

const filled = (most: number, ...keys: readonly string[]) => {
  const map = new BoundedMap<string>(most);
  for (const key of keys) map.set(key, `value of ${key}`);
  return map;
};

test('a bounded map answers what was set, and nothing for what was not', () => {
  const map = filled(2, 'a', '');
  expect(map.get('a')).toBe('value of a');
  expect(map.get('')).toBe('value of ');
  expect(map.get('b')).toBeUndefined();
  expect(map.get('__proto__')).toBeUndefined();
  expect([...map.values()]).toEqual(['value of a', 'value of ']);
});

test('a bounded map forgets its oldest entry when it is full, and no other', () => {
  expect([...filled(3, 'a', 'b', 'c').values()]).toHaveLength(3);
  expect([...filled(3, 'a', 'b', 'c', 'd').values()]).toEqual(['value of b', 'value of c', 'value of d']);
});

test('a bounded map forgets an oldest entry of the empty name as well', () => {
  expect([...filled(1, '', 'a').values()]).toEqual(['value of a']);
});

test('a bounded map forgets nothing when an entry is set again, which stays as old as it was', () => {
  const map = filled(2, 'a', 'b');
  map.set('a', 'new');
  expect([...map.values()]).toEqual(['new', 'value of b']);
  map.set('c', 'value of c');
  expect(map.get('a')).toBeUndefined();
  expect(map.get('b')).toBe('value of b');
});

test('a bounded map forgets nothing for an entry that takes the place of a deleted one', () => {
  const map = filled(2, 'a', 'b');
  map.delete('a');
  map.delete('never set');
  map.set('c', 'value of c');
  expect([...map.values()]).toEqual(['value of b', 'value of c']);
});

test('a bounded map is, whatever is done to it, a list of the newest entries', () => {
  const step = fc.record({
    does: fc.constantFrom('set', 'set', 'delete'),
    key: fc.constantFrom(...'abcdefgh'),
  });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 6 }), fc.array(step, { maxLength: 60 }), (most, steps) => {
      const map = new BoundedMap<number>(most);
      let model: { key: string; value: number }[] = [];
      for (const [value, { does, key }] of steps.entries()) {
        if (does === 'delete') {
          map.delete(key);
          model = model.filter((entry) => entry.key !== key);
        } else {
          map.set(key, value);
          const entry = model.find((each) => each.key === key);
          if (entry === undefined) model = [...model, { key, value }].slice(-most);
          else entry.value = value;
        }
        expect([...map.values()]).toEqual(model.map((entry) => entry.value));
        for (const name of 'abcdefgh')
          expect(map.get(name)).toBe(model.find((entry) => entry.key === name)?.value);
      }
    }),
  );
});
