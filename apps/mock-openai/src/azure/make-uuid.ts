import { randomUUID } from 'node:crypto';

const run = randomUUID().slice(0, 26);
let count = 1_000_000_000;

/** Makes a UUID unlike any other: random digits that are the process's, and a count, for a random one costs ten times as much. */
export function makeUuid(): string {
  count += 1;
  return run + count;
}
