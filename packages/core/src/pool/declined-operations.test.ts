import { expect, test } from 'vitest';
import { keyOf } from './declined-operations.ts';

test.each([
  ['files/file-1/content', 'GET files/*/content'],
  ['files', 'GET files'],
  ['fine_tuning/jobs/ftjob-1', 'GET fine_tuning/jobs/*'],
  ['1//a2', 'GET *//*'],
  ['', 'GET '],
])('%s is one operation with all that differ in ids only', (operation, key) => {
  expect(keyOf({ method: 'GET', operation })).toBe(key);
});

test('an operation may be long without taking long to read', () => {
  const word = 'a'.repeat(300_000);
  expect(keyOf({ method: 'GET', operation: `files/${word}/content` })).toBe(`GET files/${word}/content`);
});
