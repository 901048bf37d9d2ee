import { once } from 'node:events';
import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { chatPath, post, streamBody } from '../testing/post.ts';
import { connectRaw, rawRequest } from '../testing/raw-client.ts';
import { startHttpBackend, startRawBackend } from '../testing/start-backend.ts';
import { startGatewayFor, startScene } from '../testing/start-scene.ts';

const rawStream = rawRequest(
  'POST',
  chatPath,
  ['Content-Type: application/json', 'Connection: close'],
  JSON.stringify(streamBody),
);

test('a stream is relayed chunk by chunk while the backend still withholds the rest', async () => {
  const sent = ['data: "one"\n\n', 'data: ', '"two"\n\n', 'data: [DONE]\n\n'];
  let next = Promise.withResolvers<void>();
  const { url } = await startHttpBackend(async (_, res) => {
    res.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    for (const chunk of sent) {
      // Nothing is sent before the client has seen everything sent before.
      await next.promise;
      next = Promise.withResolvers();
      res.write(chunk);
    }
    await next.promise;
    res.end();
  });
  const gateway = await startGatewayFor([{ name: 'a', url, apiKey: 'x' }]);
  // The head comes with the first event that has content.
  next.resolve();
  const response = await post(gateway, undefined, streamBody);
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  const reader = response.body!.getReader();
  for (const chunk of sent) {
    const { value } = await reader.read();
    expect(Buffer.from(value!).toString()).toBe(chunk);
    next.resolve();
  }
  expect(await reader.read()).toMatchObject({ done: true });
  expect(await gateway.log.request()).toMatchObject({ ending: 'complete', responseBytes: 40 });
});

test('a stream of Azure’s is relayed whole, after a throttled backend too', async () => {
  const scene = await startScene([{ script: 'throttle' }, { completionTokens: 50 }]);
  const response = await post(scene, undefined, streamBody);
  expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  expect(response.headers.get('x-spillway-backend')).toBe('b');
  const events = (await response.text()).split('\n\n');
  expect(events.slice(-2)).toEqual(['data: [DONE]', '']);
  expect(events.length).toBeGreaterThan(10);
});

test('a stream that ends with its connection is relayed as ended', async () => {
  const stream = 'data: {"choices":[{"delta":{"content":"Hi"}}]}\n\ndata: [DONE]\n\n';
  const { url } = await startRawBackend((socket) => {
    socket.once('data', () => socket.end(`HTTP/1.1 200 OK\r\n\r\n${stream}`));
  });
  const gateway = await startGatewayFor([{ name: 'a', url, apiKey: 'x' }]);
  expect(await (await post(gateway)).text()).toBe(stream);
});

test.each<[string, string]>([
  ['of events', 'content-type: text/event-stream'],
  ['of bytes', 'content-type: application/octet-stream'],
])(
  'a stream %s is held back while the client does not read, and comes whole once it does',
  async (_, contentType) => {
    const piece = Buffer.from(`data: ${'x'.repeat(65_528)}\n\n`);
    const done = 'data: [DONE]\n\n';
    const pieces = 1600;
    const length = pieces * piece.length + done.length;
    let written = 0;
    const { url } = await startRawBackend((socket) => {
      socket.once('data', () => {
        socket.write(`HTTP/1.1 200 OK\r\n${contentType}\r\ncontent-length: ${length}\r\n\r\n`);
        const writeOn = () => {
          while (written < pieces) {
            written++;
            if (!socket.write(piece)) return void socket.once('drain', writeOn);
          }
          socket.write(done);
        };
        writeOn();
      });
    });
    const gateway = await startGatewayFor([{ name: 'a', url, apiKey: 'x' }]);
    const client = await connectRaw(gateway);
    client.socket.pause();
    client.send(rawStream);

    const stalled = await whenStill(() => written);
    // The capacity of two connections' kernel buffers, and no more: about 105 MB are still to come.
    expect(stalled).toBeGreaterThan(0);
    expect(stalled * piece.length).toBeLessThan(32 * 1024 * 1024);

    let bytes = 0;
    client.socket.removeAllListeners('data').on('data', (chunk: Buffer) => (bytes += chunk.length));
    client.socket.resume();
    await once(client.socket, 'end');
    expect(bytes).toBeGreaterThan(length);
    expect(await gateway.log.request()).toMatchObject({ ending: 'complete', responseBytes: length });
  },
);

test('a client that leaves mid-stream ends the backend’s request long before its stream would end, and nobody cools down for it', async () => {
  const scene = await startScene([{ script: '1x slow(chunk-delay=20ms, chunks=1000)' }, {}]);
  const leaving = new AbortController();
  const response = await post(scene, undefined, streamBody, { signal: leaving.signal });
  const reader = response.body!.getReader();
  await reader.read();
  const [request] = scene.mocks[0]!.requests;
  leaving.abort();
  expect(await request!.ended).toBe('aborted');
  await expect(reader.read()).rejects.toThrow('aborted');
  expect(await scene.log.request()).toMatchObject({ status: 200, ending: 'abandoned', backend: 'a' });
  expect((await post(scene)).headers.get('x-spillway-backend')).toBe('a');
});

test.each([
  ['by a reset', (socket: { resetAndDestroy(): unknown }) => socket.resetAndDestroy()],
  ['by closing', (socket: { end(): unknown }) => socket.end()],
])(
  'a client that leaves before there is an answer, %s, ends the attempt, which is not tried elsewhere',
  async (_, leave) => {
    const scene = await startScene([{ script: '1x hang' }, {}]);
    const arrived = scene.mocks[0]!.nextRequest();
    const client = await connectRaw(scene);
    client.send(rawStream);
    const request = await arrived;
    leave(client.socket);
    expect(await request.ended).toBe('aborted');
    expect(await scene.log.request()).toMatchObject({
      status: 499,
      ending: 'abandoned',
      attempts: [{ backend: 'a', outcome: 'aborted' }],
    });
    expect((await post(scene)).headers.get('x-spillway-backend')).toBe('a');
    expect(scene.mocks[1]!.counters.total).toBe(0);
  },
);

test('a client that leaves while it is not even reading ends the backend’s request', async () => {
  const closed = Promise.withResolvers<void>();
  let written = 0;
  const { url } = await startRawBackend((socket) => {
    socket.once('close', () => closed.resolve());
    socket.once('data', () => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\n\r\n');
      const writeOn = () => {
        written++;
        if (socket.write(Buffer.alloc(65_536))) setImmediate(writeOn);
        else socket.once('drain', writeOn);
      };
      writeOn();
    });
  });
  const gateway = await startGatewayFor([{ name: 'a', url, apiKey: 'x' }]);
  const client = await connectRaw(gateway);
  client.socket.pause();
  client.send(rawStream);
  await whenStill(() => written);
  client.socket.destroy();
  await closed.promise;
  expect(await gateway.log.request()).toMatchObject({ ending: 'abandoned' });
});

test('a client that leaves while its answer is still being judged ends the attempt', async () => {
  const closed = Promise.withResolvers<void>();
  const judging = Promise.withResolvers<void>();
  const { url } = await startHttpBackend((_, res) => {
    res.once('close', () => closed.resolve());
    res.writeHead(400);
    res.write('{"error":');
    judging.resolve();
  });
  const gateway = await startGatewayFor([{ name: 'a', url, apiKey: 'x' }]);
  const client = await connectRaw(gateway);
  client.send(rawStream);
  await judging.promise;
  client.socket.destroy();
  await closed.promise;
  expect(await gateway.log.request()).toMatchObject({ status: 499, attempts: [{ outcome: 'aborted' }] });
});

test('a backend that dies mid-answer breaks the client’s stream, which must not look like a clean end', async () => {
  const scene = await startScene([{ script: 'slow(chunk-delay=20ms, chunks=1000)' }, {}]);
  const response = await post(scene, undefined, streamBody);
  expect(response.status).toBe(200);
  const reader = response.body!.getReader();
  await reader.read();
  await scene.mocks[0]!.stop();
  const rest = async () => {
    while (!(await reader.read()).done);
  };
  await expect(rest()).rejects.toThrow('terminated');
  expect(await scene.log.request()).toMatchObject({ status: 200, ending: 'interrupted', backend: 'a' });
  expect(scene.mocks[1]!.counters.total).toBe(0);
});

test.each([
  ['a chunked response', 'Transfer-Encoding: chunked\r\n\r\n64\r\nhalf'],
  ['a chunked response, its last', 'Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n'],
  ['a response with a length', 'Content-Length: 100\r\n\r\nhalf'],
  ['a response with a length, its last', 'Connection: close\r\nContent-Length: 100\r\n\r\nhalf'],
])('a backend that dies mid-answer by a reset breaks %s', async (_, answer) => {
  const backend = Promise.withResolvers<Socket>();
  const { url } = await startRawBackend((socket) => {
    socket.once('data', () => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\n${answer}`);
      backend.resolve(socket);
    });
  });
  const gateway = await startGatewayFor([{ name: 'a', url, apiKey: 'x' }]);
  const client = await connectRaw(gateway);
  client.send(rawStream);
  await client.until('half');
  (await backend.promise).resetAndDestroy();
  // Neither the last chunk nor the rest of the length follows.
  expect(await client.untilEnd()).toMatch(
    /^(?:transfer-encoding: chunked|content-length: 100)\r\n[^]*half(?:\r\n)?$/im,
  );
  expect(await gateway.log.request()).toMatchObject({ ending: 'interrupted', responseBytes: 4 });
});

test('a backend that dies mid-answer by closing before the length it promised breaks the response too', async () => {
  const { url } = await startRawBackend((socket) => {
    socket.once('data', () =>
      socket.end('HTTP/1.1 200 OK\r\ncontent-type: audio/mpeg\r\ncontent-length: 100\r\n\r\nhalf'),
    );
  });
  const gateway = await startGatewayFor([{ name: 'a', url, apiKey: 'x' }]);
  await expect(post(gateway).then((response) => response.text())).rejects.toThrow('terminated');
  expect(await gateway.log.request()).toMatchObject({ ending: 'interrupted' });
});

test('a backend that dies mid-answer by falling silent breaks the response after `responseIdleMs`', async () => {
  const { url } = await startHttpBackend((_, res) => void res.writeHead(200).write('data: "one"\n\n'));
  const config = { timeouts: { responseIdleMs: 200 } };
  const gateway = await startGatewayFor([{ name: 'a', url, apiKey: 'x' }], config);
  const response = await post(gateway);
  await expect(response.text()).rejects.toThrow('terminated');
  expect(await gateway.log.request()).toMatchObject({ ending: 'interrupted', responseBytes: 13 });
});

test('a backend that dies mid-answer before its error could be judged is a failed attempt', async () => {
  const scene = await startScene([{}]);
  const { url } = await startRawBackend((socket) => {
    socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\ncontent-length: 100\r\n\r\nhalf'));
  });
  const gateway = await startGatewayFor([
    { name: 'half', url, apiKey: 'x', priority: 0 },
    { name: 'a', url: scene.mocks[0]!.url, apiKey: 'key-a' },
  ]);
  const response = await post(gateway);
  expect(response.status).toBe(200);
  expect(response.headers.get('x-spillway-attempts')).toBe('2');
});

/** Waits until a count is above 0 and no longer grows, and returns it. */
async function whenStill(count: () => number): Promise<number> {
  let last = -1;
  await expect
    .poll(
      () => {
        const isStill = count() > 0 && count() === last;
        last = count();
        return isStill;
      },
      { interval: 150 },
    )
    .toBe(true);
  return last;
}

test.each(['text/event-stream', 'application/json'])(
  'what comes in chunks of one byte reaches the client in larger ones, and whole: %s',
  async (type) => {
    const event = 'data: {"choices":[{"index":0,"delta":{"content":"x"}}]}\n\n';
    const isStream = type === 'text/event-stream';
    const answer = isStream
      ? `${event.repeat(500)}data: [DONE]\n\n`
      : `{"choices":[{"message":{"content":"${'x'.repeat(30_000)}"}}]}`;
    const backend = await startRawBackend((socket) =>
      socket.once('data', () => {
        socket.write(`HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\nTransfer-Encoding: chunked\r\n\r\n`);
        socket.end(`${answer.replaceAll(/[^]/g, (byte) => `1\r\n${byte}\r\n`)}0\r\n\r\n`);
      }),
    );
    const gateway = await startGatewayFor([{ name: 'a', url: backend.url, apiKey: 'k' }]);
    const client = await connectRaw(gateway);
    client.send(
      rawRequest(
        'POST',
        chatPath,
        ['Connection: close'],
        JSON.stringify({ ...streamBody, stream: isStream }),
      ),
    );
    const received = await client.untilEnd();
    let text = '';
    let chunks = 0;
    for (let at = received.indexOf('\r\n\r\n') + 4; ; chunks++) {
      const lineEnd = received.indexOf('\r\n', at);
      const length = Number.parseInt(received.slice(at, lineEnd), 16);
      if (length === 0) break;
      text += received.slice(lineEnd + 2, lineEnd + 2 + length);
      at = lineEnd + 2 + length + 2;
    }
    expect(text).toBe(answer);
    expect(chunks).toBeLessThan(300);
  },
);

test('streams that begin in the same moment all reach their clients at once, however many they are', async () => {
  const count = 200;
  const event = 'data: {"choices":[{"index":0,"delta":{"content":"x"}}]}\n\n';
  const waiting: (() => void)[] = [];
  const backend = await startHttpBackend((_, res) => {
    waiting.push(() => void res.writeHead(200, { 'content-type': 'text/event-stream' }).write(event));
    if (waiting.length === count) for (const begin of waiting) begin();
  });
  const gateway = await startGatewayFor([{ name: 'a', url: backend.url, apiKey: 'x' }]);
  const firstEvent = async () => {
    const reader = (await post(gateway, undefined, streamBody)).body!.getReader();
    const { value } = await reader.read();
    await reader.cancel();
    return Buffer.from(value!).toString();
  };
  const seen = await Promise.all(Array.from({ length: count }, firstEvent));
  expect(seen).toEqual(Array.from({ length: count }, () => event));
});
