import { expect, test } from 'vitest';
import { isForm, readForm } from './read-form.ts';

const type = 'multipart/form-data; boundary=edge';

function formOf(...parts: readonly string[]): Buffer {
  return Buffer.from(`${parts.map((part) => `--edge\r\n${part}\r\n`).join('')}--edge--\r\n`);
}

const field = (name: string, value: string) =>
  `Content-Disposition: form-data; name="${name}"\r\n\r\n${value}`;

test('a form has its fields, lists of them, and its files', async () => {
  const file =
    'Content-Disposition: form-data; name="file"; filename="a.wav"\r\nContent-Type: audio/wav\r\n\r\nRIFF';
  const form = await readForm(
    type,
    formOf(field('model', 'whisper'), field('kinds[]', 'word'), field('tag', 'a'), field('tag', 'b'), file),
  );
  expect(form).toEqual({
    fields: { model: 'whisper', kinds: ['word'], tag: ['a', 'b'] },
    files: { file: { name: 'a.wav', contentType: 'audio/wav', bytes: Buffer.from('RIFF') } },
  });
});

test.each([
  [type, Buffer.from('not a form')],
  [type, Buffer.alloc(0)],
  [type, Buffer.from('--edge\r\nContent-Disposition: form-data; name="a"\r\n\r\ncut')],
  ['multipart/form-data', formOf(field('a', 'b'))],
])('%s with %j is malformed', async (contentType, body) => {
  expect(await readForm(contentType, body)).toBeUndefined();
});

test('only multipart/form-data is a form', () => {
  expect([type, 'application/json', undefined].map(isForm)).toEqual([true, false, false]);
});
