import { openSession } from '../../testing/open-session.ts';
import { chatBody, chatPath, post } from '../../testing/post.ts';
import { connectRaw, rawRequest } from '../../testing/raw-client.ts';
import { posts, rawChat, rawStream, read, sends, sendsAndThen } from '../clients.ts';
import type { FailureRow } from '../failure-row.ts';
import { moves } from '../misbehaving-server.ts';

const CHAT = rawRequest('POST', chatPath, ['Content-Type: application/json'], JSON.stringify(chatBody));
const OVERLOADED = '503 error overloaded, retry-after: 1';
const LONG = `HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\nContent-Length: 30000000\r\n\r\n${'x'.repeat(30_000_000)}`;
const SLOW = 'slow(chunk-delay=20ms, chunks=1000)';
const V1 = '/openai/v1/chat/completions';
/** A conversation of 100 KB. */
const LARGE = JSON.stringify({ model: 'gpt-4o', messages: [{ role: 'user', content: 'x'.repeat(100_000) }] });

/** The limits on the data that a peer can make the gateway hold, and the result beyond them. */
export const bounds: readonly FailureRow[] = [
  {
    title: 'more requests are under way than `limits.inFlight`',
    backends: ['hang', 'ok'],
    config: { limits: { inFlight: 1 } },
    client: async (scene) => {
      const arrived = scene.nextRequest();
      const first = await connectRaw(scene);
      first.send(CHAT);
      await arrived;
      const seen = await read(post(scene));
      first.socket.destroy();
      return [seen];
    },
    sees: OVERLOADED,
    cooldowns: 'nobody',
    logged: ['503 complete', '499 abandoned, a aborted'],
  },
  {
    title: 'more connections are open than `limits.connections`',
    backends: ['ok', 'ok'],
    config: { limits: { connections: 1 } },
    client: async (scene) => {
      await connectRaw(scene);
      return sends(CHAT)(scene);
    },
    sees: OVERLOADED,
    cooldowns: 'nobody',
    logged: '503 complete',
  },
  {
    title: 'a body of 100 KB comes when `limits.keptBytes` are kept',
    backends: ['ok', 'ok'],
    config: { limits: { keptBytes: 70_000 } },
    client: posts(V1, LARGE),
    sees: '200 chat.completion, from a, 1 attempt, x-spillway-replay: none',
    cooldowns: 'nobody',
    logged: '200 complete, a succeeded (200)',
  },
  {
    title: 'a body comes when twice `limits.keptBytes` are kept',
    backends: ['ok', 'ok'],
    config: { limits: { keptBytes: 20 } },
    client: posts(V1, LARGE),
    sees: OVERLOADED,
    cooldowns: 'nobody',
    logged: '503 complete',
  },
  {
    title: 'nearly all of `limits.memoryBytes` is in use',
    backends: ['ok', 'ok'],
    config: { limits: { memoryBytes: 1_000_000 } },
    client: posts(V1, { model: 'gpt-4o' }),
    sees: OVERLOADED,
    cooldowns: 'nobody',
    logged: '503 complete',
  },
  {
    title: 'a has as many requests under way as its `maxInFlight`, and so does b',
    backends: ['hang', 'hang'],
    backendConfig: { maxInFlight: 1 },
    client: async (scene) => {
      const arrived = scene.nextRequest();
      const first = await connectRaw(scene);
      first.send(CHAT);
      await arrived;
      const second = await connectRaw(scene);
      second.send(CHAT);
      await (scene.servers[1] as unknown as { nextRequest(): Promise<unknown> }).nextRequest();
      const seen = await read(post(scene));
      first.socket.destroy();
      await scene.log.request(2);
      second.socket.destroy();
      return [seen];
    },
    sees: '429 error 429, 0 attempts, retry-after: 1',
    cooldowns: 'nobody',
    logged: ['429 complete (throttled)', '499 abandoned, a aborted', '499 abandoned, b aborted'],
  },
  {
    title: 'the client reads nothing of a 30 MB answer, and `clientStallMs` passes',
    backends: [moves(LONG), 'ok'],
    config: { timeouts: { clientStallMs: 200 } },
    client: sendsAndThen(rawChat(), async (client, { log }) => {
      client.socket.pause();
      await log.request();
      client.socket.destroy();
    }),
    sees: [],
    cooldowns: 'nobody',
    logged: '200 abandoned, a succeeded (200)',
  },
  {
    title: 'a stream lasts longer than `maxResponseMs`',
    backends: [SLOW, 'ok'],
    config: { timeouts: { maxResponseMs: 200 } },
    client: sends(rawStream),
    sees: '200 part of a body, from a, 1 attempt; then the connection breaks',
    cooldowns: 'nobody',
    logged: '200 interrupted, a succeeded (200)',
  },
  {
    title: 'no byte passes in a session, and `sessionIdleMs` passes',
    backends: ['ok', 'ok'],
    config: { timeouts: { sessionIdleMs: 150 } },
    deployment: 'gpt-realtime',
    client: async (scene) => {
      const session = await openSession(scene);
      const { data } = await session.next();
      const { code } = await session.closed;
      return [{ status: 101, headers: new Headers(), body: data.toString(), isBroken: code === 1006 }];
    },
    sees: '101 part of a body; then the connection breaks',
    cooldowns: 'nobody',
    logged: '101 interrupted, a succeeded (101)',
  },
];
