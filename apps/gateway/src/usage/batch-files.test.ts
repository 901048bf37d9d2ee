import { expect, test } from 'vitest';
import { BatchFiles } from './batch-files.ts';

const demand = {
  models: new Set(['gpt-4o']),
  others: new Set<string>(),
  requests: 1,
  tokens: 1000,
  openRequests: 0,
  problem: undefined,
};
const MANY = 100_000;

test('files that nobody uploaded are forgotten when their batches are refused, and a used one is not', () => {
  const files = new BatchFiles();
  expect(files.begin('elsewhere')).toBe('paid');
  for (let index = 0; index <= MANY; index++) {
    expect(files.begin(`made-up-${index}`)).toBe('paid');
    files.refund(`made-up-${index}`);
  }
  expect(files.begin('elsewhere')).toBe('unknown');
});

test('files that were uploaded elsewhere do not push out one that was paid for', () => {
  const files = new BatchFiles();
  files.remember('paid', demand);
  expect(files.begin('paid')).toBe('paid');
  for (let index = 0; index <= MANY; index++) files.begin(`elsewhere-${index}`);
  expect(files.begin('paid')).toBe(demand);
  expect(files.begin('elsewhere-0')).toBe('paid');
  expect(files.begin(`elsewhere-${MANY}`)).toBe('unknown');
});

test('a refused batch leaves its payment to the next one', () => {
  const files = new BatchFiles();
  files.remember('sent', demand);
  for (const id of ['sent', 'elsewhere']) {
    expect(files.begin(id)).toBe('paid');
    files.refund(id);
    expect(files.begin(id)).toBe('paid');
  }
});
