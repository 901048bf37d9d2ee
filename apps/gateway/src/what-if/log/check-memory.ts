import { getHeapStatistics } from 'node:v8';

const MEGABYTE = 2 ** 20;
/** Each request is an object in memory, its call in the replay another. */
const BYTES_PER_REQUEST = 800;
/** Room for new objects, which counts in Node’s limit but holds none that stay. */
const OTHER_BYTES = 192 * MEGABYTE;

/** @throws Error if the objects of this many requests need more memory than Node takes here, which would kill the process */
export function checkMemory(requests: number): void {
  const bytes = getHeapStatistics().heap_size_limit;
  const allowed = Math.max(0, Math.floor((bytes - OTHER_BYTES) / BYTES_PER_REQUEST));
  if (requests <= allowed) return;
  const megabytes = Math.ceil((OTHER_BYTES + requests * BYTES_PER_REQUEST) / MEGABYTE);
  throw new Error(
    `--log: ${Math.round(requests)} requests or more; allowed: at most ${allowed} with the ${Math.floor(bytes / MEGABYTE)} MB of memory that Node takes here. ` +
      `Take a part of the log, or set NODE_OPTIONS=--max-old-space-size= to more than ${megabytes}`,
  );
}
