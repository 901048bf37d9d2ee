import { chatBody, chatPath } from '../../testing/post.ts';
import { connectRaw, rawRequest } from '../../testing/raw-client.ts';
import { leavesOnceAsked, rawChat, sends } from '../clients.ts';
import type { FailureRow } from '../failure-row.ts';
import { moves } from '../misbehaving-server.ts';
import { refused } from '../refused-row.ts';

const CHAT = rawRequest('POST', chatPath, ['Content-Type: application/json'], JSON.stringify(chatBody));
const H2C = ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAAP__'];
const CUT = 'HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n';

/** The owner of a client's connection at any time, and the meaning of its end for the client. */
export const turns: readonly FailureRow[] = [
  {
    title: 'the client sends three requests at once',
    backends: ['ok', 'ok'],
    client: sends(CHAT + CHAT + rawChat()),
    sees: Array<string>(3).fill('200 chat.completion, from a, 1 attempt'),
    cooldowns: 'nobody',
    logged: Array<string>(3).fill('200 complete, a succeeded (200)'),
  },
  {
    title: 'the client asks for HTTP/2 behind a request that is not answered yet',
    backends: ['ok', 'ok'],
    client: sends(CHAT + rawRequest('POST', chatPath, H2C, JSON.stringify(chatBody))),
    sees: ['200 chat.completion, from a, 1 attempt', '400 error BadRequest'],
    cooldowns: 'nobody',
    logged: ['200 complete, a succeeded (200)', '400 complete'],
  },
  {
    title: 'the client sends CONNECT behind a request that is not answered yet',
    backends: ['ok', 'ok'],
    client: sends(CHAT + rawRequest('CONNECT', 'elsewhere:443')),
    sees: ['200 chat.completion, from a, 1 attempt', '405 error MethodNotAllowed'],
    cooldowns: 'nobody',
    logged: ['200 complete, a succeeded (200)', '405 complete'],
  },
  {
    title: 'the client leaves with a second request behind one that is under way',
    backends: ['hang', 'ok'],
    client: leavesOnceAsked(CHAT + CHAT, (socket) => socket.destroy()),
    sees: [],
    cooldowns: 'nobody',
    logged: ['499 abandoned', '499 abandoned, a aborted'],
  },
  {
    title: 'a breaks off within its answer to a client that speaks HTTP/1.0',
    backends: [moves(CUT, 'RESET'), 'ok'],
    client: async (scene) => {
      const client = await connectRaw(scene);
      client.send(CHAT.replace('HTTP/1.1', 'HTTP/1.0'));
      const isBroken = (await client.closed) === 'ECONNRESET';
      return [
        { status: 200, headers: new Headers(), body: client.received.split('\r\n\r\n')[1] ?? '', isBroken },
      ];
    },
    sees: '200 part of a body; then the connection breaks',
    cooldowns: 'nobody',
    logged: '200 interrupted, a succeeded (200)',
  },
  refused('two `Host` headers', sends(rawChat('Host: other')), '400 error BadRequest'),
  refused(
    'the transfer codings `gzip, chunked`',
    sends(chunked('gzip, chunked')),
    '501 error NotImplemented',
  ),
  refused('chunks in HTTP/1.0', sends(chunked('chunked').replace('/1.1', '/1.0')), '400 error BadRequest'),
  refused(
    'a target that is half a URL',
    sends(rawRequest('GET', 'http://[/', ['Connection: close'])),
    '400 error BadRequest',
  ),
  {
    ...refused(
      'the length of a body over `limits.bodyBytes`, and waits for 100 Continue',
      sends(rawRequest('POST', chatPath, ['Expect: 100-continue', 'Content-Length: 2000'])),
      '413 error RequestEntityTooLarge',
    ),
    config: { limits: { bodyBytes: 1000 } },
  },
];

function chunked(codings: string): string {
  return `${rawRequest('POST', chatPath, [`Transfer-Encoding: ${codings}`])}2\r\n{}\r\n0\r\n\r\n`;
}
