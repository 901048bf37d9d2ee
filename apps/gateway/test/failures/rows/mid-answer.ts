import { posts, streams, streamsPastTheStart } from '../clients.ts';
import type { FailureRow } from '../failure-row.ts';
import { type Move, moves } from '../misbehaving-server.ts';

const CHUNKED = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n';
const EVENT = 'd\r\ndata: "one"\n\n\r\n';
const WITH_LENGTH =
  'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"choices":';

const UNTIL_CLOSED = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n';
const HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n';
const CONTENT = 'data: {"choices":[{"index":0,"delta":{"content":"Hi"}}]}\n\n';
const FINISH = 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n';

const SHORT = { timeouts: { responseIdleMs: 150 } };

/** Failures after the client's answer has begun. */
export const midAnswer: readonly FailureRow[] = [
  broken('a resets the connection within a stream', CHUNKED + EVENT, 'WAIT', 'RESET'),
  broken('a closes the connection within a stream', CHUNKED + EVENT, 'WAIT', 'END'),
  broken('a closes the connection within a chunk', `${CHUNKED}${EVENT}64\r\ndata: tw`, 'WAIT', 'END'),
  broken('a sends a chunk without a valid length', CHUNKED + EVENT, 'WAIT', 'nonsense\r\n'),
  {
    ...broken('a falls silent within an answer, and `responseIdleMs` passes', CHUNKED + EVENT),
    config: SHORT,
  },
  broken('a resets the connection before the end of its `Content-Length`', WITH_LENGTH, 'WAIT', 'RESET'),
  broken('a closes the connection before the end of its `Content-Length`', WITH_LENGTH, 'WAIT', 'END'),
  {
    title: 'a ends a stream without a length by closing the connection',
    backends: [
      moves(
        `HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n${CONTENT}${FINISH}data: [DONE]\n\n`,
        'END',
      ),
      'ok',
    ],
    client: streams,
    sees: '200 stream, from a, 1 attempt',
    cooldowns: 'nobody',
    logged: '200 complete, a succeeded (200)',
  },
  {
    title: 'a closes the connection within an answer in JSON that has no length',
    backends: [moves(`${UNTIL_CLOSED}{"choices":[{"a":"}]}`, 'END'), 'ok'],
    sees: '200 chat.completion, from b, 2 attempts',
    cooldowns: 'gpt-4o at a, cooling, 10 s',
    logged: '200 complete, a unavailable (200), b succeeded (200)',
  },
  {
    title: 'a closes the connection within an answer in JSON that has no length, and has made a batch',
    backends: [moves(`${UNTIL_CLOSED}{"id":"batch_1","a":[`, 'END'), 'ok'],
    client: posts('/openai/v1/batches', {}),
    sees: '200 part of a body, from a, 1 attempt; then the connection breaks',
    cooldowns: 'nobody',
    logged: '200 interrupted, a succeeded (200)',
  },
  {
    title: 'a ends an answer in JSON by closing the connection',
    backends: [moves(`${UNTIL_CLOSED}{"object":"chat.completion","a":"{[\\"{"}`, 'END'), 'ok'],
    sees: '200 chat.completion, from a, 1 attempt',
    cooldowns: 'nobody',
    logged: '200 complete, a succeeded (200)',
  },
  {
    title: 'a ends a stream whose `finish_reason` is empty in every event',
    backends: [moves(`${HEAD}${CONTENT.replace('}}]', '},"finish_reason":""}]')}`, 'END'), 'ok'],
    client: streams,
    sees: '200 part of a body, from a, 1 attempt; then the connection breaks',
    cooldowns: 'nobody',
    logged: '200 interrupted, a succeeded (200)',
  },
  {
    title: 'a ends a stream with a `finish_reason`, and no [DONE]',
    backends: [moves(`${HEAD}${CONTENT}${FINISH}`, 'END'), 'ok'],
    client: streams,
    sees: '200 stream without [DONE], from a, 1 attempt',
    cooldowns: 'nobody',
    logged: '200 complete, a succeeded (200)',
  },
  {
    title: 'a says something after [DONE], in an event of a proxy',
    backends: [
      moves(`${HEAD}${CONTENT}${FINISH}data: [DONE]\n\nevent: metrics\ndata: {"ms":12}\n\n`, 'END'),
      'ok',
    ],
    client: streams,
    sees: '200 stream without [DONE], from a, 1 attempt',
    cooldowns: 'nobody',
    logged: '200 complete, a succeeded (200)',
  },
  {
    title: 'a says after ten chunks that it is overloaded, in an event of the stream',
    backends: ['error(after-chunks=10)', 'ok'],
    client: streams,
    sees: '200 stream without [DONE], from a, 1 attempt',
    cooldowns: 'nobody',
    logged: '200 complete, a succeeded (200)',
  },
  {
    title: 'a stops a stream for its content filter',
    backends: ['block', 'ok'],
    client: streams,
    sees: '200 stream, from a, 1 attempt',
    cooldowns: 'nobody',
    logged: '200 complete, a succeeded (200)',
  },
  {
    title: 'a breaks off before it is clear what its 400 means',
    backends: [moves('HTTP/1.1 400 Bad Request\r\nContent-Length: 100\r\n\r\n{"error":', 'END'), 'ok'],
    sees: '200 chat.completion, from b, 2 attempts',
    cooldowns: 'a as a whole, cooling, 10 s',
    logged: '200 complete, a unreachable (reset), b succeeded (200)',
  },
  {
    title: 'a falls silent before it is clear what its 400 means',
    config: { timeouts: { attemptMs: 800 } },
    backends: [moves('HTTP/1.1 400 Bad Request\r\nContent-Length: 100\r\n\r\n{"error":'), 'ok'],
    sees: '200 chat.completion, from b, 2 attempts',
    cooldowns: 'gpt-4o at a, cooling, 10 s',
    logged: '200 complete, a unreachable (header-timeout), b succeeded (200)',
  },
  {
    title: 'a falls silent before its 429 has said how long to wait',
    config: { timeouts: { attemptMs: 800 } },
    backends: [moves('HTTP/1.1 429 Too Many Requests\r\nContent-Length: 100\r\n\r\n{"error":'), 'ok'],
    sees: '200 chat.completion, from b, 2 attempts',
    cooldowns: 'gpt-4o at a, throttled, 10 s',
    logged: '200 complete, a throttled (429), b succeeded (200)',
  },
];

function broken(title: string, ...server: Move[]): FailureRow {
  return {
    title,
    backends: [moves(...server), 'ok'],
    client: streamsPastTheStart,
    sees: '200 part of a body, from a, 1 attempt; then the connection breaks',
    cooldowns: 'nobody',
    logged: '200 interrupted, a succeeded (200)',
  };
}
