import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { findFormFields, isForm } from './form-field.ts';

const type = 'multipart/form-data; boundary=B';
const part = (name: string, value: string, extra = '') =>
  `--B\r\nContent-Disposition: form-data; name="${name}"${extra}\r\n\r\n${value}\r\n`;

function fieldIn(text: string | Buffer, contentType = type): string | undefined {
  const body = Buffer.from(text);
  const [range] = findFormFields(body, contentType, 'model');
  return range && body.toString('utf8', range.start, range.end);
}

test.each([
  ['the first field', `${part('model', 'whisper')}${part('file', 'x')}--B--\r\n`, 'whisper'],
  ['the last field', `${part('file', 'x')}${part('model', 'whisper')}--B--`, 'whisper'],
  ['a value in UTF-8', `${part('model', 'é模')}--B--`, 'é模'],
  ['a value of several lines', `${part('model', 'a\r\n\r\nb')}--B--`, 'a\r\n\r\nb'],
  ['an empty value', `${part('model', '')}--B--`, ''],
  ['a field behind a preamble', `preamble\r\n${part('model', 'x')}--B--`, 'x'],
  ['no file of that name', `${part('file', 'x', '; filename="model"')}--B--`, undefined],
  ['no name that it only resembles', `${part('models', 'x')}${part('xmodel', 'y')}--B--`, undefined],
  ['none in the content of a file', `${part('file', 'name="model"\r\n\r\nx')}--B--`, undefined],
  ['none that is cut off', `--B\r\nContent-Disposition: form-data; name="model"\r\n\r\nx`, undefined],
  ['none without any boundary', '{"model":"x"}', undefined],
])('the field of a form is found that is %s', (_, text, expected) => {
  expect(fieldIn(text)).toBe(expected);
});

test.each([
  ['multipart/form-data; boundary="B"', 'x'],
  ['multipart/form-data; charset=utf-8; BOUNDARY=B', 'x'],
  ['multipart/form-data', undefined],
  ['multipart/form-data; boundary=C', undefined],
])('the search for a form field takes the boundary from %s', (contentType, expected) => {
  expect(fieldIn(`${part('model', 'x')}--B--`, contentType)).toBe(expected);
});

test('a name may stand without quotes, among other headers, in any spelling', () => {
  const head = '--B\r\nContent-Type: text/plain\r\ncontent-disposition: Form-Data; Name=model; a=b';
  expect(fieldIn(`${head}\r\n\r\nx\r\n--B--`)).toBe('x');
});

test('the search for a form field finds whatever the platform’s own encoder has written', async () => {
  const text = fc.string({ unit: 'binary' });
  await fc.assert(
    fc.asyncProperty(text, fc.uint8Array({ maxLength: 500 }), fc.boolean(), async (value, bytes, isFirst) => {
      const form = new FormData();
      if (!isFirst) form.append('file', new Blob([bytes]), 'model');
      form.append('model', value);
      if (isFirst) form.append('file', new Blob([bytes]), 'model');
      const encoded = new Response(form);
      const body = Buffer.from(await encoded.arrayBuffer());
      // Browsers and Node normalise line ends in values (HTML, section 4.10.22.7).
      const expected = value.toWellFormed().replaceAll(/\r\n|\r|\n/g, '\r\n');
      expect(fieldIn(body, encoded.headers.get('content-type')!)).toBe(expected);
    }),
    { numRuns: 300 },
  );
});

test.each([
  ['multipart/form-data; boundary=x', true],
  ['Multipart/Form-Data', true],
  ['multipart/mixed; boundary=x', false],
  ['application/json', false],
  [undefined, false],
])('%s is a form: %s', (contentType, expected) => {
  expect(isForm(contentType)).toBe(expected);
});
