import { expect, test } from 'vitest';
import { encodingOf } from './encoding-of.ts';

test.each([
  ['gpt-4o', 'o200k_base'],
  ['gpt-4o-mini', 'o200k_base'],
  ['gpt-4.1-nano', 'o200k_base'],
  ['gpt-5', 'o200k_base'],
  ['o1', 'o200k_base'],
  ['o4-mini', 'o200k_base'],
  ['gpt-realtime', 'o200k_base'],
  ['gpt-4', 'cl100k_base'],
  ['gpt-4-turbo', 'cl100k_base'],
  ['gpt-4-32k-eu', 'cl100k_base'],
  ['gpt-35-turbo', 'cl100k_base'],
  ['gpt-3.5-turbo', 'cl100k_base'],
  ['text-embedding-3-large', 'cl100k_base'],
] as const)('the mock reads the encoding of %s off its name', (deployment, encoding) => {
  const other = encoding === 'o200k_base' ? 'cl100k_base' : 'o200k_base';
  expect(encodingOf(deployment, other)).toBe(encoding);
});

test('the mock takes the usual encoding for a name that says nothing', () => {
  expect(encodingOf('team-chat', 'cl100k_base')).toBe('cl100k_base');
});
