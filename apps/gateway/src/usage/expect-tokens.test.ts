import { expect, test } from 'vitest';
import { expectTokens } from './expect-tokens.ts';

const form = (fields: string) => ({
  contentType: 'multipart/form-data; boundary=x',
  body: Buffer.from(`--x\r\nContent-Disposition: form-data; ${fields}\r\n--x--\r\n`),
});
const json = (body: string) => ({ contentType: 'application/json', body: Buffer.from(body) });

test.each([
  ['an image', 'images/generations', json('{"prompt":"A house"}'), 1056],
  ['several', 'images/generations', json('{"n":3}'), 3168],
  ['several in a form', 'images/edits', form('name="n"\r\n\r\n2'), 2112],
  ['no number of them', 'images/edits', form('name="n"\r\n\r\nx'), 1056],
  ['any number of them', 'images/generations', json('{"n":1e300}'), 128 * 1056],
  ['images in what cannot be read', 'images/generations', json('{"n":'), 1056],
  ['speech', 'audio/speech', json('{"input":"Hi"}'), 14],
])('%s is expected to take what is usual for it', (_, operation, body, tokens) => {
  expect(expectTokens({ method: 'POST', operation, contentLength: undefined, ...body })).toBe(tokens);
});

test('a recording is expected to take what is usual for its length, of which only the beginning may be here', () => {
  const asked = { method: 'POST', operation: 'audio/transcriptions', ...form('name="file"\r\n\r\nx') };
  expect(expectTokens({ ...asked, contentLength: '1600000' })).toBe(1000);
  expect(expectTokens({ ...asked, contentLength: undefined })).toBe(1);
});

test('of all else nothing is expected beside its prompt', () => {
  for (const [method, operation] of [
    ['POST', 'chat/completions'],
    ['POST', 'files'],
    ['GET', 'images/generations'],
  ] as const)
    expect(expectTokens({ method, operation, contentLength: '9', ...json('{}') })).toBeUndefined();
});
