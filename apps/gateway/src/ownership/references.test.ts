import { expect, test } from 'vitest';
import { RequestContent } from '../route/request-content.ts';
import { findReferences, objectAskedFor, referenceInPath } from './references.ts';

function inPath(operation: string) {
  return findReferences(operation, undefined).map(({ collection, id }) => `${collection}/${id}`);
}

function inBody(body: unknown, operation = 'responses') {
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  return findReferences(operation, new RequestContent(operation, bytes)).map(
    ({ collection = '?', id }) => `${collection}/${id}`,
  );
}

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
  ['videos/video_68d0/content', 'videos/video_68d0'],
  ['video/generations/jobs/task_01jx', 'video/generations/jobs/task_01jx'],
  ['video/generations/gen_01jx/content/video', 'video/generations/gen_01jx'],
  ['skills/skill_1/versions/2', 'skills/skill_1'],
  ['realtime/calls/rtc_u1/hangup', 'realtime/calls/rtc_u1'],
  [
    'operations/images/6d2f3a0e-9c1f-4b7e-8a51-0c6a5f3f9f10',
    'operations/images/6d2f3a0e-9c1f-4b7e-8a51-0c6a5f3f9f10',
  ],
  ['batch/jobs/4f0a6cde8b7d4d2f9c3a7b2e1f0d9c8b', 'batch/jobs/4f0a6cde8b7d4d2f9c3a7b2e1f0d9c8b'],
  ['messages/batches/msgbatch_01Hk/results', 'messages/batches/msgbatch_01Hk'],
  ['widgets/widget_7/turn', 'widgets/widget_7'],
  ['a/b/c/obj-a1/d', 'a/b/c/obj-a1'],
  ['memory_stores/store-1:search_memories', 'memory_stores/store-1'],
])('a path refers to %s: %s', (operation, reference) => {
  expect(inPath(operation)).toEqual([reference]);
});

test.each([
  'responses',
  'files',
  'files/',
  'fine_tuning/jobs',
  'fine_tuning/checkpoints/x',
  'threads/runs',
  'chat/completions',
  'files/..',
  'files/.hidden',
  'files/a%2fb',
  'files/%zz',
  'responses/compact',
  'responses/input_tokens',
  'images/generations',
  'images/generations:submit',
  'audio/speech',
  'conversations/items',
  'vector_stores/search',
  'vector_stores/file_batches',
  'videos/remix',
  'fine_tuning/alpha/graders/run',
  'realtime/client_secrets',
  'realtime/transcription_sessions',
  'evals/output_items',
  'v2/rerank',
  'resp_1',
  'batches/2024-10-21',
  `files/${'x'.repeat(257)}`,
])('a path refers to nothing: %s', (operation) => {
  expect(inPath(operation)).toEqual([]);
});

test.each([
  ['files/file-1', 'file-1'],
  ['agents/my-agent', 'my-agent'],
  ['files/file-1/content', undefined],
  ['agents/my-agent/versions', undefined],
  ['agents/my-agent/versions/1', undefined],
  ['memory_stores/my-memory:search_memories', undefined],
  ['agents', undefined],
])('what is requested itself, not something of it, by %s is %s', (operation, id) => {
  expect(objectAskedFor(operation)).toBe(id);
});

test.each<[string, string, unknown, string[]]>([
  ['the response before', 'responses', { previous_response_id: 'resp_1' }, ['responses/resp_1']],
  [
    'the same, to be compacted',
    'responses/compact',
    { previous_response_id: 'resp_1' },
    ['responses/resp_1'],
  ],
  ['a conversation', 'responses', { conversation: 'conv_1' }, ['conversations/conv_1']],
  ['a conversation as an object', 'responses', { conversation: { id: 'conv_1' } }, ['conversations/conv_1']],
  ['a batch’s input', 'batches', { input_file_id: 'file-1' }, ['files/file-1']],
  [
    'training and validation',
    'fine_tuning/jobs',
    { training_file: 'file-1', validation_file: 'file-2' },
    ['files/file-1', 'files/file-2'],
  ],
  ['files', 'vector_stores', { file_ids: ['file-1', 'assistant-2'] }, ['files/file-1', 'files/assistant-2']],
  ['a file', 'vector_stores/vs_0/files', { file_id: 'file-1' }, ['vector_stores/vs_0', 'files/file-1']],
  [
    'an agent and a memory of a project',
    'responses',
    { agent: { type: 'agent_reference', name: 'my-agent' }, tools: [{ memory_store_name: 'my-memory' }] },
    ['agents/my-agent', 'memory_stores/my-memory'],
  ],
  ['an agent by another key', 'responses', { agent_reference: { name: 'mine' } }, ['agents/mine']],
  [
    'what an agent is to use',
    'agents',
    { name: 'new', definition: { tools: [{ vector_store_ids: ['vs_1'] }] } },
    ['vector_stores/vs_1'],
  ],
  [
    'the skills of a container',
    'containers',
    { file_ids: ['file-1'], skills: [{ type: 'skill_reference', skill_id: 'skill_1' }] },
    ['files/file-1', 'skills/skill_1'],
  ],
  ['an assistant', 'threads/runs', { assistant_id: 'asst_1' }, ['assistants/asst_1']],
  [
    'an assistant’s resources',
    'assistants',
    {
      tool_resources: {
        file_search: {
          vector_store_ids: ['vs_1'],
          vector_stores: [{ file_ids: ['file-1'], metadata: { file_id: 'file-9' } }],
        },
        code_interpreter: { file_ids: ['file-2'] },
      },
    },
    ['vector_stores/vs_1', 'files/file-1', 'files/file-2'],
  ],
  [
    'the stores of a tool',
    'responses',
    { tools: [{ type: 'file_search', vector_store_ids: ['vs_1', 'vs_2'] }] },
    ['vector_stores/vs_1', 'vector_stores/vs_2'],
  ],
  ['the container of a tool', 'responses', { tools: [{ container: 'cntr_1' }] }, ['containers/cntr_1']],
  [
    'the files of a tool’s container',
    'responses',
    { tools: [{ container: { type: 'auto', file_ids: ['file-1'] } }] },
    ['files/file-1'],
  ],
  ['attachments', 'threads', { messages: [{ attachments: [{ file_id: 'file-1' }] }] }, ['files/file-1']],
  [
    'an image of a message',
    'threads/thread_1/messages',
    { content: [{ type: 'image_file', image_file: { file_id: 'file-1' } }] },
    ['threads/thread_1', 'files/file-1'],
  ],
  [
    'an input file',
    'responses',
    { input: [{ content: [{ type: 'input_file', file_id: 'file-1' }] }] },
    ['files/file-1'],
  ],
  [
    'a file of a tool’s output',
    'responses',
    { input: [{ type: 'function_call_output', output: [{ type: 'input_file', file_id: 'file-1' }] }] },
    ['files/file-1'],
  ],
  [
    'a file of a prompt’s variables',
    'responses',
    { prompt: { id: 'pmpt_1', variables: { file_id: { type: 'input_file', file_id: 'file-1' } } } },
    ['prompts/pmpt_1', 'files/file-1'],
  ],
  [
    'what code ran in, and a shell',
    'responses',
    {
      input: [
        { type: 'code_interpreter_call', id: 'ci_1', container_id: 'cntr_1' },
        { type: 'shell_call', id: 'sh_1', environment: { container_id: 'cntr_2' } },
        { type: 'mcp_approval_response', approval_request_id: 'mcpr_1' },
      ],
    },
    ['containers/cntr_1', 'containers/cntr_2', 'items/mcpr_1'],
  ],
  [
    'a character of a video',
    'videos',
    { prompt: 'x', characters: [{ id: 'char_1' }] },
    ['videos/characters/char_1'],
  ],
  [
    'an eval’s data',
    'evals/eval_1/runs',
    { data_source: { source: { type: 'file_id', id: 'file-1' } } },
    ['evals/eval_1', 'files/file-1'],
  ],
  ['an item', 'responses', { input: [{ type: 'item_reference', id: 'msg_1' }] }, ['?/msg_1']],
  ['an item, type last', 'responses', { input: [{ id: 'msg_1', type: 'item_reference' }] }, ['?/msg_1']],
  ['an item without a type', 'responses', { input: [{ id: 'msg_1' }] }, ['?/msg_1']],
  ['reasoning', 'responses', { input: [{ type: 'reasoning', id: 'rs_1', summary: [] }] }, ['?/rs_1']],
  [
    'an image to go on with',
    'responses',
    { input: [{ type: 'image_generation_call', id: 'ig_1' }] },
    ['?/ig_1'],
  ],
  [
    'an item of a conversation',
    'conversations',
    { items: [{ type: 'item_reference', id: 'msg_1' }] },
    ['?/msg_1'],
  ],
  ['a video', 'videos/edits', { video: { id: 'video_1' } }, ['videos/video_1']],
  ['what is like it, in a new collection', 'widgets', { file_id: 'file-1' }, ['files/file-1']],
  [
    'several, in their order',
    'responses',
    {
      input: [{ type: 'item_reference', id: 'msg_1' }],
      conversation: 'conv_1',
      tools: [{ vector_store_ids: ['vs_1'] }],
    },
    ['?/msg_1', 'conversations/conv_1', 'vector_stores/vs_1'],
  ],
])('a body refers to %s', (_, operation, body, references) => {
  expect(inBody(body, operation)).toEqual(references);
});

const own = {
  file_id: 'file-1',
  thread_id: 'thread_1',
  previous_response_id: 'resp_1',
  conversation: { id: 'conv_1' },
  vector_store_ids: ['vs_1'],
  input: [{ id: 'msg_1' }],
};
test.each<[string, unknown]>([
  ['a text that looks like it', { input: '{"previous_response_id":"resp_1"}' }],
  ['a text with escaped quotes', { input: '\\", "file_id": "file-1", "x": "\\\\' }],
  ['metadata', { metadata: own }],
  ['a client’s own metadata', { client_metadata: own }],
  [
    'a prompt’s variables that are texts',
    { prompt: { id: 'p', variables: { file_id: 'file-1', x: 'vs_1' } } },
  ],
  ['variables', { variables: own }],
  ['a tool’s headers', { tools: [{ type: 'mcp', headers: own }] }],
  ['a tool’s schema', { tools: [{ type: 'function', name: 'f', parameters: own }] }],
  ['a tool’s filters', { tools: [{ type: 'file_search', filters: own }] }],
  ['a call’s arguments', { input: [{ type: 'function_call', id: 'fc_1', arguments: own }] }],
  ['what a tool has answered', { input: [{ type: 'mcp_call', id: 'mcp_1', output: JSON.stringify(own) }] }],
  ['the schema of an answer', { text: { format: { type: 'json_schema', schema: own } } }],
  ['what a search has found', { input: [{ type: 'file_search_call', id: 'fs_1', results: [own] }] }],
  ['keys of other operations', { thread_id: 'thread_1', file_id: 'file-1', input_file_id: 'file-2' }],
  ['a message with an id', { input: [{ type: 'message', id: 'msg_1', content: 'x' }] }],
  ['an id that is none', { previous_response_id: 'a/b', conversation: 'a b' }],
  ['a word', { previous_response_id: 'previous', conversation: 'my-conversation' }],
  ['a path', { previous_response_id: '../../models' }],
  ['an empty id', { previous_response_id: '' }],
  ['null', { previous_response_id: null, conversation: null }],
  ['a list', [{ previous_response_id: 'resp_1' }]],
  ['a form', '--B\r\nContent-Disposition: form-data; name="file"\r\n\r\n{"file_id":"f"}\r\n--B--'],
  ['half a string', '{"previous_response_id":"resp_1'],
  ['nothing', ''],
])('a body refers to nothing: %s', (_, body) => {
  expect(inBody(body)).toEqual([]);
});

test.each([
  ['vector_stores/vs_1/files', { attributes: own }],
  ['vector_stores/vs_1/search', { query: 'file-1', filters: own }],
  ['threads', { metadata: own, messages: [{ metadata: own, content: JSON.stringify(own) }] }],
  ['assistants', { metadata: own, tools: [{ function: { parameters: own } }] }],
  ['batches', { metadata: own }],
  ['evals', { data_source_config: { item_schema: own } }],
  ['chat/completions/chatcmpl-1', { metadata: own }],
])('a body refers to nothing of the client’s own in %s', (operation, body) => {
  expect(inBody(body, operation).slice(referenceInPath(operation) ? 1 : 0)).toEqual([]);
});

test('a body refers to at most a hundred objects', () => {
  const file_ids = Array.from({ length: 1000 }, (_, index) => `file-${index}`);
  expect(inBody({ file_ids }, 'vector_stores')).toHaveLength(100);
});

test('a body refers to the same in a body of twenty megabytes', () => {
  const image = `data:image/png;base64,${'iVBORw0KGgo'.repeat(1_900_000)}`;
  const input = [{ role: 'user', content: [{ type: 'input_image', image_url: image }] }];
  expect(inBody({ input, previous_response_id: 'resp_1' })).toEqual(['responses/resp_1']);
});

function sealed(content: string) {
  return { type: 'reasoning', summary: [], encrypted_content: content };
}

test('a body’s sealed contents have one name each, whichever signs are escaped', () => {
  const [plain] = inBody({ input: [sealed('gAAAAAB+x/y_z-w==')] });
  const spelt = String.raw`{"input":[{"encrypted_content":"gAAAAAB\u002Bx\/y_z-w\u003d="}]}`;
  expect(plain).toMatch(/^\?\/sealed:[\w-]{22}$/);
  expect(inBody(spelt)).toEqual([plain]);
  expect(inBody({ input: [sealed('gAAAAAB+x/y_z-v==')] })).not.toEqual([plain]);
});

test('a body’s sealed contents come before ids, the latest first, and are the latest eight', () => {
  const names = Array.from({ length: 20 }, (_, index) => inBody({ input: [sealed(`content${index}`)] })[0]);
  const input = [...names.keys()].map((index) => sealed(`content${index}`));
  const found = inBody({ input, previous_response_id: 'resp_1' });
  expect(found).toEqual([...names.slice(-8).toReversed(), 'responses/resp_1']);
});

test.each([
  ['metadata', { metadata: sealed('x1') }],
  ['what is cut off', '{"input":[{"encrypted_content":"gAAA'],
  ['what is empty', { input: [sealed('')] }],
  ['null', { input: [{ encrypted_content: null }] }],
])('a body’s sealed contents are not in %s', (_, body) => {
  expect(inBody(body)).toEqual([]);
});

test('the object in the path comes before those in the body', () => {
  const body = Buffer.from('{"assistant_id":"asst_1"}');
  const content = new RequestContent('threads/thread_1/runs', body);
  expect(findReferences('threads/thread_1/runs', content).map(({ id }) => id)).toEqual([
    'thread_1',
    'asst_1',
  ]);
});
