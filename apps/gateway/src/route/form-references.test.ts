import { expect, test } from 'vitest';
import { formReferences } from './form-references.ts';

/** Writes a form as `multipart/form-data`. */
function formOf(fields: readonly (readonly [name: string, value: string])[]): Buffer {
  const parts = fields.map(
    ([name, value]) => `--B\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  return Buffer.from(`${parts.join('')}--B--\r\n`);
}

function idsIn(operation: string, ...fields: readonly (readonly [name: string, value: string])[]): string[] {
  return formReferences(operation, formOf(fields), 'multipart/form-data; boundary=B').map(
    ({ id, collection }) => `${collection}/${id}`,
  );
}

test.each<[string, string, string, string[]]>([
  ['the video that is edited', 'videos/edits', 'video[id]', ['videos/video_1']],
  ['the video that goes on', 'videos/extensions', 'video[id]', ['videos/video_1']],
  ['a character', 'videos', 'characters[0][id]', ['videos/characters/video_1']],
  ['the image that a video begins with', 'videos', 'input_reference[file_id]', ['files/video_1']],
  ['a skill in a list without numbers', 'containers', 'skills[][skill_id]', ['skills/video_1']],
  ['files in a list', 'containers', 'file_ids[]', ['files/video_1']],
  ['an operation that is not known', 'paintings', 'file_id', ['files/video_1']],
  ['the client’s own field', 'videos', 'metadata[file_id]', []],
  ['a field that every object has', 'videos', 'constructor[name]', []],
  ['an upload', 'files', 'file_id', []],
])('in a form, %s is found', (_, operation, name, expected) => {
  expect(idsIn(operation, ['prompt', 'A cat'], [name, 'video_1'])).toEqual(expected);
});

test('in a form, an object may be written as JSON', () => {
  expect(idsIn('videos/edits', ['video', '{"id":"video_1","metadata":{"id":"video_2"}}'])).toEqual([
    'videos/video_1',
  ]);
});

test('in a form, what cannot be an id refers to nothing', () => {
  expect(idsIn('videos/edits', ['video[id]', 'a cat'], ['video', '{"id":'])).toEqual([]);
});

test('in a form, at most a hundred objects are found, as in JSON', () => {
  const fields = Array.from({ length: 1000 }, (_, index) => ['file_ids[]', `file-${index}`] as const);
  expect(idsIn('containers', ...fields)).toHaveLength(100);
});
