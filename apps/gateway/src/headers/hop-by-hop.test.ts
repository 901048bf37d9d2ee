import { expect, test } from 'vitest';
import { connectionNamed } from './hop-by-hop.ts';

test.each([
  [undefined, []],
  ['close', []],
  ['Keep-Alive', []],
  ['x-one', ['x-one']],
  ['keep-alive, X-One ,x-two', ['keep-alive', 'x-one', 'x-two']],
])('Connection: %s names %j', (connection, expected) => {
  expect(connectionNamed(connection)).toEqual(expected);
});
