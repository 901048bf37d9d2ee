import { expect, test } from 'vitest';
import { chatBody, chatPath } from '../testing/post.ts';
import { connectRaw, rawRequest } from '../testing/raw-client.ts';
import { startRecorder, startHttpBackend } from '../testing/start-backend.ts';
import { startGatewayFor, startScene } from '../testing/start-scene.ts';

const chat = (...headers: string[]) => rawRequest('POST', chatPath, headers, JSON.stringify(chatBody));
const last = rawRequest('GET', '/healthz', ['Connection: close']);
const H2C = ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAAP__'];
const session = rawRequest('GET', '/openai/v1/realtime?model=gpt-realtime', [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Version: 13',
]);

function statusesOf(received: string): number[] {
  return Array.from(received.matchAll(/HTTP\/1\.1 (\d+)/g), ([, status]) => Number(status));
}

/** A backend that counts its concurrent requests. */
async function startCountingBackend() {
  const counts = { current: 0, most: 0 };
  const { url } = await startHttpBackend((req, res) => {
    counts.most = Math.max(counts.most, ++counts.current);
    req.resume().on('end', () => {
      setImmediate(() => {
        counts.current--;
        res.setHeader('content-type', 'application/json').end(`{"path":"${req.url}"}`);
      });
    });
  });
  return { url, counts };
}

test('requests that come one behind the other on a connection are served one at a time and answered in their order, however many they are', async () => {
  const { url, counts } = await startCountingBackend();
  const scene = await startGatewayFor([{ url, apiKey: 'key' }]);
  const client = await connectRaw(scene);
  const paths = Array.from({ length: 500 }, (_, index) => `/openai/v1/files/file-${index}`);
  client.send(paths.map((path) => rawRequest('GET', path)).join('') + last);
  const received = await client.untilEnd();
  expect(Array.from(received.matchAll(/"path":"([^"]+)"/g), ([, path]) => path)).toEqual(paths);
  expect(counts.most).toBe(1);
  await scene.log.request(500);
  expect(new Set(scene.log.requests.map(({ id }) => id)).size).toBe(500);
});

test('requests that come one behind the other on a connection with bodies come to the backend as they were sent, wherever their bytes are cut', async () => {
  const recorder = await startRecorder();
  const scene = await startGatewayFor([{ url: recorder.url, apiKey: 'key' }]);
  const bodies = Array.from({ length: 30 }, (_, index) => `${index}`.repeat(index * 40 + 1));
  const bytes = bodies.map((body) => rawRequest('POST', '/openai/v1/files', [], body)).join('') + last;
  const client = await connectRaw(scene);
  for (let at = 0; at < bytes.length; at += 997) client.send(bytes.slice(at, at + 997));
  expect(statusesOf(await client.untilEnd())).toEqual(Array(31).fill(200));
  expect(recorder.requests.map(({ body }) => body.toString())).toEqual(bodies);
});

test('requests that come one behind the other on a connection with bodies that are passed on as they come do not wait for each other’s bytes', async () => {
  const recorder = await startRecorder();
  const limits = { replayBytes: 100_000 };
  const scene = await startGatewayFor([{ url: recorder.url, apiKey: 'key' }], { limits });
  const upload = rawRequest('POST', '/openai/v1/files', [], 'x'.repeat(150_000));
  const client = await connectRaw(scene);
  client.send(upload + chat() + upload + upload + last);
  expect(statusesOf(await client.untilEnd())).toEqual(Array(5).fill(200));
  expect(recorder.requests.map(({ body }) => body.length)).toEqual([
    150_000,
    JSON.stringify(chatBody).length,
    150_000,
    150_000,
  ]);
});

test('requests that come one behind the other on a connection in pieces are read to the end of the head that waits', async () => {
  const { url } = await startHttpBackend((req, res) => {
    if (!req.url?.includes('hang')) req.resume().on('end', () => res.end('{}'));
  });
  const scene = await startGatewayFor([{ url, apiKey: 'key' }]);
  const client = await connectRaw(scene);
  client.send(chat() + chat());
  await scene.log.request(2);
  client.send(`${rawRequest('GET', '/openai/v1/files/hang')}GET /openai/v1/fi`);
  await expect.poll(() => scene.gateway.inFlight()).toBe(1);
  client.send('les HTTP/1.1\r\nHost: spillway\r\n\r\n');
  client.socket.end();
  await scene.log.request(4);
  expect(scene.log.requests.map(({ status }) => status)).toEqual([200, 200, 499, 499]);
});

test('requests that come one behind the other on a connection behind a long one stay in the socket', async () => {
  const scene = await startScene([{ script: '1x hang' }]);
  const arrived = scene.mocks[0]!.nextRequest();
  const client = await connectRaw(scene);
  client.send(chat() + chat());
  await arrived;
  // Much more than is read ahead and than the kernel buffers at both ends.
  const isAllTaken = await new Promise<boolean>((resolve) => {
    const many = Buffer.alloc(64_000_000, chat());
    if (client.socket.write(many, () => resolve(true))) resolve(true);
    const stop = setInterval(() => {
      if (client.socket.writableLength < many.length) return;
      clearInterval(stop);
      resolve(false);
    }, 100);
  });
  expect(isAllTaken).toBe(false);
  expect(scene.gateway.inFlight()).toBe(1);
});

test.each([
  ['h2c, with a body', chat(...H2C), 400],
  ['h2c, without one', rawRequest('GET', '/healthz', H2C), 400],
  [
    'h2c, in chunks',
    `${rawRequest('POST', chatPath, [...H2C, 'Transfer-Encoding: chunked'])}2\r\n{}\r\n0\r\n\r\n`,
    400,
  ],
  ['CONNECT', rawRequest('CONNECT', 'elsewhere:443'), 405],
  ['nonsense', 'nonsense\r\n\r\n', 400],
  ['another protocol', rawRequest('GET', '/healthz', ['Connection: upgrade', 'Upgrade: TLS/1.0']), 400],
  ['a session', session, 400],
  ['a WebSocket on another path', session.replace('/openai/v1/realtime', '/healthz'), 400],
  ['a WebSocket with a body', session.replace('\r\n\r\n', '\r\nContent-Length: 2\r\n\r\n{}'), 400],
])(
  'an upgrade that is not to be, behind an unfinished answer, is refused in its turn: %s',
  async (_, bytes, status) => {
    const { url, counts } = await startCountingBackend();
    const scene = await startGatewayFor([{ url, apiKey: 'key' }]);
    const client = await connectRaw(scene);
    client.send(chat() + bytes);
    const received = await client.untilEnd();
    expect(statusesOf(received).slice(0, 2)).toEqual([200, status]);
    expect(counts.most).toBe(1);
  },
);

test('an upgrade that is not to be, behind an unfinished answer, by somebody without a credential does not end the gateway', async () => {
  const scene = await startScene([{}]);
  const client = await connectRaw(scene);
  const upgrade = 'GET /realtime HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
  client.send(`GET /healthz HTTP/1.1\r\n\r\n${upgrade}`);
  expect(statusesOf(await client.untilEnd())).toEqual([200, 400]);
  expect((await fetch(`${scene.url}/healthz`)).status).toBe(200);
});

test('an upgrade that is not to be, behind an unfinished answer, of a Java client keeps its connection open', async () => {
  const { url } = await startCountingBackend();
  const scene = await startGatewayFor([{ url, apiKey: 'key' }]);
  const client = await connectRaw(scene);
  client.send(chat(...H2C));
  await client.until('}');
  expect(client.received).toMatch(/^connection: keep-alive$/im);
  client.send(last);
  expect(statusesOf(await client.untilEnd())).toEqual([200, 200]);
});

test.each([
  ['CONNECT', rawRequest('CONNECT', 'elsewhere:443'), 405],
  ['a session', session, 400],
  ['h2c', chat(...H2C), 400],
  ['nonsense', 'nonsense\r\n\r\n', 400],
  ['a chat', chat('Connection: close'), 200],
])(
  'an answer that no socket takes at once comes whole though %s waits behind it',
  async (_, bytes, status) => {
    const { url } = await startHttpBackend((req, res) => {
      req.resume().on('end', () => res.end(req.url?.includes('file-') ? Buffer.alloc(3_000_000, 'x') : '{}'));
    });
    const scene = await startGatewayFor([{ url, apiKey: 'key' }]);
    const client = await connectRaw(scene);
    client.send(rawRequest('GET', '/openai/v1/files/file-1/content') + bytes);
    const received = await client.untilEnd();
    expect(received.split('x'.repeat(1000))).toHaveLength(3001);
    expect(statusesOf(received)).toEqual([200, status]);
  },
);

const ways = ['destroy', 'resetAndDestroy', 'end'] as const;
const queues = [
  ['alone', [chat()]],
  ['with another behind it', [chat(), chat()]],
  ['with many behind it', [chat(), ...Array<string>(200).fill(chat())]],
  ['with an h2c behind it', [chat(), chat(...H2C)]],
  ['with a session behind it', [chat(), session]],
  ['with half a head behind it', [chat(), 'POST /openai/v1/files HT']],
  ['with half a body behind it', [chat(), `${rawRequest('POST', chatPath, ['Content-Length: 100'])}half`]],
  ['with nonsense behind it', [chat(), 'nonsense\r\n\r\n']],
  ['with 300 KB behind it', [chat(), rawRequest('POST', chatPath, [], 'x'.repeat(300_000))]],
  ['after two that were answered', [rawRequest('GET', '/healthz'), rawRequest('GET', '/healthz'), chat()]],
] as const;
const cases = ways.flatMap((way) => queues.map(([what, bytes]) => [way, what, bytes] as const));

test.each(cases)(
  'a client that leaves by %s while a request is under way %s holds nothing',
  async (way, _, bytes) => {
    const scene = await startScene([{ script: 'hang' }]);
    const arrived = scene.mocks[0]!.nextRequest();
    const client = await connectRaw(scene);
    client.send(bytes.join(''));
    await arrived;
    client.socket[way]();
    expect(await scene.mocks[0]!.requests[0]!.ended).toBe('aborted');
    // Of the waiting requests no more is read than the first head.
    const readable = bytes.filter((one) => one.includes('\r\n\r\n') && !/nonsense|healthz/.test(one));
    const unanswered = Math.min(readable.length, 2);
    await scene.log.request(unanswered);
    expect(scene.log.requests.map(({ status }) => status)).toEqual(Array(unanswered).fill(499));
    expect(scene.gateway.inFlight()).toBe(0);
    const report = (await (await fetch(`${scene.adminUrl}/admin/backends`)).json()) as {
      backends: unknown[];
    };
    expect(report.backends).toMatchObject([{ inFlight: 0 }]);
  },
);
