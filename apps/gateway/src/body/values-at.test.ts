import { expect, test } from 'vitest';
import { parseWithTwins } from './parse-with-twins.ts';
import { valuesAt } from './values-at.ts';

test.each([
  ['a member', '{"a":1,"b":2}', [1]],
  ['a member in another letter case', '{"A":1}', [1]],
  ['a duplicate member', '{"a":"x","\\u0061":"y","A":"z"}', ['x', 'y', 'z']],
  ['a list', '{"a":["x",["y"]]}', ['x', ['y']]],
  ['the items of a list', '[{"a":1},[{"a":2}],3,null]', [1, 2]],
  ['no member', '{"b":{"a":1}}', []],
  ['a text', '"a"', []],
])('the values of a key are found in %s', (_, json, values) => {
  expect(valuesAt(parseWithTwins(Buffer.from(json), 9), 'a')).toEqual(values);
});

test('the values of a key are looked for in lists of any depth without an overflow', () => {
  const depth = 100_000;
  const lists = JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`) as unknown;
  expect(valuesAt(lists, 'a')).toEqual([]);
});
