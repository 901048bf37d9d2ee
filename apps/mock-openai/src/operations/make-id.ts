import { randomBytes } from 'node:crypto';

const run = randomBytes(10).toString('hex');
let count = 100_000_000;

/** Makes a unique object id of the same length as Azure's (`chatcmpl-` and 29 characters). */
export function makeId(prefix: string): string {
  count += 1;
  return prefix + run + count;
}
