import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import OpenAI, { AzureOpenAI } from 'openai';
import { OpenAIRealtimeWS } from 'openai/realtime/ws';
import { expect, test } from 'vitest';
import { type ClientOptions, type ServerOptions, WebSocket } from 'ws';
import { openSession, realtimePath, refusedSession } from '../testing/open-session.ts';
import { chatBody, chatPath } from '../testing/post.ts';
import { connectRaw, rawRequest } from '../testing/raw-client.ts';
import { startRawBackend } from '../testing/start-backend.ts';
import { callsOf, startGatewayFor, startScene } from '../testing/start-scene.ts';
import { startSessionBackend } from '../testing/start-session-backend.ts';
import { writeUntilHeld } from '../testing/write-until-held.ts';

const apiKey = 'client-key';
const previewPath = '/openai/realtime?api-version=2025-04-01-preview&deployment=gpt-realtime';

async function greeting(session: { next(): Promise<{ data: Buffer }> }): Promise<unknown> {
  return JSON.parse((await session.next()).data.toString());
}

test.each([realtimePath, previewPath, '/v1/realtime?model=gpt-realtime', '/realtime?model=gpt-realtime'])(
  'a realtime session is opened at %s with the backend’s own key, and answers',
  async (path) => {
    const scene = await startScene([{}]);
    const session = await openSession(scene, path, { headers: { 'api-key': 'client-key' } });
    expect(await greeting(session)).toMatchObject({ type: 'session.created' });
    session.socket.send(JSON.stringify({ type: 'response.create' }));
    const types: unknown[] = [];
    while (types.at(-1) !== 'response.done') {
      types.push(((await greeting(session)) as { type: string }).type);
    }
    expect(types[0]).toBe('response.created');
    expect(session.response.headers).toMatchObject({
      'x-spillway-backend': 'a',
      'x-spillway-attempts': '1',
      'x-spillway-request-id': expect.stringMatching(/.+/),
    });
  },
);

test('a realtime session goes to the deployment’s own name at the backend', async () => {
  const scene = await startScene([
    { deployments: ['voice'], backend: { deployments: { 'gpt-realtime': 'voice' } } },
  ]);
  await openSession(scene);
  await openSession(scene, previewPath);
  expect(scene.mocks[0]!.requests.map(({ path }) => path)).toEqual([
    '/openai/v1/realtime?model=voice',
    '/openai/realtime?api-version=2025-04-01-preview&deployment=voice',
  ]);
});

test('a realtime session is written to the log once, when it is over', async () => {
  const scene = await startScene([{}]);
  const session = await openSession(scene);
  await session.next();
  session.socket.send('{"type":"input_audio_buffer.clear"}');
  await session.next();
  expect(scene.log.requests).toEqual([]);
  session.socket.close(1000);
  await session.closed;
  expect(await scene.log.request()).toMatchObject({
    status: 101,
    ending: 'complete',
    method: 'GET',
    operation: 'realtime',
    deployment: 'gpt-realtime',
    backend: 'a',
    attempts: [{ backend: 'a', outcome: 'succeeded', status: 101 }],
    requestBytes: expect.any(Number),
    responseBytes: expect.any(Number),
  });
  const { requestBytes, responseBytes } = await scene.log.request();
  expect(requestBytes).toBeGreaterThan(35);
  expect(responseBytes).toBeGreaterThan(requestBytes as number);
  expect(scene.log.requests).toHaveLength(1);
});

test('a realtime session holds its place at the backend until it is over', async () => {
  const scene = await startScene(
    [{ backend: { weight: 1_000_000 } }, { backend: { priority: 1, weight: 1e-6 } }],
    {
      strategy: 'least-in-flight',
    },
  );
  const first = await openSession(scene);
  const second = await openSession(scene);
  expect(first.response.headers['x-spillway-backend']).toBe('a');
  expect(second.response.headers['x-spillway-backend']).toBe('b');
  first.socket.close();
  second.socket.close();
  await scene.log.request(2);
  expect((await openSession(scene)).response.headers['x-spillway-backend']).toBe('a');
});

test.each<[string, object]>([
  ['throttle(retry-after=20)', { outcome: 'throttled', status: 429 }],
  ['status(500)', { outcome: 'unavailable', status: 500 }],
  ['status(503)', { outcome: 'unavailable', status: 503 }],
  ['status(401)', { outcome: 'unavailable', status: 401 }],
  ['reset', { outcome: 'unreachable', failure: 'reset' }],
  ['hang', { outcome: 'unreachable', failure: 'header-timeout' }],
  ['refuse', { outcome: 'unreachable', failure: 'refused' }],
  ['garbage', { outcome: 'unreachable', failure: 'malformed' }],
])('an upgrade fails over when the first backend answers with %s', async (script, attempt) => {
  // Long enough for the second backend, however busy the machine is.
  const scene = await startScene([{ script }, {}], { timeouts: { attemptMs: 2000 } });
  const session = await openSession(scene);
  expect(session.response.headers).toMatchObject({ 'x-spillway-backend': 'b', 'x-spillway-attempts': '2' });
  expect(await greeting(session)).toMatchObject({ type: 'session.created' });
  session.socket.close();
  await session.closed;
  expect(await scene.log.request()).toMatchObject({
    status: 101,
    ending: 'complete',
    attempts: [
      { backend: 'a', ...attempt },
      { backend: 'b', outcome: 'succeeded' },
    ],
  });
  // The first one is in cooldown.
  expect((await openSession(scene)).response.headers['x-spillway-attempts']).toBe('1');
});

test('an upgrade fails over to a 429 of the gateway’s own when every backend is throttled', async () => {
  const script = 'throttle(retry-after=20)';
  const scene = await startScene([{ script }, { script }]);
  const { response, body } = await refusedSession(scene);
  expect(response.statusCode).toBe(429);
  expect(response.headers).toMatchObject({ 'retry-after': '20', 'x-spillway-attempts': '2' });
  expect(JSON.parse(body)).toMatchObject({
    error: { code: '429', message: expect.stringContaining('20 s') },
  });
  expect(await scene.log.request()).toMatchObject({ status: 429, ending: 'complete', cause: 'throttled' });
});

test('an upgrade fails over to the backend’s own answer when the request is at fault', async () => {
  const scene = await startScene([{ script: 'status(400, code=invalid_request_error)' }, {}]);
  const { response, body } = await refusedSession(scene);
  expect(response.statusCode).toBe(400);
  expect(response.headers['x-spillway-backend']).toBe('a');
  expect(body).toContain('invalid_request_error');
  expect(await scene.log.request()).toMatchObject({ status: 400, ending: 'complete' });
});

/** A session through a gateway, and its other end at the backend. */
async function startSession(
  options: ServerOptions = {},
  client: Parameters<typeof openSession>[2] = {},
  path: string = realtimePath,
) {
  const backend = await startSessionBackend(options);
  const gateway = await startGatewayFor([{ name: 'a', url: backend.url, apiKey: 'key-a' }]);
  const [session, { socket, request }] = await Promise.all([
    openSession(gateway, path, client),
    backend.next(),
  ]);
  return { gateway, session, socket, request };
}

/** Returns a server's required answer to an upgrade (RFC 6455 §4.2.2). */
function acceptOf(upgrade: string): string {
  const key = /sec-websocket-key: (.*)\r\n/i.exec(upgrade)?.[1] ?? '';
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
}

test.each([false, true])(
  'frames pass as they are, with permessage-deflate: %j',
  async (perMessageDeflate) => {
    const { session, socket } = await startSession({ perMessageDeflate }, { perMessageDeflate });
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
    expect(session.socket.extensions).toBe(perMessageDeflate ? 'permessage-deflate' : '');
    const binary = randomBytes(3_000_000);
    for (const data of ['', 'Grüße 👋', binary.toString('base64'), Buffer.alloc(0), binary]) {
      session.socket.send(data);
      const echo = await session.next();
      expect(echo.isBinary).toBe(typeof data !== 'string');
      expect(echo.data.equals(Buffer.from(data as string))).toBe(true);
    }
  },
);

test('frames that are pings and pongs pass either way', async () => {
  const { session, socket } = await startSession();
  const answered = once(session.socket, 'pong');
  session.socket.ping('from the client');
  expect(String((await answered)[0])).toBe('from the client');
  const asked = once(session.socket, 'ping');
  socket.ping('from the backend');
  expect(String((await asked)[0])).toBe('from the backend');
  expect(String((await once(socket, 'pong'))[0])).toBe('from the backend');
});

test('frames that come with the answer to the upgrade are not lost', async () => {
  const { url } = await startRawBackend((socket) => {
    socket.once('data', (chunk) => {
      const head = `upgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: ${acceptOf(String(chunk))}`;
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${head}\r\n\r\n\x81\x02Hi`, 'latin1');
    });
  });
  const gateway = await startGatewayFor([{ name: 'a', url, apiKey: 'x' }]);
  const session = await openSession(gateway);
  expect((await session.next()).data.toString()).toBe('Hi');
});

test.each(['sec-websocket-accept: x\r\n', ''])(
  'a backend that has not understood the handshake, as it answers with "%s", gets no session',
  async (accept) => {
    const head = `upgrade: websocket\r\nconnection: Upgrade\r\n${accept}`;
    const { url } = await startRawBackend((socket) => {
      socket.once('data', () => socket.write(`HTTP/1.1 101 Switching Protocols\r\n${head}\r\n`));
    });
    const b = await startSessionBackend();
    const gateway = await startGatewayFor([
      { name: 'a', url, apiKey: 'x' },
      { name: 'b', url: b.url, apiKey: 'x', priority: 2 },
    ]);
    const session = await openSession(gateway);
    expect(session.response.headers['x-spillway-backend']).toBe('b');
    session.socket.close();
    expect(await gateway.log.request()).toMatchObject({
      attempts: [{ outcome: 'unreachable', failure: 'malformed' }, { backend: 'b' }],
    });
  },
);

test('frames are taken from neither side faster than the other reads', async () => {
  const { session, socket } = await startSession();
  const piece = Buffer.alloc(65_536);
  expect(await writeUntilHeld(socket, session.socket, piece)).toBeLessThan(32 * 1024 * 1024);
  expect(await writeUntilHeld(session.socket, socket, piece)).toBeLessThan(32 * 1024 * 1024);
});

test('the end of a session by the client comes to the backend with its code and reason', async () => {
  const { gateway, session, socket } = await startSession();
  const closed = once(socket, 'close');
  session.socket.close(4001, 'enough');
  expect((await closed).map(String)).toEqual(['4001', 'enough']);
  expect(await session.closed).toEqual({ code: 4001, reason: 'enough' });
  expect(await gateway.log.request()).toMatchObject({ status: 101, ending: 'complete' });
});

test('the end of a session by the backend comes to the client with its code and reason', async () => {
  const { gateway, session, socket } = await startSession();
  socket.close(1011, 'internal error');
  expect(await session.closed).toEqual({ code: 1011, reason: 'internal error' });
  expect(await gateway.log.request()).toMatchObject({ status: 101, ending: 'complete' });
});

test('the end of a session by the backend reaches a client that reads late and talks on', async () => {
  const over = Promise.withResolvers<void>();
  const audio = '\x82\x7d'.padEnd(127, 'a').repeat(4000);
  const { url } = await startRawBackend((socket) => {
    socket.once('close', () => over.resolve());
    socket.once('data', () => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n\r\n');
      socket.once('data', () => socket.end(`${audio}\x88\x02\x03\xe8`, 'latin1').resume());
    });
  });
  const gateway = await startGatewayFor([{ name: 'a', url, apiKey: 'x' }]);
  const client = await connectRaw(gateway);
  client.send(rawRequest('GET', realtimePath, ['Connection: Upgrade', 'Upgrade: websocket']));
  await client.until('\r\n\r\n');
  client.socket.pause();
  client.send('\x82\x01x');
  await over.promise;
  for (let count = 0; count < 50; count++) {
    await new Promise((resolve) => void client.socket.write('\x82\x01x', 'latin1', resolve));
  }
  client.socket.resume();
  expect((await client.untilEnd()).endsWith(`\r\n\r\n${audio}\x88\x02\x03\xe8`)).toBe(true);
  client.socket.end();
  expect(await gateway.log.request()).toMatchObject({ status: 101, ending: 'complete' });
});

test.each<[string, (connection: Socket) => void]>([
  ['with a reset', (connection) => void connection.resetAndDestroy()],
  ['without a word', (connection) => void connection.destroy()],
])('the end of a session by a client that leaves %s ends the backend’s session', async (_, leave) => {
  const { gateway, session, socket } = await startSession();
  const closed = once(socket, 'close');
  leave(session.response.socket);
  expect((await closed)[0]).toBe(1006);
  expect(await gateway.log.request()).toMatchObject({ status: 101, ending: 'abandoned' });
});

test.each<[string, (connection: Socket) => void]>([
  ['with a reset', (connection) => void connection.resetAndDestroy()],
  ['without a word', (connection) => void connection.destroy()],
])('the end of a session by a backend that dies %s breaks the client’s', async (_, die) => {
  const { gateway, session, request } = await startSession();
  die(request.socket);
  expect((await session.closed).code).toBe(1006);
  expect(await gateway.log.request()).toMatchObject({ status: 101, ending: 'interrupted' });
});

test('the end of a session by a client that leaves before it has begun ends the attempt', async () => {
  const scene = await startScene([{ script: 'hang' }, {}]);
  const arrived = scene.mocks[0]!.nextRequest();
  const socket = new WebSocket(scene.url.replace('http', 'ws') + realtimePath);
  socket.on('error', () => {});
  const request = await arrived;
  socket.terminate();
  expect(await request.ended).toBe('aborted');
  expect(await scene.log.request()).toMatchObject({
    status: 499,
    ending: 'abandoned',
    attempts: [{ outcome: 'aborted' }],
  });
  expect(callsOf(scene)).toEqual([1, 0]);
});

test('the end of a session comes when the gateway stops, after its patience', async () => {
  const scene = await startScene([{}], { timeouts: { shutdownMs: 200 } });
  const session = await openSession(scene);
  const stopped = scene.gateway.stop();
  session.socket.send('{"type":"input_audio_buffer.clear"}');
  expect((await greeting(session)) as object).toMatchObject({ type: 'session.created' });
  expect((await greeting(session)) as object).toMatchObject({ type: 'input_audio_buffer.cleared' });
  await stopped;
  expect((await session.closed).code).toBe(1006);
  expect(await scene.mocks[0]!.requests[0]!.ended).toBe('aborted');
  expect(await scene.log.request()).toMatchObject({ status: 101 });
});

const key = 'sk-client-secret';

test.each<[string, string, ClientOptions & { protocols?: string[] }]>([
  ['a header', realtimePath, { headers: { 'api-key': key } }],
  ['a bearer token', realtimePath, { headers: { authorization: `Bearer ${key}` } }],
  ['the query', `${realtimePath}&api-key=${key}`, {}],
  ['the list of protocols', realtimePath, { protocols: ['realtime', `openai-insecure-api-key.${key}`] }],
])('a client’s credential in %s reaches neither the backend nor the log', async (_, path, options) => {
  const { gateway, session, request } = await startSession({}, options, path);
  const seen = [request.url, ...request.rawHeaders].join('\n');
  expect(seen).not.toContain(key);
  expect(request.headers['api-key']).toBe('key-a');
  session.socket.close();
  await session.closed;
  await gateway.log.request();
  expect(gateway.log.text).not.toContain(key);
  expect(gateway.log.text).not.toContain('key-a');
});

test('a client’s credential is taken out of the protocols alone, of which the backend chooses', async () => {
  const protocols = ['realtime', `openai-insecure-api-key.${key}`, 'openai-beta.realtime-v1'];
  const { session, request } = await startSession({}, { protocols });
  expect(request.headers['sec-websocket-protocol']).toBe('realtime,openai-beta.realtime-v1');
  expect(session.socket.protocol).toBe('realtime');
});

test('a client’s credential that is wrong at the backend is the gateway’s own fault, not the client’s', async () => {
  const scene = await startScene([{ backend: { apiKey: 'wrong' } }]);
  const { response, body } = await refusedSession(scene);
  expect(response.statusCode).toBe(503);
  expect(body).not.toContain('wrong');
});

test.each([
  [
    'AzureOpenAI',
    (url: string, options: ClientOptions) =>
      OpenAIRealtimeWS.azure(new AzureOpenAI({ endpoint: url, apiKey, apiVersion: '2025-04-01-preview' }), {
        deploymentName: 'gpt-realtime',
        options,
      }),
  ],
  [
    'OpenAI',
    async (url: string, options: ClientOptions) =>
      new OpenAIRealtimeWS(
        { model: 'gpt-realtime', options },
        new OpenAI({ baseURL: `${url}/openai/v1`, apiKey }),
      ),
  ],
])('the realtime client of %s is served by the backend that has quota left', async (_, open) => {
  const scene = await startScene([{ script: 'throttle(retry-after=20)' }, { name: 'eastus' }]);
  // The client insists on TLS, but gets a plain connection instead.
  const createConnection: ClientOptions['createConnection'] = () =>
    connect(Number(new URL(scene.url).port), '127.0.0.1');
  const realtime = await open(scene.url, { createConnection });
  const problems: unknown[] = [];
  realtime.on('error', (error) => problems.push(error));
  await once(realtime.socket, 'open');
  const text = new Promise((resolve) =>
    realtime.on('response.output_text.done', (event) => resolve(event.text)),
  );
  realtime.send({ type: 'response.create', response: { output_modalities: ['text'] } });
  expect(await text).toMatch(/^Hello from eastus\./);
  realtime.close();
  await once(realtime.socket, 'close');
  expect(problems).toEqual([]);
  expect(callsOf(scene)).toEqual([1, 1]);
  expect(await scene.log.request()).toMatchObject({ status: 101, ending: 'complete', backend: 'b' });
  expect(JSON.stringify(scene.mocks[1]!.requests)).not.toContain(apiKey);
});

test.each([
  ['to HTTP/2', 'h2c', 'Upgrade, HTTP2-Settings'],
  ['to WebSocket elsewhere', 'websocket', 'Upgrade'],
])(
  'an upgrade that asks for no session, %s, is read as a plain request, its body and the next one too',
  async (_, upgrade, connection) => {
    const scene = await startScene([{}]);
    const client = await connectRaw(scene);
    const headers = [
      'Content-Type: application/json',
      `Connection: ${connection}`,
      `Upgrade: ${upgrade}`,
      'HTTP2-Settings: AAMAAABk',
    ];
    const [head, body] = rawRequest('POST', chatPath, headers, JSON.stringify(chatBody)).split('\r\n\r\n');
    client.send(`${head}\r\n\r\n${body!.slice(0, 10)}`);
    client.send(body!.slice(10));
    await client.until('"chat.completion"');
    expect(client.received).toMatch(/^HTTP\/1\.1 200 OK/);
    client.received = '';
    client.send(rawRequest('GET', '/openai/v1/models', ['Connection: close']));
    expect(await client.untilEnd()).toMatch(/^HTTP\/1\.1 200 OK[^]*"object":"list"/);
    expect(scene.mocks[0]!.requests.map(({ method, headers }) => [method, headers.upgrade])).toEqual([
      ['POST', undefined],
      ['GET', undefined],
    ]);
  },
);

test('an upgrade that asks for no session is answered where the gateway itself answers', async () => {
  const scene = await startScene([{}]);
  const client = await connectRaw(scene);
  const headers = ['Connection: Upgrade, close', 'Upgrade: websocket'];
  client.send(rawRequest('GET', '/healthz', headers));
  expect(await client.untilEnd()).toMatch(/^HTTP\/1\.1 200 OK/);
});
