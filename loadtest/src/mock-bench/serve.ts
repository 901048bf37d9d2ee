import { createServer } from 'node:http';
import { startMock } from '@spillway/mock-openai';
import type { AddressInfo } from 'node:net';
import type { MockOptions } from '@spillway/mock-openai';

/** The question to a server: the processor time that it has used. */
export interface Usage {
  readonly cpuMicros: number;
  readonly residentBytes: number;
}

// Runs in a process of its own, on a processor of its own: `bare`, or the options of a mock as JSON.
const [what = 'bare'] = process.argv.slice(2);
const url = what === 'bare' ? await startBare() : (await startMock(JSON.parse(what) as MockOptions)).url;
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send?.({ cpuMicros: user + system, residentBytes: process.memoryUsage.rss() } satisfies Usage);
});
process.on('disconnect', () => process.exit());
process.send?.(url);

/** The minimum that a server in Node can do: read a request, and answer with the same bytes each time. */
async function startBare(): Promise<string> {
  const body = Buffer.alloc(1200, '.');
  const headers = ['Content-Type', 'application/json', 'Content-Length', String(body.length)];
  const server = createServer({ keepAliveTimeout: 0, requestTimeout: 0 }, (request, response) => {
    request.resume();
    request.on('end', () => {
      response.writeHead(200, headers);
      response.end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: 0, backlog: 4096 }, resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
