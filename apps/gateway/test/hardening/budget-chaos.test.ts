import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { makeKey, sha256 } from '../../src/client/keys.ts';
import { chatBody, chatPath, post } from '../testing/post.ts';
import { connectRaw, rawRequest } from '../testing/raw-client.ts';
import { startHttpBackend } from '../testing/start-backend.ts';
import { type Scene, startGatewayFor } from '../testing/start-scene.ts';

const REQUESTS = 2000;
const CLIENTS = 25;
const SLOTS = 40;
const TIMEOUT_MS = 180_000;

const KEY = makeKey();
const headers = { 'api-key': KEY };
const clients = [
  {
    name: 'chaos',
    keys: [{ sha256: sha256(KEY) }],
    budgets: [
      { concurrent: SLOTS, tpm: 100_000_000, rpm: 100_000, tokensPerDay: 1_000_000_000 },
      { deployments: ['gpt-4o'], concurrent: SLOTS },
    ],
  },
];
const fallbacks = [{ deployment: 'gpt-4o', whenSpent: 'gpt-4o-mini', whenTooLong: 'gpt-4.1' }];

const usage = { prompt_tokens: 5, completion_tokens: 7, total_tokens: 12 };
const answer = JSON.stringify({ id: 'chatcmpl-1', choices: [{ message: { content: 'Hi' } }], usage });
const event = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`;
const said = event({ choices: [{ delta: { content: 'Hi' } }] });
const told = event({ choices: [], usage });
const json = { 'content-type': 'application/json' };
const events = { 'content-type': 'text/event-stream' };

/** The possible reactions of a backend to a request. */
const DEEDS: readonly ((res: ServerResponse, req: IncomingMessage) => void)[] = [
  (res) => res.writeHead(200, json).end(answer),
  (res) => res.writeHead(200, json).end(answer),
  (res) => res.writeHead(200, { ...json, 'content-encoding': 'gzip' }).end(gzipSync(answer)),
  (res) => res.writeHead(200, { ...json, 'content-encoding': 'gzip' }).end(answer),
  (res) => res.writeHead(200, events).end(`${said}${told}data: [DONE]\n\n`),
  (res) => res.writeHead(200, events).end(`${said}${event({ error: { code: 'server_error' } })}`),
  (res) => res.writeHead(200, events).write(said, () => res.destroy()),
  (res) => res.writeHead(200, { ...json, 'content-length': '999' }).write('{"usa', () => res.destroy()),
  (res) => res.writeHead(200, json).end('{"usage":{"prompt_tokens":-1,"completion_tokens":1e999}}'),
  (res) => res.writeHead(200, json).end('{"id":"resp_1","status":"queued","background":true,"usage":null}'),
  (res) => res.writeHead(400, json).end('{"error":{"message":"stream_options is not known"}}'),
  (res) => res.writeHead(400, json).end('{"error":{"code":"context_length_exceeded"}}'),
  (res) => res.writeHead(429, { ...json, 'retry-after': '0' }).end('{"error":{}}'),
  (res) => res.writeHead(401, json).end('{}'),
  (res) => res.writeHead(503).end(),
  (res) => res.writeHead(302, { location: '/elsewhere' }).end(),
  (res) => void res.destroy(),
  (_, req) => void req.socket.resetAndDestroy(),
];

/** Starts a backend with random reactions, until it is told to hold all requests. */
async function startChaos() {
  let isCalm = false;
  const sockets = new WebSocketServer({ noServer: true });
  const { url } = await startHttpBackend(
    (req, res) => {
      req.resume();
      req.on('error', () => {});
      res.on('error', () => {});
      if (isCalm) return void res.writeHead(200, events).write(said);
      const act = () => pick(DEEDS)(res, req);
      if (Math.random() < 0.5) act();
      else setTimeout(act, Math.random() * 20);
    },
    (req, socket, head) => {
      socket.on('error', () => {});
      if (Math.random() < 0.3) return void socket.destroy();
      sockets.handleUpgrade(req, socket, head, (session) => {
        session.on('error', () => {});
        session.on('message', () =>
          session.send(JSON.stringify({ type: 'response.done', response: { usage } })),
        );
        if (Math.random() < 0.3) setTimeout(() => session.terminate(), Math.random() * 20);
      });
    },
  );
  const calm = () => {
    isCalm = true;
  };
  return { url, calm };
}

function pick<T>(some: readonly T[]): T {
  return some[Math.floor(Math.random() * some.length)] as T;
}

/** The possible requests of a client, and its ways to leave. */
const ASKS: readonly ((scene: Scene) => Promise<unknown>)[] = [
  (scene) => ask(scene, chatPath, chatBody),
  (scene) => ask(scene, chatPath, { ...chatBody, stream: true }),
  (scene) => ask(scene, '/openai/v1/chat/completions', { model: 'gpt-4o', ...chatBody, n: 3, stream: true }),
  (scene) => ask(scene, '/openai/v1/responses', { model: 'gpt-4o', input: 'x', background: true }),
  (scene) => ask(scene, '/openai/v1/responses', { model: 'gpt-4o', input: 'x', stream: true, store: false }),
  (scene) => ask(scene, '/openai/v1/embeddings', { model: 'gpt-4o', input: 'x' }),
  (scene) => ask(scene, '/openai/v1/images/generations', { model: 'gpt-4o', prompt: 'x' }),
  (scene) => ask(scene, '/openai/v1/chat/completions', { model: 'gpt-4o', messages: 'x'.repeat(200_000) }),
  (scene) => ask(scene, '/openai/v1/chat/completions', '{"model":"gpt-4o","messages":['),
  (scene) => ask(scene, chatPath, undefined, 'HEAD'),
  (scene) => ask(scene, chatPath, undefined, 'OPTIONS'),
  (scene) => ask(scene, '/openai/v1/responses/resp_1', undefined, 'GET'),
  leave,
  talk,
];

/** Sends a request, and leaves at a random moment, or not at all. */
async function ask(scene: Scene, path: string, body: unknown, method = 'POST'): Promise<void> {
  const leaving = new AbortController();
  const timer = Math.random() < 0.4 ? setTimeout(() => leaving.abort(), Math.random() * 25) : undefined;
  const init = body === undefined ? { body: null } : {};
  try {
    const response = await post(scene, path, body ?? '', {
      method,
      headers,
      signal: leaving.signal,
      ...init,
    });
    if (Math.random() < 0.2) await response.body?.cancel();
    else await response.arrayBuffer();
  } catch {
    // The client has left, or its answer was broken off.
  } finally {
    clearTimeout(timer);
  }
}

/** Breaks its request off in its head, in its body or after it. */
async function leave(scene: Scene): Promise<void> {
  const client = await connectRaw(scene);
  client.socket.on('error', () => {});
  const body = JSON.stringify(chatBody);
  const bytes = rawRequest('POST', chatPath, [`api-key: ${KEY}`, 'Content-Type: application/json'], body);
  client.send(bytes.slice(0, Math.ceil(Math.random() * bytes.length)));
  await sleep(Math.random() * 10);
  if (Math.random() < 0.5) client.socket.resetAndDestroy();
  else client.socket.destroy();
}

/** Opens a session, sends something, and leaves in a random way. */
async function talk(scene: Scene): Promise<void> {
  const path = pick(['/openai/v1/realtime?model=gpt-4o', '/openai/v1/responses']);
  const socket = new WebSocket(scene.url.replace('http', 'ws') + path, { headers });
  socket.on('error', () => {});
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.once('open', () => {
    socket.send(JSON.stringify({ type: 'response.create', model: 'gpt-4o', input: 'x', store: false }));
    setTimeout(() => (Math.random() < 0.5 ? socket.close() : socket.terminate()), Math.random() * 30);
  });
  await Promise.race([closed, sleep(300)]);
  socket.terminate();
}

test(
  'whatever requests, backends and clients do, none of a client’s slots is lost and none is had twice',
  { timeout: TIMEOUT_MS },
  async () => {
    const chaos = await Promise.all([startChaos(), startChaos()]);
    const backends = chaos.map(({ url }, index) => ({ name: `b${index}`, url, apiKey: 'k' }));
    const started = await startGatewayFor(backends, { clients, fallbacks, logLevel: 'error' });
    const scene: Scene = { ...started, mocks: [] };
    let left = REQUESTS;
    const work = async () => {
      while (left-- > 0) await pick(ASKS)(scene);
    };
    await Promise.all(Array.from({ length: CLIENTS }, work));
    for (const { calm } of chaos) calm();

    // Everything under way has to end by itself.
    const held: Response[] = [];
    const leaving = new AbortController();
    while (held.length < SLOTS) {
      const response = await post(
        scene,
        '/openai/v1/completions',
        `{"model":"calm","stream":true,"prompt":"${held.length}"}`,
        {
          headers,
          signal: leaving.signal,
        },
      );
      if (response.status === 200) held.push(response);
      else await response.text().then(() => sleep(20));
    }
    const one = await post(scene, '/openai/v1/completions', '{"model":"calm","stream":true,"prompt":"x"}', {
      headers,
    });
    expect([one.status, await one.text()]).toEqual([
      429,
      expect.stringContaining(`${SLOTS} requests at once`),
    ]);
    leaving.abort();
  },
);
