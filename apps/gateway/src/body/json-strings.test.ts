import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { JsonStrings, type StringReader } from './json-strings.ts';

class Collector implements StringReader {
  readonly strings: [string, string][] = [];

  wants(): boolean {
    return true;
  }

  onString(path: string, text: string): void {
    this.strings.push([path, text]);
  }
}

/** Walks over a text in chunks that end at the given places. */
function walk(text: string, cuts: readonly number[] = []): [string, string][] {
  const bytes = Buffer.from(text);
  const collector = new Collector();
  const strings = new JsonStrings(collector, 1000);
  const ends = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  let start = 0;
  for (const end of [...ends, bytes.length]) {
    strings.write(bytes.subarray(start, end));
    start = end;
  }
  return collector.strings;
}

/** The strings that `walk` should find, as written. */
function stringsIn(value: unknown, path = ''): [string, string][] {
  if (typeof value === 'string') return [[path, asWritten(value)]];
  if (Array.isArray(value)) return value.flatMap((item) => stringsIn(item, path));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) =>
    stringsIn(item, path === '' ? asWritten(key) : `${path}.${asWritten(key)}`),
  );
}

function asWritten(text: string): string {
  return Buffer.from(JSON.stringify(text).slice(1, -1)).toString('latin1');
}

test.each<[string, [string, string][]]>([
  ['{"a":"b"}', [['a', 'b']]],
  [
    '{"a":{"b":["c",{"d":"e"}]}, "f" : "g" }',
    [
      ['a.b', 'c'],
      ['a.b.d', 'e'],
      ['f', 'g'],
    ],
  ],
  [
    '{"a":"\\"b\\\\","c":"d"}',
    [
      ['a', '\\"b\\\\'],
      ['c', 'd'],
    ],
  ],
  [
    '{"a":"","b":[],"c":{},"d":1,"e":null,"f":""}',
    [
      ['a', ''],
      ['f', ''],
    ],
  ],
  [
    '["a",["b"]]',
    [
      ['', 'a'],
      ['', 'b'],
    ],
  ],
  ['"a"', []],
  ['', []],
  ['}}]]"a"{"b":"c"}', [['b', 'c']]],
])('the strings under every key are found in %s', (text, strings) => {
  expect(walk(text)).toEqual(strings);
});

test('the walk through JSON finds the strings that parsing finds, wherever the chunks end', () => {
  const key = fc.string({ minLength: 1, maxLength: 6 }).filter((text) => text !== '__proto__');
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.string({ unit: fc.constantFrom('a', '"', '\\', '{', '}', '[', ',', ':', 'é', '\n') }),
      fc.integer(),
      fc.boolean(),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(key, tie('value'), { maxKeys: 3 }),
    ),
  }));
  fc.assert(
    fc.property(fc.dictionary(key, value), fc.array(fc.nat(500)), fc.boolean(), (object, cuts, isPretty) => {
      const text = JSON.stringify(object, null, isPretty ? 2 : 0);
      const everywhere = Array.from({ length: text.length }, (_, index) => index);
      expect(walk(text, cuts)).toEqual(stringsIn(object));
      expect(walk(text, everywhere)).toEqual(stringsIn(object));
    }),
  );
});

test('values deeper than ten are passed over, and what comes after them is found', () => {
  const deep = `${'{"x":'.repeat(12)}"deep"${'}'.repeat(12)}`;
  expect(walk(`{"a":${deep},"b":"c"}`)).toEqual([['b', 'c']]);
  expect(walk(`{"a":${'['.repeat(5000)}"deep"${']'.repeat(5000)},"b":"c"}`)).toEqual([['b', 'c']]);
});

test('strings that are too long are passed over, in one chunk or in many', () => {
  const text = `{"a":"${'x'.repeat(1001)}","b":"${'y'.repeat(1000)}"}`;
  expect(walk(text)).toEqual([['b', 'y'.repeat(1000)]]);
  expect(walk(text, [500, 1007, 1500])).toEqual([['b', 'y'.repeat(1000)]]);
});

test('strings that nobody wants are passed over', () => {
  const found: string[] = [];
  const reader = { wants: (path: string) => path === 'b', onString: (path: string) => found.push(path) };
  new JsonStrings(reader, 10).write(Buffer.from('{"a":"x","b":"y","c":{"b":"z"}}'));
  expect(found).toEqual(['b']);
});

test('strings of an answer are read whatever bytes came before', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), (chunks) => {
      const collector = new Collector();
      const strings = new JsonStrings(collector, 10);
      for (const chunk of chunks) strings.write(Buffer.from(chunk));
      strings.reset();
      strings.write(Buffer.from('{"a":"b"}'));
      expect(collector.strings.at(-1)).toEqual(['a', 'b']);
    }),
  );
});
