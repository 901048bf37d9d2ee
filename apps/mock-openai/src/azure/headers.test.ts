import { expect, test } from 'vitest';
import { makeUuid } from './headers.ts';

test('the mock makes UUIDs, each unlike the others', () => {
  const made = Array.from({ length: 1000 }, makeUuid);
  expect(new Set(made).size).toBe(1000);
  for (const one of made)
    expect(one).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
});
