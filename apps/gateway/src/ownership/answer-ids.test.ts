import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import * as zlib from 'node:zlib';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createAnswerIds } from './answer-ids.ts';
import { unpack } from './learn-owner.ts';

const EVENTS = 'text/event-stream; charset=utf-8';
const JSON_TYPE = 'application/json';

function idsIn(text: string, contentType: string, cuts: readonly number[] = []): string[] {
  const found: string[] = [];
  const ids = createAnswerIds(contentType, (id) => found.push(id));
  const bytes = Buffer.from(text);
  const ends = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  let start = 0;
  for (const end of [...ends, bytes.length]) {
    ids?.write(bytes.subarray(start, end));
    start = end;
  }
  return found;
}

const response = {
  id: 'resp_1',
  object: 'response',
  previous_response_id: null,
  conversation: { id: 'conv_1' },
  metadata: { id: 'client', file_id: 'client' },
  output: [{ id: 'msg_1', type: 'message', content: [{ type: 'output_text', text: '{"id":"told"}' }] }],
};

function event(name: string, data: object, end = '\n'): string {
  return `event: ${name}${end}data: ${JSON.stringify(data)}${end}${end}`;
}

const stream = (end = '\n') =>
  `: comment "id":"none"${end}` +
  event('response.created', { type: 'response.created', response: { id: 'resp_1', output: [] } }, end) +
  event('response.output_item.added', { output_index: 0, item: { id: 'msg_1', content: [] } }, end) +
  event('response.output_text.delta', { item_id: 'msg_1', delta: '{"id":"told"}' }, end) +
  event('response.completed', { response }, end);

test.each<[string, unknown, string[]]>([
  ['is an object', { id: 'file-1', object: 'file' }, ['file-1']],
  ['is a list', { object: 'list', data: [{ id: 'f1' }, { id: 'f2' }], first_id: 'f1' }, ['f1', 'f2']],
  ['is a response', response, ['resp_1', 'conv_1', 'msg_1']],
  [
    'is a batch',
    { id: 'batch_1', input_file_id: 'f1', output_file_id: 'f2', error_file_id: null },
    ['batch_1', 'f1', 'f2'],
  ],
  [
    'is a fine-tuning job',
    { id: 'ftjob-1', training_file: 'f1', validation_file: null, result_files: ['f2', 'f3'] },
    ['ftjob-1', 'f1', 'f2', 'f3'],
  ],
  ['is a run', { id: 'run_1', thread_id: 'th', assistant_id: 'as' }, ['run_1', 'th', 'as']],
  ['is a finished upload', { id: 'upload_1', file: { id: 'f1' } }, ['upload_1', 'f1']],
  ['is an error', { error: { code: '404', message: 'No such File object: file-1', param: 'id' } }, []],
  [
    'is what an assistant’s code has made',
    {
      object: 'list',
      data: [
        { id: 'msg_1', content: [{ type: 'image_file', image_file: { file_id: 'f1' } }] },
        {
          id: 'msg_2',
          content: [
            { text: { value: '', annotations: [{ type: 'file_path', file_path: { file_id: 'f2' } }] } },
          ],
        },
        {
          id: 'step_1',
          step_details: { tool_calls: [{ code_interpreter: { outputs: [{ image: { file_id: 'f3' } }] } }] },
        },
      ],
    },
    ['msg_1', 'f1', 'msg_2', 'f2', 'step_1', 'f3'],
  ],
  ['has ids that are none', { id: 'a/b', thread_id: 4, conversation: '' }, []],
  ['is no object', ['id'], []],
])('an answer in JSON: %s', (_, body, ids) => {
  expect(idsIn(JSON.stringify(body), 'Application/JSON; charset=utf-8')).toEqual(ids);
  expect(idsIn(JSON.stringify(body, null, 2), JSON_TYPE)).toEqual(ids);
});

test('an answer in JSON of another kind is not read', () => {
  expect(createAnswerIds('application/octet-stream', () => {})).toBeUndefined();
  expect(createAnswerIds('application/jsonl', () => {})).toBeUndefined();
  expect(createAnswerIds(undefined, () => {})).toBeUndefined();
});

const ids = ['resp_1', 'msg_1', 'resp_1', 'conv_1', 'msg_1'];

test.each([
  ['\n', 'line feeds'],
  ['\r\n', 'carriage returns too'],
])('a stream tells ids event by event, with %j as the end of lines', (end) => {
  expect(idsIn(stream(end), EVENTS)).toEqual(ids);
});

test('a stream of a run tells its thread, and repeats nothing', () => {
  const run = { id: 'run_1', object: 'thread.run', thread_id: 'thread_1' };
  const delta = { id: 'msg_1', delta: { content: [] } };
  const text = event('thread.run.created', run) + event('thread.message.delta', delta).repeat(9);
  expect(idsIn(text, EVENTS)).toEqual(['run_1', 'thread_1', 'msg_1']);
});

test('a stream may have an event that is no JSON, or is cut off', () => {
  expect(idsIn(`data: [DONE]\n\ndata: {"id":"half\n\n${stream()}`, EVENTS)).toEqual(ids);
});

test('a stream may be written without a space, and over several lines of data', () => {
  expect(idsIn('data:{"id":\ndata:"run_1"}\n\n', EVENTS)).toEqual(['run_1']);
});

test('the same ids are found wherever the chunks end', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(2000), { maxLength: 40 }), fc.constantFrom('\n', '\r\n'), (cuts, end) => {
      expect(idsIn(stream(end), EVENTS, cuts)).toEqual(idsIn(stream(end), EVENTS));
      expect(idsIn(JSON.stringify(response), JSON_TYPE, cuts)).toEqual(['resp_1', 'conv_1', 'msg_1']);
    }),
  );
});

test.each<[string, (text: Buffer) => Buffer]>([
  ['gzip', zlib.gzipSync],
  ['x-gzip', zlib.gzipSync],
  ['deflate', zlib.deflateSync],
  ['br', zlib.brotliCompressSync],
  ['GZIP', zlib.gzipSync],
  // Missing in Node 20.
  ...('zstdCompressSync' in zlib ? [['zstd', zlib.zstdCompressSync] as [string, typeof zlib.gzipSync]] : []),
])('a packed answer is read when it is packed with %s, chunk by chunk', async (encoding, pack) => {
  const found = new PassThrough();
  const ids = createAnswerIds(JSON_TYPE, (id) => found.write(id));
  const packed = pack(Buffer.from('{"id":"resp_1"}'));
  const watcher = unpack(ids!, encoding)!;
  for (const byte of packed) watcher.write(Buffer.from([byte]));
  watcher.end?.();
  const [id] = (await once(found, 'data')) as [Buffer];
  expect(id.toString()).toBe('resp_1');
});

test('a packed answer is not read when it is packed in an unknown way, and plain when it says so', () => {
  const ids = createAnswerIds(JSON_TYPE, () => {})!;
  expect(unpack(ids, 'lzma')).toBeUndefined();
  expect(unpack(ids, 'identity')).toBe(ids);
  expect(unpack(ids, undefined)).toBe(ids);
});

test.each(['this is not packed', ''])('a packed answer may be broken: %j', async (text) => {
  const found: string[] = [];
  const watcher = unpack(
    createAnswerIds(JSON_TYPE, (id) => found.push(id))!,
    'gzip',
  )!;
  watcher.write(Buffer.from(text));
  watcher.end?.();
  await setImmediate();
  watcher.write(zlib.gzipSync('{"id":"resp_1"}'));
  expect(found).toEqual([]);
});
