import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { KeptBytes } from '../overload/kept-bytes.ts';
import { KeptBody } from './kept-body.ts';

const chunks = fc.array(
  fc.uint8Array({ minLength: 1, maxLength: 90_000 }).map((bytes) => Buffer.from(bytes)),
  {
    maxLength: 12,
  },
);

test('a body is what has arrived, in however many chunks, whether its length was declared or not', () => {
  fc.assert(
    fc.property(chunks, fc.boolean(), fc.boolean(), (parts, isDeclared, isTight) => {
      const whole = Buffer.concat(parts);
      const budget = new KeptBytes(isTight ? 1 : 1e9);
      const body = new KeptBody(budget, isDeclared ? String(whole.length) : undefined);
      for (const part of parts) body.push(part);
      expect(body.bytes).toBe(whole.length);
      expect(body.take() ?? Buffer.alloc(0)).toEqual(whole);
      expect(budget.total).toBeGreaterThanOrEqual(whole.length);
      const most = isDeclared ? whole.length : whole.length * 2;
      expect(budget.total).toBeLessThanOrEqual(Math.max(most, 1024));
      body.release();
      body.release();
      expect(budget.total).toBe(0);
    }),
  );
});

test('a declared length costs nothing before its bytes come', () => {
  const budget = new KeptBytes(1_000_000);
  const body = new KeptBody(budget, '500000000');
  body.push(Buffer.alloc(300_000));
  expect(budget.total).toBe(300_000);
  body.push(Buffer.alloc(1));
  expect(budget.total).toBe(600_002);
});

test('chunks of one byte cost no more than their bytes twice', () => {
  const budget = new KeptBytes(1_000_000);
  const body = new KeptBody(budget, undefined);
  for (let count = 0; count < 100_000; count++) body.push(Buffer.from('x'));
  expect(budget.total).toBeLessThan(200_000);
  expect(body.take()).toEqual(Buffer.alloc(100_000, 'x'));
});
