import { chatPath, chatBody } from '../../testing/post.ts';
import { rawRequest } from '../../testing/raw-client.ts';
import { leavesOnceAsked, rawChat, rawStream, sends, sendsAndThen } from '../clients.ts';
import type { FailureRow } from '../failure-row.ts';
import { moves } from '../misbehaving-server.ts';

const SLOW = 'slow(chunk-delay=20ms, chunks=1000)';
const LONG = `HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\nContent-Length: 8000000\r\n\r\n${'x'.repeat(8_000_000)}`;
const BODY = JSON.stringify(chatBody);
const half = rawRequest('POST', chatPath, ['Expect: 100-continue', 'Content-Length: 100']);

/** Clients that misbehave or leave. */
export const clients: readonly FailureRow[] = [
  {
    title: 'the client resets its connection before there is an answer',
    backends: ['hang', 'ok'],
    client: leavesOnceAsked(rawStream, (socket) => socket.resetAndDestroy()),
    sees: [],
    cooldowns: 'nobody',
    logged: '499 abandoned, a aborted',
  },
  {
    title: 'the client ends its half of the connection before there is an answer',
    backends: ['hang', 'ok'],
    client: leavesOnceAsked(rawStream, (socket) => socket.end()),
    sees: 'the connection breaks',
    cooldowns: 'nobody',
    logged: '499 abandoned, a aborted',
  },
  {
    title: 'the client leaves while a has failed and b is asked',
    backends: ['status(500)', 'hang'],
    client: sendsAndThen(rawStream, async ({ socket }, { servers }) => {
      await (servers[1] as unknown as { nextRequest(): Promise<unknown> }).nextRequest();
      socket.resetAndDestroy();
    }),
    sees: [],
    cooldowns: 'gpt-4o at a, cooling, 10 s',
    logged: '499 abandoned, a unavailable (500), b aborted',
  },
  {
    title: 'the client leaves within a stream',
    backends: [SLOW, 'ok'],
    client: sendsAndThen(rawStream, async (client) => {
      await client.until('data: ');
      client.socket.resetAndDestroy();
    }),
    sees: [],
    cooldowns: 'nobody',
    logged: '200 abandoned, a succeeded (200)',
  },
  {
    title: 'the client leaves while it sends its body',
    backends: ['ok', 'ok'],
    client: sendsAndThen(half, async (client) => {
      await client.until('100 Continue');
      client.send('half');
      client.socket.destroy();
    }),
    sees: [],
    cooldowns: 'nobody',
    logged: '499 abandoned',
  },
  {
    title: 'the client reads nothing of 8 MB for a while, and then all of it',
    backends: [moves(LONG), 'ok'],
    client: sendsAndThen(rawChat(), async ({ socket }, { url }) => {
      socket.pause();
      // By then the buffers of the gateway and the kernel have long been full.
      for (let turn = 0; turn < 50; turn++) await (await fetch(`${url}/healthz`)).text();
      socket.resume();
    }),
    sees: '200 8000000 bytes, from a, 1 attempt',
    cooldowns: 'nobody',
    logged: '200 complete, a succeeded (200)',
  },
  {
    title: 'the client sends its body byte by byte',
    backends: ['ok', 'ok'],
    client: sendsAndThen(
      rawRequest('POST', chatPath, [`Content-Length: ${BODY.length}`, 'Connection: close']),
      async (client) => {
        for (const byte of BODY) client.send(byte);
      },
    ),
    sees: '200 chat.completion, from a, 1 attempt',
    cooldowns: 'nobody',
    logged: '200 complete, a succeeded (200)',
  },
  {
    title: 'the client stops within its body, and `requestMs` passes',
    backends: ['ok', 'ok'],
    config: { timeouts: { requestMs: 150, requestHeadersMs: 100 } },
    client: sends(`${half}half`),
    sees: '408 error Timeout',
    cooldowns: 'nobody',
    logged: '408 complete',
  },
  {
    title: 'the client stops within its headers, and `requestHeadersMs` passes',
    backends: ['ok', 'ok'],
    config: { timeouts: { requestHeadersMs: 100 } },
    client: sends(`POST ${chatPath} HTTP/1.1\r\nHost:`),
    sees: '408 error Timeout',
    cooldowns: 'nobody',
    logged: '408 complete',
  },
  {
    title: 'the client sends nothing, and `requestHeadersMs` passes',
    backends: ['ok', 'ok'],
    config: { timeouts: { requestHeadersMs: 100 } },
    client: sends(''),
    sees: '408 error Timeout',
    cooldowns: 'nobody',
    logged: '408 complete',
  },
  {
    title: 'the client sends nonsense while it waits for its answer',
    backends: ['slow(delay=100ms)', 'ok'],
    client: async (scene) => {
      const arrived = scene.nextRequest();
      const keptOpen = rawRequest('POST', chatPath, [], BODY);
      return sendsAndThen(keptOpen, async (client) => {
        await arrived;
        client.send('nonsense\r\n\r\n');
      })(scene);
    },
    sees: ['200 chat.completion, from a, 1 attempt', '400 error BadRequest'],
    cooldowns: 'nobody',
    logged: ['200 complete, a succeeded (200)', '400 complete'],
  },
];
