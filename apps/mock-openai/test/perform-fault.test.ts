import { Agent, request as httpRequest } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { chatBody, chatPath, post, readEvents, streamBody } from './testing/post.ts';
import { readWire, tap } from './testing/read-socket.ts';
import { start } from './testing/start.ts';
import type { IncomingMessage } from 'node:http';
import type { Mock } from '../src/mock.ts';

/** Asks over an agent that keeps its connection, as SDKs do. */
function ask(mock: Mock, agent: Agent): Promise<{ status: number; isReused: boolean }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      mock.url + chatPath,
      { method: 'POST', agent },
      (response: IncomingMessage) => {
        response.resume();
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, isReused: request.reusedSocket }),
        );
      },
    );
    request.on('error', reject);
    request.end(JSON.stringify(chatBody));
  });
}

test('the mock hangs after so many chunks of a stream, with the connection open', async () => {
  const mock = await start({ script: 'hang(after-chunks=3)' });
  const wire = tap(mock);
  wire.post(streamBody);
  const text = await wire.has('Hello');
  expect(text).toMatch(/^HTTP\/1.1 200 OK\r\n/);
  expect(text.match(/data: /g)).toHaveLength(3);
  expect(mock.openRequests).toBe(1);
  wire.leave();
  expect(await mock.requests[0]?.ended).toBe('aborted');
  expect(wire.text()).toBe(text);
});

test('the mock hangs after so many bytes of a plain answer, whose length was told', async () => {
  const mock = await start({ script: 'hang(after-bytes=10)' });
  const wire = tap(mock);
  wire.post();
  const [head, body] = (await wire.has('{"choices"')).split('\r\n\r\n');
  expect(head).toMatch(/content-length: \d{3}/i);
  expect(body).toBe('{"choices"');
  wire.leave();
});

test('the mock resets the connection within the headers', async () => {
  const mock = await start({ script: 'reset(after-header-bytes=30)' });
  const { text, end } = await readWire(mock);
  expect(end).toBe('ECONNRESET');
  expect(text).toHaveLength(30);
  expect(text).toMatch(/^HTTP\/1.1 200 OK\r\nCache-Control$/);
  expect(mock.requests[0]).toMatchObject({ ending: 'cut', status: undefined });
});

test('the mock closes the connection before all that was announced is there', async () => {
  const mock = await start({ script: 'truncate(abrupt=true)' });
  const plain = await readWire(mock);
  const [head = '', body = ''] = plain.text.split('\r\n\r\n');
  expect(plain.end).toBe('FIN');
  expect(Number(/content-length: (\d+)/i.exec(head)?.[1])).toBeGreaterThan(body.length);
  const streamed = await readWire(mock, streamBody);
  expect(streamed.end).toBe('FIN');
  expect(streamed.text.match(/data: /g)).toHaveLength(2);
  expect(streamed.text).not.toMatch(/0\r\n\r\n$/);
  await expect(post(mock).then((response) => response.text())).rejects.toThrow('terminated');
});

test('the mock sends what is no HTTP where the status line should be', async () => {
  const mock = await start({ script: '1x garbage, garbage(text="HTTP/1.1 OK 200")' });
  expect(await readWire(mock)).toEqual({ text: 'SSH-2.0-mock\r\n', end: 'FIN' });
  expect(await readWire(mock)).toEqual({ text: 'HTTP/1.1 OK 200', end: 'FIN' });
  await expect(post(mock)).rejects.toThrow('fetch failed');
});

test.each([
  ['plain', chatBody],
  ['streamed', streamBody],
])('the mock drips a %s answer, headers included, and it is whole in the end', async (_, body) => {
  const mock = await start({ script: '1x drip(bytes=200, every=1ms), drip(bytes=400, every=1ms)' });
  const { text, end } = await readWire(mock, body);
  expect([text.slice(0, 15), end]).toEqual(['HTTP/1.1 200 OK', 'FIN']);
  expect(mock.requests[0]).toMatchObject({ ending: 'answered', status: 200 });
  const response = await post(mock, chatPath, body);
  expect(response.headers.get('x-ms-region')).toBe('East US');
  expect(await response.text()).toContain('Hello');
});

test('a dripping answer arrives in its small parts', async () => {
  const mock = await start({ script: 'drip(bytes=1, every=30s)' });
  const wire = tap(mock);
  wire.post();
  expect(await wire.has('H')).toBe('H');
  wire.leave();
  expect(await mock.requests[0]?.ended).toBe('aborted');
});

test('the mock resets a kept connection when the next request on it comes, which is not served', async () => {
  const mock = await start({ script: '1x stale, 1x status(503)' });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  expect(await ask(mock, agent)).toEqual({ status: 200, isReused: false });
  await expect(ask(mock, agent)).rejects.toMatchObject({ code: 'ECONNRESET' });
  expect(mock.counters.total).toBe(1);
  expect((await ask(mock, agent)).status).toBe(503);
  agent.destroy();
});

test('the mock closes a kept connection when it is idle, though its answer promised to keep it', async () => {
  const mock = await start({ script: '1x stale(at=idle, after=1ms), 1x stale(at=idle)' });
  const wire = tap(mock);
  wire.post();
  const { text, end } = await wire.ended;
  expect(end).toBe('FIN');
  expect(text).toMatch(/Connection: keep-alive/);
  expect(mock.requests[0]?.ending).toBe('answered');
  expect((await readWire(mock)).end).toBe('FIN');
});

test('the mock has headers of the size that is asked for, or the usual one', async () => {
  const mock = await start({ script: '1x huge-headers(bytes=9000), huge-headers' });
  const wire = tap(mock);
  wire.post();
  const small = (await wire.has('"usage"')).split('\r\n\r\n')[0] ?? '';
  expect(small.match(/x-mock-padding.*\r\n/g)?.join('')).toHaveLength(9000);
  wire.leave();
  await expect(post(mock)).rejects.toMatchObject({ cause: { code: 'UND_ERR_HEADERS_OVERFLOW' } });
});

test('the step gzip packs a plain answer', async () => {
  const mock = await start({ script: 'gzip' });
  const response = await post(mock);
  expect(response.headers.get('content-encoding')).toBe('gzip');
  expect(await response.json()).toMatchObject({ object: 'chat.completion' });
  const wire = tap(mock);
  wire.post();
  const length = /Content-Length: (\d+)/.exec(await wire.has('\r\n\r\n'))?.[1];
  while (wire.text().split('\r\n\r\n').slice(1).join('\r\n\r\n').length < Number(length)) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  const body = Buffer.from(wire.text().slice(wire.text().indexOf('\r\n\r\n') + 4), 'latin1');
  expect(JSON.parse(gunzipSync(body).toString())).toMatchObject({ object: 'chat.completion' });
  wire.leave();
});

test('the mock packs a stream so that each chunk can be read when it comes', async () => {
  const mock = await start({
    script: '1x gzip',
    latency: 'custom(tokens-per-second=0.001)',
    contentFilter: 'asynchronous',
  });
  const reader = (await post(mock, chatPath, streamBody)).body?.getReader();
  let text = '';
  // The next token would take 1,000 seconds, so data read now was not held back.
  while (!text.includes('Hello')) text += Buffer.from((await reader?.read())?.value ?? []).toString();
  await reader?.cancel();
  mock.setLatency({});
  mock.setScript('gzip');
  expect((await readEvents(await post(mock, chatPath, streamBody))).at(-1)).toBe('[DONE]');
});

test('the step redirect sends a client elsewhere', async () => {
  const mock = await start({
    script: '1x redirect("http://127.0.0.1:1/x"), redirect(location=/y, status=302)',
  });
  const first = await post(mock, chatPath, chatBody, { redirect: 'manual' });
  expect([first.status, first.headers.get('location'), await first.text()]).toEqual([
    307,
    'http://127.0.0.1:1/x',
    '',
  ]);
  const second = await post(mock, chatPath, chatBody, { redirect: 'manual' });
  expect([second.status, second.headers.get('location')]).toEqual([302, '/y']);
});
