import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { makeKey, sha256 } from '../../src/client/keys.ts';
import { firstCertificate } from '../testing/certificates.ts';
import { openSession, refusedSession } from '../testing/open-session.ts';
import { chatBody, chatPath, errorOf, post, streamBody } from '../testing/post.ts';
import { connectRaw, parseAnswer, type RawClient, rawRequest } from '../testing/raw-client.ts';
import { startHttpBackend, startRawBackend, startRecorder } from '../testing/start-backend.ts';
import { startGatewayFor, startScene } from '../testing/start-scene.ts';
import { startSessionBackend } from '../testing/start-session-backend.ts';

const chat = (...headers: string[]) => rawRequest('POST', chatPath, headers, JSON.stringify(chatBody));

async function processOf({ adminUrl }: { adminUrl: string }) {
  const page = (await (await fetch(`${adminUrl}/admin/backends`)).json()) as {
    process: Record<string, number>;
  };
  return page.process;
}

/** A backend that does not answer until it is released. */
async function startHeldBackend() {
  const waiting: (() => void)[] = [];
  const { url } = await startHttpBackend((req, res) => {
    req.resume();
    waiting.push(() => res.setHeader('content-type', 'application/json').end('{}'));
  });
  return { url, waiting, answerAll: () => waiting.splice(0).forEach((answer) => answer()) };
}

describe('more than the process may have under way', () => {
  test('more than the process may have under way is refused with 503 and `Retry-After` before its body is read, and what runs is not harmed', async () => {
    const held = await startHeldBackend();
    const scene = await startGatewayFor([{ url: held.url, apiKey: 'key' }], { limits: { inFlight: 2 } });
    const running = [post(scene), post(scene)];
    await expect.poll(() => held.waiting.length).toBe(2);
    const refused = await post(scene);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(await errorOf(refused)).toMatchObject({ status: 503, code: 'overloaded' });
    const silent = await connectRaw(scene);
    silent.send(rawRequest('POST', chatPath, ['Expect: 100-continue', 'Content-Length: 1000000']));
    expect(parseAnswer(await silent.untilEnd())).toMatchObject({ status: 503 });
    expect((await fetch(`${scene.url}/readyz?scope=process`)).status).toBe(503);
    expect((await fetch(`${scene.url}/healthz`)).status).toBe(200);
    held.answerAll();
    expect((await Promise.all(running)).map(({ status }) => status)).toEqual([200, 200]);
    expect((await fetch(`${scene.url}/readyz?scope=process`)).status).toBe(200);
    expect(await processOf(scene)).toMatchObject({ inFlight: 0, refused: { 503: 2 } });
    expect(scene.log.requests.filter(({ status }) => status === 503)).toHaveLength(2);
  });

  test('sessions that are more than the process may have under way are refused too', async () => {
    const backend = await startSessionBackend();
    const scene = await startGatewayFor([{ url: backend.url, apiKey: 'key' }], { limits: { inFlight: 1 } });
    const session = await openSession(scene);
    const { response, body } = await refusedSession(scene);
    expect(response.statusCode).toBe(503);
    expect(body).toContain('"code":"overloaded"');
    session.socket.terminate();
    await scene.log.request(2);
    expect((await openSession(scene)).response.statusCode).toBe(101);
  });
});

describe('more connections than `limits.connections`', () => {
  test('more connections than `limits.connections` are told so with 503 on their first request, and any more are closed at once', async () => {
    const scene = await startScene([{}], { limits: { connections: 20 } });
    const clients: RawClient[] = [];
    for (let count = 0; count < 22; count++) clients.push(await connectRaw(scene));
    await expect.poll(() => clients.filter(({ socket }) => !socket.destroyed).length).toBe(22);
    const beyond = connect(Number(new URL(scene.url).port), '127.0.0.1').on('error', () => {});
    await new Promise((resolve) => beyond.once('close', resolve));
    clients[21]!.send(chat());
    expect(parseAnswer(await clients[21]!.untilEnd())).toMatchObject({ status: 503 });
    clients[0]!.send(chat());
    expect(await clients[0]!.until('chat.completion')).toMatch(/^HTTP\/1\.1 200 /);
    clients[20]!.send(rawRequest('GET', '/healthz'));
    expect(await clients[20]!.until('}')).toMatch(/^HTTP\/1\.1 200 /);
  });

  test('connections that have not begun their TLS handshake count among them', async () => {
    const scene = await startScene([{}], { limits: { connections: 20 }, server: { tls: firstCertificate } });
    const clients: RawClient[] = [];
    for (let count = 0; count < 30; count++) clients.push(await connectRaw(scene));
    await expect.poll(() => clients.filter(({ hasEnded }) => !hasEnded).length).toBe(22);
  });
});

describe('kept bodies', () => {
  const large = JSON.stringify({ model: 'gpt-4o', messages: [], pad: 'x'.repeat(300_000) });
  const v1 = '/openai/v1/chat/completions';

  test('kept bodies beyond `limits.keptBytes` pass through without replay, and are kept again when there is room', async () => {
    const held = await startHeldBackend();
    const scene = await startGatewayFor([{ url: held.url, apiKey: 'key' }], {
      limits: { keptBytes: 400_000 },
    });
    const requests = [post(scene, v1, large)];
    await expect.poll(() => held.waiting.length).toBe(1);
    for (const count of [2, 3]) {
      requests.push(post(scene, v1, large));
      await expect.poll(() => held.waiting.length).toBe(count);
    }
    expect((await processOf(scene))['keptBytes']).toBeLessThan(800_000);
    held.answerAll();
    const responses = await Promise.all(requests);
    expect(responses.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(responses.map(({ headers }) => headers.get('x-spillway-replay'))).toEqual([null, 'none', 'none']);
    await scene.log.request(3);
    expect(await processOf(scene)).toMatchObject({ keptBytes: 0 });
    const later = post(scene, v1, large);
    await expect.poll(() => held.waiting.length).toBe(1);
    held.answerAll();
    expect((await later).headers.get('x-spillway-replay')).toBeNull();
  });

  test('kept bodies beyond twice as much are refused with 503 and `Retry-After: 1`', async () => {
    const held = await startHeldBackend();
    const scene = await startGatewayFor([{ url: held.url, apiKey: 'key' }], {
      limits: { keptBytes: 100_000 },
    });
    const small = JSON.stringify({ model: 'gpt-4o', pad: 'x'.repeat(60_000) });
    const requests = [1, 2, 3, 4].map(() => post(scene, v1, small));
    const refused = await Promise.race(requests);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(await errorOf(refused)).toMatchObject({ status: 503, code: 'overloaded' });
    await expect.poll(() => held.waiting.length).toBe(3);
    held.answerAll();
    expect((await Promise.all(requests)).map(({ status }) => status).toSorted()).toEqual([
      200, 200, 200, 503,
    ]);
  });

  test('kept bodies that only trickle in count with what has come of them', async () => {
    const scene = await startScene([{}], { limits: { keptBytes: 1_000_000 } });
    const client = await connectRaw(scene);
    client.send(rawRequest('POST', chatPath, ['Content-Length: 900000']) + 'x'.repeat(500_000));
    await expect.poll(async () => (await processOf(scene))['keptBytes']).toBeGreaterThan(499_000);
    client.socket.destroy();
    await scene.log.request();
    expect(await processOf(scene)).toMatchObject({ keptBytes: 0 });
  });

  test('kept bodies are refused as overload, not as a fault, where their model stands too far behind', async () => {
    const scene = await startScene([{ script: 'hang' }], { limits: { keptBytes: 70_000 } });
    const last = JSON.stringify({ pad: 'x'.repeat(200_000), model: 'gpt-4o' });
    expect(await errorOf(await post(scene, v1, last))).toMatchObject({ status: 503, code: 'overloaded' });
  });
});

describe('bodies that have to be read whole, as it matters who sends them', () => {
  const key = makeKey();
  const v1 = '/openai/v1/chat/completions';
  const body = { model: 'gpt-4o', messages: [{ role: 'user', content: 'Hello '.repeat(20_000) }] };
  const client = { name: 'chat', keys: [{ sha256: sha256(key) }] };
  const startFor = async (more: object, keptBytes: number) => {
    const recorder = await startRecorder();
    const backends = [{ url: recorder.url, apiKey: 'key', deployments: { 'gpt-4o': 'gpt-4o-eu' } }];
    return startGatewayFor(backends, { clients: [{ ...client, ...more }], limits: { keptBytes } });
  };

  test.each<[string, object]>([
    ['no restriction', {}],
    ['deployments of its own', { deployments: ['gpt-4o'] }],
    ['a limit on its answers', { maxOutputTokens: 100 }],
    ['a budget', { budgets: [{ deployments: ['gpt-4o'], tpm: 1_000_000 }] }],
    ['a limit on its answers, and all objects', { maxOutputTokens: 100, allObjects: true }],
  ])('are refused as overload beyond `limits.keptBytes`: of a client with %s', async (_, more) => {
    const scene = await startFor(more, 70_000);
    for (const path of [chatPath, v1]) {
      const refused = await post(scene, path, body, { headers: { 'api-key': key } });
      expect(refused.headers.get('retry-after')).toBe('1');
      expect(await errorOf(refused)).toMatchObject({ status: 503, code: 'overloaded' });
    }
  });

  test.each([
    [5000, 200],
    [200_000, 503],
  ])(
    'are unpacked beyond `limits.keptBytes` too if they are not long: of %d bytes',
    async (length, status) => {
      const scene = await startFor({ deployments: ['gpt-4o'] }, 700);
      const packed = gzipSync(JSON.stringify({ model: 'gpt-4o', pad: 'x'.repeat(length) }));
      const stored = gzipSync('', { level: 0 });
      const padded = Buffer.concat([packed, ...Array.from({ length: 40 }, () => stored)]);
      const headers = { 'api-key': key, 'content-encoding': 'gzip' };
      expect((await post(scene, v1, padded, { headers })).status).toBe(status);
    },
  );
});

test('with nearly all memory in use requests are refused with 503, and health is still told', async () => {
  const scene = await startScene([{}], { limits: { memoryBytes: 1_000_000, keptBytes: 1_000_000 } });
  await expect.poll(async () => (await post(scene)).status).toBe(503);
  const refused = await post(scene);
  expect(refused.headers.get('retry-after')).toBe('1');
  expect(await errorOf(refused)).toMatchObject({ code: 'overloaded' });
  expect((await fetch(`${scene.url}/healthz`)).status).toBe(200);
  expect((await fetch(`${scene.url}/readyz?scope=process`)).status).toBe(503);
});

test('a backend with `maxInFlight` requests under way is passed over, and everything comes back to it', async () => {
  const held = await startHeldBackend();
  const good = await startHttpBackend((req, res) => {
    req.resume().on('end', () => res.setHeader('content-type', 'application/json').end('{}'));
  });
  const scene = await startGatewayFor([
    { name: 'a', url: held.url, apiKey: 'key', maxInFlight: 2 },
    { name: 'b', url: good.url, apiKey: 'key', priority: 2, maxInFlight: 100 },
  ]);
  const running = [post(scene), post(scene)];
  await expect.poll(() => held.waiting.length).toBe(2);
  const spilled = await post(scene);
  expect(spilled.headers.get('x-spillway-backend')).toBe('b');
  expect(spilled.headers.get('x-spillway-attempts')).toBe('1');
  held.answerAll();
  await Promise.all(running);
  await scene.log.request(3);
  const next = post(scene);
  await expect.poll(() => held.waiting.length).toBe(1);
  held.answerAll();
  expect((await next).headers.get('x-spillway-backend')).toBe('a');
});

/** A backend whose answer is larger than any kernel's buffers. */
const startLargeBackend = async () => {
  const left = Promise.withResolvers<void>();
  const { url } = await startHttpBackend((req, res) => {
    res.on('close', () => left.resolve());
    req.resume().on('end', () => res.end(Buffer.alloc(60_000_000, 'x')));
  });
  return { url, left: left.promise };
};

describe('a client that does not take what is sent to it', () => {
  const config = { timeouts: { clientStallMs: 200 } };

  test('a client that does not take what is sent to it is cut off, and its backend is let go', async () => {
    const backend = await startLargeBackend();
    const scene = await startGatewayFor([{ url: backend.url, apiKey: 'key' }], config);
    const client = await connectRaw(scene);
    client.socket.pause();
    client.send(rawRequest('GET', '/openai/v1/files/file-1/content'));
    expect(await scene.log.request()).toMatchObject({ status: 200, ending: 'abandoned' });
    await backend.left;
    expect(scene.gateway.inFlight()).toBe(0);
  });

  test('a client that does not take what is sent to it is cut off after the last byte has been handed over too', async () => {
    const scene = await startScene([{}], config);
    const client = await connectRaw(scene);
    client.socket.pause();
    const many = rawRequest('GET', '/readyz').repeat(30_000);
    client.send(many);
    await expect.poll(async () => (await processOf(scene))['connections']).toBe(0);
  });

  test('a client that takes slowly what is sent to it is not cut off', async () => {
    const backend = await startLargeBackend();
    const patient = { timeouts: { clientStallMs: 1500 } };
    const scene = await startGatewayFor([{ url: backend.url, apiKey: 'key' }], patient);
    const client = await connectRaw(scene);
    client.send(rawRequest('GET', '/openai/v1/files/file-1/content', ['Connection: close']));
    const takeSlowly = setInterval(() => {
      client.socket.pause();
      setTimeout(() => client.socket.resume(), 20);
    }, 30);
    const received = await client.untilEnd();
    clearInterval(takeSlowly);
    expect(parseAnswer(received).body).toHaveLength(60_000_000);
  });
});

describe('a session', () => {
  test('a session without a byte in either direction ends after `sessionIdleMs`', async () => {
    const backend = await startSessionBackend();
    const scene = await startGatewayFor([{ url: backend.url, apiKey: 'key' }], {
      timeouts: { sessionIdleMs: 150 },
    });
    const session = await openSession(scene);
    expect((await session.closed).code).toBe(1006);
    expect(await scene.log.request()).toMatchObject({ status: 101, ending: 'interrupted' });
  });

  test.each(['destroy', 'resetAndDestroy', 'end'] as const)(
    'a session is over when its client leaves by %s, though the backend does not read',
    async (way) => {
      const backend = await startRawBackend((socket) => {
        socket.once('data', () => {
          socket.pause();
          socket.write(
            'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
          );
        });
      });
      const scene = await startGatewayFor([{ url: backend.url, apiKey: 'key' }]);
      const client = await connectRaw(scene);
      client.send(
        rawRequest('GET', '/openai/v1/realtime?model=m', ['Connection: Upgrade', 'Upgrade: websocket']),
      );
      await client.until('101 Switching');
      client.send('x'.repeat(200_000));
      client.socket[way]();
      expect(await scene.log.request()).toMatchObject({ status: 101, ending: 'abandoned' });
      expect(scene.gateway.inFlight()).toBe(0);
    },
  );

  test('a session is over when its client resets it, though far more is waiting than is read ahead', async () => {
    const backend = await startRawBackend((socket) => {
      socket.once('data', () => {
        socket.pause();
        socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
      });
    });
    const scene = await startGatewayFor([{ url: backend.url, apiKey: 'key' }]);
    const client = await connectRaw(scene);
    client.send(
      rawRequest('GET', '/openai/v1/realtime?model=m', ['Connection: Upgrade', 'Upgrade: websocket']),
    );
    await client.until('101 Switching');
    client.socket.write(Buffer.alloc(30_000_000));
    await expect
      .poll(() => client.socket.bytesWritten - client.socket.writableLength)
      .toBeLessThan(30_000_000);
    client.socket.resetAndDestroy();
    expect(await scene.log.request()).toMatchObject({ status: 101, ending: 'abandoned' });
  });

  test('a session whose backend takes nothing of what is sent to it ends after `clientStallMs`, whatever it says', async () => {
    const backend = await startRawBackend((socket) => {
      socket.once('data', () => {
        socket.pause();
        socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
        const chatter = setInterval(() => socket.write('x'), 20);
        socket.once('close', () => clearInterval(chatter));
      });
    });
    const scene = await startGatewayFor([{ url: backend.url, apiKey: 'key' }], {
      timeouts: { clientStallMs: 200 },
    });
    const client = await connectRaw(scene);
    client.send(
      rawRequest('GET', '/openai/v1/realtime?model=m', ['Connection: Upgrade', 'Upgrade: websocket']),
    );
    await client.until('101 Switching');
    client.socket.write(Buffer.alloc(30_000_000));
    expect(await scene.log.request()).toMatchObject({ status: 101, ending: 'interrupted' });
  });
});

describe('the greatest length of a response, `maxResponseMs`,', () => {
  const config = { timeouts: { maxResponseMs: 200 } };

  test('the greatest length of a response, `maxResponseMs`, ends a stream visibly, at the backend too', async () => {
    const scene = await startScene([{ script: 'slow(chunk-delay=20ms, chunks=10000)' }], config);
    const response = await post(scene, undefined, streamBody);
    await expect(response.text()).rejects.toThrow('terminated');
    expect(await scene.log.request()).toMatchObject({ status: 200, ending: 'interrupted' });
    expect(await scene.mocks[0]!.requests[0]!.ended).toBe('aborted');
  });

  test('the greatest length of a response, `maxResponseMs`, ends a session', async () => {
    const backend = await startSessionBackend();
    const scene = await startGatewayFor([{ url: backend.url, apiKey: 'key' }], config);
    const session = await openSession(scene);
    const chatter = setInterval(() => session.socket.send('x'), 10);
    await session.closed;
    clearInterval(chatter);
    expect(await scene.log.request()).toMatchObject({ ending: 'interrupted' });
  });

  test('the greatest length of a response, `maxResponseMs`, leaves a shorter one whole', async () => {
    const scene = await startScene([{}], { timeouts: { maxResponseMs: 10_000 } });
    expect(await (await post(scene, undefined, streamBody)).text()).toMatch(/\[DONE\]\n\n$/);
  });
});

test('a connection to a backend that is older than `connectionMaxAgeMs` is not used again', async () => {
  const ports = new Set<number | undefined>();
  const backend = await startHttpBackend((req, res) => {
    ports.add(req.socket.remotePort);
    req.resume().on('end', () => res.setHeader('content-type', 'application/json').end('{}'));
  });
  const scene = await startGatewayFor([{ url: backend.url, apiKey: 'key' }], {
    timeouts: { connectionMaxAgeMs: 50 },
  });
  await expect
    .poll(async () => {
      await post(scene);
      return ports.size;
    })
    .toBeGreaterThan(2);
});
