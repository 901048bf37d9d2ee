import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { onTestFinished } from 'vitest';

/** A server that a test wrote itself. */
export interface TestBackend {
  readonly url: string;
}

/** Starts a backend with these handlers for requests and upgrades, until the test ends. */
export async function startHttpBackend(
  handler: RequestListener,
  onUpgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer) => void,
): Promise<TestBackend> {
  const server = createServer(handler);
  if (onUpgrade !== undefined) server.on('upgrade', onUpgrade);
  onTestFinished(() => server.closeAllConnections());
  return listen(server);
}

/** Starts a backend at the byte level: the handler gets each connection. */
export async function startRawBackend(onConnection: (socket: Socket) => void): Promise<TestBackend> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    // A connection reset by the gateway is expected here.
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
    onConnection(socket);
  });
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
  });
  return listen(server);
}

/** Starts a raw backend that waits for the end of each request's head and then gives all of them the same answer. */
export function startCannedBackend(answer: string | Uint8Array): Promise<TestBackend> {
  const bytes = typeof answer === 'string' ? Buffer.from(answer, 'latin1') : answer;
  return startRawBackend((socket) => {
    let received = '';
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      if (!received.includes('\r\n\r\n')) return;
      received = '';
      socket.write(bytes);
    });
  });
}

/** A request as received by a backend. */
export interface ReceivedRequest {
  readonly method: string;
  readonly url: string;
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
}

/** Starts a backend that answers 200 `{}` and records its requests, byte for byte. */
export async function startRecorder(): Promise<TestBackend & { readonly requests: ReceivedRequest[] }> {
  const requests: ReceivedRequest[] = [];
  const { url } = await startHttpBackend(async (req, res) => {
    const body = await bodyOf(req);
    requests.push({ method: req.method ?? '', url: req.url ?? '', rawHeaders: req.rawHeaders, body });
    res.setHeader('content-type', 'application/json').end('{}');
  });
  return { url, requests };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

async function listen(server: Server): Promise<TestBackend> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}
