import { once } from 'node:events';
import { createServer } from 'node:net';

/** Ends `pnpm dev` before it starts anything, if another program already listens on one of its ports. */

const PORTS = new Map([
  [8080, 'the gateway'],
  [8090, 'operators of the gateway'],
  [8091, 'the live page'],
  [8081, 'the mock eastus'],
  [8082, 'the mock swedencentral'],
  [8083, 'the mock westeurope'],
]);

const taken: string[] = [];
for (const [port, name] of PORTS) if (!(await isFree(port))) taken.push(`${port} (for ${name})`);
if (taken.length > 0) {
  process.stderr.write(
    `In use already: port ${taken.join(', ')}. End what listens there, and start again.\n`,
  );
  process.exit(1);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  const listens = once(server, 'listening').then(
    () => true,
    () => false,
  );
  const isListening = await listens;
  if (isListening) await once(server.close(), 'close');
  return isListening;
}
