import * as zlib from 'node:zlib';
import { expect, test } from 'vitest';
import { chatPath, post, streamBody } from '../testing/post.ts';
import { connectRaw, rawRequest } from '../testing/raw-client.ts';
import { startHttpBackend } from '../testing/start-backend.ts';
import { startGatewayFor, startScene } from '../testing/start-scene.ts';

const content = 'data: {"choices":[{"index":0,"delta":{"content":"Hi"}}]}\n\n';
const finish = 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n';
const delta =
  'event: response.output_text.delta\ndata: {"type":"response.output_text.delta","delta":"Hi"}\n\n';

const audio = 'data: {"type":"speech.audio.delta","audio":"AA"}\n\n';
const text = 'data: {"type":"transcript.text.delta","delta":"Hi"}\n\n';
const image = 'data: {"type":"image_generation.partial_image","b64_json":"AA"}\n\n';
const block = 'data: {"type":"content_block_delta","delta":{"text":"Hi"}}\n\n';

/** Streams these chunks and ends cleanly at the HTTP level; returns everything that a client gets. */
async function streamed(
  path: string,
  body: object,
  chunks: readonly (string | Buffer)[],
  backendHeaders: Record<string, string> = {},
) {
  const { url } = await startHttpBackend((_, res) => {
    res.writeHead(200, { 'content-type': 'text/event-stream', ...backendHeaders });
    for (const chunk of chunks) res.write(chunk);
    res.end();
  });
  const gateway = await startGatewayFor([{ name: 'a', url, apiKey: 'x' }]);
  const client = await connectRaw(gateway);
  const headers = ['Content-Type: application/json', 'Connection: close'];
  client.send(rawRequest('POST', path, headers, JSON.stringify(body)));
  return { received: await client.untilEnd(), line: await gateway.log.request() };
}

const LAST_CHUNK = /\r\n0\r\n\r\n$/;
const v1 = '/openai/v1';
const model = { model: 'gpt-4o', stream: true };

test.each<[string, string, object, string[]]>([
  ['a chat completion without a finish', chatPath, streamBody, [content]],
  ['a chat completion inside an event', chatPath, streamBody, [content, 'data: {"choi']],
  ['a chat completion inside its [DONE]', chatPath, streamBody, [content, finish, 'data: [DO']],
  ['a completion', `${v1}/completions`, model, ['data: {"choices":[{"index":0,"text":"Hi"}]}\n\n']],
  ['a response', `${v1}/responses`, model, [delta]],
  [
    'a chat completion with an empty reason for its finish',
    chatPath,
    streamBody,
    [content.replace('}}]', '},"finish_reason":""}]')],
  ],
  [
    'a chat completion with one of two choices, whose index is cut',
    chatPath,
    streamBody,
    [content, 'data: {"choices":[{"ind', 'ex":1,"delta":{"content":"Hi"}}]}\n\n', finish],
  ],
  ['a recording inside an event', `${v1}/audio/speech`, model, [audio, audio.slice(0, 30)]],
  ['a transcript inside an event', `${v1}/audio/transcriptions`, model, [text, text.slice(0, 40)]],
  ['an image inside its last event', `${v1}/images/generations`, model, [image, 'data: {"type":"image_gen']],
  [
    'a message inside its last event',
    '/anthropic/v1/messages',
    model,
    [block, 'event: message_stop\ndata: {"'],
  ],
  ['a run', `${v1}/threads/thread_1/runs`, model, ['event: thread.message.delta\ndata: {}\n\n']],
  [
    'a response inside its last event',
    `${v1}/responses`,
    model,
    [delta, 'event: response.completed\ndata: {'],
  ],
])('%s that just ends is broken for the client, after all that came', async (_, path, body, chunks) => {
  const { received, line } = await streamed(path, body, chunks);
  for (const chunk of chunks) expect(received).toContain(chunk);
  expect(received).not.toMatch(LAST_CHUNK);
  expect(line).toMatchObject({ status: 200, ending: 'interrupted', responseBytes: chunks.join('').length });
});

test.each<[string, string, object, string[]]>([
  ['a chat completion', chatPath, streamBody, [content, finish, 'data: [DONE]\n\n']],
  ['a chat completion without [DONE]', chatPath, streamBody, [content, finish]],
  [
    'a chat completion with a space after [DONE]',
    chatPath,
    streamBody,
    [content, finish, 'data: [DONE] \n\n'],
  ],
  [
    'a chat completion with an event after [DONE]',
    chatPath,
    streamBody,
    [content, finish, 'data: [DONE]\n\n', 'event: metrics\ndata: {"ms":12}\n\n'],
  ],
  [
    'a response with a keepalive after its end',
    `${v1}/responses`,
    model,
    [
      delta,
      'event: response.completed\ndata: {"type":"response.completed"}\n\n',
      'event: keepalive\ndata: {"type":"keepalive","sequence_number":9}\n\n',
    ],
  ],
  ['a chat completion in pieces', chatPath, streamBody, [...`${content}${finish}data: [DONE]\n\n`]],
  ['a chat completion without the last blank line', chatPath, streamBody, [content, 'data: [DONE]']],
  [
    'a response',
    `${v1}/responses`,
    model,
    [
      delta,
      `event: response.completed\ndata: {"type":"response.completed","x":"${'x'.repeat(100_000)}"}\n\n`,
    ],
  ],
  [
    'a transcript, of which no end is known',
    `${v1}/audio/transcriptions`,
    model,
    ['data: {"text":"Hi"}\n\n'],
  ],
])('%s with its end comes through whole', async (_, path, body, chunks) => {
  const { received, line } = await streamed(path, body, chunks);
  expect(received).toMatch(LAST_CHUNK);
  expect(line).toMatchObject({ ending: 'complete', responseBytes: chunks.join('').length });
});

test('a stream that the backend’s mock truncates does not pass for a success', async () => {
  const scene = await startScene([{ script: 'truncate(after-chunks=6)' }, {}]);
  const response = await post(scene, undefined, streamBody);
  expect(response.headers.get('x-spillway-backend')).toBe('a');
  await expect(response.text()).rejects.toThrow('terminated');
  expect(await scene.log.request()).toMatchObject({ ending: 'interrupted' });
});

test('a stream that the content filter ends is whole', async () => {
  const scene = await startScene([{ script: 'block(after-tokens=3)' }]);
  const text = await (await post(scene, undefined, streamBody)).text();
  expect(text).toMatch(/"finish_reason":"content_filter"[^]*data: \[DONE\]\n\n$/);
  expect(await scene.log.request()).toMatchObject({ ending: 'complete' });
});

const packings = {
  gzip: zlib.gzipSync,
  br: zlib.brotliCompressSync,
  deflate: zlib.deflateSync,
} as const;

/** Streams a packed text, of which only this much arrives. */
function streamedPacked(packing: keyof typeof packings, text: string, share = 1) {
  const packed = packings[packing](text);
  const chunks = [packed.subarray(0, 20), packed.subarray(20, Math.ceil(packed.length * share))];
  return streamed(chatPath, streamBody, chunks, { 'content-encoding': packing });
}

const long = Array.from({ length: 200 }, (_, i) => content.replace('Hi', `word ${i * 7919}`)).join('');
const ending = `${finish}data: [DONE]\n\n`;

test.each(Object.keys(packings) as (keyof typeof packings)[])(
  'a stream packed as %s that just ends is broken for the client, as its unpacking alone may not tell it',
  async (packing) => {
    for (const [text, share] of [
      [long, 1],
      [long + ending, 0.6],
    ] as const) {
      const { received, line } = await streamedPacked(packing, text, share);
      expect(received).not.toMatch(LAST_CHUNK);
      expect(line).toMatchObject({ status: 200, ending: 'interrupted' });
    }
    const { received, line } = await streamedPacked(packing, long + ending);
    expect(received).toMatch(LAST_CHUNK);
    expect(line).toMatchObject({ status: 200, ending: 'complete' });
  },
);

test('a packed stream that is too long to be unpacked again is whole for all that the gateway knows', async () => {
  const { line } = await streamedPacked('gzip', long.repeat(200));
  expect(line).toMatchObject({ ending: 'complete' });
});
