import { expect, test } from 'vitest';
import { DeclinedOperations, keyOf } from './declined-operations.ts';

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

test('a decline counts until the operation is done, and then successes are not even looked at', () => {
  const chat = { method: 'POST', operation: 'chat/completions' };
  const operations = new DeclinedOperations();
  expect([1, 2].map(() => operations.noteDecline(chat))).toEqual([false, false]);
  operations.excuse(chat);
  operations.excuse({
    get operation(): string {
      throw new Error('This success was looked at.');
    },
  });
  expect([1, 2, 3].map(() => operations.noteDecline(chat))).toEqual([false, false, true]);
});
