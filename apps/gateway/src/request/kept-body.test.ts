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
    fc.property(chunks, fc.boolean(), (parts, isDeclared) => {
      const whole = Buffer.concat(parts);
      const budget = new KeptBytes(1);
      const body = new KeptBody(budget, isDeclared ? String(whole.length) : undefined);
      for (const part of parts) body.push(part);
      expect(body.bytes).toBe(whole.length);
      expect(body.take() ?? Buffer.alloc(0)).toEqual(whole);
      expect(budget.total).toBeGreaterThanOrEqual(whole.length);
      expect(budget.total).toBeLessThanOrEqual(isDeclared ? whole.length : whole.length * 2);
      body.release();
      body.release();
      expect(budget.total).toBe(0);
    }),
  );
});

test('a declared length costs nothing before its bytes come', () => {
  const budget = new KeptBytes(1);
  const body = new KeptBody(budget, '500000000');
  body.push(Buffer.alloc(300_000));
  expect(budget.total).toBe(600_000);
});
