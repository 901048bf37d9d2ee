import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseWithTwins } from './parse-with-twins.ts';

const read = (json: string, longest = 100) =>
  JSON.parse(JSON.stringify(parseWithTwins(Buffer.from(json), longest))) as unknown;

test.each([
  ['{"a":"x","a":"y"}', { a: ['x', 'y'] }],
  ['{"a":"x","\\u0061":"y","a":["z"]}', { a: ['x', 'y', ['z']] }],
  ['{"a":{"b":"x","b":{"c":"y"}}}', { a: { b: ['x', { c: 'y' }] } }],
  ['{"a":1,"b":true,"c":null,"d":[2,"x:y"]}', { a: 1, b: true, c: null, d: [2, 'x:y'] }],
  ['{"a":1,"b":true,"c":null,"d":[2,"x"],"d":3}', { a: null, b: null, c: null, d: [[null, 'x'], null] }],
  ['\u{feff} ["x",{"\\"":"\\u00e9"}]', ['x', { '"': 'é' }]],
  [`{"a":"${'x'.repeat(101)}","b":"x","b":"y"}`, { a: null, b: ['x', 'y'] }],
  ['"x"', 'x'],
])('%s is read as all readers together would', (json, expected) => {
  expect(read(json)).toEqual(expected);
});

test('a key of a prototype is a key as any', () => {
  const read = parseWithTwins(Buffer.from('{"__proto__":"x","__proto__":"y"}'), 9) as object;
  expect(Object.entries(read)).toEqual([['__proto__', ['x', 'y']]]);
});

test('the values of a key that is there a hundred times stand beside each other', () => {
  const twins = Array.from({ length: 100 }, (_, n) => `"a":"${n}"`);
  expect(read(`{${twins.join()}}`)).toEqual({ a: Array.from({ length: 100 }, (_, n) => String(n)) });
});

test('what is no JSON is not read', () => {
  expect(() => read('{"a":"x","a":')).toThrow(SyntaxError);
});

test('a text that stands twice is found beside its twin, wherever both stand', () => {
  const text = fc.string({ unit: 'grapheme' });
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof({ depthSize: 'small' }, text, fc.array(tie('tree')), fc.dictionary(text, tie('tree'))),
  }));
  fc.assert(
    fc.property(tree, (value) => {
      const json = JSON.stringify(value);
      expect(read(json)).toEqual(JSON.parse(json));
      expect(read(`{"twin":${json},"twin":"x"}`, 10_000)).toEqual({ twin: [JSON.parse(json), 'x'] });
    }),
  );
});
