import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import type { ConfigInput } from '../../src/config/schema.ts';
import { freePort } from '../testing/free-port.ts';
import { chatPath, post } from '../testing/post.ts';
import { connectRaw, parseAnswer, rawRequest } from '../testing/raw-client.ts';
import { startHttpBackend, startRawBackend, startRecorder } from '../testing/start-backend.ts';
import { callsOf, startGatewayFor, startScene } from '../testing/start-scene.ts';

const config = { limits: { replayBytes: 1000, bodyBytes: 200_000_000 } };
const filesPath = '/openai/v1/files';

/** Bytes without repetition over a stretch, so that none can be lost, doubled or swapped unnoticed. */
function bytes(length: number): string {
  return Array.from({ length }, (_, index) => String.fromCharCode((index * 31 + (index >> 8)) % 256)).join(
    '',
  );
}

function startFor(urls: readonly string[], different: Partial<ConfigInput> = {}) {
  const backends = urls.map((url, index) => ({
    name: String.fromCharCode(97 + index),
    url,
    apiKey: 'key',
    priority: index + 1,
  }));
  return startGatewayFor(backends, { ...config, ...different });
}

/** The head of an upload of this length, and its first bytes. */
const begin = (length: number, start: string, headers: string[] = []) =>
  rawRequest('POST', filesPath, [`Content-Length: ${length}`, ...headers]) + start;

const headerOf = (rawHeaders: readonly string[], name: string) =>
  rawHeaders[rawHeaders.findIndex((header) => header.toLowerCase() === name) + 1];

test('a body over the replay limit goes to the backend byte for byte with its length, and client and log are told that it is not kept', async () => {
  const recorder = await startRecorder();
  const gateway = await startFor([recorder.url]);
  const body = bytes(300_000);
  const client = await connectRaw(gateway);
  client.send(rawRequest('POST', filesPath, ['Connection: close', 'Content-Type: a/b'], body));
  const answer = parseAnswer(await client.untilEnd());
  expect(answer.status).toBe(200);
  expect(answer.headers).toContain('x-spillway-replay: none');
  const [request] = recorder.requests;
  expect(request!.body.toString('latin1')).toBe(body);
  expect(headerOf(request!.rawHeaders, 'content-length')).toBe('300000');
  expect(request!.rawHeaders.map((name) => name.toLowerCase())).not.toContain('transfer-encoding');
  expect(await gateway.log.request()).toMatchObject({ status: 200, replay: 'none', requestBytes: 300_000 });
});

test('a body over the replay limit goes to the backend in chunks when it came in chunks', async () => {
  const recorder = await startRecorder();
  const gateway = await startFor([recorder.url]);
  const client = await connectRaw(gateway);
  client.send(rawRequest('POST', filesPath, ['Connection: close', 'Transfer-Encoding: chunked']));
  const chunk = bytes(5000);
  for (let part = 0; part < 20; part++) client.send(`1388\r\n${chunk}\r\n`);
  client.send('0\r\n\r\n');
  expect(parseAnswer(await client.untilEnd()).status).toBe(200);
  const [request] = recorder.requests;
  expect(request!.body.toString('latin1')).toBe(chunk.repeat(20));
  expect(headerOf(request!.rawHeaders, 'transfer-encoding')).toBe('chunked');
});

test('a body over the replay limit is one byte more than the limit', async () => {
  const recorder = await startRecorder();
  const gateway = await startFor([recorder.url]);
  for (const [length, replay] of [
    [1000, null],
    [1001, 'none'],
  ] as const) {
    const response = await post(gateway, filesPath, 'x'.repeat(length));
    expect(response.headers.get('x-spillway-replay')).toBe(replay);
  }
  await gateway.log.request(2);
  expect(gateway.log.requests.map(({ replay }) => replay)).toEqual([undefined, 'none']);
});

test('a body over the replay limit reaches the backend while the client still withholds the rest', async () => {
  let received = 0;
  const { url } = await startHttpBackend((req, res) => {
    req.on('data', (chunk: Buffer) => (received += chunk.length));
    req.on('end', () => res.end('done'));
  });
  const gateway = await startFor([url]);
  const client = await connectRaw(gateway);
  client.send(begin(5000, bytes(3000)));
  await expect.poll(() => received).toBe(3000);
  client.send(bytes(2000));
  expect(await client.until('done')).toMatch(/^HTTP\/1\.1 200 /);
  expect(received).toBe(5000);
});

test('a body over the replay limit has its backend wait for its answer no longer than any other, but for its upload as long as it takes', async () => {
  const { url } = await startHttpBackend((req, res) => {
    req.resume();
    req.on('end', () => req.headers['x-hang'] === undefined && res.end('done'));
  });
  const gateway = await startFor([url], { timeouts: { overallMs: 150 } });
  const slow = await connectRaw(gateway);
  slow.send(begin(5000, bytes(3000)));
  // A request that was complete at once has waited for its answer as long as it may; the slow one has not even begun
  // to.
  const whole = await connectRaw(gateway);
  whole.send(begin(2000, bytes(2000), ['X-Hang: 1']));
  expect(await whole.until('}}')).toContain('HTTP/1.1 502 ');
  slow.send(bytes(2000));
  expect(await slow.until('done')).toMatch(/^HTTP\/1\.1 200 /);
});

test('a body over the replay limit is asked for with 100 Continue, and goes on then', async () => {
  const recorder = await startRecorder();
  const gateway = await startFor([recorder.url]);
  const client = await connectRaw(gateway);
  client.send(begin(5000, '', ['Expect: 100-continue', 'Connection: close']));
  await client.until('HTTP/1.1 100 Continue\r\n\r\n');
  client.send(bytes(5000));
  expect(await client.untilEnd()).toContain('HTTP/1.1 200 OK');
  expect(recorder.requests[0]!.body).toHaveLength(5000);
  expect(headerOf(recorder.requests[0]!.rawHeaders, 'expect')).toBe(recorder.requests[0]!.rawHeaders[0]);
});

test('a body over the replay limit is read from the client no faster than the backend reads it', async () => {
  const backend = Promise.withResolvers<[IncomingMessage, ServerResponse]>();
  const { url } = await startHttpBackend((req, res) => backend.resolve([req, res]));
  const gateway = await startFor([url]);
  const client = await connectRaw(gateway);
  const body = Buffer.alloc(100_000_000, 'abcdefg');
  let isSent = false;
  client.send(begin(body.length, '', ['Connection: close']));
  client.socket.write(body, () => (isSent = true));
  const [req, res] = await backend.promise;
  // The gateway is far from idle meanwhile.
  for (let turn = 0; turn < 200; turn++) expect((await fetch(`${gateway.url}/healthz`)).status).toBe(200);
  expect(isSent).toBe(false);
  let received = 0;
  for await (const chunk of req) received += (chunk as Buffer).length;
  expect(received).toBe(body.length);
  res.end();
  expect(await client.untilEnd()).toMatch(/^HTTP\/1\.1 200 /);
});

test('a backend of an upload that is throttled has the last word, as no other can be sent the body', async () => {
  const scene = await startScene([{ script: 'throttle(retry-after=30)' }, {}], config);
  const response = await post(scene, chatPath, JSON.stringify({ messages: [bytes(2000)] }));
  expect(response.status).toBe(429);
  expect(response.headers.get('retry-after')).toBe('30');
  expect(response.headers.get('x-spillway-replay')).toBe('none');
  expect(callsOf(scene)).toEqual([1, 0]);
  // It is in cooldown nevertheless, so the next request goes elsewhere.
  const next = await post(scene, chatPath, JSON.stringify({ messages: [bytes(2000)] }));
  expect(next.headers.get('x-spillway-backend')).toBe('b');
});

test('a backend of an upload that cannot be connected to is followed by another, as the body is still there', async () => {
  const recorder = await startRecorder();
  const gateway = await startFor([`http://127.0.0.1:${await freePort()}`, recorder.url]);
  const response = await post(gateway, filesPath, 'x'.repeat(50_000));
  expect(response.status).toBe(200);
  expect(response.headers.get('x-spillway-backend')).toBe('b');
  expect(recorder.requests[0]!.body).toHaveLength(50_000);
});

test('a backend of an upload that breaks off ends the request in an error, and the connection can be used again', async () => {
  const { url } = await startHttpBackend((req, res) => {
    if (req.method === 'GET') res.end('again');
    else req.once('data', () => req.socket.resetAndDestroy());
  });
  const gateway = await startFor([url]);
  const client = await connectRaw(gateway);
  client.send(rawRequest('POST', chatPath, ['Content-Length: 5000']) + bytes(3000));
  const { status, body } = parseAnswer(await client.until('}}'));
  expect(status).toBe(502);
  expect(JSON.parse(body)).toMatchObject({ error: { code: 'BadGateway' } });
  client.send(bytes(2000) + rawRequest('GET', '/healthz', ['Connection: close']));
  expect(await client.untilEnd()).toContain('HTTP/1.1 200');
  expect(await gateway.log.request()).toMatchObject({ cause: 'not-replayable', replay: 'none' });
});

test.each([401, 413, 429, 200])(
  'a backend of an upload that answers %i before it has the body is relayed at once',
  async (status) => {
    const { url } = await startHttpBackend((_req, res) => {
      res.writeHead(status, { 'content-length': '5' }).end('early');
    });
    const gateway = await startFor([url]);
    const client = await connectRaw(gateway);
    client.send(begin(5000, bytes(3000)));
    expect(await client.until('early')).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    // The client may continue as if nothing had happened.
    client.send(bytes(2000) + rawRequest('GET', '/healthz', ['Connection: close']));
    expect((await client.untilEnd()).match(/HTTP\/1\.1 \d+/g)).toEqual([
      `HTTP/1.1 ${status}`,
      'HTTP/1.1 200',
    ]);
  },
);

test('a backend of an upload is left as soon as the client leaves, and does not cool down for it', async () => {
  const sockets: Socket[] = [];
  const { url } = await startRawBackend((socket) => {
    socket.resume();
    sockets.push(socket);
  });
  const gateway = await startFor([url]);
  const client = await connectRaw(gateway);
  client.send(begin(5000, bytes(3000)));
  await expect.poll(() => sockets.length).toBe(1);
  const left = once(sockets[0]!, 'close');
  client.socket.destroy();
  await left;
  expect(await gateway.log.request()).toMatchObject({ status: 499, ending: 'abandoned' });
  expect(gateway.gateway.snapshots('').map(({ availability, inFlight }) => [availability, inFlight])).toEqual(
    [['available', 0]],
  );
});

const small = { limits: { replayBytes: 1000, bodyBytes: 10_000 } };

test('an upload over the hard limit is refused at once when it says so', async () => {
  const scene = await startScene([{}], small);
  const client = await connectRaw(scene);
  client.send(begin(10_001, ''));
  expect(parseAnswer(await client.untilEnd()).status).toBe(413);
  expect(callsOf(scene)).toEqual([0]);
});

test('an upload over the hard limit is broken off when it turns out so, and the backend is not to blame', async () => {
  const sockets: Socket[] = [];
  const { url } = await startRawBackend((socket) => {
    socket.resume();
    sockets.push(socket);
  });
  const gateway = await startFor([url], small);
  const client = await connectRaw(gateway);
  client.send(rawRequest('POST', filesPath, ['Transfer-Encoding: chunked']));
  client.send(`1388\r\n${bytes(5000)}\r\n`);
  await expect.poll(() => sockets.length).toBe(1);
  const left = once(sockets[0]!, 'close');
  client.send(`1389\r\n${bytes(5001)}\r\n`);
  const answer = parseAnswer(await client.untilEnd());
  expect(answer.status).toBe(413);
  expect(JSON.parse(answer.body)).toMatchObject({ error: { code: 'RequestEntityTooLarge' } });
  await left;
  expect(gateway.gateway.snapshots('').map(({ availability }) => availability)).toEqual(['available']);
  expect(await gateway.log.request()).toMatchObject({ status: 413, replay: 'none' });
});

test('an upload over the hard limit whose answer has begun is broken off so that its client sees it', async () => {
  const { url } = await startHttpBackend((request, response) => {
    request.resume();
    response.writeHead(200, { 'content-type': 'text/plain' }).write('the beginning');
  });
  const gateway = await startFor([url], small);
  const client = await connectRaw(gateway);
  client.send(rawRequest('POST', filesPath, ['Transfer-Encoding: chunked']));
  client.send(`1388\r\n${bytes(5000)}\r\n`);
  await client.until('the beginning');
  client.send(`1389\r\n${bytes(5001)}\r\n0\r\n\r\n`);
  expect(await client.untilEnd()).not.toContain('0\r\n\r\n');
  expect(await gateway.log.request()).toMatchObject({ status: 200, replay: 'none' });
  expect(gateway.gateway.inFlight()).toBe(0);
});

const form = (parts: string[]) =>
  `${parts.map((part) => `--xyz\r\nContent-Disposition: form-data; name=${part}\r\n`).join('')}--xyz--\r\n`;

const model = '"model"\r\n\r\nwhisper';
const file = `"file"; filename="a.wav"\r\n\r\n${'0123456789'.repeat(500)}`;
const path = '/openai/v1/audio/transcriptions';
const headers = { 'content-type': 'multipart/form-data; boundary=xyz' };

test('the deployment of an upload is found before the file, and renamed with the length set right', async () => {
  const recorder = await startRecorder();
  const backend = {
    name: 'a',
    url: recorder.url,
    apiKey: 'key',
    deployments: { whisper: 'whisper-in-europe' },
  };
  const gateway = await startGatewayFor([backend], config);
  const sent = form([model, file]);
  expect((await post(gateway, path, sent, { headers })).status).toBe(200);
  const expected = sent.replace('whisper', 'whisper-in-europe');
  expect(recorder.requests[0]!.body.toString()).toBe(expected);
  expect(headerOf(recorder.requests[0]!.rawHeaders, 'content-length')).toBe(String(expected.length));
});

test('the deployment of an upload that stands behind the file is not found, and the client is told why', async () => {
  const recorder = await startRecorder();
  const gateway = await startFor([recorder.url]);
  const sent = form([file.repeat(100), model]);
  const response = await post(gateway, path, sent, { headers });
  expect(response.status).toBe(400);
  expect(await response.text()).toMatch(/No \\"model\\" in the first \d+ bytes of the body/);
  expect(recorder.requests).toEqual([]);
});

test('the deployment of an upload is of no concern to an operation that has none', async () => {
  const recorder = await startRecorder();
  const gateway = await startFor([recorder.url]);
  expect((await post(gateway, filesPath, form([file]), { headers })).status).toBe(200);
});

test('a body over the replay limit that comes in chunks of one byte goes to the backend in larger ones', async () => {
  let received = '';
  const backend = await startRawBackend((socket) => {
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      if (received.endsWith('\r\n0\r\n\r\n')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    });
  });
  const gateway = await startFor([backend.url]);
  const client = await connectRaw(gateway);
  client.send(rawRequest('POST', filesPath, ['Connection: close', 'Transfer-Encoding: chunked']));
  const body = 'x'.repeat(100_000);
  client.send(`${body.replaceAll('x', '1\r\nx\r\n')}0\r\n\r\n`);
  expect(parseAnswer(await client.untilEnd()).status).toBe(200);
  const chunks = received.slice(received.indexOf('\r\n\r\n') + 4).split('\r\n');
  expect(chunks.filter((_, index) => index % 2 === 1).join('')).toBe(body);
  expect(chunks.length / 2).toBeLessThan(1000);
});
