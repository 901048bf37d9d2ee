import { gunzipSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { chatBody, chatPath } from '../testing/post.ts';
import { connectRaw, exchangeRaw, parseAnswer, type RawAnswer, rawRequest } from '../testing/raw-client.ts';
import { startCannedBackend, startHttpBackend, startRecorder } from '../testing/start-backend.ts';
import { startGatewayFor } from '../testing/start-scene.ts';

const startFor = (backend: { readonly url: string }) =>
  startGatewayFor([{ name: 'a', url: backend.url, apiKey: 'key' }]);

const CLOSE = 'Connection: close';

test('a request body that is compressed stays so', async () => {
  const recorder = await startRecorder();
  const gateway = await startFor(recorder);
  const body = gzipSync(JSON.stringify(chatBody)).toString('latin1');
  const headers = [CLOSE, 'Content-Encoding: gzip', 'Content-Type: application/json'];
  expect((await exchangeRaw(gateway, rawRequest('POST', chatPath, headers, body))).status).toBe(200);
  expect(recorder.requests[0]!.body.toString('latin1')).toBe(body);
  expect(recorder.requests[0]!.rawHeaders).toEqual(expect.arrayContaining(['Content-Encoding', 'gzip']));
});

test.each(['GET', 'DELETE'])('a request body of a %s is passed on as well', async (method) => {
  const recorder = await startRecorder();
  const gateway = await startFor(recorder);
  const target = '/openai/v1/responses/resp_1?include[]=a&include[]=b';
  expect((await exchangeRaw(gateway, rawRequest(method, target, [CLOSE], '{"a":1}'))).status).toBe(200);
  expect(recorder.requests).toMatchObject([{ method, url: target, body: Buffer.from('{"a":1}') }]);
});

test.each(['GET', 'HEAD', 'DELETE'])(
  'a request body is not invented for a %s without one',
  async (method) => {
    const recorder = await startRecorder();
    const gateway = await startFor(recorder);
    expect((await exchangeRaw(gateway, rawRequest(method, '/openai/v1/files/x', [CLOSE]))).status).toBe(200);
    const [request] = recorder.requests;
    expect(request).toMatchObject({ method, body: Buffer.alloc(0) });
    expect(request!.rawHeaders.map((name) => name.toLowerCase())).not.toContain('transfer-encoding');
  },
);

test('a request body in chunks with extensions and trailers arrives as its bytes', async () => {
  const recorder = await startRecorder();
  const gateway = await startFor(recorder);
  const chunks = '4;a=b\r\n{"a"\r\n3\r\n:1}\r\n0\r\nX-Sum: 7\r\n\r\n';
  const head = rawRequest('POST', chatPath, [CLOSE, 'Transfer-Encoding: chunked', 'Trailer: X-Sum']);
  expect((await exchangeRaw(gateway, head + chunks)).status).toBe(200);
  expect(recorder.requests[0]!.body.toString()).toBe('{"a":1}');
});

test('a request body is asked for with 100 Continue where the client waits for that', async () => {
  const recorder = await startRecorder();
  const gateway = await startFor(recorder);
  const client = await connectRaw(gateway);
  client.send(rawRequest('POST', chatPath, [CLOSE, 'Expect: 100-continue', 'Content-Length: 2']));
  await client.until('HTTP/1.1 100 Continue\r\n\r\n');
  client.send('{}');
  expect(await client.untilEnd()).toContain('HTTP/1.1 200 OK');
  expect(recorder.requests[0]!.body.toString()).toBe('{}');
});

const answer = (status: string, headers: string[], body = '') =>
  startCannedBackend(`HTTP/1.1 ${status}\r\n${headers.join('\r\n')}\r\n\r\n${body}`);
const lower = ({ headers }: RawAnswer) => headers.map((line) => line.toLowerCase());

test('a response body that is compressed stays so', async () => {
  const { url } = await startHttpBackend((_req, res) => {
    res.writeHead(200, { 'content-encoding': 'gzip', 'content-type': 'application/json' });
    res.end(gzipSync('{"a":1}'));
  });
  const gateway = await startFor({ url });
  const client = await connectRaw(gateway);
  client.send(rawRequest('POST', chatPath, [CLOSE, 'Accept-Encoding: gzip'], '{}'));
  const { headers, body } = parseAnswer(await client.untilEnd());
  expect(headers).toContain('content-encoding: gzip');
  const [, size = '', rest = ''] = /^([\da-f]+)\r\n(.*)$/s.exec(body) ?? [];
  expect(gunzipSync(Buffer.from(rest.slice(0, parseInt(size, 16)), 'latin1')).toString()).toBe('{"a":1}');
});

test.each([1, 8192, 8193, 70_000])(
  'a response body that is binary stays as it is: %d bytes',
  async (bytes) => {
    const audio = Array.from({ length: bytes }, (_, index) =>
      String.fromCharCode((index * 7 + 128) % 256),
    ).join('');
    const backend = await answer(
      '200 OK',
      ['Content-Type: audio/mpeg', `Content-Length: ${audio.length}`],
      audio,
    );
    const gateway = await startFor(backend);
    const { body } = await exchangeRaw(gateway, rawRequest('POST', chatPath, [CLOSE], '{}'));
    expect(body).toBe(audio);
  },
);

test.each([
  ['a 204', 'DELETE', '204 No Content', ['X-A: b']],
  ['a 304', 'GET', '304 Not Modified', ['ETag: "a"']],
  ['a 304 that says how long the body would be', 'GET', '304 Not Modified', ['Content-Length: 500']],
  ['the answer to a HEAD', 'HEAD', '200 OK', ['Content-Length: 500']],
])('a response body is none in %s, and the connection goes on', async (_, method, status, headers) => {
  const gateway = await startFor(await answer(status, headers));
  const client = await connectRaw(gateway);
  client.send(rawRequest(method, '/openai/v1/files/x'));
  await client.until('\r\n\r\n');
  client.send(rawRequest(method, '/openai/v1/files/x', [CLOSE]));
  const answers = (await client.untilEnd()).split(/(?=HTTP\/1\.1 )/).map(parseAnswer);
  expect(answers).toMatchObject([{ body: '' }, { body: '' }]);
  for (const each of answers) {
    expect(String(each.status)).toBe(status.slice(0, 3));
    expect(lower(each)).toContain(headers[0]!.toLowerCase());
  }
});
