import { gzipSync } from 'node:zlib';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import type { ConfigInput } from '../../src/config/schema.ts';
import { chatBody, post } from '../testing/post.ts';
import { startHttpBackend } from '../testing/start-backend.ts';
import { startGatewayFor } from '../testing/start-scene.ts';

const created = 'event: response.created\ndata: {"type":"response.created","response":{"id":"resp_1"}}\n\n';
const delta =
  'event: response.output_text.delta\ndata: {"type":"response.output_text.delta","delta":"Hi"}\n\n';
const completed = 'event: response.completed\ndata: {"type":"response.completed","response":{}}\n\n';
const BEAT = ': keep-alive\n\n';
const body = { model: 'gpt-4o', input: 'x', stream: true, store: false };

/** A backend that sends data on demand, and then stays silent until the next demand. */
async function startScene(stream: ConfigInput['stream'], headers: Record<string, string> = {}) {
  const told = Promise.withResolvers<ServerResponse>();
  const { url } = await startHttpBackend((_: IncomingMessage, res) => {
    res.writeHead(200, { 'content-type': 'text/event-stream', ...headers });
    res.flushHeaders();
    told.resolve(res);
  });
  const { url: gatewayUrl } = await startGatewayFor([{ name: 'a', url, apiKey: 'x' }], { stream });
  const response = post({ url: gatewayUrl }, '/openai/v1/responses', body);
  return { backend: await told.promise, response };
}

/** Reads until the received text matches. */
async function readUntil(response: Response, pattern: RegExp): Promise<string> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  while (!pattern.test(text)) {
    const piece = await reader?.read();
    if (piece === undefined || piece.done) break;
    text += piece.value;
  }
  reader?.releaseLock();
  return text;
}

test.each([
  ['announced', created],
  ['commented on', ': thinking\n\n'],
  ['kept alive', 'event: keepalive\ndata: {"type":"keepalive"}\n\n'],
  ['begun without a byte', ''],
])(
  'a stream that is only %s is passed on when it has been held back for long enough',
  async (_, beginning) => {
    const { backend, response } = await startScene({ holdMs: 30 });
    if (beginning !== '') backend.write(beginning);
    // The backend continues only when the client has its head.
    const head = await response;
    backend.end(delta + completed);
    expect(await head.text()).toBe(beginning + delta + completed);
  },
);

test('a stream is passed on at once when the bound has passed before it began', async () => {
  const { backend, response } = await startScene({ holdMs: 0 });
  backend.write(created);
  const head = await response;
  backend.end(delta + completed);
  expect(await head.text()).toBe(created + delta + completed);
});

test('while its backend is silent a client gets comments between events, and none inside one', async () => {
  const { backend, response } = await startScene({ holdMs: 0, heartbeatMs: 10 });
  const head = await response;
  const half = delta.slice(0, 40);
  const beginning = await readUntil(head.clone(), /(?:: keep-alive\n\n){2}/);
  expect(beginning).toMatch(/^(?:: keep-alive\n\n)+$/);
  backend.write(created);
  await readUntil(head.clone(), /response\.created[^]*: keep-alive\n\n/);
  backend.write(half);
  await readUntil(head.clone(), /output_text/);
  backend.end(delta.slice(40) + completed);
  const text = await head.text();
  expect(text).toContain(delta);
  expect(text.replaceAll(BEAT, '')).toBe(created + delta + completed);
});

test.each<[string, Record<string, string>, Buffer]>([
  ['packed', { 'content-encoding': 'gzip' }, gzipSync(created + delta + completed)],
  ['of a known length', { 'content-length': '300' }, Buffer.from(created.padEnd(300, ' '))],
  ['no event stream', { 'content-type': 'application/x-ndjson' }, Buffer.from('{}\n')],
])('a response that is %s gets no comments', async (_, headers, bytes) => {
  const { backend, response } = await startScene({ holdMs: 0, heartbeatMs: 1 }, headers);
  backend.write(bytes.subarray(0, bytes.length - 1));
  const head = await response;
  const other = await startScene({ holdMs: 0, heartbeatMs: 1 });
  await readUntil(await other.response, /(?:: keep-alive\n\n){5}/);
  other.backend.destroy();
  backend.end(bytes.subarray(-1));
  expect(await head.text()).not.toContain(BEAT);
});

test('without a heartbeat configured there is none', async () => {
  const { backend, response } = await startScene({ holdMs: 0 });
  const head = await response;
  backend.end(created + delta + completed);
  expect(await head.text()).toBe(created + delta + completed);
});

test('an error within the bound is still tried elsewhere', async () => {
  const failing = await startHttpBackend((_, res) => {
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    res.write(created);
    res.end('event: error\ndata: {"type":"error","code":"server_error","message":"x"}\n\n');
  });
  const serving = await startHttpBackend((_, res) => {
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    res.end(delta + completed);
  });
  const scene = await startGatewayFor([
    { name: 'a', url: failing.url, apiKey: 'x' },
    { name: 'b', url: serving.url, apiKey: 'x', priority: 2 },
  ]);
  const response = await post(scene, '/openai/v1/responses', { ...body, ...chatBody });
  expect(await response.text()).toBe(delta + completed);
});
