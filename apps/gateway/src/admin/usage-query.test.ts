import { expect, test } from 'vitest';
import { readUsageQuery } from './usage-query.ts';

const NOW_MS = Date.UTC(2026, 10, 29, 23, 59);
const read = (query: string) => readUsageQuery(`/admin/usage${query}`, NOW_MS);

test.each([
  ['', '2026-11-01', '2026-11-29', undefined],
  ['?from=&to=&client=', '2026-11-01', '2026-11-29', undefined],
  ['?from=2026-11-01&to=2026-11-30&client=chat', '2026-11-01', '2026-11-30', 'chat'],
  ['?from=2026-10-05', '2026-10-05', '2026-10-31', undefined],
  ['?from=2026-11-05', '2026-11-05', '2026-11-29', undefined],
  ['?from=2026-12-31', '2026-12-31', '2026-12-31', undefined],
  ['?to=2024-02-29', '2024-02-01', '2024-02-29', undefined],
  ['?from=2024-02-01', '2024-02-01', '2024-02-29', undefined],
  ['?from=2026-11-29&to=2026-11-29', '2026-11-29', '2026-11-29', undefined],
  ['?client=a%2Bb', '2026-11-01', '2026-11-29', 'a+b'],
])('%j asks for %s to %s, of %s', (query, from, to, client) => {
  expect(read(query)).toEqual({ from, to, client });
});

test.each([
  ['?from=yesterday', 'from is "yesterday"; allowed is a day in UTC such as 2026-11-30.'],
  ['?to=2026-11-31', 'to is "2026-11-31"; allowed is a day in UTC such as 2026-11-30.'],
  ['?to=2026-1-1', 'to is "2026-1-1"; allowed is a day in UTC such as 2026-11-30.'],
  ['?from=2025-02-29', 'from is "2025-02-29"; allowed is a day in UTC such as 2026-11-30.'],
  [
    '?from=2026-11-01T00:00:00Z',
    'from is "2026-11-01T00:00:00Z"; allowed is a day in UTC such as 2026-11-30.',
  ],
  ['?from=2026-11-30&to=2026-11-01', 'from is 2026-11-30, which is after to, 2026-11-01.'],
  ['?form=2026-11-01', 'There is no parameter "form"; there are from, to, client.'],
  ['?client=a&client=b', 'client is there more than once.'],
  [`?from=${'9'.repeat(1000)}`, `from is "${'9'.repeat(40)}…"; allowed is a day in UTC such as 2026-11-30.`],
])('%j is refused', (query, message) => {
  expect(() => read(query)).toThrow(expect.objectContaining({ status: 400, message }));
});
