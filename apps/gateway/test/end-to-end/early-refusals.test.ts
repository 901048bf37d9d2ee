import { expect, test } from 'vitest';
import { chatBody, chatPath, post } from '../testing/post.ts';
import { connectRaw, parseAnswer, rawRequest } from '../testing/raw-client.ts';
import { startCannedBackend, startRawBackend } from '../testing/start-backend.ts';
import { callsOf, startGatewayFor, startScene } from '../testing/start-scene.ts';

const BODY = JSON.stringify(chatBody);
const post1 = (...lines: string[]) => `POST ${chatPath} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`;
const chunked = '2\r\n{}\r\n0\r\n\r\n';

test.each<[string, string, number]>([
  ['two Host headers', post1('Host: a', 'Host: b', 'Content-Length: 2') + '{}', 400],
  ['two equal Host headers', post1('Host: a', 'hOST: a', 'Content-Length: 2') + '{}', 400],
  [
    'two types of its body',
    post1('Host: a', 'Content-Type: application/json', 'CONTENT-type: text/plain', 'Content-Length: 2') +
      '{}',
    400,
  ],
  ['a Host header with a path', post1('Host: a/b', 'Content-Length: 2') + '{}', 400],
  ['a Host header with a user', post1('Host: u@a', 'Content-Length: 2') + '{}', 400],
  ['a Host header with a space', post1('Host: a b', 'Content-Length: 2') + '{}', 400],
  ['gzip, chunked', post1('Host: a', 'Transfer-Encoding: gzip, chunked') + chunked, 501],
  [
    'gzip and chunked in two lines',
    post1('Host: a', 'Transfer-Encoding: gzip', 'Transfer-Encoding: chunked') + chunked,
    501,
  ],
  ['identity, chunked', post1('Host: a', 'Transfer-Encoding: identity, chunked') + chunked, 501],
  ['chunked twice', post1('Host: a', 'Transfer-Encoding: chunked, chunked') + chunked, 400],
  ['chunked before gzip', post1('Host: a', 'Transfer-Encoding: chunked, gzip') + chunked, 400],
  ['chunks in HTTP/1.0', post1('Host: a', 'Transfer-Encoding: chunked').replace('1.1', '1.0') + chunked, 400],
  ['a target with half an address', 'GET http://[/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', 400],
  ['a target that is no path', 'GET a:b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', 400],
  ['a target with a scheme', 'GET http://a/healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', 400],
  [
    'a target of two slashes and half an address',
    'GET //[ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
    404,
  ],
  ['a target of half an escape', 'GET /%e0%a4 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', 404],
  ['HTTP/0.9', 'GET /x\r\n\r\n', 404],
  ['HTTP/3.0', 'GET / HTTP/3.0\r\nHost: a\r\n\r\n', 400],
  ['a TLS handshake', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
  ['headers over the limit', `GET / HTTP/1.1\r\nx: ${'y'.repeat(17_000)}\r\n\r\n`, 431],
  ['a target over the limit', `GET /${'y'.repeat(17_000)} HTTP/1.1\r\n\r\n`, 431],
  ['a chunk that is none', post1('Host: a', 'Transfer-Encoding: chunked') + 'zz\r\n', 400],
  ['CONNECT', 'CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n', 405],
  ['two hosts on /healthz', 'GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n', 400],
  [
    'an unknown coding on /readyz',
    `GET /readyz HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n${chunked}`,
    501,
  ],
  ['an odd question on /readyz', 'GET /readyz?bogus=1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', 400],
  ['2,000 header fields', `GET / HTTP/1.1\r\n${'a:b\r\n'.repeat(2000)}Host: a\r\n\r\n`, 431],
  ['201 header fields', `GET / HTTP/1.1\r\n${'a:b\r\n'.repeat(201)}\r\n`, 431],
])('%s gets one JSON error with an id, one log line, and is counted', async (_, bytes, status) => {
  const scene = await startScene([{}]);
  const client = await connectRaw(scene);
  client.send(bytes);
  const answer = parseAnswer(await client.untilEnd());
  expect(answer.status).toBe(status);
  const { error } = JSON.parse(answer.body) as { error: { code: string; message: string } };
  expect(error).toEqual({ code: expect.any(String), message: expect.any(String) });
  const id = /^x-spillway-request-id: (.+)$/im.exec(answer.headers.join('\n'))?.[1];
  expect(await scene.log.request()).toMatchObject({ id, status, ending: 'complete', attempts: [] });
  expect(scene.log.requests).toHaveLength(1);
  const page = (await (await fetch(`${scene.adminUrl}/admin/backends`)).json()) as { process: object };
  expect(page.process).toMatchObject({ refused: { [status]: 1 }, inFlight: 0 });
  expect(callsOf(scene)).toEqual([0]);
});

test.each<[string, string, number]>([
  ['a body over the limit', post1('Host: a', 'Content-Length: 8000000'), 413],
  ['a body over the limit in chunks', post1('Host: a', 'Transfer-Encoding: chunked') + '7a1200\r\n', 413],
  [
    'a method that is not allowed',
    post1('Host: a', 'Content-Length: 8000000').replace('POST', 'PROPFIND'),
    405,
  ],
  ['two hosts', post1('Host: a', 'Host: b', 'Content-Length: 8000000'), 400],
  ['an unknown coding', post1('Host: a', 'Transfer-Encoding: x, chunked') + '7a1200\r\n', 501],
  ['a head that makes no sense', post1('Host: a', 'A b: c', 'Content-Length: 8000000'), 400],
])(
  'what is refused early reaches a client that sends all of it before it reads: %s',
  async (_, head, status) => {
    const scene = await startScene([{}], { limits: { bodyBytes: 100_000 } });
    for (let time = 0; time < 3; time++) {
      const client = await connectRaw(scene);
      client.socket.pause();
      await new Promise<void>((resolve) => client.socket.write(Buffer.from(head, 'latin1'), () => resolve()));
      await new Promise<void>((resolve) =>
        client.socket.write(Buffer.alloc(8_000_000, 'x'), () => resolve()),
      );
      client.socket.resume();
      expect(parseAnswer(await client.untilEnd()).status).toBe(status);
    }
  },
);

test.each<[string, string, number]>([
  ['a length over the limit', post1('Host: a', 'Expect: 100-continue', 'Content-Length: 200000'), 413],
  ['a method', post1('Host: a', 'Expect: 100-continue', 'Content-Length: 2').replace('POST', 'TRACE'), 405],
  ['two hosts', post1('Host: a', 'Host: b', 'Expect: 100-continue', 'Content-Length: 2'), 400],
])('what is refused early is never asked for the body first: %s', async (_, head, status) => {
  const scene = await startScene([{}], { limits: { bodyBytes: 100_000 } });
  const client = await connectRaw(scene);
  client.send(head);
  expect(parseAnswer(await client.untilEnd()).status).toBe(status);
  expect(client.received).not.toContain('100 Continue');
});

test('what is refused early is still refused in its turn when the client sends on in another request', async () => {
  const scene = await startScene([{}], { limits: { bodyBytes: 1000 } });
  const client = await connectRaw(scene);
  client.send(post1('Host: a', 'Content-Length: 2000') + 'x'.repeat(2000) + rawRequest('GET', '/healthz'));
  const received = await client.untilEnd();
  expect(received.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 413']);
});

test('HTTP/1.0 is not told to continue, which it would take for the answer', async () => {
  const scene = await startScene([{}]);
  const client = await connectRaw(scene);
  client.send(
    `POST ${chatPath} HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`,
  );
  expect(await client.untilEnd()).toMatch(/^HTTP\/1\.1 200 /);
});

const request = (version: string, ...lines: string[]) =>
  `GET /openai/v1/files/file-1/content HTTP/${version}\r\n${['Host: a', ...lines].join('\r\n')}\r\n\r\n`;

const event = 'data: {"choices":[{"delta":{"content":"hello"}}]}\n\n';
const backends = {
  'in chunks': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n',
  'with a length': 'HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello',
  'a stream': `HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n${event.length.toString(16)}\r\n${event}\r\n`,
};
const clients = [
  ['HTTP/1.0', request('1.0')],
  ['HTTP/1.0, kept alive', request('1.0', 'Connection: keep-alive')],
  ['HTTP/1.1 with `Connection: close`', request('1.1', 'Connection: close')],
] as const;
const cases = clients.flatMap(([client, bytes]) =>
  Object.entries(backends).map(([what, answer]) => [what, client, bytes, answer] as const),
);

test.each(cases)(
  'a broken answer %s is visibly broken for %s, after what came of it',
  async (_, _client, bytes, answer) => {
    const backend = await startRawBackend((socket) => {
      socket.once('data', () => socket.write(answer, () => socket.resetAndDestroy()));
    });
    const scene = await startGatewayFor([{ url: backend.url, apiKey: 'key' }]);
    const client = await connectRaw(scene);
    client.send(bytes);
    expect(await client.closed).toBe('ECONNRESET');
    expect(await scene.log.request()).toMatchObject({ ending: 'interrupted' });
  },
);

test('a broken answer is visibly broken where the gateway cuts it off at its end', async () => {
  const backend = await startRawBackend((socket) => {
    socket.once('data', () => socket.write(backends['in chunks']));
  });
  const scene = await startGatewayFor([{ url: backend.url, apiKey: 'key' }]);
  const client = await connectRaw(scene);
  client.send(request('1.0'));
  await client.until('hello');
  const stopped = scene.gateway.stop();
  expect(await client.closed).toBe('ECONNRESET');
  await stopped;
});

const HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n';

test('an answer that is as long as its connection is whole where the backend ends it', async () => {
  const backend = await startRawBackend((socket) => void socket.once('data', () => socket.end(`${HEAD}{}`)));
  const scene = await startGatewayFor([{ url: backend.url, apiKey: 'key' }]);
  expect(await (await post(scene)).text()).toBe('{}');
  expect(await scene.log.request()).toMatchObject({ ending: 'complete' });
});

/** Too long to be held back until it is known to be complete. */
const LONG = 'x'.repeat(20_000);

test('an answer that is as long as its connection is truncated where the backend resets it', async () => {
  const backend = await startRawBackend((socket) => {
    socket.once('data', () =>
      socket.write(`${HEAD}{"id":"${LONG}`, () => setImmediate(() => socket.resetAndDestroy())),
    );
  });
  const scene = await startGatewayFor([{ url: backend.url, apiKey: 'key' }]);
  await expect(post(scene).then((response) => response.text())).rejects.toThrow('terminated');
  expect(await scene.log.request()).toMatchObject({ status: 200, ending: 'interrupted' });
});

test('an answer that is as long as its connection is visibly broken for an HTTP/1.0 client that ends its half meanwhile', async () => {
  const backend = await startRawBackend(
    (socket) => void socket.once('data', () => socket.write(`${HEAD}{"a":`)),
  );
  const scene = await startGatewayFor([{ url: backend.url, apiKey: 'key' }]);
  const client = await connectRaw(scene);
  client.send('GET /openai/v1/files/file-1/content HTTP/1.0\r\n\r\n');
  await client.until('{"a":');
  client.socket.end();
  expect(await client.closed).toBe('ECONNRESET');
});

test.each(['__proto__', 'constructor', 'toString', 'valueOf', 'hasOwnProperty'])(
  'what goes wrong after a lease is taken gives it back: a backend says `content-encoding: %s`',
  async (coding) => {
    const backend = await startCannedBackend(
      `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: ${coding}\r\nContent-Length: 2\r\n\r\n{}`,
    );
    const others = await startScene([{}]);
    const scene = await startGatewayFor([
      { url: backend.url, apiKey: 'key' },
      { url: others.mocks[0]!.url, apiKey: 'key-a', priority: 2 },
    ]);
    for (let time = 0; time < 3; time++) {
      const response = await post(scene, '/openai/v1/responses', { model: 'gpt-4o', input: 'x' });
      expect(response.status).toBe(200);
      await response.arrayBuffer().catch(() => {});
    }
    await scene.log.request(3);
    const page = (await (await fetch(`${scene.adminUrl}/admin/backends`)).json()) as { backends: object[] };
    expect(page.backends).toMatchObject([{ inFlight: 0 }, { inFlight: 0 }]);
    expect(scene.log.lines.filter(({ level }) => Number(level) > 40)).toEqual([]);
  },
);

test('a request with as many header fields as it may have is served, and with one more it is not', async () => {
  const scene = await startScene([{}]);
  const fields = 'a: b\r\n'.repeat(199);
  for (const [head, status] of [
    [`GET /healthz HTTP/1.1\r\nHost: a\r\n${fields}\r\n`, 200],
    [`GET /healthz HTTP/1.1\r\nHost: a\r\nc: d\r\n${fields}\r\n`, 431],
  ] as const) {
    const client = await connectRaw(scene);
    client.send(head);
    expect(await client.until('}')).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  }
});
