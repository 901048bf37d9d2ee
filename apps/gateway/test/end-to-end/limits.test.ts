import { expect, onTestFinished, test } from 'vitest';
import { chatBody, chatPath, post } from '../testing/post.ts';
import { connectRaw, exchangeRaw, parseAnswer, type RawAnswer, rawRequest } from '../testing/raw-client.ts';
import { callsOf, startScene } from '../testing/start-scene.ts';

/** Returns the error of an answer, which must have the shape of all errors of the gateway. */
function errorIn({ status, headers, body }: RawAnswer): { status: number; code: string; message: string } {
  expect(headers.map((line) => line.toLowerCase())).toContain('content-type: application/json');
  const parsed = JSON.parse(body) as { error: { code: string; message: string } };
  expect(Object.keys(parsed)).toEqual(['error']);
  expect(Object.keys(parsed.error)).toEqual(['code', 'message']);
  return { status, ...parsed.error };
}

const body = JSON.stringify(chatBody);
test.each([
  ['an unknown path', rawRequest('POST', '/metrics', [], body), 404, '404'],
  ['another method on the root', rawRequest('POST', '/', [], body), 404, '404'],
  ['another method on a health path', rawRequest('POST', '/healthz', [], body), 404, '404'],
  ["a path that is nearly the operators'", rawRequest('GET', '/admin/backends/'), 404, '404'],
  ["an operators' path in another case", rawRequest('GET', '/ReadyZ'), 404, '404'],
  ['a path that climbs', rawRequest('GET', '/openai/v1/%2e%2e/files'), 400, 'BadRequest'],
  ['a deployment that is no UTF-8', rawRequest('GET', '/openai/deployments/%ff/models'), 400, 'BadRequest'],
  ['a method that makes no sense', rawRequest('PROPFIND', '/openai/v1/files'), 405, 'MethodNotAllowed'],
  ['TRACE', rawRequest('TRACE', '/openai/v1/files'), 405, 'MethodNotAllowed'],
  ['CONNECT', rawRequest('CONNECT', 'elsewhere:443'), 405, 'MethodNotAllowed'],
  ['an asterisk', rawRequest('OPTIONS', '*'), 400, 'BadRequest'],
  ['a method that is none', rawRequest('FETCH', '/openai/v1/files'), 400, 'BadRequest'],
  ['no HTTP', 'hello\r\n\r\n', 400, 'BadRequest'],
  [
    'both a length and chunks',
    `POST ${chatPath} HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    400,
    'BadRequest',
  ],
  [
    'two lengths',
    rawRequest('POST', chatPath, ['Content-Length: 1', 'Content-Length: 2']),
    400,
    'BadRequest',
  ],
  ['a length that is none', rawRequest('POST', chatPath, ['Content-Length: -1']), 400, 'BadRequest'],
  ['an unknown encoding', rawRequest('POST', chatPath, ['Transfer-Encoding: gzip']), 400, 'BadRequest'],
  ['a header with a space in its name', rawRequest('POST', chatPath, ['A b: c']), 400, 'BadRequest'],
  ['a header folded over two lines', rawRequest('POST', chatPath, ['A: b\r\n c'], body), 400, 'BadRequest'],
  [
    'a chunk that is none',
    `POST ${chatPath} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n`,
    400,
    'BadRequest',
  ],
  [
    'headers over the limit',
    rawRequest('POST', chatPath, [`X-Long: ${'x'.repeat(20_000)}`], body),
    431,
    'RequestHeaderFieldsTooLarge',
  ],
])('a request is refused that has %s, in the shape of every error', async (_, bytes, status, code) => {
  const scene = await startScene([{}]);
  // A request that keeps its connection open is followed by one that does not.
  const client = await connectRaw(scene);
  client.send(bytes);
  const isParsed = status === 404 || /%|PROPFIND|TRACE|\*/.test(bytes);
  if (isParsed) client.send(rawRequest('GET', '/healthz', ['Connection: close']));
  const answer = parseAnswer(await client.untilEnd());
  const first = { ...answer, body: answer.body.split('HTTP/1.1')[0]! };
  expect(errorIn(first)).toMatchObject({ status, code });
  expect(callsOf(scene)).toEqual([0]);
});

test('a request of a method that is refused is told which are allowed', async () => {
  const scene = await startScene([{}]);
  const { headers } = await exchangeRaw(scene, rawRequest('PROPFIND', '/x', ['Connection: close']));
  expect(headers.join('\n')).toMatch(/^allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS$/im);
});

test('the message of a refusal holds no more than what the client may know', async () => {
  const scene = await startScene([{}]);
  const { body } = await exchangeRaw(scene, rawRequest('GET', '/etc/passwd', ['Connection: close']));
  expect(body).not.toMatch(/ at |node:|file:|\.ts/);
});

const config = { limits: { bodyBytes: 1000 } };

test.each([
  ['with a length', ['Content-Length: 1001'], 'x'],
  ['in chunks', ['Transfer-Encoding: chunked'], `3e9\r\n${'x'.repeat(1001)}\r\n`],
])('a body over the limit, %s, is refused before it is whole', async (_, headers, start) => {
  const scene = await startScene([{}], config);
  const answer = await exchangeRaw(scene, rawRequest('POST', chatPath, headers) + start);
  expect(errorIn(answer)).toEqual({
    status: 413,
    code: 'RequestEntityTooLarge',
    message: 'The request body is larger than the 1000 bytes allowed.',
  });
  expect(await scene.log.request()).toMatchObject({ status: 413, attempts: [] });
  expect(callsOf(scene)).toEqual([0]);
});

test('a body over the limit is answered although the client still sends it', async () => {
  const scene = await startScene([{}], config);
  for (let time = 0; time < 5; time++) {
    const response = await post(scene, undefined, new Uint8Array(3_000_000));
    expect(response.status).toBe(413);
  }
});

test.each([
  [
    'with a length',
    (bytes: number) => rawRequest('POST', chatPath, ['Connection: close'], ' '.repeat(bytes)),
  ],
  [
    'in chunks',
    (bytes: number) =>
      `${rawRequest('POST', chatPath, ['Connection: close', 'Transfer-Encoding: chunked'])}${bytes.toString(16)}\r\n${' '.repeat(bytes)}\r\n0\r\n\r\n`,
  ],
])('a body over the limit is one byte more than the limit, %s', async (_, request) => {
  const scene = await startScene([{ script: 'status(200, body="{}")' }], config);
  expect((await exchangeRaw(scene, request(1000))).status).toBe(200);
  expect((await exchangeRaw(scene, request(1001))).status).toBe(413);
});

test('a client that is too slow with its headers is told so and cut off', async () => {
  const scene = await startScene([{}], { timeouts: { requestHeadersMs: 100 } });
  const answer = await exchangeRaw(scene, `POST ${chatPath} HTTP/1.1\r\nHost: x\r\nX-`);
  expect(errorIn(answer)).toMatchObject({ status: 408, code: 'Timeout' });
});

test('a client that is too slow with its body is told so and cut off, and logged as such', async () => {
  const scene = await startScene([{}], { timeouts: { requestMs: 150, requestHeadersMs: 100 } });
  const client = await connectRaw(scene);
  client.send(`${rawRequest('POST', chatPath, ['Content-Length: 100'])}half of it`);
  expect(errorIn(parseAnswer(await client.untilEnd()))).toMatchObject({ status: 408, code: 'Timeout' });
  expect(await scene.log.request()).toMatchObject({ status: 408, attempts: [] });
  expect(callsOf(scene)).toEqual([0]);
});

test('a client that is too slow with its body is told so, and what comes after the 408 is ignored', async () => {
  const scene = await startScene([{}], { timeouts: { requestMs: 150, requestHeadersMs: 100 } });
  const client = await connectRaw(scene);
  client.send(`${rawRequest('POST', chatPath, ['Content-Length: 4'])}{ `);
  await client.until('HTTP/1.1 408');
  client.send(' }');
  expect(await scene.log.request()).toMatchObject({ status: 408, attempts: [] });
  expect(callsOf(scene)).toEqual([0]);
});

test('a client that is too slow that never sends anything is cut off too', async () => {
  const scene = await startScene([{}], { timeouts: { requestHeadersMs: 100 } });
  const client = await connectRaw(scene);
  expect(await client.untilEnd()).toMatch(/^HTTP\/1\.1 408 /);
});

test('a client that sends nothing but empty lines after its answer is cut off too', async () => {
  const scene = await startScene([{}], {
    timeouts: { keepAliveMs: 200, requestHeadersMs: 200, clientStallMs: 400 },
  });
  const client = await connectRaw(scene);
  client.send(rawRequest('GET', '/healthz'));
  await client.until('}');
  const lines = setInterval(() => client.send('\r\n'), 50);
  onTestFinished(() => clearInterval(lines));
  await client.closed;
  expect(client.received).toMatch(/^HTTP\/1\.1 200 (?!.*HTTP)/s);
});

test('a client that breaks off while it sends its body is logged as one that left', async () => {
  const scene = await startScene([{}]);
  const client = await connectRaw(scene);
  client.send(`${rawRequest('POST', chatPath, ['Expect: 100-continue', 'Content-Length: 100'])}half`);
  await client.until('100 Continue');
  client.socket.destroy();
  expect(await scene.log.request()).toMatchObject({ status: 499, ending: 'abandoned', attempts: [] });
  expect(callsOf(scene)).toEqual([0]);
});

test.each(['CONNECT', 'GET'])(
  'a client that breaks off after a refused %s does not harm the gateway',
  async (method) => {
    const scene = await startScene([{}]);
    for (let time = 0; time < 20; time++) {
      const client = await connectRaw(scene);
      client.send(rawRequest(method, 'elsewhere:443'));
      if (time % 2 === 0) await client.until('HTTP/1.1 4');
      client.socket.resetAndDestroy();
    }
    expect((await post(scene)).status).toBe(200);
  },
);

test('a client that breaks off by sending nonsense while its answer is awaited gets that answer, an error for the nonsense, and harms nobody', async () => {
  const scene = await startScene([{ script: '1x slow(delay=100ms)' }]);
  const arrived = scene.mocks[0]!.nextRequest();
  const client = await connectRaw(scene);
  client.send(rawRequest('POST', chatPath, [], JSON.stringify(chatBody)));
  await arrived;
  client.send('nonsense\r\n\r\n');
  const received = await client.untilEnd();
  expect(received).toMatch(/^HTTP\/1\.1 200 /);
  const second = received.slice(received.lastIndexOf('HTTP/1.1 '));
  expect(errorIn(parseAnswer(second))).toMatchObject({ status: 400 });
  await scene.mocks[0]!.idle();
  expect((await post(scene)).status).toBe(200);
});

test('several requests may share a connection, and their answers come in order', async () => {
  const scene = await startScene([{ script: '1x slow(delay=50ms)' }]);
  const client = await connectRaw(scene);
  const request = rawRequest('POST', chatPath, [], JSON.stringify(chatBody));
  client.send(request + request + rawRequest('GET', '/nowhere', ['Connection: close']));
  const statuses = (await client.untilEnd()).match(/HTTP\/1\.1 \d+/g);
  expect(statuses).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200', 'HTTP/1.1 404']);
});
