import { freePort } from '../../testing/free-port.ts';
import { fullBacklog } from '../../testing/full-backlog.ts';
import { startRawBackend } from '../../testing/start-backend.ts';
import { chats, posts } from '../clients.ts';
import type { FailureRow, RowBackend } from '../failure-row.ts';
import { moves } from '../misbehaving-server.ts';
import { selfSigned } from '../self-signed.ts';

const GOOD =
  'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 24\r\n\r\n{"object":"from a body"}';

/** Long enough for b, however busy the machine is. */
const SHORT = { timeouts: { attemptMs: 800 } };

/** Failures before a backend has answered. */
export const connections: readonly FailureRow[] = [
  failed('a refuses connections', async () => ({ url: `http://127.0.0.1:${await freePort()}` }), 'refused'),
  failed('a has a name that DNS does not know', async () => ({ url: 'http://gone.invalid' }), 'dns'),
  {
    ...failed('a accepts no connection, and `connectMs` passes', fullBacklog, 'connect-timeout'),
    config: { timeouts: { connectMs: 200 } },
  },
  failed('a has a certificate that it signed itself', selfSigned, 'tls'),
  failed('a speaks plain HTTP where TLS is expected', plainForTls, 'tls'),
  failed('a resets the connection before it answers', 'reset', 'reset'),
  failed('a closes the connection before it answers', moves('END'), 'reset'),
  {
    ...failed('a never answers, and `attemptMs` passes', 'hang', 'header-timeout'),
    config: SHORT,
    cooldowns: 'gpt-4o at a, cooling, 10 s',
  },
  failed('a resets the connection within its headers', 'reset(after-header-bytes=40)', 'reset'),
  failed(
    'a closes the connection within its headers',
    moves('HTTP/1.1 200 OK\r\nContent-Ty', 'END'),
    'reset',
  ),
  {
    ...failed('a falls silent within its headers', moves('HTTP/1.1 200 OK\r\nContent-Ty'), 'header-timeout'),
    config: SHORT,
    cooldowns: 'gpt-4o at a, cooling, 10 s',
  },
  failed('a does not speak HTTP', 'garbage', 'malformed'),
  failed('a sends a status that is not a number', moves('HTTP/1.1 abc OK\r\n\r\n', 'END'), 'malformed'),
  failed(
    'a sends a header without a colon',
    moves('HTTP/1.1 200 OK\r\nnonsense\r\n\r\n', 'END'),
    'malformed',
  ),
  failed('a sends 100 kB of headers', 'huge-headers', 'malformed'),
  failed(
    'a sends both `Content-Length` and `Transfer-Encoding`',
    moves('HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'),
    'malformed',
  ),
  failed(
    'a sends two lengths',
    moves('HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!'),
    'malformed',
  ),
  failed(
    'a sends the transfer codings `gzip, chunked`',
    moves('HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n'),
    'malformed',
  ),
  failed(
    'a sends chunks that are not the last of its transfer codings',
    moves('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip\r\n\r\n2\r\n{}\r\n0\r\n\r\n', 'END'),
    'malformed',
  ),
  failed('a ends the connection after 100 Continue', moves('HTTP/1.1 100 Continue\r\n\r\n', 'END'), 'reset'),
  failed(
    'a switches protocols without being asked',
    moves('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'),
    'reset',
  ),
  served(
    'a answers 100, which nobody has asked for, before its answer',
    moves(`HTTP/1.1 100 Continue\r\n\r\n${GOOD}`),
  ),
  served(
    'a answers 102 and 103 before its answer',
    moves(`HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n${GOOD}`),
  ),
  served('a sends more bytes than its `Content-Length`', moves(`${GOOD}and more`)),
  {
    title: 'a resets a kept connection when the next request comes on it',
    backends: ['stale', 'ok'],
    client: chats(2),
    sees: ['200 chat.completion, from a, 1 attempt', '200 chat.completion, from a, 1 attempt'],
    cooldowns: 'nobody',
    logged: ['200 complete, a succeeded (200)', '200 complete, a succeeded (200)'],
  },
  {
    title: 'a resets a kept connection when the next request comes on it, which makes a batch',
    backends: ['stale', 'ok'],
    client: async (scene) => [...(await chats(1)(scene)), ...(await posts('/openai/v1/batches', {})(scene))],
    sees: [
      '200 chat.completion, from a, 1 attempt',
      '502 error BadGateway, 1 attempt, x-should-retry: false',
    ],
    cooldowns: 'nobody',
    logged: ['200 complete, a succeeded (200)', '502 complete (not-repeatable), a unreachable (reset)'],
  },
  {
    title: 'a closes a kept connection while it is idle',
    backends: ['stale(at=idle)', 'ok'],
    client: chats(2),
    sees: ['200 chat.completion, from a, 1 attempt', '200 chat.completion, from a, 1 attempt'],
    cooldowns: 'nobody',
    logged: ['200 complete, a succeeded (200)', '200 complete, a succeeded (200)'],
  },
  {
    title: 'a cannot be connected to, and the request makes a batch',
    backends: [async () => ({ url: `http://127.0.0.1:${await freePort()}` }), 'status(201, body="{}")'],
    client: posts('/openai/v1/batches', {}),
    sees: '201 JSON, from b, 2 attempts',
    cooldowns: 'a as a whole, cooling, 10 s',
    logged: '201 complete, a unreachable (refused), b succeeded (201)',
  },
  {
    title: 'a resets the connection before it answers, and the request makes a batch',
    backends: ['reset', 'ok'],
    client: posts('/openai/v1/batches', {}),
    sees: '502 error BadGateway, 1 attempt, x-should-retry: false',
    cooldowns: 'a as a whole, cooling, 10 s',
    logged: '502 complete (not-repeatable), a unreachable (reset)',
  },
  {
    title: 'a never answers, and the request makes a batch',
    // On a busy machine it takes a while to be sent.
    config: { timeouts: { overallMs: 800 } },
    backends: ['hang', 'ok'],
    client: posts('/openai/v1/batches', {}),
    sees: '502 error BadGateway, 1 attempt, x-should-retry: false',
    deployment: '',
    cooldowns: 'requests without a deployment at a, cooling, 10 s',
    logged: '502 complete (not-repeatable), a unreachable (header-timeout)',
  },
  ...[500, 502, 503].map((status) => ({
    title: `a answers ${status} to a request for a response, which is to be stored`,
    backends: [`status(${status})`, 'ok'],
    client: posts('/openai/v1/responses', { model: 'gpt-4o', input: 'Hello' }),
    sees: '200 response, from b, 2 attempts',
    cooldowns: 'gpt-4o at a, cooling, 10 s',
    logged: `200 complete, a unavailable (${status}), b succeeded (200)`,
  })),
  {
    title: 'a answers 504 to a request for a response, which is to be stored',
    backends: ['status(504)', 'ok'],
    client: posts('/openai/v1/responses', { model: 'gpt-4o', input: 'Hello' }),
    sees: '504 HTML, from a, 1 attempt',
    cooldowns: 'gpt-4o at a, cooling, 10 s',
    logged: '504 complete, a unavailable (504)',
  },
  {
    title: 'a answers 500, and the request makes a batch',
    backends: ['status(500)', 'ok'],
    client: posts('/openai/v1/batches', {}),
    sees: '500 error server_error, from a, 1 attempt',
    deployment: '',
    cooldowns: 'requests without a deployment at a, cooling, 10 s',
    logged: '500 complete, a unavailable (500)',
  },
];

/** It ends its connections properly: a busy client may see nothing of an answer whose connection is reset after it. */
async function plainForTls() {
  const { url } = await startRawBackend((socket) =>
    socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
  );
  return { url: url.replace('http:', 'https:') };
}

function failed(title: string, backend: RowBackend, failure: string): FailureRow {
  return {
    title,
    backends: [backend, 'ok'],
    sees: '200 chat.completion, from b, 2 attempts',
    cooldowns: 'a as a whole, cooling, 10 s',
    logged: `200 complete, a unreachable (${failure}), b succeeded (200)`,
  };
}

function served(title: string, backend: RowBackend): FailureRow {
  return {
    title,
    backends: [backend, 'ok'],
    sees: '200 from a body, from a, 1 attempt',
    cooldowns: 'nobody',
    logged: '200 complete, a succeeded (200)',
  };
}
