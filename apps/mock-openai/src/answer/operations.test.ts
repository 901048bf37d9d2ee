import { array, assert, boolean, constantFrom, dictionary, jsonValue, property, record } from 'fast-check';
import { expect, test } from 'vitest';
import { modelCalls, objectCalls } from '../operations/operations.ts';
import { answerRequest } from './answer-request.ts';
import { toResource } from './resource.ts';
import type { Resource } from './resource.ts';

const fields =
  'input messages prompt instructions tools stream conversation background store previous_response_id ' +
  'max_output_tokens max_tokens file_id file_ids purpose items endpoint input_file_id assistant_id thread ' +
  'content role metadata query name training_file max_num_results attributes dimensions voice n size ' +
  'tool_choice response_format text reasoning include logprobs part_ids bytes seconds n_variants';

const operations = [
  ...modelCalls.map(({ path }) => ({ method: 'POST', path })),
  ...objectCalls.map(({ method, path }) => ({ method, path })),
];

/** Sends a request with a body, and reads the answer to its end. */
function ask(resource: Resource, method: string, path: string, body: object) {
  const bytes = Buffer.from(JSON.stringify({ model: 'gpt-4o', ...body }));
  const answer = answerRequest(resource, { method, url: `/openai/v1/${path}`, headers: {}, body: bytes });
  if (answer.kind === 'stream') return { status: 200, body: [...answer.frames].join('') };
  return { status: answer.status, body: answer.body.toString() };
}

/** Makes a resource with one object of each kind. Returns their ids by the part of the path before them. */
function withObjects(): { resource: Resource; ids: Readonly<Record<string, string>> } {
  const resource = toResource({ completionTokens: 3 });
  const make = (path: string, body: object = {}): string => {
    const made = JSON.parse(ask(resource, 'POST', path, body).body) as { id: string };
    return made.id;
  };
  const threads = make('threads');
  const assistants = make('assistants');
  const ids = {
    threads,
    assistants,
    responses: make('responses', { input: 'Hello', background: true }),
    conversations: make('conversations', { items: [{ role: 'user', content: 'Hello' }] }),
    vector_stores: make('vector_stores'),
    uploads: make('uploads', { filename: 'a', purpose: 'batch', bytes: 1, mime_type: 'text/plain' }),
    videos: make('videos', { prompt: 'Hello' }),
    jobs: make('video/generations/jobs', { prompt: 'Hello' }),
    messages: make(`threads/${threads}/messages`, { content: 'Hello' }),
    runs: make(`threads/${threads}/runs`, { assistant_id: assistants }),
  };
  return { resource, ids };
}

test('the mock answers any calls in any order, and never as if the mock had failed', () => {
  const name = constantFrom(...fields.split(' '));
  const body = dictionary(name, jsonValue({ maxDepth: 3 }), { maxKeys: 6 });
  const call = record({ operation: constantFrom(...operations), body, isReferring: boolean() });
  assert(
    property(array(call, { maxLength: 12 }), (calls) => {
      const { resource, ids } = withObjects();
      const referring = { assistant_id: ids['assistants'], conversation: ids['conversations'] };
      const statuses = calls.map(({ operation: { method, path }, body: given, isReferring }) => {
        const filled = path.replace(/(\w+)\/\{id\}/g, (_, kind: string) => `${kind}/${ids[kind] ?? 'none'}`);
        return ask(resource, method, filled, isReferring ? { ...given, ...referring } : given).status;
      });
      expect(statuses.filter((status) => ![200, 400, 404].includes(status))).toEqual([]);
    }),
  );
});
