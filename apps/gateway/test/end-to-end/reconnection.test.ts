import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import {
  type AddressInfo,
  connect,
  createServer as createTcpServer,
  type Server,
  type Socket,
} from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { firstCertificate, secondCertificate } from '../testing/certificates.ts';
import { freePort } from '../testing/free-port.ts';
import { post } from '../testing/post.ts';
import { startHttpBackend } from '../testing/start-backend.ts';
import { startIdentity } from '../testing/start-identity.ts';
import { type Scene, startGatewayFor } from '../testing/start-scene.ts';

const ONE_DAY_MS = 86_400_000;
const AWAY = 'backend cannot be reached; connecting is tried every second';
const BACK = 'backend can be reached again';

const answer: RequestListener = (req, res) => {
  req.resume();
  res.setHeader('content-type', 'application/json').end('{"object":"chat.completion"}');
};

/** @param port 0 for one that the system chooses */
async function listenOn<S extends Server>(server: S, port = 0): Promise<S> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return server;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

/** A gateway whose first backend, on this port, gets a cooldown of a day once it has failed. */
async function startBefore(port: number, protocol = 'http', tls?: { ca: string }) {
  const { url } = await startHttpBackend(answer);
  return startGatewayFor(
    [
      { name: 'a', url: `${protocol}://127.0.0.1:${port}`, apiKey: 'a', priority: 1, tls },
      { name: 'b', url, apiKey: 'b', priority: 2 },
    ],
    { cooldown: { defaultMs: ONE_DAY_MS, ceilingMs: ONE_DAY_MS } },
  );
}

async function servedBy(scene: Omit<Scene, 'mocks'>): Promise<string | null> {
  const response = await post(scene);
  await response.text();
  return response.headers.get('x-spillway-backend');
}

test('a backend that refused connections serves again once it can be connected to, whatever its cooldown', async () => {
  const port = await freePort();
  const scene = await startBefore(port);
  expect(await servedBy(scene)).toBe('b');
  expect(await servedBy(scene)).toBe('b');
  const reason = expect.stringContaining('ECONNREFUSED');
  expect(await scene.log.line(AWAY)).toMatchObject({ level: 40, backend: 'a', reason });

  let requests = 0;
  const back = createServer((req, res) => {
    requests++;
    answer(req, res);
  });
  await listenOn(back, port);
  expect(await scene.log.line(BACK)).toMatchObject({ level: 30, backend: 'a' });
  expect(requests).toBe(0);
  expect(await servedBy(scene)).toBe('a');
  back.closeAllConnections();
  expect(scene.log.lines.filter(({ msg }) => msg === AWAY || msg === BACK)).toHaveLength(2);
});

test('a backend whose certificate was not trusted serves again once it has the right one', async () => {
  const server = await listenOn(createTlsServer(secondCertificate, answer));
  const scene = await startBefore(portOf(server), 'https', { ca: firstCertificate.cert });
  const tries: unknown[] = [];
  server.on('tlsClientError', (error) => tries.push(error));
  expect(await servedBy(scene)).toBe('b');
  while (tries.length < 3) await once(server, 'tlsClientError');
  expect(scene.gateway.snapshots('gpt-4o')[0]?.availability).toBe('cooling');

  server.setSecureContext(firstCertificate);
  await scene.log.line(BACK);
  expect(await servedBy(scene)).toBe('a');
  server.closeAllConnections();
});

test.each<[string, (socket: Socket) => void]>([
  ['resets', (socket) => void socket.resetAndDestroy()],
  ['ends', (socket) => void socket.end()],
])(
  'a backend before which a firewall %s handshakes of TLS serves again once it lets them through',
  async (_, breakOff) => {
    let isOpen = false;
    const backend = await listenOn(createTlsServer(firstCertificate, answer));
    const firewall = await listenOn(
      createTcpServer((socket) => {
        socket.on('error', () => {});
        if (!isOpen) return void socket.once('data', () => breakOff(socket));
        const further = connect(portOf(backend), '127.0.0.1').on('error', () => {});
        socket.pipe(further).pipe(socket);
      }),
    );
    const scene = await startBefore(portOf(firewall), 'https', { ca: firstCertificate.cert });
    expect(await servedBy(scene)).toBe('b');
    const reason = expect.stringMatching(/ECONNRESET|socket disconnected/);
    expect(await scene.log.line(AWAY)).toMatchObject({ backend: 'a', reason });
    isOpen = true;
    await scene.log.line(BACK);
    expect(await servedBy(scene)).toBe('a');
    backend.closeAllConnections();
  },
);

test('a backend without a token is not said to be out of reach', async () => {
  await startIdentity((_, res) => void res.writeHead(400).end('{"error":"invalid_client"}'));
  const a = await startHttpBackend(answer);
  const b = await startHttpBackend(answer);
  const scene = await startGatewayFor([
    { name: 'a', url: a.url, identity: { clientId: 'client-without-token' }, priority: 1 },
    { name: 'b', url: b.url, apiKey: 'b', priority: 2 },
  ]);
  expect(await servedBy(scene)).toBe('b');
  const line = await scene.log.line('backend has no credential; it serves again once one has been fetched');
  expect(line).toMatchObject({ level: 40, backend: 'a', reason: expect.stringContaining('invalid_client') });
  expect(scene.log.lines.filter(({ msg }) => msg === AWAY)).toEqual([]);
});

test('a backend that accepts connections and breaks them is not tried by connecting', async () => {
  let connections = 0;
  const server = await listenOn(
    createTcpServer((socket) => {
      connections++;
      socket.on('error', () => {}).once('data', () => socket.destroy());
    }),
  );
  const scene = await startBefore(portOf(server));
  expect(await servedBy(scene)).toBe('b');
  expect(await servedBy(scene)).toBe('b');
  expect(connections).toBe(1);
  expect(scene.gateway.snapshots('gpt-4o')[0]?.availability).toBe('cooling');
});

/** A cooldown that doubled with each probe would be longer than any test by then. */
const PROBES = 16;

test.each<[string, RequestListener]>([
  ['answers 500', (req, res) => void req.resume().once('end', () => res.writeHead(500).end())],
  ['breaks every connection', (req) => void req.socket.destroy()],
  ['is silent', (req) => void req.resume()],
])(
  'a backend that %s is probed at the same pace however long it does, at no client’s cost, and serves again when it is well',
  async (_, fail) => {
    let isWell = false;
    const probes: unknown[] = [];
    const a = await startHttpBackend((req, res) => {
      if (isWell) return answer(req, res);
      probes.push(req);
      fail(req, res);
    });
    const b = await startHttpBackend(answer);
    const scene = await startGatewayFor(
      [
        { name: 'a', url: a.url, apiKey: 'a', priority: 1 },
        { name: 'b', url: b.url, apiKey: 'b', priority: 2 },
      ],
      { cooldown: { floorMs: 30, defaultMs: 30, ceilingMs: ONE_DAY_MS }, hedge: { afterMs: 20 } },
    );
    while (probes.length < PROBES) expect(await servedBy(scene)).toBe('b');
    isWell = true;
    await expect.poll(() => servedBy(scene)).toBe('a');
  },
);
