import { randomBytes } from 'node:crypto';

const run = randomBytes(10).toString('hex');
let count = 100_000_000;

/** Makes an object's id in the length that Azure's have (`chatcmpl-` and 29 characters), unlike any other. */
export function makeId(prefix: string): string {
  count += 1;
  return prefix + run + count;
}
