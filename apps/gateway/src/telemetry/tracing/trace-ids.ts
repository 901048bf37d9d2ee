import { randomBytes } from 'node:crypto';

/** Digits are drawn for many ids at once: one draw per id would cost more than the rest of a header. */
const BYTES_PER_DRAW = 4096;
let digits = '';
let used = 0;

/** Returns a random id of this many bytes in hex digits, which is never all zeros. */
export function makeId(bytes: 8 | 16): string {
  const length = bytes * 2;
  if (used + length > digits.length) {
    digits = randomBytes(BYTES_PER_DRAW).toString('hex');
    used = 0;
  }
  const id = digits.slice(used, used + length);
  used += length;
  return ZEROS.startsWith(id) ? makeId(bytes) : id;
}

const ZEROS = '0'.repeat(32);
