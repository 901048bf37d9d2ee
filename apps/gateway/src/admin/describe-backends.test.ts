import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { backendsPage } from './describe-backends.ts';

const page = readFileSync(new URL('../../../../docs/operations.md', import.meta.url), 'utf8');

test('the manual says what each number of the process means', () => {
  const [, table = ''] = /^\| `process` [^]*?\n((?:\|.*\n)+)/m.exec(page) ?? [];
  const named = [...table.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name);
  expect(named.toSorted()).toEqual(Object.keys(backendsPage.shape.process.shape).toSorted());
});
