import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { Pool, type Dispatcher } from 'undici';
import { readCooldownMs } from './read-cooldown.ts';
import type { ReferenceBackend, ReferenceStrategy } from './reference-strategy.ts';

/** A reference proxy's backends and strategy. */
export interface ReferenceOptions {
  readonly backends: readonly ReferenceBackend[];
  readonly strategy: ReferenceStrategy;
  /** The key of every backend. */
  readonly apiKey: string;
  /** The factor by which the backends' quotas run faster than real time. */
  readonly timeScale: number;
}

/** A running reference proxy. */
export interface RunningReference {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/**
 * Starts the smallest proxy that can try a strategy: it keeps a request, sends it where the strategy says, and relays
 * the answer.
 */
export async function startReference(options: ReferenceOptions): Promise<RunningReference> {
  const pools = options.backends.map(({ url }) => new Pool(url, { allowH2: false }));
  const server = createServer((request, response) => {
    serve(options, pools, request, response).catch(() => {
      if (response.headersSent) response.destroy();
      else response.writeHead(502).end();
    });
  });
  await new Promise<void>((resolve) => server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.close();
      server.closeAllConnections();
      await Promise.all(pools.map((pool) => pool.destroy()));
    },
  };
}

async function serve(
  options: ReferenceOptions,
  pools: readonly Pool[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = Buffer.concat(await request.toArray());
  const { headers, statusCode, body: answer } = await sendOn(options, pools, request, body);
  delete headers.connection;
  delete headers['keep-alive'];
  delete headers['transfer-encoding'];
  response.writeHead(statusCode, headers);
  await pipeline(answer, response);
}

async function sendOn(
  { strategy, apiKey, timeScale }: ReferenceOptions,
  pools: readonly Pool[],
  request: IncomingMessage,
  body: Buffer,
): Promise<Dispatcher.ResponseData> {
  const { host: _host, connection: _connection, 'content-length': _length, ...headers } = request.headers;
  for (;;) {
    const backend = strategy.pick(performance.now());
    const pool = pools[backend];
    if (pool === undefined) throw new Error(`there is no backend ${backend}`);
    const response = await pool.request({
      method: 'POST',
      path: request.url ?? '/',
      headers: { ...headers, 'api-key': apiKey },
      body,
    });
    const answer = { status: response.statusCode, cooldownMs: readCooldownMs(response.headers, timeScale) };
    if (!strategy.shouldRetry(backend, answer, performance.now())) return response;
    await response.body.dump();
  }
}
