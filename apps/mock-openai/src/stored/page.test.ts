import { expect, test } from 'vitest';
import { pageOf } from './page.ts';

const all = ['a', 'b', 'c', 'd', 'e'].map((id) => ({ id }));

test.each([
  ['', 'edcba', false],
  ['order=asc', 'abcde', false],
  ['limit=2', 'ed', true],
  ['limit=2&after=d', 'cb', true],
  ['limit=2&after=b', 'a', false],
  ['order=asc&after=b', 'cde', false],
  ['order=asc&before=d', 'abc', false],
  ['order=asc&after=a&before=d', 'bc', false],
  ['limit=5', 'edcba', false],
  ['limit=0', 'edcba', false],
  ['limit=many', 'edcba', false],
  ['after=unknown', 'edcba', false],
])('%j answers the page %s', (query, ids, hasMore) => {
  const page = pageOf(all, new URLSearchParams(query), 20);
  expect(page.data.map((one) => one['id']).join('')).toBe(ids);
  expect(page.has_more).toBe(hasMore);
  expect(page.first_id).toBe(ids[0]);
  expect(page.last_id).toBe(ids.at(-1));
});

test('an empty page has no first and no last', () => {
  expect(pageOf([], new URLSearchParams(), 20)).toEqual({
    object: 'list',
    data: [],
    first_id: null,
    last_id: null,
    has_more: false,
  });
});

test('a page has at most 100 unless its list is usually longer', () => {
  const many = Array.from({ length: 300 }, (_, index) => ({ id: String(index) }));
  const query = new URLSearchParams('limit=250');
  expect(pageOf(many, query, 20).data).toHaveLength(100);
  expect(pageOf(many, query, 10_000).data).toHaveLength(250);
});
