import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { BatchUpload, readBatchUpload } from './batch-upload.ts';

const line = (body: object | string, url = '/chat/completions') =>
  `{"custom_id":"1","method":"POST","url":"${url}","body":${typeof body === 'string' ? body : JSON.stringify(body)}}`;
const hello = { model: 'gpt-4o', messages: [{ content: 'x'.repeat(40) }], max_tokens: 100 };

function form(file: string, purpose = 'batch', isFileFirst = false): Buffer {
  const parts = [
    `Content-Disposition: form-data; name="purpose"\r\n\r\n${purpose}`,
    `Content-Disposition: form-data; name="file"; filename="a.jsonl"\r\nContent-Type: application/jsonl\r\n\r\n${file}`,
  ];
  if (isFileFirst) parts.reverse();
  return Buffer.from(`preamble\r\n${parts.map((part) => `--a b\r\n${part}\r\n`).join('')}--a b--\r\n`);
}

const type = 'multipart/form-data; boundary="a b"';
const read = (file: string) => readBatchUpload(form(file), type);

test.each([false, true])(
  'the lines of a file for batches say what they ask for, wherever its bytes are cut',
  async (isFileFirst) => {
    const file = [
      line(hello),
      '',
      line({ ...hello, model: 'gpt-4o-mini' }, '/v1/chat/completions'),
      line({ model: 'embed', input: 'x'.repeat(40) }, '/v1/embeddings'),
      line({ model: 'gpt-4o', input: 'x'.repeat(40), max_output_tokens: 50 }, '/v1/responses'),
      line('{"mod\\u0065l":"h\\u0069dden"}'),
    ].join('\r\n');
    const body = form(file, 'batch', isFileFirst);
    const expected = {
      models: new Set(['gpt-4o', 'gpt-4o-mini', 'embed', 'hidden']),
      others: new Set(),
      requests: 5,
      tokens: 110 + 110 + 10 + 60,
      openRequests: 1,
      problem: undefined,
    };
    expect(await readBatchUpload(body, type)).toEqual(expected);
    fc.assert(
      fc.property(fc.array(fc.nat(body.length), { maxLength: 30 }), (cuts) => {
        const upload = new BatchUpload(type);
        let start = 0;
        for (const cut of [...cuts, body.length].sort((a, b) => a - b)) {
          upload.write(body.subarray(start, cut));
          start = cut;
        }
        expect(upload.end()).toEqual(expected);
      }),
    );
  },
);

test.each([
  ['not-json', 'x'],
  ['not-json', line(hello).slice(0, -1)],
  ['not-json', '{"url":"/chat/completions"}'],
  ['no-model', line({})],
  ['no-model', line({ model: 5 })],
  ['no-model', line({ model: '' })],
  ['several-models', line('{"model":"a","model":"b"}')],
  ['several-models', line('{"model":"a","m\\u006fdel":"b"}')],
  ['several-models', line('{"Model":"b","model":"a","user":"c"}')],
  ['several-models', '{"body":{"model":"a"},"body":{"model":"b"}}'],
  ['several-models', line(hello, '/openai/deployments/other/chat/completions')],
  ['too-many-models', Array.from({ length: 1001 }, (_, i) => line({ model: `m${i}` })).join('\n')],
  ['line-too-long', line({ model: 'a', x: 'y'.repeat(16_777_216) })],
])('a file of which not all is known is said to have a problem: %s', async (problem, file) => {
  const { kind } = (await read(`${line(hello)}\n${file}`))?.problem ?? {};
  expect(kind).toBe(problem);
});

test.each<[string, object, number]>([
  ['/v1/chat/completions', { messages: [] }, 1],
  ['/v1/chat/completions', { messages: [], max_completion_tokens: null }, 1],
  ['/v1/responses', { input: '' }, 1],
  ['/v1/completions', { prompt: '' }, 0],
  ['/v1/embeddings', { input: '' }, 0],
  ['/v1/images/generations', { prompt: '' }, 0],
])(
  'a line that says nothing of how long its answer may be is counted: %s %j',
  async (url, body, openRequests) => {
    const three = Array.from({ length: 3 }, () => line({ model: 'a', ...body }, url)).join('\n');
    expect(await read(three)).toMatchObject({ requests: 3, openRequests: 3 * openRequests });
  },
);

test.each<[string, object, boolean]>([
  ['/v1/chat/completions', { max_tokens: 100 }, false],
  ['/v1/chat/completions', { max_completion_tokens: 101 }, true],
  ['/v1/chat/completions', { max_tokens: 60, n: 2 }, true],
  ['/v1/chat/completions', { max_tokens: null }, true],
  ['/v1/chat/completions', {}, true],
  ['/v1/responses', { max_output_tokens: 100 }, false],
  ['/v1/responses', {}, true],
  ['/v1/completions', { prompt: 'x' }, false],
  ['/v1/completions', { prompt: Array.from({ length: 7 }, () => 'x') }, true],
  ['/v1/embeddings', { input: 'x' }, false],
])('a line must allow no longer an answer than its client may have: %s %j', async (url, body, isTooLong) => {
  const file = form(line({ model: 'a', ...body }, url));
  const problem = isTooLong ? { line: 1, kind: 'long-answer' } : undefined;
  expect((await readBatchUpload(file, type, 100))?.problem).toEqual(problem);
  expect((await readBatchUpload(file, type))?.problem).toBeUndefined();
});

test('the line with a problem is told, blank lines counted', async () => {
  expect((await read(`${line(hello)}\n\nx`))?.problem).toEqual({ line: 3, kind: 'not-json' });
  expect((await read(`\n${line({ model: 'a', x: 'y'.repeat(16_777_216) })}`))?.problem).toEqual({
    line: 2,
    kind: 'line-too-long',
  });
});

test.each([
  '/v1/chat/completions',
  '/chat/completions',
  'chat/completions',
  '/v1/chat/completions/',
  '/v1/Chat/Completions',
  '/v1/ch%61t/completions',
  '//v1//chat/completions',
  '/openai/v1/chat/completions?api-version=preview',
  '/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21',
])('a line takes what its request would, however its url is written: %s', async (url) => {
  expect(await read(line(hello, url))).toMatchObject({ tokens: 110, problem: undefined });
});

test.each([
  '/v1/chat%2Fcompletions',
  'https://a.openai.azure.com/openai/v1/chat/completions',
  '/v1/files',
  '/v1/chat/../completions',
  '/v1/unknown',
  '/',
  '',
])('a line whose url says nothing of what it takes is a problem: %s', async (url) => {
  expect((await read(line(hello, url)))?.problem).toEqual({ line: 1, kind: 'unknown-url' });
});

test.each(['', '"url":null,', '"url":["/v1/chat/completions"],'])(
  'a line of a batch file without a url that names an operation is a problem: %s',
  async (url) => {
    expect((await read(`{${url}"body":${JSON.stringify(hello)}}`))?.problem?.kind).toBe('unknown-url');
  },
);

test.each<[string, object, number]>([
  ['/v1/moderations', { input: 'x'.repeat(400) }, 0],
  ['/v1/images/generations', { prompt: 'A house', n: 2 }, 2112],
  ['/v1/completions', { prompt: ['a', 'b', 'c'], max_tokens: 100 }, 303],
])('a line of %s takes what is usual for it', async (url, body, tokens) => {
  expect(await read(line({ model: 'a', ...body }, url))).toMatchObject({ tokens, problem: undefined });
});

test.each([
  ['another purpose', form(line(hello), 'assistants'), type],
  ['no form', Buffer.from(line(hello)), 'application/json'],
  ['no boundary', form(line(hello)), 'multipart/form-data'],
  ['nothing', Buffer.alloc(0), type],
])('what is not for batches is not judged: %s', async (_, body, contentType) => {
  expect(await readBatchUpload(body, contentType)).toBeUndefined();
});

test('a form that a client library writes is read', async () => {
  const data = new FormData();
  data.set('purpose', 'batch');
  data.set('file', new Blob([`${line(hello)}\n`]), 'a.jsonl');
  const response = new Response(data);
  const body = Buffer.from(await response.arrayBuffer());
  expect(await readBatchUpload(body, response.headers.get('content-type') ?? '')).toMatchObject({
    requests: 1,
    tokens: 110,
  });
});

test('while a long file is read, others have their turns', async () => {
  let turns = 0;
  const count = () => {
    turns++;
    timer = setImmediate(count);
  };
  let timer = setImmediate(count);
  const demand = await read(`${line(hello)}\n`.repeat(5000));
  clearImmediate(timer);
  expect(demand?.requests).toBe(5000);
  expect(turns).toBeGreaterThan(5);
});
