import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Tests that run at the same time take ports of different ranges. */
const RANGES = 20;
const PORTS_PER_RANGE = 1000;
const RANGE = 10_000 + (Number(process.env['VITEST_POOL_ID'] ?? 0) % RANGES) * PORTS_PER_RANGE;
let last = randomInt(PORTS_PER_RANGE);

/**
 * Returns a port on which nothing listens, and which no system assigns by itself: Linux assigns ports of connections
 * from 32768, and others from 49152. It is still free when something listens there later.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    last = (last + 1) % PORTS_PER_RANGE;
    const port = RANGE + last;
    const server = createServer().listen(port, '127.0.0.1');
    try {
      await once(server, 'listening');
    } catch {
      continue;
    }
    server.close();
    await once(server, 'close');
    return port;
  }
}
