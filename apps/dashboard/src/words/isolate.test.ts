import { expect, test } from 'vitest';
import { isolate } from './isolate.ts';

test.each([
  ['gpt-4o', 'gpt-4o'],
  ['rocket 🚀 中文', 'rocket 🚀 中文'],
  ['\u202egnihtyna', 'gnihtyna'],
  ['مرحبا', '\u2068مرحبا\u2069'],
  ['שלום\u2069\u202e', '\u2068שלום\u2069'],
])('the name %j does not turn what follows it', (name, shown) => {
  expect(isolate(name)).toBe(shown);
});
