import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { GatewayError } from '../errors.ts';
import { allReferences } from './all-references.ts';
import { mayRefer } from './reference-words.ts';
import { RequestContent } from './request-content.ts';

const idsIn = (operation: string, body: string) =>
  mayRefer(operation, Buffer.from(body))
    ? allReferences(operation, Buffer.from(body)).map(({ id }) => id)
    : [];

test.each([
  ['responses', '{"previous_response_id":"resp_1"}', ['resp_1']],
  ['responses', '{"previous\\u005fresponse_id":"resp_1"}', ['resp_1']],
  ['responses', '{"previous_response_id":"resp\\u005f1"}', ['resp_1']],
  ['responses', '\u{feff} {"conversation":{"id":"conv_1"}}', ['conv_1']],
  ['responses', '{"input":[{"type":"item_reference","id":"msg_1"}]}', ['msg_1']],
  ['responses', '{"input":[{"content":[{"type":"input_file","file_id":"file-1"}]}]}', ['file-1']],
  ['responses', '{"tools":[{"type":"file_search","vector_store_ids":["vs_1","vs_2"]}]}', ['vs_1', 'vs_2']],
  ['batches', '{"input_file_id":"file-1"}', ['file-1']],
  ['batches', '{"input_file\\u005fid":"file-1","input_file_id":"file-2"}', ['file-1', 'file-2']],
  [
    'responses',
    '{"conversation":{"id":"conv_1","id":"conv_2"},"conversation":"conv_3"}',
    ['conv_1', 'conv_2', 'conv_3'],
  ],
  ['evals/eval_1/runs', '{"data_source":{"source":{"content":[{"item":{"of":"resp_1"}}]}}}', ['resp_1']],
  [
    'chat/completions',
    '{"messages":[{"content":[{"type":"file","file":{"file_id":"file-1"}}]}]}',
    ['file-1'],
  ],
  ['chat/completions', '{"messages":[{"content":[{"file":{"file\\u005fid":"file-1"}}]}]}', ['file-1']],
  ['images/edits', '{"images":[{"file_id":"file-1"}]}', ['file-1']],
  ['chat/completions', '{"messages":[{"role":"assistant","audio":{"id":"audio_1"}}]}', ['audio_1']],
  ['messages', '{"container":"container_1","messages":[]}', ['container_1']],
  [
    'messages',
    '{"container":{"id":"container_1","skills":[{"skill_id":"skill_2"}]}}',
    ['container_1', 'skill_2'],
  ],
  ['audio/speech', '{"voice":{"id":"voice_1"},"input":"Hi"}', ['voice_1']],
  ['audio/speech', '{"voice":"alloy","input":"Hi"}', []],
  ['somethings/new', '{"thread_id":"thread_1"}', ['thread_1']],
  ['responses', '{"metadata":{"previous_response_id":"resp_1"},"variables":{"file_id":"file-1"}}', []],
  ['responses', '{"tools":[{"type":"mcp","headers":{"file_id":"file-1"}}]}', []],
  ['responses', '{"__proto__":{"previous_response_id":"resp_1"}}', []],
  ['chat/completions', '{"messages":[{"role":"user","content":"What is a file_id?"}]}', []],
])('all references of %s in %s are %j', (operation, body, expected) => {
  expect(idsIn(operation, body)).toEqual(expected);
});

test('a reference behind a thousand others is found', () => {
  const input = Array.from({ length: 1000 }, (_, n) => ({ content: [{ file_id: `file-${n}` }] }));
  const body = JSON.stringify({ input, previous_response_id: 'resp_1' });
  expect(idsIn('responses', body)).toHaveLength(1001);
  expect(idsIn('responses', body).at(-1)).toBe('resp_1');
});

test('a body that cannot be parsed is refused, as a backend might find something in it', () => {
  expect(() => idsIn('responses', "{'previous_response_id':'resp_1'}")).toThrow(GatewayError);
});

test('lists in lists are looked at, but not without end', () => {
  expect(idsIn('responses', '{"input":[[[{"content":[{"file_id":"file-1"}]}]]]}')).toEqual(['file-1']);
  const deep = `{"input":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
  expect(idsIn('responses', deep)).toEqual([]);
});

test('whatever is found by its bytes is found by parsing too', () => {
  const id = fc.constantFrom('file-1', 'resp_2', 'vs_3', 'conv_4');
  const body = fc.record(
    {
      previous_response_id: id,
      conversation: fc.oneof(id, fc.record({ id })),
      input: fc.array(
        fc.record({ type: fc.constant('item_reference'), id, content: fc.array(fc.record({ file_id: id })) }),
      ),
      tools: fc.array(fc.record({ vector_store_ids: fc.array(id) })),
      metadata: fc.dictionary(fc.string(), id),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(body, (value) => {
      const bytes = Buffer.from(JSON.stringify(value));
      const found = allReferences('responses', bytes).map((one) => one.id);
      const seen = new RequestContent('responses', bytes).references.map((one) => one.id);
      expect(found).toEqual(expect.arrayContaining(seen));
    }),
  );
});
