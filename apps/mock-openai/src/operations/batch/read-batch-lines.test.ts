import { expect, test } from 'vitest';
import { readBatchLines } from './read-batch-lines.ts';

const line = (id: string, url: string) => JSON.stringify({ custom_id: id, method: 'POST', url, body: {} });

test.each(['/v1/responses', '/responses'])(
  'a batch takes requests for %s, with or without the version',
  (endpoint) => {
    const text = `${line('a', '/v1/responses')}\n\n${line('b', '/responses')}\n`;
    expect(readBatchLines(Buffer.from(text), endpoint)).toEqual({
      kind: 'requests',
      requests: [
        { customId: 'a', path: 'responses', body: {} },
        { customId: 'b', path: 'responses', body: {} },
      ],
    });
  },
);

test('a batch names every line that is wrong', () => {
  const lines = ['{', line('b', '/v1/responses'), line('c', '/v1/embeddings'), '[]', '{"custom_id":"e"}'];
  expect(readBatchLines(Buffer.from(lines.join('\n')), '/v1/responses')).toMatchObject({
    kind: 'wrong',
    errors: [
      { code: 'invalid_json_line', line: 1 },
      { code: 'mismatched_endpoint', line: 3, param: 'url' },
      { code: 'invalid_json_line', line: 4 },
      { code: 'invalid_json_line', line: 5 },
    ],
  });
});

test('an empty batch file is wrong', () => {
  expect(readBatchLines(Buffer.from('\n'), '/v1/responses')).toMatchObject({
    kind: 'wrong',
    errors: [{ code: 'empty_file' }],
  });
});
