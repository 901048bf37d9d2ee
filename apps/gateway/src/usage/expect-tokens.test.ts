import { expect, test } from 'vitest';
import { expectTokens } from './expect-tokens.ts';

const form = (fields: string) => ({
  contentType: 'multipart/form-data; boundary=x',
  body: Buffer.from(`--x\r\nContent-Disposition: form-data; ${fields}\r\n--x--\r\n`),
});
const json = (body: string) => ({ contentType: 'application/json', body: Buffer.from(body) });

const asking = (operation: string) => ({ method: 'POST', operation, deployment: '' });

test.each([
  ['an image', 'images/generations', json('{"prompt":"A house"}'), 1056],
  ['several', 'images/generations', json('{"n":3}'), 3168],
  ['several in a form', 'images/edits', form('name="n"\r\n\r\n2'), 2112],
  ['no number of them', 'images/edits', form('name="n"\r\n\r\nx'), 1056],
  ['several as text', 'images/generations', json('{"n":"3"}'), 3168],
  ['two numbers of them', 'images/generations', json('{"n":9,"n":1}'), 128 * 1056],
  [
    'two numbers of them in a form',
    'images/edits',
    form('name="n"\r\n\r\n1\r\n--x\r\nContent-Disposition: form-data; name="n"\r\n\r\n9'),
    9 * 1056,
  ],
  ['less than one', 'images/generations', json('{"n":0.5}'), 1056],
  ['any number of them', 'images/generations', json('{"n":1e300}'), 128 * 1056],
  ['images in what cannot be read', 'images/generations', json('{"n":'), 1056],
  ['a video', 'videos', json('{"prompt":"A house"}'), 4 * 1056],
  ['a longer one', 'videos', json('{"seconds":"12"}'), 12 * 1056],
  ['one that says twice how long', 'videos', json('{"seconds":"4","seconds":"12"}'), 20 * 1056],
  ['one in a form', 'videos', form('name="seconds"\r\n\r\n8'), 8 * 1056],
  ['several videos', 'video/generations/jobs', json('{"n_seconds":10,"n_variants":2}'), 20 * 1056],
  ['any number of them', 'video/generations/jobs', json('{"n_variants":1e300}'), 5 * 16 * 1056],
  ['another version of one', 'videos/video_1/remix', json('{"prompt":"x"}'), 20 * 1056],
  ['speech', 'audio/speech', json('{"input":"Hi"}'), 14],
])('%s is expected to take what is usual for it', (_, operation, body, tokens) => {
  const expected = expectTokens({ ...asking(operation), contentLength: undefined, ...body });
  expect(expected).toEqual({ promptTokens: 0, outputTokens: tokens });
});

test('a recording is expected to take what is usual for its length, of which only the beginning may be here', () => {
  const asked = { ...asking('audio/transcriptions'), ...form('name="file"\r\n\r\nx') };
  expect(expectTokens({ ...asked, contentLength: '1600000' })?.outputTokens).toBe(1000);
  expect(expectTokens({ ...asked, contentLength: undefined })?.outputTokens).toBe(1);
});

test.each([
  ['images/embeddings', ''],
  ['threads/runs', ''],
  ['threads/thread_1/runs', ''],
  ['rerank', 'gpt-4o'],
])(
  'what else is asked of a model in JSON is expected to take a prompt by its bytes: %s',
  (operation, deployment) => {
    const asked = { ...asking(operation), deployment, ...json(`{"input":"${'x'.repeat(388)}"}`) };
    expect(expectTokens({ ...asked, contentLength: undefined })).toEqual({
      promptTokens: 100,
      outputTokens: 0,
    });
    expect(expectTokens({ ...asked, contentLength: '9000000' })?.promptTokens).toBe(32_000);
  },
);

test('no tokens are expected of any other operation', () => {
  for (const [method, operation] of [
    ['POST', 'files'],
    ['POST', 'moderations'],
    ['POST', 'vector_stores'],
    ['POST', 'responses/resp_1/cancel'],
    ['GET', 'images/generations'],
    ['GET', 'threads/thread_1/runs'],
  ] as const)
    expect(expectTokens({ ...asking(operation), method, contentLength: '9', ...json('{}') })).toBeUndefined();
  expect(
    expectTokens({ ...asking('ocr'), deployment: 'reader', contentLength: '9', ...form('name="n"') }),
  ).toBeUndefined();
});
