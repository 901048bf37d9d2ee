import { randomBytes } from 'node:crypto';
import { constants, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { errorOf, post, streamBody } from '../testing/post.ts';
import { startCannedBackend, startHttpBackend } from '../testing/start-backend.ts';
import { callsOf, startGatewayFor, startScene } from '../testing/start-scene.ts';

const responsesPath = '/openai/v1/responses';
const responseBody = { model: 'gpt-4o', input: 'Hello', stream: true };
const DONE = /data: \[DONE\]\n\n$/;

test.each([
  'error',
  'error(form=event)',
  'error(shape=flat)',
  'error(form=event, shape=flat)',
  'error(after-chunks=0)',
])('an error before the first content, as %j, fails over unseen', async (script) => {
  const scene = await startScene([{ script }, {}]);
  const response = await post(scene, undefined, streamBody);
  expect(response.status).toBe(200);
  expect(response.headers.get('x-spillway-backend')).toBe('b');
  const text = await response.text();
  expect(text).toMatch(DONE);
  expect(text).not.toContain('error');
  expect(text.match(/prompt_filter_results/g)).toHaveLength(1);
  expect(await scene.log.request()).toMatchObject({
    ending: 'complete',
    attempts: [
      { backend: 'a', outcome: 'unavailable', status: 200 },
      { backend: 'b', outcome: 'succeeded', status: 200 },
    ],
  });
  // The backend is in cooldown as after a 5xx.
  expect((await post(scene)).headers.get('x-spillway-attempts')).toBe('1');
  expect(callsOf(scene)).toEqual([1, 2]);
});

test('an error that speaks of a rate limit cools the backend down as a 429 does', async () => {
  const script = 'error(code=rate_limit_exceeded, message="Please retry after 20 seconds.")';
  const scene = await startScene([{ script }]);
  const response = await post(scene, undefined, streamBody);
  expect(await errorOf(response)).toMatchObject({ status: 429, code: '429' });
  expect(response.headers.get('retry-after')).toBe('20');
  expect((await scene.log.request())['attempts']).toMatchObject([{ outcome: 'throttled', status: 200 }]);
  expect(callsOf(scene)).toEqual([1]);
});

test('when every backend’s stream begins with an error, the client gets one with a status', async () => {
  const scene = await startScene([{ script: 'error' }, { script: 'error' }]);
  expect(await errorOf(await post(scene, undefined, streamBody))).toMatchObject({
    status: 503,
    code: 'ServiceUnavailable',
  });
});

test('an error that is the request’s own fault is passed on, and nobody cools down for it', async () => {
  const script = '1x error(type=invalid_request_error, code=context_length_exceeded)';
  const scene = await startScene([{ script }, {}]);
  const response = await post(scene, undefined, streamBody);
  expect(response.headers.get('x-spillway-attempts')).toBe('1');
  expect(await response.text()).toMatch(/prompt_filter_results[^]*context_length_exceeded/);
  expect(await scene.log.request()).toMatchObject({
    ending: 'complete',
    attempts: [{ outcome: 'rejected', status: 200 }],
  });
  expect((await post(scene)).headers.get('x-spillway-backend')).toBe('a');
});

test('an error after the first content is passed on as it came', async () => {
  const scene = await startScene([{ script: 'error(after-chunks=6)' }, {}]);
  const response = await post(scene, undefined, streamBody);
  expect(response.headers.get('x-spillway-backend')).toBe('a');
  const events = (await response.text()).split('\n\n');
  expect(events).toHaveLength(8);
  expect(JSON.parse(events[6]!.replace('data: ', ''))).toMatchObject({ error: { type: 'server_error' } });
  expect(events[7]).toBe('');
  expect(await scene.log.request()).toMatchObject({
    ending: 'complete',
    attempts: [{ outcome: 'succeeded' }],
  });
});

test.each(['reset(after-chunks=2)', 'truncate(after-chunks=2)', 'truncate(after-chunks=2, abrupt=true)'])(
  'a stream that %j ends before its first content fails over',
  async (script) => {
    const scene = await startScene([{ script }, {}]);
    const response = await post(scene, undefined, streamBody);
    expect(response.headers.get('x-spillway-backend')).toBe('b');
    expect(await response.text()).toMatch(DONE);
  },
);

test('a response that is not stored fails over too', async () => {
  const scene = await startScene([{ script: 'error(form=event)' }, {}]);
  const response = await post(scene, responsesPath, { ...responseBody, store: false });
  expect(response.headers.get('x-spillway-backend')).toBe('b');
  const text = await response.text();
  expect(text.match(/^event: response\.created$/gm)).toHaveLength(1);
  expect(text).toContain('event: response.completed');
});

test('a response that may have been stored fails over too if it fails before it has any output', async () => {
  const scene = await startScene([{ script: 'error(form=event)' }, {}]);
  const response = await post(scene, responsesPath, responseBody);
  expect(response.headers.get('x-spillway-backend')).toBe('b');
  expect((await response.text()).match(/^event: response\.created$/gm)).toHaveLength(1);
  expect(callsOf(scene)).toEqual([1, 1]);
});

test('a response that may have been stored is not made twice if its stream just ends: that is no answer', async () => {
  const scene = await startScene([{ script: 'truncate(after-chunks=1)' }, {}]);
  await post(scene, responsesPath, responseBody)
    .then((response) => response.text())
    .catch(() => {});
  expect(callsOf(scene)).toEqual([1, 0]);
});

const failed = {
  id: 'resp_1',
  object: 'response',
  status: 'failed',
  error: { code: 'server_error' },
  output: [],
};

test.each([
  ['stored', undefined],
  ['not stored', false],
])('a response in JSON that failed before any output is asked for elsewhere, %s', async (_, store) => {
  const a = await startHttpBackend((_req, res) => {
    res.writeHead(200, { 'content-type': 'application/json' });
    res.end(JSON.stringify(failed));
  });
  const b = await startHttpBackend((_req, res) => res.end('{"id":"resp_2","status":"completed"}'));
  const scene = await startGatewayFor([
    { url: a.url, apiKey: 'x' },
    { url: b.url, apiKey: 'x', priority: 2 },
  ]);
  const response = await post(scene, responsesPath, { model: 'gpt-4o', input: 'Hello', store });
  expect(await response.json()).toMatchObject({ id: 'resp_2' });
});

test('a stream that says nothing is passed on once the time for its headers is over', async () => {
  const timeouts = { attemptMs: 200 };
  const scene = await startScene([{ script: 'hang(after-chunks=2)' }, {}], { timeouts });
  const response = await post(scene, undefined, streamBody);
  expect(response.headers.get('x-spillway-backend')).toBe('a');
  const reader = response.body!.getReader();
  expect(Buffer.from((await reader.read()).value!).toString()).toContain('prompt_filter_results');
  await reader.cancel();
  expect(await scene.log.request()).toMatchObject({
    ending: 'abandoned',
    attempts: [{ outcome: 'succeeded' }],
  });
});

test('of a stream that says nothing for long no more than 1 MB is held back', async () => {
  const comments = `: ${'x'.repeat(599_998)}\n`;
  const rest = Promise.withResolvers<void>();
  const { url } = await startHttpBackend(async (_, res) => {
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    res.write(comments);
    res.write(comments);
    await rest.promise;
    res.end('data: [DONE]\n\n');
  });
  const gateway = await startGatewayFor([{ name: 'a', url, apiKey: 'x' }]);
  const response = await post(gateway, undefined, streamBody);
  rest.resolve();
  expect(await response.text()).toBe(`${comments}${comments}data: [DONE]\n\n`);
});

test('of a packed stream that says nothing no more than 16 KB is held back', async () => {
  const comments = Buffer.from(`: ${randomBytes(30_000).toString('hex')}\n`);
  const packed = gzipSync(comments, { finishFlush: constants.Z_SYNC_FLUSH });
  const rest = Promise.withResolvers<void>();
  const { url } = await startHttpBackend(async (_, res) => {
    res.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' });
    res.write(packed);
    await rest.promise;
    res.destroy();
  });
  const stream = { holdMs: 3_600_000 };
  const gateway = await startGatewayFor([{ name: 'a', url, apiKey: 'x' }], { stream });
  const response = await post(gateway, undefined, streamBody, { headers: { 'accept-encoding': 'gzip' } });
  expect(response.status).toBe(200);
  rest.resolve();
  await response.text().catch(() => {});
});

test('a stream that is packed is passed on as it is', async () => {
  const scene = await startScene([{ script: 'gzip' }]);
  const response = await post(scene, undefined, streamBody, { headers: { 'accept-encoding': 'gzip' } });
  expect(response.headers.get('content-encoding')).toBe('gzip');
  expect(await response.text()).toMatch(DONE);
});

const ping = 'event: ping\ndata: {"type":"ping"}\n\n';
const openaiModel = { model: 'gpt-4o', stream: true };

const ofOther = 'data: {"choices":[{"index":0,"delta":{"content":"Hi"}}]}\n\ndata: [DONE]\n\n';

/** Posts to a gateway whose first backend streams this, and whose second streams something else. */
async function postBehindStream(path: string, bytes: string, type = 'text/event-stream') {
  const [a, b] = await Promise.all(
    [bytes, ofOther].map((text) =>
      startHttpBackend((_, res) => res.writeHead(200, { 'content-type': type }).end(text)),
    ),
  );
  const scene = await startGatewayFor([
    { url: a!.url, apiKey: 'x' },
    { url: b!.url, apiKey: 'x', priority: 2 },
  ]);
  return (await post(scene, path, openaiModel)).text();
}

test.each([
  ['/anthropic/v1/messages', ''],
  ['/anthropic/v1/messages', ping + ping],
  ['/openai/v1/audio/speech', ''],
  ['/openai/v1/audio/transcriptions', ''],
  ['/openai/v1/images/generations', ''],
])('a stream of %s that says only %j fails over', async (path, bytes) => {
  expect(await postBehindStream(path, bytes)).toBe(ofOther);
});

const chatError = 'data: {"error":{"code":"server_error","message":"It broke."}}';
const created = 'event: response.created\ndata: {"type":"response.created","response":{"id":"resp_1"}}\n\n';
const responseFailed =
  'event: response.failed\ndata: {"type":"response.failed","response":{"error":{"code":"server_error"}}}';

test.each([
  ['/openai/v1/chat/completions', chatError],
  ['/openai/v1/chat/completions', `${chatError}\n`],
  [responsesPath, created + responseFailed],
])('an error first in a stream of %s without its last blank line fails over', async (path, bytes) => {
  expect(await postBehindStream(path, bytes)).toBe(ofOther);
});

const said = (type: string, fields: object) =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
const reasoning = said('response.output_item.added', { item: { type: 'reasoning', summary: [] } });
const part = said('response.content_part.added', { part: { type: 'output_text', text: '' } });
const emptyBlock = said('content_block_start', { content_block: { type: 'text', text: '' } });
const overloaded = said('error', { error: { type: 'overloaded_error', message: 'Overloaded' } });
const chat = '/openai/v1/chat/completions';

test.each<[string, string, string]>([
  ['an empty item of reasoning', responsesPath, `${created}${reasoning}${responseFailed}\n\n`],
  ['an empty part', responsesPath, `${created}${part}${responseFailed}\n\n`],
  ['an empty block', '/anthropic/v1/messages', emptyBlock + overloaded],
])('a failure behind %s, which is no output, fails over', async (_, path, bytes) => {
  expect(await postBehindStream(path, bytes)).toBe(ofOther);
});

const long = 'x'.repeat(100_000);
const longCreated = said('response.created', { response: { status: 'in_progress', instructions: long } });
const longProgress = longCreated.replaceAll('response.created', 'response.in_progress');

test.each([
  ['a stream', 'text/event-stream'],
  ['a stream that is called JSON', 'application/json'],
])(
  'a failure behind announcements that repeat all of an agent’s instructions fails over: %s',
  async (_, type) => {
    const bytes = `${longCreated}${longProgress}${responseFailed}\n\n`;
    expect(await postBehindStream(responsesPath, bytes, type)).toBe(ofOther);
  },
);

test('a response whose announcements repeat all of an agent’s instructions comes as it is', async () => {
  const delta = said('response.output_text.delta', { delta: 'Hi' });
  const bytes = longCreated + longProgress + delta + said('response.completed', { response: {} });
  expect(await postBehindStream(responsesPath, bytes)).toBe(bytes);
});

test('a stream that is called JSON is a stream, and its failure one of a stream', async () => {
  const bytes = 'data: {"choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":"stop"}]}\n\n';
  expect(await postBehindStream(chat, bytes, 'application/json')).toBe(bytes);
  expect(await postBehindStream(chat, `${chatError}\n\n`, 'application/json')).toBe(ofOther);
});

test('an answer in JSON that is called a stream is an answer', async () => {
  const bytes = '{"id":"x","choices":[{"index":0,"message":{"content":"Hi"},"finish_reason":"stop"}]}';
  expect(await postBehindStream(chat, bytes)).toBe(bytes);
});

test.each([
  ['a chunk without choices', 'data: {"object":"chat.completion.chunk"}\n\n'],
  ['an event without data', 'event: open\ndata:\n\n'],
  ['an empty event', 'event: open\ndata: {}\n\n'],
  ['a heartbeat', 'event: heart_beat\ndata: 1\n\n'],
])('an error behind %s fails over', async (_, beginning) => {
  expect(await postBehindStream(chat, `${beginning}${chatError}\n\n`)).toBe(ofOther);
});

test.each([
  '{"error":true,"message":"It broke."}',
  '{"message":"Internal server error"}',
  '[{"error":{"code":503,"message":"It broke."}}]',
  '{\n  "error": {',
  '{"statusCode":500,"message":"It broke."}',
  '{"detail":"Internal Server Error"}',
  '{"errors":[{"message":"It broke."}]}',
  'Internal Server Error',
])('an error first in a stream, as %s, fails over', async (data) => {
  expect(await postBehindStream(chat, `data: ${data}\n\n`)).toBe(ofOther);
});

test('a failure behind a call of a function is passed on, as that is output', async () => {
  const call = said('response.output_item.added', { item: { type: 'function_call', name: 'f' } });
  const bytes = `${created}${call}${responseFailed}\n\n`;
  expect(await postBehindStream(responsesPath, bytes)).toBe(bytes);
});

test('a stream that is held back in chunks of one byte arrives whole', async () => {
  const text = `${': waiting\n\n'.repeat(50_000)}data: {"choices":[{"delta":{"content":"Hi"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n`;
  const head = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n';
  const chunks = text.replaceAll(/[^]/g, (byte) => `1\r\n${byte}\r\n`);
  const backend = await startCannedBackend(`${head}${chunks}0\r\n\r\n`);
  const gateway = await startGatewayFor([{ name: 'a', url: backend.url, apiKey: 'k' }]);
  const response = await post(gateway, undefined, streamBody);
  expect((await response.text()) === text).toBe(true);
  expect(await gateway.log.request()).toMatchObject({ ending: 'complete', responseBytes: text.length });
});
