import { describe, expect, test } from 'vitest';
import { JsonWriter } from '../../test/testing/make-json.ts';
import { readJsonString, scanJson } from './scan-json.ts';

/** What was found, as texts. */
function scan(json: string | Buffer, ...keys: string[]): Record<string, string> {
  const body = Buffer.from(json as string);
  const found = [...scanJson(body, keys)];
  return Object.fromEntries(found.map(([key, { start, end }]) => [key, body.toString('utf8', start, end)]));
}

/** An object whose key `model` comes after a megabyte of the same text. */
function megabyteOf(text: string): string {
  return `{"a":"${text.repeat(2 ** 20 / text.length)}","model":"x"}`;
}

describe('the scanner', () => {
  test.each([
    ['a text', '{"model":"gpt-4o"}', '"gpt-4o"'],
    ['a text after everything else', '{"a":[{"model":"no"}],"b":{"model":"no"},"model":"x"}', '"x"'],
    ['a number', '{"model":12}', '12'],
    ['a number and a space', '{"model": 12 }', '12'],
    ['null', '{"model":null,"a":1}', 'null'],
    ['an object', '{"model":{"a":[1,{"b":2}]},"c":3}', '{"a":[1,{"b":2}]}'],
    ['a list', '{"model":[1,[2],"]"],"c":3}', '[1,[2],"]"]'],
    ['an empty text', '{"model":""}', '""'],
    ['escaped quotes', '{"model":"a\\"b","c":1}', '"a\\"b"'],
    ['escaped backslashes', '{"model":"a\\\\","c":"model"}', '"a\\\\"'],
    ['a text that looks like the key', '{"a":"\\"model\\":","model":"x"}', '"x"'],
    ['white space of every kind', ' \t\r\n{ "model"\n:\t"x" \r}', '"x"'],
    ['letters beyond ASCII', '{"é":"模型","model":"模型🙂"}', '"模型🙂"'],
  ])('finds %s', (_, json, expected) => {
    expect(scan(json, 'model')).toEqual({ model: expected });
  });

  test.each([
    ['nothing', ''],
    ['white space', ' \n'],
    ['a list', '["model","x"]'],
    ['a text', '"model"'],
    ['an empty object', '{}'],
    ['a nested key', '{"a":{"model":"x"}}'],
    ['a value of that name', '{"a":"model"}'],
    ['a longer key', '{"model2":"x","mode":"y","Model":"z"}'],
    ['an object that ends before the value does', '{"model":"x'],
    ['an object that ends before the value', '{"model":'],
    ['a form', 'model=x'],
    ['bytes that are no text', Buffer.from([0xff, 0xfe, 0x7b, 0x22, 0x00])],
  ])('finds nothing in %s', (_, json) => {
    expect(scan(json, 'model')).toEqual({});
  });

  test('finds several keys, whatever their order, and only what is there', () => {
    const json = '{"store": false ,"messages":[],"background":true}';
    expect(scan(json, 'background', 'model', 'store')).toEqual({ store: 'false', background: 'true' });
  });

  test('finds in random objects what JSON.parse finds', () => {
    for (let seed = 1; seed <= 1000; seed++) {
      const json = new JsonWriter(seed).object(['model', 'store']);
      const parsed = JSON.parse(json) as Record<string, unknown>;
      const found = scan(json, 'model', 'store');
      const values = Object.entries(found).map(([key, text]) => [key, JSON.parse(text)]);
      const expected = Object.entries(parsed).filter(([key]) => key === 'model' || key === 'store');
      expect({ json, ...Object.fromEntries(values) }).toEqual({ json, ...Object.fromEntries(expected) });
    }
  });

  test('neither throws nor answers a range outside the body, whatever the bytes are', () => {
    for (let seed = 1; seed <= 1000; seed++) {
      const writer = new JsonWriter(seed);
      const body = Buffer.from(writer.object(['model', 'store']));
      const damaged = Buffer.from(body.subarray(0, writer.below(body.length + 1)));
      if (damaged.length > 0 && seed % 2 === 0) damaged[writer.below(damaged.length)] = writer.below(256);
      for (const [, range] of scanJson(damaged, ['model', 'store'])) {
        expect(range.end).toBeLessThanOrEqual(damaged.length);
        readJsonString(damaged, range);
      }
    }
  });

  test('takes a time in proportion to the body, even of one string of quotes and backslashes', () => {
    // A scanner whose time grew with the square of the length would not be back in time for the runner.
    for (const text of ['\\"', '\\\\', 'a'])
      expect(scan(megabyteOf(text), 'model')).toEqual({ model: '"x"' });
  });
});

describe('a string', () => {
  test.each([
    ['{"a":"x"}', 'x'],
    ['{"a":"\\u0041\\n\\ud83d\\ude42"}', 'A\n🙂'],
    ['{"a":"模型"}', '模型'],
    ['{"a":""}', ''],
    ['{"a":1}', undefined],
    ['{"a":["x"]}', undefined],
    ['{"a":"\\x"}', undefined],
    ['{"a":"line\nbreak"}', undefined],
    ['{}', undefined],
  ])('is read from %j as %j', (json, expected) => {
    const body = Buffer.from(json);
    expect(readJsonString(body, scanJson(body, ['a']).get('a'))).toBe(expected);
  });
});
