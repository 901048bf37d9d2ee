import { setImmediate as nextTurn } from 'node:timers/promises';
import * as zlib from 'node:zlib';
import { expect, test } from 'vitest';
import { post } from '../testing/post.ts';
import { startHttpBackend } from '../testing/start-backend.ts';
import { startGatewayFor } from '../testing/start-scene.ts';

/** Posts to a gateway whose first backend is the given one, and whose second answers everything with `{}`. */
async function postBehind({ url }: { readonly url: string }) {
  const serving = await startHttpBackend((_, res) => res.end('{}'));
  return post(
    await startGatewayFor([
      { url, apiKey: 'k' },
      { url: serving.url, apiKey: 'k', priority: 2 },
    ]),
  );
}

const MISSING = { code: null, message: "The API deployment 'gpt-4o' for this resource does not exist." };

const packings = {
  gzip: zlib.gzipSync,
  br: zlib.brotliCompressSync,
  deflate: zlib.deflateSync,
  'deflate, raw': zlib.deflateRawSync,
} as const;

test.each(Object.entries(packings))(
  'a refusal packed as %s is judged by what it says, and passed on as it came if all agree',
  async (coding, pack) => {
    const body = pack(JSON.stringify({ error: { code: '404', message: 'Resource not found' } }));
    const refusing = () =>
      startHttpBackend((_, res) => {
        res.writeHead(404, { 'content-encoding': coding.split(',')[0], 'content-type': 'application/json' });
        res.end(body);
      });
    const serving = await startHttpBackend((_, res) => res.end('{}'));
    const [a, b] = [await refusing(), await refusing()];

    const one = await startGatewayFor([
      { url: a.url, apiKey: 'k' },
      { url: serving.url, apiKey: 'k', priority: 2 },
    ]);
    expect((await post(one)).status).toBe(200);
    const both = await startGatewayFor([
      { url: a.url, apiKey: 'k' },
      { url: b.url, apiKey: 'k' },
    ]);
    const response = await post(both);
    expect(response.status).toBe(404);
    expect(response.headers.get('x-spillway-attempts')).toBe('2');
    expect(await response.json()).toMatchObject({ error: { message: 'Resource not found' } });
  },
);

test.each<[string, string | undefined, (body: string) => Buffer]>([
  ['is said to be packed, and is not', 'gzip', Buffer.from],
  ['is packed, and not said to be', undefined, zlib.gzipSync],
  ['is said to be packed as nobody packs', 'aws-chunked', Buffer.from],
  ['is packed twice, and said to be once', 'gzip', (body) => zlib.gzipSync(zlib.gzipSync(body))],
])('a refusal is judged by what it says although it %s', async (_, coding, pack) => {
  const backend = await startHttpBackend((_, res) => {
    if (coding !== undefined) res.setHeader('content-encoding', coding);
    res.writeHead(400, { 'content-type': 'application/json' });
    res.end(pack(JSON.stringify({ error: MISSING })));
  });
  const response = await postBehind(backend);
  expect([response.status, response.headers.get('x-spillway-attempts')]).toEqual([200, '2']);
});

test.each([
  [
    'an error in a 200',
    JSON.stringify({ error: { code: 'InternalServerError', message: 'It broke.' } }),
    '2',
  ],
  ['an answer', JSON.stringify({ object: 'chat.completion', choices: [{ finish_reason: 'stop' }] }), '1'],
])('%s is judged by what it says behind a byte order mark, in whatever pieces', async (_, json, attempts) => {
  const body = Buffer.from(`\u{feff}${json}`);
  for (const size of [body.length, 2, 20]) {
    const backend = await startHttpBackend(async (_, res) => {
      res.writeHead(200, { 'content-type': 'application/json' });
      for (let at = 0; at < body.length; at += size) {
        res.write(body.subarray(at, at + size));
        await nextTurn();
      }
      res.end();
    });
    const response = await postBehind(backend);
    expect(response.headers.get('x-spillway-attempts')).toBe(attempts);
    expect(Buffer.from(await response.arrayBuffer())).toEqual(attempts === '1' ? body : Buffer.from('{}'));
  }
});

test.each<[number, string, string]>([
  [400, 'text/plain', 'This deployment is disabled'],
  [400, 'application/problem+json', '{"title":"The model is not available in this region","status":400}'],
  [404, 'application/json', '{"error":{"message":"Invalid URL (POST /v1/chat/completions)","code":null}}'],
  [404, 'application/json', '{"type":"error","error":{"type":"not_found_error","message":"model: claude"}}'],
  [404, 'application/json', '{"error":{"message":"model \\"gpt-4o\\" not found, try pulling it first"}}'],
  [404, 'application/json', '{"message":"no Route matched with those values"}'],
  [404, 'application/json', '{"message":"No words that anybody knows."}'],
  [409, 'application/json', '{"error":{"code":"DeploymentNotReady","message":"It is being made."}}'],
])('a %i as %s is tried elsewhere, and passed on as it came if all agree: %s', async (status, type, text) => {
  const refusing = () =>
    startHttpBackend((_req, res) => res.writeHead(status, { 'content-type': type }).end(text));
  const [a, b] = [await refusing(), await refusing()];
  expect((await postBehind(a)).status).toBe(200);
  const both = await startGatewayFor([
    { url: a.url, apiKey: 'k' },
    { url: b.url, apiKey: 'k' },
  ]);
  const response = await post(both);
  expect([response.status, response.headers.get('x-spillway-attempts')]).toEqual([status, '2']);
  expect(await response.text()).toBe(text);
});

const startMissing = () =>
  startHttpBackend((_req, res) => res.writeHead(404).end('{"error":{"message":"Never heard of it."}}'));

test('a 404 to a request that refers to an object is for the client, if it speaks of neither path nor model', async () => {
  const [a, b] = [await startMissing(), await startMissing()];
  const scene = await startGatewayFor([
    { url: a.url, apiKey: 'k' },
    { url: b.url, apiKey: 'k' },
  ]);
  const ask = async (body: object) => {
    const response = await post(scene, '/openai/v1/responses', { model: 'gpt-4o', input: 'x', ...body });
    return [response.status, response.headers.get('x-spillway-attempts')];
  };
  expect(await ask({})).toEqual([404, '2']);
  expect(await ask({ previous_response_id: 'resp_0123456789abcdef' })).toEqual([404, '1']);
});

test('a deployment that is missing by the message alone, in gzip, is sought elsewhere', async () => {
  const a = await startHttpBackend((_, res) => {
    res.writeHead(404, { 'content-encoding': 'gzip' });
    res.end(zlib.gzipSync(JSON.stringify({ error: MISSING })));
  });
  expect((await postBehind(a)).status).toBe(200);
});

const error = 'data: {"error":{"code":"server_error","message":"It broke."}}\n\n';
const role = 'data: {"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}\n\n';

test.each<[string, Record<string, string>, Buffer]>([
  ['in gzip', { 'content-encoding': 'gzip' }, zlib.gzipSync(role + error)],
  ['in br', { 'content-encoding': 'br' }, zlib.brotliCompressSync(role + error)],
  ['in deflate', { 'content-encoding': 'deflate' }, zlib.deflateSync(role + error)],
  ['under a type in other letters', { 'content-type': 'Text/Event-Stream' }, Buffer.from(role + error)],
  ['after a mark of its byte order', {}, Buffer.from(`\uFEFF${error}`)],
])('an error first in a stream %s is tried elsewhere', async (_, headers, bytes) => {
  const failing = await startHttpBackend((_req, res) => {
    res.writeHead(200, { 'content-type': 'text/event-stream', ...headers });
    res.end(bytes);
  });
  expect(await (await postBehind(failing)).text()).toBe('{}');
});

test('a stream by which all backends say that their region lacks the model is passed on as it came', async () => {
  const message = 'This model is not available in this region.';
  const text = `data: ${JSON.stringify({ error: { type: 'invalid_request_error', code: null, message } })}\n\n`;
  const declining = () =>
    startHttpBackend((_req, res) => res.writeHead(200, { 'content-type': 'text/event-stream' }).end(text));
  const [a, b] = [await declining(), await declining()];
  const response = await post(
    await startGatewayFor([
      { url: a.url, apiKey: 'k' },
      { url: b.url, apiKey: 'k' },
    ]),
  );
  expect(response.headers.get('x-spillway-attempts')).toBe('2');
  expect(await response.text()).toBe(text);
});

test('an error first in a stream without a content type is tried elsewhere, and what is no stream is passed on', async () => {
  const failing = await startHttpBackend((_req, res) => res.writeHead(200).end(role + error));
  const serving = await startHttpBackend((_req, res) => res.writeHead(200).end('{"error":null}'));
  const scene = await startGatewayFor([
    { url: failing.url, apiKey: 'k' },
    { url: serving.url, apiKey: 'k', priority: 2 },
  ]);
  expect(await (await post(scene)).text()).toBe('{"error":null}');
});

test.each(['text/plain; charset=utf-8', 'application/octet-stream'])(
  'a stream that comes as %s is judged by its beginning and its end, like any other',
  async (type) => {
    const bodies = [role + error, `${role}data: {"choices":[{"index":0,"delta":{"content":"Hi"}}]}\n\n`];
    const backends = await Promise.all(
      bodies.map((body) =>
        startHttpBackend((_req, res) => res.writeHead(200, { 'content-type': type }).end(body)),
      ),
    );
    const scene = await startGatewayFor(
      backends.map(({ url }, index) => ({ url, apiKey: 'k', priority: index + 1 })),
    );
    const response = await post(scene);
    expect(response.headers.get('x-spillway-attempts')).toBe('2');
    // The end is missing, so it must not pass for a complete one.
    await expect(response.text()).rejects.toThrow('terminated');
  },
);

test.each<Record<string, string>>([{}, { 'content-type': 'text/plain' }])(
  'an error first in a stream that comes byte by byte under %j is tried elsewhere',
  async (headers) => {
    const failing = await startHttpBackend(async (_req, res) => {
      res.writeHead(200, headers);
      for (const byte of `\uFEFF${error}`)
        await new Promise<unknown>((resolve) => res.write(byte, () => setImmediate(resolve)));
      res.end();
    });
    const serving = await startHttpBackend((_req, res) => res.end('{}'));
    const scene = await startGatewayFor([
      { url: failing.url, apiKey: 'k' },
      { url: serving.url, apiKey: 'k', priority: 2 },
    ]);
    expect(await (await post(scene)).text()).toBe('{}');
  },
);

test.each(['id', 'dat', 'database: none'])(
  'an answer that may be any text, such as %j, is passed on as it is',
  async (text) => {
    const { url } = await startHttpBackend((_req, res) => res.writeHead(200).end(text));
    const path = '/openai/v1/audio/transcriptions';
    const response = await post(await startGatewayFor([{ url, apiKey: 'k' }]), path, { model: 'whisper' });
    expect(await response.text()).toBe(text);
  },
);

test('a packed stream that nobody can unpack is passed on as it is', async () => {
  const { url } = await startHttpBackend((_req, res) => {
    res.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': 'compress' });
    res.end('anything');
  });
  const scene = await startGatewayFor([{ url, apiKey: 'k' }]);
  expect(await (await post(scene)).text()).toBe('anything');
});

const failure = JSON.stringify({ error: { code: 'server_error', message: 'It broke.' } });

test.each<[string, Record<string, string>, readonly Buffer[]]>([
  ['in gzip', { 'content-encoding': 'gzip' }, [zlib.gzipSync(failure)]],
  ['cut after each byte', {}, [...failure].map((byte) => Buffer.from(byte))],
  ['behind white space', {}, [Buffer.from('\n  '), Buffer.from(failure)]],
  ['behind much white space', {}, [Buffer.from('\n'.repeat(3000)), Buffer.from(failure)]],
  [
    'behind other fields',
    {},
    [Buffer.from('{"id":"resp-0123456789","created":17'), Buffer.from(`00,${failure.slice(1)}`)],
  ],
])('an error in JSON of status 200 %s is tried elsewhere', async (_, headers, pieces) => {
  const failing = await startHttpBackend(async (_req, res) => {
    res.writeHead(200, { 'content-type': 'application/json', ...headers });
    for (const piece of pieces) await new Promise<unknown>((resolve) => res.write(piece, resolve));
    res.end();
  });
  expect(await (await postBehind(failing)).text()).toBe('{}');
});

test('an error in JSON of status 200 that all backends have is told as a failure', async () => {
  const { url } = await startHttpBackend((_req, res) =>
    res.writeHead(200, { 'content-type': 'application/json' }).end(failure),
  );
  const response = await post(await startGatewayFor([{ url, apiKey: 'k' }]));
  expect(response.status).toBe(503);
});

test.each([
  ['with what an answer says', '{"id":1,"choices":[', ']}'],
  ['with more than an error has', `{"id":"${'x'.repeat(2048)}`, '"}'],
])('an answer in JSON that comes slowly begins %s', async (_, beginning, rest) => {
  const held = Promise.withResolvers<void>();
  const { url } = await startHttpBackend(async (_req, res) => {
    res.writeHead(200, { 'content-type': 'application/json' }).write(beginning);
    await held.promise;
    res.end(rest);
  });
  const response = await post(await startGatewayFor([{ url, apiKey: 'k' }]));
  held.resolve();
  expect(await response.text()).toBe(beginning + rest);
});
