import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { errorOf, post } from '../testing/post.ts';
import { startCannedBackend, startHttpBackend } from '../testing/start-backend.ts';
import { startGatewayFor } from '../testing/start-scene.ts';

const FAILURE = JSON.stringify({ error: { code: 'server_error', message: 'It broke.' } });
const PAGE = '<html>Sign in</html>';
const v1 = '/openai/v1';
const CHAT = `${v1}/chat/completions`;
const SPEECH = `${v1}/audio/speech`;
const model = { model: 'gpt-4o', input: 'Hello' };

interface Said {
  readonly status?: number;
  readonly type?: string | undefined;
  readonly body: string | Buffer;
}

function saying({ status = 200, type, body }: Said) {
  return startHttpBackend((_, res) => {
    res.writeHead(status, type === undefined ? {} : { 'content-type': type }).end(body);
  });
}

/** Posts to a gateway whose backends give these answers, in the order of their priority. */
async function postTo(path: string, ...says: readonly Said[]) {
  const backends = await Promise.all(says.map(saying));
  const configs = backends.map(({ url }, index) => ({ url, apiKey: 'k', priority: index + 1 }));
  return post(await startGatewayFor(configs), path, model);
}

const good = { type: 'application/json', body: '{"choices":[{}]}' };

test.each<[string, string, Said]>([
  ['an error without a content type', CHAT, { body: FAILURE }],
  ['an error as plain text', CHAT, { type: 'text/plain', body: FAILURE }],
  ['an error as bytes', CHAT, { type: 'application/octet-stream', body: FAILURE }],
  ['an error as text/json', CHAT, { type: 'text/json', body: FAILURE }],
  ['an error as a problem', CHAT, { type: 'application/problem+json', body: FAILURE }],
  ['words as plain text', CHAT, { type: 'text/plain', body: 'upstream connect error' }],
  ['words as JSON', CHAT, { type: 'application/json', body: 'Internal Server Error' }],
  ['words as a page', CHAT, { type: 'text/html', body: 'upstream connect error' }],
  ['words as short as a field’s name', CHAT, { body: 'dat' }],
  ['a page as plain text', CHAT, { type: 'text/plain', body: PAGE }],
  ['a page as JSON', CHAT, { type: 'application/json', body: PAGE }],
  ['a long page as JSON', CHAT, { type: 'application/json', body: PAGE + ' '.repeat(100_000) }],
  ['XML', CHAT, { type: 'application/xml', body: '<?xml version="1.0"?><error>x</error>' }],
  ['null', CHAT, { type: 'application/json', body: 'null' }],
  ['a detail', CHAT, { type: 'application/json', body: '{"detail":"Internal error"}' }],
  ['a status code', CHAT, { type: 'application/json', body: '{"statusCode":500,"message":"x"}' }],
  ['a code', CHAT, { type: 'application/json', body: '{"code":"InternalServerError","message":"x"}' }],
  ['errors', CHAT, { type: 'application/json', body: '{"errors":[{"message":"x","code":500}]}' }],
  ['an error of status 201', CHAT, { status: 201, type: 'application/json', body: FAILURE }],
  ['a page of status 202', CHAT, { status: 202, type: 'text/html', body: PAGE }],
  ['a page of status 203', CHAT, { status: 203, type: 'text/html', body: PAGE }],
  ['nothing of status 204', CHAT, { status: 204, body: '' }],
  ['nothing of status 205', CHAT, { status: 205, body: '' }],
  ['a recording that is an error', SPEECH, { type: 'application/json', body: FAILURE }],
  ['a recording that is a page', SPEECH, { type: 'text/html', body: PAGE }],
  ['a recording that calls an error sound', SPEECH, { type: 'audio/mpeg', body: FAILURE }],
  ['a recording of no length', SPEECH, { type: 'audio/mpeg', body: '' }],
  ['a moderation', `${v1}/moderations`, { type: 'application/json', body: FAILURE }],
  ['a compaction', `${v1}/responses/compact`, { type: 'application/json', body: FAILURE }],
  ['a count of a response', `${v1}/responses/input_tokens`, { type: 'text/html', body: PAGE }],
  ['a count of a message', '/anthropic/v1/messages/count_tokens', { type: 'text/html', body: PAGE }],
  ['a vector of an image', '/models/images/embeddings', { type: 'application/json', body: FAILURE }],
])(
  'what promises success and is none is tried elsewhere, and no success if all agree: %s',
  async (...row) => {
    const [, path, said] = row;
    const response = await postTo(path, said, good);
    expect(response.headers.get('x-spillway-attempts')).toBe('2');
    expect(await response.text()).toBe(good.body);
    expect(await errorOf(await postTo(path, said))).toMatchObject({
      status: 503,
      code: 'ServiceUnavailable',
    });
  },
);

const whole = '{"choices":[{"message":{"content":"Hello"}}]}';
const half = '{"choices":[{"message":{"content":"Hel';

test.each<[string, (answer: string) => string]>([
  ['a length', (answer) => `Content-Length: ${answer.length}\r\n\r\n${answer}`],
  [
    'chunks',
    (answer) => `Transfer-Encoding: chunked\r\n\r\n${answer.length.toString(16)}\r\n${answer}\r\n0\r\n\r\n`,
  ],
])(
  'JSON that ends in its middle, in %s, is tried elsewhere, but not for white space after it',
  async (_, body) => {
    const head = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n';
    const cut = await startCannedBackend(head + body(half));
    const padded = await startCannedBackend(head + body(`\n ${whole}\r\n\n`));
    const gateway = await startGatewayFor([
      { url: cut.url, apiKey: 'k', priority: 1 },
      { url: padded.url, apiKey: 'k', priority: 2 },
    ]);
    const response = await post(gateway, CHAT, model);
    expect(await response.text()).toBe(`\n ${whole}\r\n\n`);
    expect(response.headers.get('x-spillway-attempts')).toBe('2');
    expect(await gateway.log.request()).toMatchObject({
      ending: 'complete',
      attempts: [{ outcome: 'unavailable', status: 200 }, { outcome: 'succeeded' }],
    });
  },
);

test('JSON that turns out to end in its middle after its beginning was passed on is visibly broken', async () => {
  const arrived = Promise.withResolvers<ServerResponse>();
  const { url } = await startHttpBackend((_, res) => {
    res.writeHead(200, { 'content-type': 'application/json' }).write(half);
    arrived.resolve(res);
  });
  const gateway = await startGatewayFor([{ url, apiKey: 'k' }]);
  const response = await post(gateway, CHAT, model);
  expect(response.status).toBe(200);
  (await arrived.promise).end('lo');
  await expect(response.text()).rejects.toThrow('terminated');
  expect(await gateway.log.request()).toMatchObject({ status: 200, ending: 'interrupted' });
});

test('JSON that ends in its middle is passed on where it is a file, of which any bytes are possible', async () => {
  const gateway = await startGatewayFor([
    { url: (await saying({ type: 'application/json', body: half })).url, apiKey: 'k' },
  ]);
  expect(await (await fetch(`${gateway.url}${v1}/files/file-1/content`)).text()).toBe(half);
});

test('words in brackets of a recording are passed on, although a proxy declares everything as JSON', async () => {
  const body = '[Music] Hello, and welcome.';
  const response = await postTo(`${v1}/audio/transcriptions`, { type: 'application/json', body });
  expect([response.status, await response.text()]).toEqual([200, body]);
});

test('a spent quota that API Management tells of in a 200 cools the backend down as a 429 does', async () => {
  const body = '{"statusCode":429,"message":"Rate limit is exceeded. Try again in 14 seconds."}';
  const response = await postTo(CHAT, { type: 'application/json', body });
  expect(response.status).toBe(429);
  expect(response.headers.get('retry-after')).toBe('14');
});

test.each<[string, string, Said]>([
  ['a chat completion of status 201', CHAT, { ...good, status: 201 }],
  ['a chat completion without a content type', CHAT, { body: good.body }],
  ['a chat completion as plain text', CHAT, { type: 'text/plain', body: good.body }],
  ['a chat completion as a page', CHAT, { type: 'text/html', body: good.body }],
  ['a count', `${v1}/responses/input_tokens`, { type: 'application/json', body: '{"input_tokens":3}' }],
  ['a recording', SPEECH, { type: 'audio/mpeg', body: Buffer.from([0xff, 0xfb, 0x90]) }],
  ['a recording without a content type', SPEECH, { body: Buffer.from([0, 0, 1]) }],
  ['a transcript in JSON', `${v1}/audio/translations`, { type: 'application/json', body: '{"text":""}' }],
  ['a transcript in words', `${v1}/audio/transcriptions`, { type: 'text/plain', body: 'Hello.' }],
  ['a transcript in words that are called JSON', `${v1}/audio/transcriptions`, { ...good, body: 'Hello.' }],
])('what is an answer is passed on as it came: %s', async (_, path, said) => {
  const response = await postTo(path, said);
  expect(response.status).toBe(said.status ?? 200);
  expect(Buffer.from(await response.arrayBuffer())).toEqual(Buffer.from(said.body));
});

test('a recording begins as soon as its first byte has come', async () => {
  const held = Promise.withResolvers<void>();
  const { url } = await startHttpBackend(async (_, res) => {
    res.writeHead(200, { 'content-type': 'audio/mpeg' }).write('ID3');
    await held.promise;
    res.end('.');
  });
  const response = await post(await startGatewayFor([{ url, apiKey: 'k' }]), SPEECH, model);
  held.resolve();
  expect(await response.text()).toBe('ID3.');
});

test('a HEAD or OPTIONS of what always has an answer has none itself, whatever its status', async () => {
  const { url } = await startHttpBackend((_, res) => res.writeHead(204).end());
  const gateway = await startGatewayFor([{ url, apiKey: 'k' }]);
  for (const method of ['HEAD', 'OPTIONS'])
    expect((await fetch(gateway.url + CHAT, { method })).status).toBe(204);
});
