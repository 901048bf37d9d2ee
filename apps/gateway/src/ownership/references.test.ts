import { describe, expect, test } from 'vitest';
import { RequestContent } from '../route/request-content.ts';
import { findReferences } from './references.ts';

function inPath(operation: string) {
  return findReferences(operation, undefined).map(({ collection, id }) => `${collection}/${id}`);
}

function inBody(body: unknown) {
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  return findReferences('responses', new RequestContent('responses', bytes)).map(
    ({ collection = '?', id }) => `${collection}/${id}`,
  );
}

describe('a path refers to', () => {
  test.each([
    ['responses/resp_1', 'responses/resp_1'],
    ['responses/resp_1/input_items', 'responses/resp_1'],
    ['files/assistant-1/content', 'files/assistant-1'],
    ['batches/batch_1/cancel', 'batches/batch_1'],
    ['threads/thread_1/runs/run_1/steps/step_1', 'threads/thread_1'],
    ['assistants/asst_1', 'assistants/asst_1'],
    ['vector_stores/vs_1/files/file-1', 'vector_stores/vs_1'],
    ['fine_tuning/jobs/ftjob-1/events', 'fine_tuning/jobs/ftjob-1'],
    ['conversations/conv_1/items', 'conversations/conv_1'],
    ['evals/eval_1/runs', 'evals/eval_1'],
    ['uploads/upload_1/parts', 'uploads/upload_1'],
    ['containers/cntr_1/files', 'containers/cntr_1'],
    ['chat/completions/chatcmpl-1/messages', 'chat/completions/chatcmpl-1'],
    ['files/file%2D1', 'files/file-1'],
  ])('%s: %s', (operation, reference) => {
    expect(inPath(operation)).toEqual([reference]);
  });

  test.each([
    'responses',
    'files',
    'files/',
    'fine_tuning/jobs',
    'fine_tuning/checkpoints/x',
    'threads/runs',
    'models/gpt-4o',
    'chat/completions',
    'filesystem/file-1',
    'files/..',
    'files/.hidden',
    'files/a%2fb',
    'files/%zz',
    `files/${'x'.repeat(257)}`,
  ])('nothing: %s', (operation) => {
    expect(inPath(operation)).toEqual([]);
  });
});

describe('a body refers to', () => {
  test.each<[string, unknown, string[]]>([
    ['the response before', { previous_response_id: 'resp_1' }, ['responses/resp_1']],
    ['a conversation', { conversation: 'conv_1' }, ['conversations/conv_1']],
    ['a conversation as an object', { conversation: { id: 'conv_1' } }, ['conversations/conv_1']],
    ['a batch’s input', { input_file_id: 'file-1' }, ['files/file-1']],
    ['training and validation', { training_file: 'f1', validation_file: 'f2' }, ['files/f1', 'files/f2']],
    ['files', { file_ids: ['f1', 'f2'] }, ['files/f1', 'files/f2']],
    ['a file', { file_id: 'f1' }, ['files/f1']],
    ['an assistant', { assistant_id: 'asst_1' }, ['assistants/asst_1']],
    [
      'an assistant’s resources',
      {
        tool_resources: { file_search: { vector_store_ids: ['vs'] }, code_interpreter: { file_ids: ['f'] } },
      },
      ['vector_stores/vs', 'files/f'],
    ],
    [
      'the stores of a tool',
      { tools: [{ type: 'file_search', vector_store_ids: ['vs1', 'vs2'] }] },
      ['vector_stores/vs1', 'vector_stores/vs2'],
    ],
    ['the container of a tool', { tools: [{ container: 'cntr_1' }] }, ['containers/cntr_1']],
    ['attachments', { messages: [{ attachments: [{ file_id: 'f' }] }] }, ['files/f']],
    ['an input file', { input: [{ content: [{ type: 'input_file', file_id: 'f' }] }] }, ['files/f']],
    ['an eval’s data', { data_source: { source: { type: 'file_id', id: 'f' } } }, ['files/f']],
    ['an item', { input: [{ type: 'item_reference', id: 'msg_1' }] }, ['?/msg_1']],
    ['an item, type last', { input: [{ id: 'msg_1', type: 'item_reference' }] }, ['?/msg_1']],
    ['an item without a type', { input: [{ id: 'msg_1' }] }, ['?/msg_1']],
    ['reasoning', { input: [{ type: 'reasoning', id: 'rs_1', summary: [] }] }, ['?/rs_1']],
    [
      'several, in their order',
      {
        input: [{ type: 'item_reference', id: 'i' }],
        conversation: 'c',
        tools: [{ vector_store_ids: ['v'] }],
      },
      ['?/i', 'conversations/c', 'vector_stores/v'],
    ],
  ])('%s', (_, body, references) => {
    expect(inBody(body)).toEqual(references);
  });

  test.each<[string, unknown]>([
    ['a text that looks like it', { input: '{"previous_response_id":"resp_1"}' }],
    ['a text with escaped quotes', { input: '\\", "file_id": "f", "x": "\\\\' }],
    ['metadata', { metadata: { file_id: 'f', previous_response_id: 'r' } }],
    ['a tool’s schema', { tools: [{ parameters: { properties: { file_id: { type: 'string' } } } }] }],
    ['a message with an id', { input: [{ type: 'message', id: 'msg_1', content: 'x' }] }],
    ['an id that is none', { file_id: '../../models', previous_response_id: 'a/b', conversation: 'a b' }],
    ['an empty id', { previous_response_id: '' }],
    ['null', { previous_response_id: null, conversation: null }],
    ['a list', [{ file_id: 'f' }]],
    ['a form', '--B\r\nContent-Disposition: form-data; name="file"\r\n\r\n{"file_id":"f"}\r\n--B--'],
    ['half a string', '{"file_id":"f'],
    ['nothing', ''],
  ])('nothing: %s', (_, body) => {
    expect(inBody(body)).toEqual([]);
  });

  test('at most a hundred objects', () => {
    const file_ids = Array.from({ length: 1000 }, (_, index) => `f${index}`);
    expect(inBody({ file_ids })).toHaveLength(100);
  });

  test('the same in a body of twenty megabytes', () => {
    const image = `data:image/png;base64,${'iVBORw0KGgo'.repeat(1_900_000)}`;
    const input = [{ role: 'user', content: [{ type: 'input_image', image_url: image }] }];
    expect(inBody({ input, previous_response_id: 'resp_1' })).toEqual(['responses/resp_1']);
  });
});

test('the object in the path comes before those in the body', () => {
  const body = Buffer.from('{"assistant_id":"asst_1"}');
  const content = new RequestContent('threads/thread_1/runs', body);
  expect(findReferences('threads/thread_1/runs', content).map(({ id }) => id)).toEqual([
    'thread_1',
    'asst_1',
  ]);
});
