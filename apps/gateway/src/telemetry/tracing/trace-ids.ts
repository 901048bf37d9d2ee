import { randomFillSync } from 'node:crypto';

/** Random bytes are drawn for many ids at once: one draw per id would cost more than the rest of a header. */
const bytes = Buffer.alloc(4096);
let used = bytes.length;

/** Returns a random id of this many bytes in hex digits, which is never all zeros. */
export function makeId(length: 8 | 16): string {
  if (used + length > bytes.length) {
    randomFillSync(bytes);
    used = 0;
  }
  const id = bytes.toString('hex', used, used + length);
  used += length;
  return /^0+$/.test(id) ? makeId(length) : id;
}
