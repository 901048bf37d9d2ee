import { randomBytes } from 'node:crypto';

/**
 * Makes a source of request ids: unique among all processes by a random start, and among this one's requests by a count.
 * A random UUID for every request costs about a microsecond, this next to nothing.
 */
export function createRequestIds(): () => string {
  const start = randomBytes(6).toString('hex');
  let count = 0;
  return () => `${start}-${(++count).toString(36)}`;
}
