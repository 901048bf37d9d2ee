import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws';
import type { ConfigInput } from '../../src/config/schema.ts';
import { openSession, refusedSession, type SessionClient } from '../testing/open-session.ts';
import { connectRaw, rawRequest } from '../testing/raw-client.ts';
import { startHttpBackend, startRawBackend } from '../testing/start-backend.ts';
import { startGatewayFor, startScene } from '../testing/start-scene.ts';
import { writeUntilHeld } from '../testing/write-until-held.ts';

const path = '/openai/v1/responses';
const ask = { type: 'response.create', model: 'gpt-4o', input: 'Hello', store: false };

/** A session backend's reaction to each message. */
type Play = (socket: WebSocket, message: { readonly [key: string]: unknown }) => void;

interface Player {
  readonly url: string;
  readonly requests: IncomingMessage[];
  readonly messages: string[];
  readonly server: WebSocketServer;
}

/** A backend that accepts every session, and reacts to each message. */
async function startPlayer(play: Play, options: ServerOptions = {}): Promise<Player> {
  const requests: IncomingMessage[] = [];
  const messages: string[] = [];
  const server = new WebSocketServer({ noServer: true, ...options });
  const { url } = await startHttpBackend(
    (request, response) => {
      requests.push(request);
      response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":{"code":"404"}}');
    },
    (request, socket, head) =>
      server.handleUpgrade(request, socket, head, (session) => {
        requests.push(request);
        session.on('error', () => {});
        session.on('message', (data) => {
          messages.push(String(data));
          play(session, JSON.parse(String(data)));
        });
      }),
  );
  onTestFinished(() => {
    for (const session of server.clients) session.terminate();
  });
  return { url, requests, messages, server };
}

const say = (socket: WebSocket, ...events: object[]) => {
  for (const event of events) socket.send(JSON.stringify(event));
};

/** Answers like the service, with a response that has an id of its own. */
function serving(id: string): Play {
  return (socket) =>
    say(
      socket,
      { type: 'response.created', response: { id } },
      { type: 'response.output_text.delta', delta: `from ${id}` },
      { type: 'response.completed', response: { id, output: [] } },
    );
}

const echo: Play = (socket, { input }) => say(socket, { type: 'response.completed', input });

/** Refuses each message with the status of an answer. */
function refusing(status: number, error: object, headers?: object): Play {
  return (socket) => say(socket, { type: 'error', status, error, headers });
}

async function startBefore(
  backends: readonly { readonly url: string; readonly backend?: object }[],
  config: Partial<ConfigInput> = {},
) {
  return startGatewayFor(
    backends.map(({ url, backend }, index) => ({
      name: 'abc'[index] ?? '',
      url,
      apiKey: `key-${'abc'[index]}`,
      priority: index + 1,
      ...backend,
    })),
    config,
  );
}

const open = (gateway: { readonly url: string }, to = path, options = {}) =>
  openSession(gateway, to, options);

function send(session: SessionClient, message: object = ask): void {
  session.socket.send(JSON.stringify(message));
}

interface SessionEvent {
  readonly type: string;
  readonly status?: number;
  readonly error?: { readonly code: string; readonly message: string };
  readonly headers?: Readonly<Record<string, string>>;
  readonly delta?: string;
}

async function next(session: SessionClient): Promise<SessionEvent> {
  return JSON.parse((await session.next()).data.toString());
}

/** All events of one answer. */
async function answer(session: SessionClient): Promise<SessionEvent[]> {
  const events: SessionEvent[] = [];
  while (!/^(?:response\.(?:completed|failed)|error)$/.test(events.at(-1)?.type ?? ''))
    events.push(await next(session));
  return events;
}

/** Returns the backend that answered a message, according to the answer's text. */
async function served(session: SessionClient, message: object = ask): Promise<string | undefined> {
  send(session, message);
  return (await answer(session)).find(({ delta }) => delta !== undefined)?.delta;
}

test('a session of the Responses API goes to the backend that serves its first message', async () => {
  const a = await startPlayer(refusing(429, { code: '429', message: 'Slow down.' }, { 'Retry-After': '20' }));
  const b = await startPlayer(serving('b'));
  const gateway = await startBefore([a, b]);
  const session = await open(gateway);
  expect(await served(session)).toBe('from b');
  session.socket.close(1000);
  expect((await session.closed).code).toBe(1000);
  expect(await gateway.log.request()).toMatchObject({
    status: 101,
    ending: 'complete',
    method: 'GET',
    operation: 'responses',
    deployment: 'gpt-4o',
    backend: 'b',
    attempts: [
      { backend: 'a', outcome: 'throttled', status: 429 },
      { backend: 'b', outcome: 'succeeded', status: 101 },
    ],
  });
  expect(gateway.gateway.snapshots('gpt-4o')[0]).toMatchObject({ availability: 'throttled' });
  expect(await served(await open(gateway))).toBe('from b');
  expect(a.requests).toHaveLength(1);
});

const ELSEWHERE = {
  type: 'invalid_request_error',
  code: null,
  message: 'This model is not available in this region.',
};

test.each<[string, Play, object]>([
  ['a failure', refusing(500, { message: 'No.' }), { outcome: 'unavailable', status: 500 }],
  ['a refusal', refusing(401, { code: '401' }), { outcome: 'declined', status: 401 }],
  [
    'a deployment that it lacks',
    refusing(404, { code: 'DeploymentNotFound' }),
    { outcome: 'unavailable', status: 404 },
  ],
  [
    'an error without a status',
    (socket) => say(socket, { type: 'error', error: { code: 'server_error', message: 'No.' } }),
    { outcome: 'unavailable', status: 101 },
  ],
  [
    'a model that it lacks, without a status',
    (socket) =>
      say(socket, { type: 'error', error: { type: 'invalid_request_error', code: 'model_not_found' } }),
    { outcome: 'unavailable', status: 101 },
  ],
  [
    'a region that lacks it, without a status',
    (socket) => say(socket, { type: 'error', error: ELSEWHERE }),
    { outcome: 'declined', status: 101 },
  ],
  [
    'a response that failed',
    (socket) =>
      say(
        socket,
        { type: 'response.created', response: { id: 'resp_1' } },
        { type: 'response.failed', response: { error: { code: 'server_error', message: 'No.' } } },
      ),
    { outcome: 'unavailable', status: 101 },
  ],
  ['its end', (socket) => socket.close(1011), { outcome: 'unavailable', status: 101 }],
  ['a broken connection', (socket) => socket.terminate(), { outcome: 'unreachable', failure: 'reset' }],
])(
  'a session of the Responses API goes on elsewhere when the first backend answers with %s',
  async (_, play, attempt) => {
    const a = await startPlayer(play);
    const b = await startPlayer(serving('b'));
    const gateway = await startBefore([a, b]);
    const session = await open(gateway);
    expect(await served(session)).toBe('from b');
    session.socket.close();
    await session.closed;
    expect(await gateway.log.request()).toMatchObject({
      attempts: [{ backend: 'a', ...attempt }, { backend: 'b' }],
    });
  },
);

test.each<[string, Play]>([
  ['its explicit failure', refusing(500, { message: 'No.' })],
  [
    'the same in a response',
    (socket) => say(socket, { type: 'response.failed', response: { error: { code: 'server_error' } } }),
  ],
  [
    'announcements that repeat all of an agent’s instructions, and a failure',
    (socket) =>
      say(
        socket,
        { type: 'response.created', response: { instructions: 'x'.repeat(100_000) } },
        { type: 'response.in_progress', response: { instructions: 'x'.repeat(100_000) } },
        { type: 'response.failed', response: { error: { code: 'server_error' } } },
      ),
  ],
])('a session whose response is stored goes on elsewhere after %s', async (_, play) => {
  const gateway = await startBefore([await startPlayer(play), await startPlayer(serving('b'))]);
  expect(await served(await open(gateway), { ...ask, store: true })).toBe('from b');
});

test('a session whose response is stored is not asked for again when the connection breaks', async () => {
  const a = await startPlayer((socket) => socket.terminate());
  const b = await startPlayer(serving('b'));
  const gateway = await startBefore([a, b]);
  const session = await open(gateway);
  send(session, { ...ask, store: true });
  expect(await next(session)).toMatchObject({
    type: 'error',
    status: 502,
    error: { code: 'BadGateway', message: expect.stringContaining('may have acted on it') },
  });
  expect(await session.closed).toMatchObject({ code: 1011 });
  expect(b.requests).toEqual([]);
});

test('a session whose response is stored goes on elsewhere when the upgrade fails, before anything was asked', async () => {
  const a = await startRawBackend((socket) => socket.once('data', () => socket.destroy()));
  const b = await startPlayer(serving('b'));
  const gateway = await startBefore([a, b]);
  expect(await served(await open(gateway), { ...ask, store: true })).toBe('from b');
});

test('a session that no backend takes is told so by an event, and ends', async () => {
  const throttled = refusing(429, { code: '429', message: 'Slow down.' }, { 'retry-after': 20 });
  const gateway = await startBefore([await startPlayer(throttled), await startPlayer(throttled)]);
  const session = await open(gateway);
  send(session);
  expect(await next(session)).toEqual({
    type: 'error',
    status: 429,
    error: { code: '429', message: expect.stringContaining('recovers in 20 seconds') },
    headers: expect.objectContaining({
      'retry-after': '20',
      'x-spillway-attempts': '2',
      'x-spillway-request-id': expect.any(String),
    }),
  });
  expect(await session.closed).toMatchObject({ code: 1013 });
  expect(await gateway.log.request()).toMatchObject({ status: 429, ending: 'complete', cause: 'throttled' });
});

test('a session gets the event by which all backends decline it without a status', async () => {
  const declines: Play = (socket) => say(socket, { type: 'error', error: ELSEWHERE });
  const gateway = await startBefore([await startPlayer(declines), await startPlayer(declines)]);
  const session = await open(gateway);
  send(session);
  expect(await next(session)).toEqual({ type: 'error', error: ELSEWHERE });
  session.socket.close();
  await session.closed;
  expect(await gateway.log.request()).toMatchObject({
    attempts: [{ outcome: 'declined' }, { outcome: 'declined' }],
  });
});

test('a session that backends refuse as an answer to the upgrade gets their error as an event', async () => {
  const refuse = await startHttpBackend(
    () => {},
    (_, socket) => {
      const body = '{"error":{"code":"NotHere","message":"No sessions in this region."}}';
      socket.end(
        `HTTP/1.1 404 Not Found\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
      );
    },
  );
  const gateway = await startBefore([refuse]);
  const session = await open(gateway);
  send(session);
  expect(await next(session)).toMatchObject({
    type: 'error',
    status: 404,
    error: { code: 'NotHere', message: 'No sessions in this region.' },
    headers: { 'x-spillway-backend': 'a' },
  });
  await session.closed;
  expect(await gateway.log.request()).toMatchObject({ status: 404 });
});

test('a session whose first message is at fault goes on with the backend that has said so', async () => {
  const a = await startPlayer((socket, { model }) => {
    if (model === undefined) refusing(400, { code: 'missing', message: 'No model.' })(socket, {});
    else serving('a')(socket, {});
  });
  const gateway = await startBefore([a, await startPlayer(serving('b'))]);
  const session = await open(gateway);
  send(session, { type: 'response.create' });
  expect(await next(session)).toMatchObject({ type: 'error', status: 400, error: { code: 'missing' } });
  expect(await served(session)).toBe('from a');
});

test('every message of a session names the deployment as its backend does, and is otherwise as it came', async () => {
  const a = await startPlayer(refusing(500, {}));
  const b = await startPlayer(serving('b'));
  const gateway = await startBefore([
    { ...a, backend: { deployments: { 'gpt-4o': 'of-a' } } },
    { ...b, backend: { deployments: { 'gpt-4o': 'of-b', 'gpt-5': 'of-b-5' } } },
  ]);
  const session = await open(gateway);
  const texts = [
    '{"type":"response.create", "model" : "gpt-4o" ,"store":false,"input":"Grüße"}',
    '{"type":"response.create","model":"gpt-5","input":{"model":"gpt-4o"}}',
    '{"type":"response.create","model":"other","input":[]}',
    '{"type":"response.cancel"}',
  ];
  for (const text of texts) {
    session.socket.send(text);
    await answer(session);
  }
  expect(a.messages).toEqual([texts[0]!.replace('gpt-4o', 'of-a')]);
  expect(b.messages).toEqual([
    texts[0]!.replace('gpt-4o', 'of-b'),
    texts[1]!.replace('gpt-5', 'of-b-5'),
    texts[2],
    texts[3],
  ]);
});

test('a session that continues a response goes to the backend that has it', async () => {
  const a = await startPlayer(serving('resp_a'));
  const b = await startPlayer(serving('resp_b'));
  const gateway = await startBefore([a, b]);
  const pinned = await startBefore([b]);
  expect(await served(await open(pinned))).toBe('from resp_b');
  expect(await served(await open(gateway))).toBe('from resp_a');
  const first = await open(gateway);
  expect(await served(first, { ...ask, store: true })).toBe('from resp_a');
  a.server.removeAllListeners();
  expect(await served(await open(gateway), { ...ask, previous_response_id: 'resp_a' })).toBe('from resp_a');
});

test('a session whose first message comes in fragments, with pings between them, is served', async () => {
  const a = await startPlayer(serving('a'));
  const gateway = await startBefore([a]);
  const session = await open(gateway);
  const ponged = once(session.socket, 'pong');
  const text = JSON.stringify(ask);
  session.socket.send(text.slice(0, 10), { fin: false });
  session.socket.ping('still here');
  expect(String((await ponged)[0])).toBe('still here');
  session.socket.send(text.slice(10, 20), { fin: false });
  session.socket.send(text.slice(20), { fin: true });
  expect((await answer(session)).map(({ type }) => type)).toContain('response.completed');
  expect(a.messages).toEqual([text]);
});

test('pings keep a session alive on both sides, whichever side they come from', async () => {
  const a = await startPlayer(serving('a'));
  const session = await open(await startBefore([a]));
  await served(session);
  const [socket] = a.server.clients;
  const [atClient, atBackend] = [once(session.socket, 'ping'), once(socket!, 'ping')];
  socket!.ping('from the backend');
  session.socket.ping('from the client');
  expect(String((await atClient)[0])).toBe('from the backend');
  expect(String((await atBackend)[0])).toBe('from the client');
});

test('a session takes messages of any length up to the limit, both ways', async () => {
  const large = randomBytes(400_000).toString('base64');
  const gateway = await startBefore([await startPlayer(echo)], { limits: { replayBytes: 1_000_000 } });
  const session = await open(gateway);
  for (const input of ['x', large, 'x'.repeat(126), 'x'.repeat(65_536)]) {
    send(session, { ...ask, input });
    expect(await next(session)).toEqual({ type: 'response.completed', input });
  }
  send(session, { ...ask, input: large + large });
  expect(await session.closed).toMatchObject({ code: 1009 });
});

test('a session is not compressed, whatever client and backend would', async () => {
  const a = await startPlayer(serving('a'), { perMessageDeflate: true });
  const gateway = await startBefore([a]);
  const session = await open(gateway, path, { perMessageDeflate: true });
  expect(session.socket.extensions).toBe('');
  expect(await served(session)).toBe('from a');
  expect(a.requests[0]?.headers['sec-websocket-extensions']).toBeUndefined();
});

test('a session speaks the client’s first protocol that is no key, and its key goes nowhere', async () => {
  const a = await startPlayer(serving('a'));
  const gateway = await startBefore([a]);
  const protocols = ['openai-insecure-api-key.sk-client', 'realtime', 'other'];
  const session = await open(gateway, path, { protocols, headers: { authorization: 'Bearer sk-client' } });
  expect(session.socket.protocol).toBe('realtime');
  expect(await served(session)).toBe('from a');
  const [request] = a.requests;
  expect(request?.headers).toMatchObject({ 'api-key': 'key-a', 'sec-websocket-protocol': 'realtime' });
  expect(request?.rawHeaders.join()).not.toContain('sk-client');
});

test.each<[string, readonly string[]]>([
  ['another version', ['Sec-WebSocket-Version: 8', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==']],
  ['no key', ['Sec-WebSocket-Version: 13']],
  ['a key that is none', ['Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: x']],
])('a session is refused with 400 for a handshake with %s', async (_, headers) => {
  const gateway = await startBefore([{ url: 'http://127.0.0.1:1' }]);
  const client = await connectRaw(gateway);
  client.send(rawRequest('GET', path, ['Connection: Upgrade', 'Upgrade: websocket', ...headers]));
  const got = await client.until('\r\n\r\n');
  expect(got).toMatch(/^HTTP\/1\.1 400 .*\r\n/);
  expect(got).toMatch(/\r\nsec-websocket-version: 13\r\n/i);
});

test('a session of a path that is none is refused before it is opened', async () => {
  const scene = await startScene([{}]);
  const { response } = await refusedSession(scene, '/openai/v1/responses/resp_1/');
  expect(response.statusCode).toBe(404);
});

test('a session is told of a first message that is no text', async () => {
  const gateway = await startBefore([await startPlayer(serving('a'))]);
  const session = await open(gateway);
  session.socket.send(Buffer.from(JSON.stringify(ask)));
  expect(await next(session)).toMatchObject({ type: 'error', status: 400 });
  expect(await session.closed).toMatchObject({ code: 1011 });
  expect(await gateway.log.request()).toMatchObject({ status: 400 });
});

test('a session whose client ends it behind a message that makes no sense is closed', async () => {
  const gateway = await startBefore([await startPlayer(serving('a'))]);
  const session = await open(gateway);
  session.response.socket.cork();
  session.socket.send(Buffer.from('no text'));
  session.socket.close(1000);
  session.response.socket.uncork();
  expect(await session.closed).toMatchObject({ code: 1000 });
  await gateway.log.request();
});

test('a session that its client ends without a word holds nothing, and is in the log', async () => {
  const a = await startPlayer(serving('a'));
  const gateway = await startBefore([a]);
  const session = await open(gateway);
  session.socket.close(1000, 'not needed');
  expect(await session.closed).toEqual({ code: 1000, reason: '' });
  expect(await gateway.log.request()).toMatchObject({ status: 101, attempts: [] });
  expect(gateway.gateway.inFlight()).toBe(0);
  expect(a.requests).toEqual([]);
});

test('a session whose client ends its half of the connection without a word is closed', async () => {
  const gateway = await startBefore([{ url: 'http://127.0.0.1:1' }]);
  const session = await open(gateway);
  session.response.socket.end();
  expect((await session.closed).code).toBe(1006);
  expect(await gateway.log.request()).toMatchObject({ status: 101, attempts: [] });
});

async function keptBytes({ gateway }: Awaited<ReturnType<typeof startBefore>>): Promise<number> {
  const page = (await (await fetch(`${gateway.adminUrl}/admin/backends`)).json()) as {
    process: { keptBytes: number };
  };
  return page.process.keptBytes;
}

test('a session gives back what was kept of it when its client leaves while messages wait', async () => {
  const arrived = Promise.withResolvers<void>();
  const gateway = await startBefore([await startPlayer(() => arrived.resolve())]);
  const session = await open(gateway);
  send(session);
  await arrived.promise;
  send(session, { ...ask, input: 'x'.repeat(100_000) });
  await expect.poll(() => keptBytes(gateway)).toBeGreaterThan(100_000);
  session.socket.terminate();
  await gateway.log.request();
  expect(await keptBytes(gateway)).toBe(0);
});

test('a session whose client sends empty messages while its backend is silent is read no further than any other', async () => {
  const arrived = Promise.withResolvers<void>();
  const gateway = await startBefore([await startPlayer(() => arrived.resolve())]);
  const session = await open(gateway);
  send(session);
  await arrived.promise;
  const { socket } = session.response;
  // Masked frames without a byte of content.
  socket.write(Buffer.alloc(32 * 1024 * 1024, Buffer.from([0x81, 0x80, 0, 0, 0, 0])));
  await expect.poll(() => keptBytes(gateway)).toBeGreaterThanOrEqual(262_144);
  expect(socket.writableLength).toBeGreaterThan(0);
});

test('a session whose client sends a message in more fragments than make sense is closed with 1009', async () => {
  const gateway = await startBefore([{ url: 'http://127.0.0.1:1' }]);
  const session = await open(gateway);
  const { socket } = session.response;
  // Masked frames of one byte each, none of which is the last.
  socket.write(Buffer.from([0x01, 0x81, 0, 0, 0, 0, 0x20]));
  socket.write(Buffer.alloc(7 * 20_000, Buffer.from([0x00, 0x81, 0, 0, 0, 0, 0x20])));
  expect(await session.closed).toMatchObject({ code: 1009 });
  await gateway.log.request();
  expect(gateway.gateway.inFlight()).toBe(0);
});

test('a session whose client says nothing at all ends when it has been idle for too long', async () => {
  const gateway = await startBefore([{ url: 'http://127.0.0.1:1' }], { timeouts: { sessionIdleMs: 50 } });
  const session = await open(gateway);
  expect(await session.closed).toEqual({ code: 1001, reason: 'idle' });
  await gateway.log.request();
  expect(gateway.gateway.inFlight()).toBe(0);
});

test('a session whose client leaves while a backend is silent ends the backend’s', async () => {
  const arrived = Promise.withResolvers<WebSocket>();
  const a = await startPlayer((socket) => arrived.resolve(socket));
  const gateway = await startBefore([a, await startPlayer(serving('b'))]);
  const session = await open(gateway);
  send(session);
  const socket = await arrived.promise;
  const closed = once(socket, 'close');
  session.socket.terminate();
  await closed;
  expect(await gateway.log.request()).toMatchObject({
    ending: 'abandoned',
    attempts: [{ backend: 'a', outcome: 'aborted' }],
  });
  expect(gateway.gateway.inFlight()).toBe(0);
});

test('a session whose backend announces a response and thinks is passed on when it has been held for long enough', async () => {
  const a = await startPlayer((socket) => say(socket, { type: 'response.created', response: { id: 'r' } }));
  const gateway = await startBefore([a, await startPlayer(serving('b'))], { stream: { holdMs: 20 } });
  const session = await open(gateway);
  send(session);
  expect(await next(session)).toMatchObject({ type: 'response.created' });
});

test('a session whose backend is silent goes to another one', async () => {
  const a = await startPlayer(() => {});
  const gateway = await startBefore([a, await startPlayer(serving('b'))], { timeouts: { attemptMs: 300 } });
  expect(await served(await open(gateway))).toBe('from b');
});

test('a session whose backend is silent for longer than usual is answered by another beside it', async () => {
  const arrived = Promise.withResolvers<WebSocket>();
  const a = await startPlayer((socket) => arrived.resolve(socket));
  const gateway = await startBefore([a, await startPlayer(serving('b'))], { hedge: { afterMs: 20 } });
  const session = await open(gateway);
  send(session);
  const closed = once(await arrived.promise, 'close');
  expect((await answer(session)).map(({ type }) => type)).toContain('response.completed');
  await closed;
  session.socket.close();
  expect(await gateway.log.request()).toMatchObject({
    status: 101,
    attempts: [
      { backend: 'a', outcome: 'aborted' },
      { backend: 'b', outcome: 'succeeded' },
    ],
  });
});

test('a session is not joined to a backend that has not understood its handshake', async () => {
  const a = await startRawBackend((socket) =>
    socket.once('data', () =>
      socket.write(
        'HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: x\r\n\r\n',
      ),
    ),
  );
  const gateway = await startBefore([a, await startPlayer(serving('b'))]);
  const session = await open(gateway);
  expect(await served(session)).toBe('from b');
  session.socket.close();
  expect(await gateway.log.request()).toMatchObject({
    attempts: [{ outcome: 'unreachable', failure: 'malformed' }, { backend: 'b' }],
  });
});

const stored = { ...ask, store: true };

test.each([1012, 1013])(
  'a session that is to store a response, and that a backend closes with %i before a word, is served by another',
  async (code) => {
    const a = await startPlayer((socket) => socket.close(code));
    const gateway = await startBefore([a, await startPlayer(serving('b'))]);
    const session = await open(gateway);
    expect(await served(session, stored)).toBe('from b');
    session.socket.close();
    expect(await gateway.log.request()).toMatchObject({
      attempts: [{ outcome: 'unavailable', status: 503 }, { backend: 'b' }],
    });
  },
);

test('a session that needs what one backend has stored gets an error event when that closes it before a word', async () => {
  const a = await startPlayer((socket, message) => {
    if (message['previous_response_id'] === undefined) serving('resp_a')(socket, message);
    else socket.close(1013);
  });
  const b = await startPlayer(serving('resp_b'));
  const gateway = await startBefore([a, b]);
  const first = await open(gateway);
  expect(await served(first, stored)).toBe('from resp_a');
  first.socket.close();
  await gateway.log.request();
  const session = await open(gateway);
  send(session, { ...stored, previous_response_id: 'resp_a' });
  expect(await next(session)).toMatchObject({ type: 'error', status: 503 });
  expect(await session.closed).toMatchObject({ code: 1013 });
  expect(b.messages).toEqual([]);
});

/** Starts a session whose first message has been served, and returns the backend's end too. */
async function startServed() {
  const opened = Promise.withResolvers<WebSocket>();
  const a = await startPlayer((socket) => {
    opened.resolve(socket);
    serving('a')(socket, {});
  });
  const gateway = await startBefore([a]);
  const session = await open(gateway);
  await served(session);
  return { gateway, session, backend: await opened.promise };
}

test.each<[string, (session: SessionClient) => void, string]>([
  ['the client leaves', ({ socket }) => socket.terminate(), 'abandoned'],
  ['the client closes it', ({ socket }) => socket.close(4001, 'enough'), 'complete'],
])('a session ends at its backend too when %s', async (_, leave, ending) => {
  const { gateway, session, backend } = await startServed();
  const closed = once(backend, 'close');
  leave(session);
  const [code, reason] = (await closed) as [number, Buffer];
  expect([code, String(reason)]).toEqual(ending === 'complete' ? [4001, 'enough'] : [1006, '']);
  expect(await gateway.log.request()).toMatchObject({ status: 101, ending });
});

test.each<[string, (socket: WebSocket) => void, number, string]>([
  ['dies', (socket) => socket.terminate(), 1006, 'interrupted'],
  ['closes it', (socket) => socket.close(1012, 'moved'), 1012, 'complete'],
])('a session ends at the client too when the backend %s', async (_, die, code, ending) => {
  const { gateway, session, backend } = await startServed();
  die(backend);
  expect(await session.closed).toMatchObject({ code });
  expect(await gateway.log.request()).toMatchObject({ status: 101, ending });
});

test('a session whose frames make no sense ends with 1002, and its backend’s with it', async () => {
  const a = await startPlayer(serving('a'));
  const gateway = await startBefore([a]);
  const session = await open(gateway);
  await served(session);
  // Not masked, as a client’s frame has to be.
  session.response.socket.write(Buffer.from([0x81, 0x02, 0x7b, 0x7d]));
  expect(await session.closed).toMatchObject({ code: 1002 });
  await gateway.log.request();
  expect(gateway.gateway.inFlight()).toBe(0);
});

test('a session takes messages from neither side faster than the other reads', async () => {
  const { session, backend } = await startServed();
  const piece = JSON.stringify({ type: 'x', text: 'x'.repeat(65_536) });
  expect(await writeUntilHeld(backend, session.socket, piece)).toBeLessThan(32 * 1024 * 1024);
  expect(await writeUntilHeld(session.socket, backend, piece)).toBeLessThan(32 * 1024 * 1024);
});

test('a session is cut off when the gateway stops, after its patience', async () => {
  const gateway = await startBefore([await startPlayer(serving('a'))], { timeouts: { shutdownMs: 100 } });
  const [silent, joined] = [await open(gateway), await open(gateway)];
  await served(joined);
  await gateway.gateway.stop();
  expect((await silent.closed).code).toBe(1006);
  expect((await joined.closed).code).toBe(1006);
});
