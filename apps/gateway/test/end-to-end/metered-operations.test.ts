import { once } from 'node:events';
import { gzipSync } from 'node:zlib';
import type { WebSocket } from 'ws';
import { expect, test } from 'vitest';
import { meterAll, type Meters } from '../testing/meter-all.ts';
import { openSession, type SessionClient } from '../testing/open-session.ts';
import { post } from '../testing/post.ts';
import { startHttpBackend } from '../testing/start-backend.ts';
import { startGatewayFor, startScene } from '../testing/start-scene.ts';
import { startSessionBackend } from '../testing/start-session-backend.ts';

async function startMetered() {
  const meters = meterAll();
  const scene = await startScene([{ latency: '1ms' }], {}, meters.meterOf);
  return { meters, scene };
}

const exact = { isComplete: true, relayedTokensEstimate: 0 };
const nothing = { ...exact, usage: undefined };
const v1 = '/openai/v1/';

test('a response in the background is charged once, to the client that has created it', async () => {
  const { meters, scene } = await startMetered();
  const body = { model: 'gpt-4o', input: 'Hello', background: true };
  const response = await post(scene, `${v1}responses`, body, { headers: { 'x-client': 'a' } });
  const { id } = (await response.json()) as { id: string };
  const created = { client: 'a', deployment: 'gpt-4o' };
  expect(await meters.next()).toMatchObject({ ...nothing, created });
  const read = async (client: string) => {
    const response = await fetch(`${scene.url}${v1}responses/${id}`, { headers: { 'x-client': client } });
    return (await response.json()) as { status: string; usage: { input_tokens: number } | null };
  };
  let metered = meters.next();
  let answer = await read('b');
  while (answer.usage === null) {
    expect(await metered).toEqual(nothing);
    metered = meters.next();
    answer = await read('b');
  }
  expect(await metered).toMatchObject({
    ...exact,
    usage: { promptTokens: answer.usage.input_tokens },
    told: created,
  });
  await read('b');
  expect(await meters.next()).toEqual(nothing);
});

test.each([
  'deployments/gpt-4o/chat/completion%73',
  'deployments/gpt-4o/Ch%41t/completions',
  'deployments/gpt-4o/chat%2Fcompletions',
  'deployments/gpt-4o/extensions/chat/completions?api-version=2023-08-01-preview',
  'deployments/gpt-4o/rerank?api-version=2024-10-21',
])('whatever is asked of a deployment is metered by what the answer tells: %s', async (path) => {
  const { url } = await startHttpBackend((req, res) => {
    req.resume();
    res.writeHead(200, { 'content-type': 'application/json' });
    res.end('{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4}}');
  });
  const meters = meterAll();
  const scene = await startGatewayFor([{ name: 'a', url, apiKey: 'x' }], {}, meters.meterOf);
  await post(scene, `/openai/${path}`);
  expect(await meters.next()).toMatchObject({ ...exact, usage: { promptTokens: 3, outputTokens: 4 } });
});

const form = (fields: Record<string, string>, file: Blob, name: string) => {
  const form = new FormData();
  for (const [key, value] of Object.entries(fields)) form.set(key, value);
  form.set('file', file, name);
  return form;
};
const recording = new Blob([new Uint8Array(16_000)]);

test.each<[string, string, object | FormData, object]>([
  [
    'images',
    'images/generations',
    { model: 'gpt-image-1', prompt: 'A house', quality: 'low' },
    { ...exact, usage: { outputTokens: 272 } },
  ],
  [
    'images of DALL·E',
    'images/generations',
    { model: 'dall-e-3', prompt: 'A house' },
    { usage: undefined, isComplete: false, relayedTokensEstimate: 1056 },
  ],
  [
    'a transcription',
    'audio/transcriptions',
    form({ model: 'gpt-4o-transcribe' }, recording, 'a.mp3'),
    { ...exact, usage: { promptTokens: 10 } },
  ],
  [
    'a stream of one',
    'audio/transcriptions',
    form({ model: 'gpt-4o-transcribe', stream: 'true' }, recording, 'a.mp3'),
    { ...exact, usage: { promptTokens: 10 } },
  ],
  [
    'a transcription of Whisper',
    'audio/transcriptions',
    form({ model: 'whisper' }, recording, 'a.mp3'),
    { usage: undefined, isComplete: false, relayedTokensEstimate: 10 },
  ],
  [
    'a text of Whisper',
    'audio/translations',
    form({ model: 'whisper', response_format: 'text' }, recording, 'a.mp3'),
    { usage: undefined, isComplete: false, relayedTokensEstimate: 11 },
  ],
  [
    'speech',
    'audio/speech',
    { model: 'tts', input: 'Hello', voice: 'alloy' },
    { usage: undefined, isComplete: false },
  ],
  [
    'a video',
    'videos',
    { model: 'sora-2', prompt: 'A house', seconds: '12' },
    { usage: undefined, isComplete: false, relayedTokensEstimate: 12 * 1056 },
  ],
  [
    'a compaction',
    'responses/compact',
    { model: 'gpt-4o', input: 'Hello' },
    { ...exact, usage: { promptTokens: expect.any(Number) } },
  ],
  ['a count of tokens', 'responses/input_tokens', { model: 'gpt-4o', input: 'Hello' }, nothing],
  ['a vector store', 'vector_stores', { name: 'a' }, { usage: undefined, relayedTokensEstimate: 0 }],
])('what an operation takes is known: %s', async (_, operation, body, expected) => {
  const { meters, scene } = await startMetered();
  const answer =
    body instanceof FormData
      ? await fetch(`${scene.url}${v1}${operation}`, { method: 'POST', body })
      : await post(scene, v1 + operation, body);
  expect(answer.status).toBe(200);
  await answer.arrayBuffer();
  expect(await meters.next()).toMatchObject(expected);
});

test.each([
  [
    'pictures',
    'images/generations',
    { model: 'a', n: 2 },
    '{"data":[{"b64_json":"',
    { relayedTokensEstimate: 2112 },
  ],
  [
    'pictures in a stream',
    'images/generations',
    { model: 'a', stream: true },
    'data: {"type":"image_generation.partial_image","b64_json":"x"}\n\n',
    { relayedTokensEstimate: 1056 },
  ],
  ['speech', 'audio/speech', { model: 'a', input: 'x'.repeat(70) }, 'ID3', { relayedTokensEstimate: 94 }],
])(
  'what is made at once is charged whole, however early the client leaves',
  async (_, operation, body, beginning, expected) => {
    const { url } = await startHttpBackend((req, res) => {
      req.resume();
      const type = beginning.startsWith('data') ? 'text/event-stream' : 'application/json';
      res.writeHead(200, { 'content-type': beginning.startsWith('ID3') ? 'audio/mpeg' : type });
      res.write(beginning);
    });
    const meters = meterAll();
    const scene = await startGatewayFor([{ name: 'a', url, apiKey: 'x' }], {}, meters.meterOf);
    const aborting = new AbortController();
    const answer = await post(scene, v1 + operation, body, { signal: aborting.signal });
    await answer.body?.getReader().read();
    aborting.abort();
    expect(await meters.next()).toMatchObject({ isComplete: false, usage: undefined, ...expected });
  },
);

test('a recording that is too large to be kept is metered by all of it', async () => {
  const meters = meterAll();
  const scene = await startScene([{}], { limits: { replayBytes: 1600 } }, meters.meterOf);
  const body = form({ model: 'whisper', response_format: 'text' }, recording, 'a.mp3');
  const answer = await fetch(`${scene.url}${v1}audio/transcriptions`, { method: 'POST', body });
  expect(answer.status).toBe(200);
  await answer.arrayBuffer();
  expect((await meters.next()).relayedTokensEstimate).toBe(11);
});

const part = (head: string, value: string) =>
  `--b\r\nContent-Disposition: form-data; ${head}\r\n\r\n${value}\r\n`;

test('a recording that is packed is metered by what is in it', async () => {
  const { url } = await startHttpBackend((req, res) => {
    req.resume();
    req.on('end', () => res.setHeader('content-type', 'text/plain').end('Hello'));
  });
  const meters = meterAll();
  const scene = await startGatewayFor([{ name: 'a', url, apiKey: 'x' }], {}, meters.meterOf);
  const silence = part('name="file"; filename="a.wav"', '\0'.repeat(160_000));
  const body = gzipSync(`${part('name="model"', 'whisper')}${silence}--b--\r\n`);
  const headers = { 'content-type': 'multipart/form-data; boundary=b', 'content-encoding': 'gzip' };
  await (await post(scene, `${v1}audio/transcriptions`, body, { headers })).text();
  expect((await meters.next()).relayedTokensEstimate).toBe(101);
});

const messageStart = { type: 'message_start', message: { usage: { input_tokens: 3, output_tokens: 1 } } };
const messageText = {
  type: 'content_block_delta',
  delta: { type: 'text_delta', text: 'Hello, how are you?' },
};
const messageEnd = { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 9 } };

test.each([
  [
    'whole',
    [messageStart, messageText, messageEnd, { type: 'message_stop' }],
    { ...exact, usage: { promptTokens: 3, outputTokens: 9 } },
  ],
  [
    'broken off',
    [messageStart, messageText],
    { isComplete: false, relayedTokensEstimate: 5, usage: { promptTokens: 3, outputTokens: 1 } },
  ],
])('a stream of Claude’s is metered by its first and last events: %s', async (_, events, expected) => {
  const { url } = await startHttpBackend((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const event of events) response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
    response.end();
  });
  const meters = meterAll();
  const gateway = await startGatewayFor([{ name: 'a', url, apiKey: 'x' }], {}, meters.meterOf);
  const answer = await post(gateway, '/anthropic/v1/messages', {
    model: 'claude',
    stream: true,
    messages: [],
  });
  await answer.text().catch(() => {});
  expect(await meters.next()).toMatchObject(expected);
});

async function untilDone(session: SessionClient, type: string): Promise<void> {
  let event: { type?: string } = {};
  while (event.type !== type) event = JSON.parse(String((await session.next()).data)) as typeof event;
}

async function respondTwice(session: SessionClient, meters: Meters, ask: object, type: string) {
  const counts: number[] = [];
  for (let count = 0; count < 2; count++) {
    session.socket.send(JSON.stringify(ask));
    await untilDone(session, type);
    counts.push(meters.told.length);
  }
  return counts;
}

test.each([
  ['realtime', `${v1}realtime?model=gpt-realtime`, { type: 'response.create' }, 'response.done'],
  [
    'of responses',
    `${v1}responses`,
    { type: 'response.create', model: 'gpt-4o', input: 'Hello', store: false },
    'response.completed',
  ],
])(
  'a session tells each usage while it runs, and all together at its end: %s',
  async (_, path, ask, type) => {
    const { meters, scene } = await startMetered();
    const session = await openSession(scene, path);
    expect(await respondTwice(session, meters, ask, type)).toEqual([1, 2]);
    session.socket.close(1000);
    const [first, second] = meters.told;
    expect(await meters.next()).toMatchObject({
      ...exact,
      usage: {
        promptTokens: first!.promptTokens + second!.promptTokens,
        outputTokens: first!.outputTokens + second!.outputTokens,
      },
    });
  },
);

async function openMetered() {
  const meters = meterAll();
  const backend = await startSessionBackend({ perMessageDeflate: true });
  const gateway = await startGatewayFor([{ name: 'a', url: backend.url, apiKey: 'x' }], {}, meters.meterOf);
  const taken = backend.next();
  const session = await openSession(gateway, undefined, { perMessageDeflate: true });
  const { socket, request } = await taken;
  return { meters, session, socket, request };
}

function sendInPieces(socket: WebSocket, text: string): void {
  const pieces = text.match(/[^]{1,7}/g) ?? [];
  for (const [index, piece] of pieces.entries()) {
    if (index === 3) socket.ping();
    socket.send(piece, { fin: index === pieces.length - 1 });
  }
}

test('a session that would be packed is not, and one in fragments is read', async () => {
  const { meters, session, socket, request } = await openMetered();
  expect(request.headers['sec-websocket-extensions']).toBeUndefined();
  expect(session.socket.extensions).toBe('');
  const done = JSON.stringify({
    type: 'response.done',
    response: { usage: { input_tokens: 5, output_tokens: 2 } },
  });
  sendInPieces(socket, done);
  expect(String((await session.next()).data)).toBe(done);
  expect(meters.told).toMatchObject([{ promptTokens: 5, outputTokens: 2 }]);
});

test('what was said in a session that broke off before its usage is estimated', async () => {
  const { meters, session, socket } = await openMetered();
  socket.send(JSON.stringify({ type: 'response.output_text.delta', delta: 'Hello, how are you?' }));
  await session.next();
  session.socket.terminate();
  await once(socket, 'close');
  expect(await meters.next()).toMatchObject({
    usage: undefined,
    isComplete: false,
    relayedTokensEstimate: 5,
  });
});

test('a session that was answering when it broke off has taken its prompt', async () => {
  const { meters, session, socket } = await openMetered();
  socket.send(JSON.stringify({ type: 'response.created', response: { usage: null } }));
  await session.next();
  session.socket.terminate();
  expect(await meters.next()).toMatchObject({
    usage: undefined,
    isComplete: false,
    relayedTokensEstimate: 0,
  });
});

test('a session in which nothing was said has taken nothing', async () => {
  const { meters, session } = await openMetered();
  session.socket.close(1000);
  await session.closed;
  expect(await meters.next()).toMatchObject(nothing);
});

test('what is not known here is charged what its answer tells', async () => {
  const { url } = await startHttpBackend((request, response) => {
    request.resume();
    response.setHeader('content-type', 'application/json');
    response.end('{"usage":{"input_tokens":5,"output_tokens":7}}');
  });
  const meters = meterAll();
  const scene = await startGatewayFor([{ name: 'a', url, apiKey: 'a' }], {}, meters.meterOf);
  const usage = { promptTokens: 5, outputTokens: 7 };
  for (const path of ['/openai/deployments/gpt-4o/something/new', `${v1}something`]) {
    await (await post(scene, path, { model: 'gpt-4o', input: 'Hello' })).text();
    expect(await meters.next()).toMatchObject({ ...exact, usage });
  }
  await (await post(scene, `${v1}chat/completions/chatcmpl-1`, { metadata: {} })).text();
  expect(await meters.next()).toEqual(nothing);
});
