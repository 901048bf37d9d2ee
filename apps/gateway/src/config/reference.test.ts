import { expect, test } from 'vitest';
import { renderReference } from './reference.ts';

test('the reference in docs/ is what the schema says today', async () => {
  await expect(renderReference()).toMatchFileSnapshot('../../../../docs/configuration.md');
});

test('every key of the reference says what is allowed and what it does', () => {
  const keys =
    renderReference()
      .split('## Keys of the file')[1]
      ?.match(/^\| `.*$/gm) ?? [];
  expect(keys.length).toBeGreaterThan(20);
  for (const row of keys) {
    const [, , , allowed, what] = row.split('|').map((cell) => cell.trim());
    expect({ row, allowed, what }).toEqual({
      row,
      allowed: expect.stringMatching(/./),
      what: expect.stringMatching(/\.$/),
    });
  }
});
