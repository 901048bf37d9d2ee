import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { createClient } from './client.ts';
import { configSchema } from '../config/schema.ts';
import { isMiswritten, KeyTable, makeKey, sha256 } from './keys.ts';

function tableOf(clients: unknown) {
  const config = configSchema.parse({ backends: [{ url: 'https://a' }], clients });
  return new KeyTable((config.clients ?? []).map((client) => [createClient(client), client]));
}

test('a key has 256 bits of chance and a checksum, and no two are alike', () => {
  const keys = Array.from({ length: 1000 }, makeKey);
  expect(new Set(keys).size).toBe(1000);
  for (const key of keys) expect(key).toMatch(/^spw_[\dA-Za-z]{49}$/);
  expect(keys.filter(isMiswritten)).toEqual([]);
});

test('a key that was cut off, mistyped or mixed up is told from one of ours', () => {
  const key = makeKey();
  const other = makeKey();
  const swapped = key.slice(0, 25) + other.slice(25);
  const wrong = [key.slice(0, -1), `${key}0`, swapped, 'spw_', 'spw_none', key.replace(/.$/, '-')];
  expect(wrong.filter((one) => !isMiswritten(one))).toEqual([]);
  expect(isMiswritten('f00dfeedf00dfeedf00dfeedf00dfeed')).toBe(false);
});

test('a key is found by its hash, unless it has expired or is disabled', () => {
  const now = Date.parse('2026-06-01T00:00:00Z');
  const hashes = ['one', 'two', 'old', 'off', 'foreign key 0123'].map(sha256);
  const table = tableOf([
    {
      name: 'a',
      keys: [{ sha256: hashes[0] }, { sha256: hashes[1]?.toUpperCase(), expires: '2099-01-01T00:00:00Z' }],
    },
    {
      name: 'b',
      keys: [
        { sha256: hashes[2], expires: '2026-06-01T00:00:00Z' },
        { sha256: hashes[3], disabled: true },
      ],
    },
    { name: 'c', keys: [{ sha256: hashes[4] }] },
  ]);
  const found = [...hashes, sha256('none')].map((hash) => table.find(hash, now));
  const names = found.map((one) => (typeof one === 'string' ? one : one.name));
  expect(names).toEqual(['a', 'a', 'expired', 'disabled', 'c', 'unknown']);
});

test('a hash is that of SHA-256', () => {
  expect(sha256('a key')).toBe(createHash('sha256').update('a key').digest('hex'));
});
