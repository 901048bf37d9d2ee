import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { connectionNamed, HeaderFilter } from './header-filter.ts';

test.each([
  ['api-key', ''],
  ['Api-Key', ''],
  ['API-KEY', ''],
  ['te', ''],
  ['TE', ''],
  ['api-kex', 'api-kex'],
  ['Accepts', 'Accepts'],
  ['tE ', 'tE '],
  ['!pi-key', '!pi-key'],
])('without api-key and te, %j is passed on as %j, each time', (name, expected) => {
  const filter = new HeaderFilter(['api-key', 'te']);
  expect([filter.pass(name), filter.pass(name)]).toEqual([expected, expected]);
});

test('a header filter drops what its list has, in any spelling, and passes on everything else as it is written', () => {
  const name = fc.stringMatching(/^[a-z!-9-]{1,4}$/);
  const dropped = fc.array(name, { maxLength: 8 });
  fc.assert(
    fc.property(dropped, fc.array(fc.mixedCase(name)), (dropped, asked) => {
      const filter = new HeaderFilter(dropped);
      const expected = asked.map((one) => (dropped.includes(one.toLowerCase()) ? '' : one));
      expect(asked.map((one) => filter.pass(one))).toEqual(expected);
      expect(asked.map((one) => filter.pass(one))).toEqual(expected);
    }),
  );
});

test('a header filter tells more spellings apart than it remembers, and longer ones', () => {
  const filter = new HeaderFilter(['x-gone']);
  const names = Array.from({ length: 3000 }, (_, index) => `x-${index}`);
  expect(names.map((name) => filter.pass(name))).toEqual(names);
  const long = `x-${'long'.repeat(1000)}`;
  expect([filter.pass(long), filter.pass('X-Gone'), filter.pass('X-GONE')]).toEqual([long, '', '']);
});

test.each([
  [undefined, []],
  ['close', []],
  ['Keep-Alive', []],
  ['x-one', ['x-one']],
  ['keep-alive, X-One ,x-two', ['keep-alive', 'x-one', 'x-two']],
])('Connection: %s names %j', (connection, expected) => {
  expect(connectionNamed(connection)).toEqual(expected);
});
