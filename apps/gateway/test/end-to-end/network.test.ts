import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createTlsServer, request } from 'node:https';
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls, type TLSSocket, type TlsOptions } from 'node:tls';
import { expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { type Certificate, firstCertificate, secondCertificate } from '../testing/certificates.ts';
import { problemsOf } from '../testing/config-problems.ts';
import { post } from '../testing/post.ts';
import { spawnGateway } from '../testing/spawn-gateway.ts';
import { startSessionBackend } from '../testing/start-session-backend.ts';
import { startGatewayFor, startScene } from '../testing/start-scene.ts';
import { writeConfigFile } from '../testing/write-config-file.ts';

const CHAT = '/openai/v1/chat/completions';
const BODY = JSON.stringify({ model: 'gpt-4o', messages: [] });

/** Starts a backend behind TLS; returns its port. */
async function startTlsBackend(options: TlsOptions = {}): Promise<number> {
  const server = createTlsServer({ ...firstCertificate, ...options }, (req, res) => {
    req.resume();
    res.setHeader('content-type', 'application/json').end('{"object":"chat.completion"}');
  });
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close().closeAllConnections());
  return (server.address() as AddressInfo).port;
}

/** Starts a proxy that resolves every name to this machine; returns its address and its requests. */
async function startProxy(status = 200, server: Server = createServer()) {
  const asked: IncomingMessage[] = [];
  server.on('connect', (req, client) => {
    asked.push(req);
    client.on('error', () => {});
    if (status !== 200) {
      client.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    const backend = connect(Number(req.url?.split(':').at(-1)), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      client.pipe(backend).pipe(client);
    });
    backend.on('error', () => client.destroy());
    client.on('close', () => backend.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

function useEnvironment(env: Record<string, string>): void {
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
}

const failing = { name: 'spare', url: 'http://127.0.0.1:1', apiKey: 'key', priority: 2 };

test('backends are reached through the proxy that HTTPS_PROXY names, with its credentials, on kept tunnels', async () => {
  const proxy = await startProxy();
  useEnvironment({ HTTPS_PROXY: `http://user:p%40ss@${proxy.address}` });
  const port = await startTlsBackend();
  const backend = { name: 'a', url: `https://backend.test:${port}`, apiKey: 'key' };
  const scene = await startGatewayFor([{ ...backend, tls: { ca: firstCertificate.cert } }]);
  for (let count = 0; count < 3; count++) expect((await post(scene, CHAT, BODY)).status).toBe(200);
  expect(proxy.asked.map(({ url }) => url)).toEqual([`backend.test:${port}`]);
  const pair = Buffer.from('user:p@ss').toString('base64');
  expect(proxy.asked[0]?.headers['proxy-authorization']).toBe(`Basic ${pair}`);
});

test('backends over plain HTTP are reached through the proxy that HTTP_PROXY names', async () => {
  const proxy = await startProxy();
  useEnvironment({ HTTP_PROXY: proxy.address });
  const scene = await startScene([{}]);
  const { port } = new URL(scene.mocks[0]!.url);
  const gateway = await startGatewayFor([{ url: `http://backend.test:${port}`, apiKey: 'key-a' }]);
  expect((await post(gateway, CHAT, BODY)).status).toBe(200);
  expect(proxy.asked).toHaveLength(1);
});

test.each(['127.0.0.1', 'localhost'])(
  'backends are reached through a proxy that speaks TLS itself, as %s',
  async (host) => {
    const proxy = await startProxy(200, createTlsServer({ ...firstCertificate }));
    const scene = await startScene([{}]);
    const { port } = new URL(scene.mocks[0]!.url);
    const folder = mkdtempSync(join(tmpdir(), 'spillway-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const ca = join(folder, 'ca.pem');
    writeFileSync(ca, firstCertificate.cert);
    const gateway = spawnGateway({
      PORT: '0',
      BACKEND_1_URL: `http://other.test:${port}`,
      BACKEND_1_APIKEY: 'key-a',
      HTTP_PROXY: `https://${proxy.address.replace('127.0.0.1', host)}`,
      NODE_EXTRA_CA_CERTS: ca,
    });
    expect((await post({ url: await gateway.url }, CHAT, BODY)).status).toBe(200);
    expect(proxy.asked.map(({ url }) => url)).toEqual([`other.test:${port}`]);
  },
);

test('backends of this machine are reached without a proxy', async () => {
  const proxy = await startProxy();
  useEnvironment({ HTTP_PROXY: `http://${proxy.address}` });
  const scene = await startScene([{}]);
  expect((await post(scene, CHAT, BODY)).status).toBe(200);
  expect(proxy.asked).toEqual([]);
});

test.each(['.test', 'test', '*.test', 'backend.test:1', 'nowhere, BACKEND.TEST.', 'nowhere,*'])(
  'backends that NO_PROXY=%s names are reached without a proxy',
  async (noProxy) => {
    const proxy = await startProxy();
    useEnvironment({ HTTP_PROXY: `http://${proxy.address}`, NO_PROXY: noProxy });
    const gateway = await startGatewayFor([{ url: 'http://backend.test:1', apiKey: 'key' }]);
    expect((await post(gateway, CHAT, BODY)).status).toBe(503);
    expect(proxy.asked).toEqual([]);
  },
);

test.each([[407], [503]])(
  'a proxy that answers CONNECT with %i is a backend that refuses connections',
  async (status) => {
    const proxy = await startProxy(status);
    useEnvironment({ HTTPS_PROXY: `http://${proxy.address}` });
    const scene = await startGatewayFor([{ name: 'a', url: 'https://backend.test', apiKey: 'key' }, failing]);
    await post(scene, CHAT, BODY);
    const line = await scene.log.request();
    expect(line['attempts']).toMatchObject([{ backend: 'a', failure: 'refused' }, { backend: 'spare' }]);
    const away = 'backend cannot be reached; connecting is tried every second';
    const reason = `The proxy answered CONNECT with ${status}`;
    const lines = [await scene.log.line(away), await scene.log.line(away, 2)];
    expect(lines).toContainEqual(expect.objectContaining({ backend: 'a', reason }));
  },
);

const LONG = 'x'.repeat(100_000);

test.each([
  ['ends the connection', 'refused', (client: Socket) => client.end()],
  ['ends the connection within its answer', 'refused', (client: Socket) => client.end('HTTP/1.1 20')],
  ['resets the connection', 'refused', (client: Socket) => client.resetAndDestroy()],
  ['does not speak HTTP', 'refused', (client: Socket) => client.end('SSH-2.0-OpenSSH_9.6\r\n')],
  [
    'answers with endless headers',
    'refused',
    (client: Socket) => client.end(`HTTP/1.1 200 OK\r\nx: ${LONG}`),
  ],
  ['answers with a page', 'refused', (client: Socket) => client.write('HTTP/1.1 200 OK\r\n\r\n<html>')],
  ['never answers', 'connect-timeout', () => {}],
])('a proxy that %s is a failure of its backend, and the next is tried', async (_case, failure, answer) => {
  const server = createTcpServer((client) => {
    client.on('error', () => {}).once('data', () => answer(client));
    onTestFinished(() => void client.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  useEnvironment({ HTTP_PROXY: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
  const first = { name: 'a', url: 'http://backend.test', apiKey: 'key' };
  const scene = await startGatewayFor([first, failing], { timeouts: { connectMs: 300 } });
  expect((await post(scene, CHAT, BODY)).status).toBe(503);
  const line = await scene.log.request();
  expect(line['attempts']).toMatchObject([{ backend: 'a', failure }, { backend: 'spare' }]);
});

test.each([
  ['a password with a bare %', 'user:50%', Buffer.from('user:50%')],
  ['a name in Latin-1', 'm%FCller:p%40ss', Buffer.from('müller:p@ss', 'latin1')],
  ['a name in UTF-8', 'müller:p%40ss', Buffer.from('müller:p@ss')],
  ['only a password', ':token', Buffer.from(':token')],
])('a proxy gets %s', async (_case, userInfo, pair) => {
  const proxy = await startProxy(407);
  useEnvironment({ HTTP_PROXY: `http://${userInfo}@${proxy.address}` });
  const scene = await startGatewayFor([{ url: 'http://backend.test', apiKey: 'key' }]);
  await post(scene, CHAT, BODY);
  expect(proxy.asked[0]?.headers['proxy-authorization']).toBe(`Basic ${pair.toString('base64')}`);
});

test.each([
  ['of another kind', 'socks5://user:secret@127.0.0.1:1'],
  ['with a domain before its user', 'http://DOMAIN\\user:secret@127.0.0.1:1'],
  ['with a slash in its password', 'http://user:1/secret@127.0.0.1:1'],
  ['with a # in its password', 'http://user:1#secret@127.0.0.1:1'],
])('a proxy %s is refused at start, without its credentials being shown', (_case, HTTPS_PROXY) => {
  useEnvironment({ HTTPS_PROXY });
  const problems = problemsOf({ BACKEND_1_URL: 'https://backend.test', BACKEND_1_APIKEY: 'key' });
  expect(problems).toMatchObject([{ key: 'HTTPS_PROXY' }]);
  expect(JSON.stringify(problems)).not.toContain('secret');
});

test('a backend of a private authority is served with `tls.ca`, and is a failure of TLS without', async () => {
  const url = `https://127.0.0.1:${await startTlsBackend()}`;
  const trusted = await startGatewayFor([{ url, apiKey: 'key', tls: { ca: firstCertificate.cert } }]);
  expect((await post(trusted, CHAT, BODY)).status).toBe(200);
  const other = await startGatewayFor([{ url, apiKey: 'key', tls: { ca: secondCertificate.cert } }]);
  await post(other, CHAT, BODY);
  expect((await other.log.request())['attempts']).toMatchObject([{ failure: 'tls' }]);
});

test('a backend that asks for a certificate gets that of `tls.cert`', async () => {
  const port = await startTlsBackend({ requestCert: true, ca: secondCertificate.cert });
  const tls = { ca: firstCertificate.cert, ...secondCertificate };
  const backend = { url: `https://127.0.0.1:${port}`, apiKey: 'key' };
  const known = await startGatewayFor([{ ...backend, tls }]);
  expect((await post(known, CHAT, BODY)).status).toBe(200);
  const unknown = await startGatewayFor([{ ...backend, tls: { ca: firstCertificate.cert } }]);
  expect((await post(unknown, CHAT, BODY)).status).toBe(503);
});

/** Writes a certificate to files in the way they are mounted. */
function certificateFiles() {
  const folder = mkdtempSync(join(tmpdir(), 'spillway-tls-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const files = { cert: join(folder, 'tls.crt'), key: join(folder, 'tls.key') };
  const write = ({ cert, key }: Certificate) => {
    writeFileSync(files.cert, cert);
    writeFileSync(files.key, key);
  };
  return { files, write };
}

/** Sends a chat over HTTPS, trusting only one certificate; returns its status. */
function chatOverTls(url: string, ca: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    const sent = request(`${url}${CHAT}`, { method: 'POST', ca, agent: false, headers }, (res) => {
      res.resume().once('end', () => resolve(res.statusCode));
    });
    sent.once('error', reject).end(BODY);
  });
}

test('clients are served over HTTPS with `server.tls`, and from its next handshake with a certificate that was renewed', async () => {
  const { files, write } = certificateFiles();
  write(firstCertificate);
  const scene = await startScene([{}], { server: { tls: files } });
  expect(scene.url).toMatch(/^https:/);
  expect(await chatOverTls(scene.url, firstCertificate.cert)).toBe(200);

  writeFileSync(files.cert, secondCertificate.cert);
  await scene.log.line('the new certificate cannot be used; the old one still serves');
  expect(await chatOverTls(scene.url, firstCertificate.cert)).toBe(200);

  write(secondCertificate);
  await scene.log.line('the certificate was renewed');
  expect(await chatOverTls(scene.url, secondCertificate.cert)).toBe(200);
});

/** Connects to a gateway over TLS. */
async function connectOver(url: string): Promise<TLSSocket> {
  const socket = connectTls({
    port: Number(new URL(url).port),
    host: '127.0.0.1',
    ca: firstCertificate.cert,
  });
  await once(socket, 'secureConnect');
  onTestFinished(() => void socket.destroy());
  return socket;
}

test('requests that are pipelined over TLS are answered in turn', async () => {
  const scene = await startScene([{}], { server: { tls: firstCertificate } });
  const socket = await connectOver(scene.url);
  const chat = `POST ${CHAT} HTTP/1.1\r\nHost: a\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`;
  let received = '';
  socket.on('data', (chunk: Buffer) => (received += chunk.toString('latin1')));
  socket.write(chat.repeat(3) + 'GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  await once(socket, 'end');
  expect(received.match(/HTTP\/1\.1 \d+/g)).toEqual(Array.from({ length: 4 }, () => 'HTTP/1.1 200'));
  expect(await scene.log.request(3)).toBeDefined();
});

test('certificates and keys may have other text before them, as exported ones have', async () => {
  const before = 'Bag Attributes\n    localKeyID: 01\n';
  const tls = { cert: before + firstCertificate.cert, key: before + firstCertificate.key };
  const url = `https://127.0.0.1:${await startTlsBackend({ requestCert: true, ca: firstCertificate.cert })}`;
  const backends = [{ url, apiKey: 'key', tls: { ...tls, ca: tls.cert } }];
  const scene = await startGatewayFor(backends, { server: { tls } });
  const env = { SPILLWAY_CONFIG: writeConfigFile(JSON.stringify({ backends, server: { tls } })) };
  expect(problemsOf(env)).toEqual([]);
  expect(scene.url).toMatch(/^https:/);
});

test('an answer that is broken off is visibly broken over TLS too', async () => {
  const scene = await startScene([{ script: 'reset(after-chunks=5)' }], {
    server: { tls: firstCertificate },
  });
  const socket = await connectOver(scene.url);
  const stream = JSON.stringify({ model: 'gpt-4o', messages: [], stream: true });
  const error = once(socket, 'error').catch((cause: NodeJS.ErrnoException) => [cause]);
  socket.resume().write(`POST ${CHAT} HTTP/1.0\r\nContent-Length: ${stream.length}\r\n\r\n${stream}`);
  expect(await error).toMatchObject([{ code: 'ECONNRESET' }]);
});

test('sessions are served over TLS', async () => {
  const backend = await startSessionBackend();
  const scene = await startGatewayFor([{ url: backend.url, apiKey: 'key' }], {
    server: { tls: firstCertificate },
  });
  const url = `${scene.url.replace('https', 'wss')}/openai/v1/realtime?model=gpt-realtime`;
  const session = new WebSocket(url, { ca: firstCertificate.cert });
  await once(session, 'open');
  session.close();
  await once(session, 'close');
  expect(await scene.log.request()).toMatchObject({ status: 101 });
});

const encoded = (pem: string) => Buffer.from(pem).toString('base64');

test.each([
  [
    'a file that is not there',
    'server: { tls: { cert: /nowhere/tls.crt, key: /nowhere/tls.key } }',
    'server.tls',
    '"/nowhere/tls.crt" (ENOENT)',
  ],
  [
    'a text that is no certificate',
    'server: { tls: { cert: "-----BEGIN x", key: "-----BEGIN y" } }',
    'server.tls',
    'a text that OpenSSL refuses',
  ],
  [
    'a folder instead of a file',
    'server: { tls: { cert: /, key: / } }',
    'server.tls',
    'a file that cannot be read (EISDIR)',
  ],
  [
    'an authority that is no certificate',
    'backends: [{ url: "https://a", apiKey: k, tls: { ca: "-----BEGIN x" } }]',
    'backends[0].tls',
    'a text that OpenSSL refuses',
  ],
  [
    'an empty file instead of an authority',
    'backends: [{ url: "https://a", apiKey: k, tls: { ca: /dev/null } }]',
    'backends[0].tls',
    'a text that OpenSSL refuses',
  ],
  [
    'an empty file instead of a certificate',
    'server: { tls: { cert: /dev/null, key: /dev/null } }',
    'server.tls',
    'a text that OpenSSL refuses',
  ],
  [
    'a key in the place of its file’s path',
    `server: { tls: { cert: ${encoded(firstCertificate.cert)}, key: ${encoded(firstCertificate.key)} } }`,
    'server.tls.cert',
    'a text (not shown) (E',
  ],
  [
    'a certificate without its key',
    'backends: [{ url: "https://a", apiKey: k, tls: { cert: /nowhere/tls.crt } }]',
    'backends[0].tls',
    'a cert without key',
  ],
])('%s is told at start, with its place', (_, text, key, found) => {
  const whole = text.startsWith('backends') ? text : `backends: [{ url: "https://a", apiKey: k }]\n${text}`;
  const problems = problemsOf({ SPILLWAY_CONFIG: writeConfigFile(whole) });
  expect(problems).toHaveLength(1);
  expect(problems[0]?.key).toContain(key);
  expect(problems[0]?.found).toContain(found);
});
