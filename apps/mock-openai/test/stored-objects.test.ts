import OpenAI from 'openai';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { startMock } from '../src/start-mock.ts';
import { post } from './testing/post.ts';
import { start } from './testing/start.ts';
import type { Mock } from '../src/mock.ts';
import type { ResponseStreamEvent } from 'openai/resources/responses/responses';

type Json = Readonly<Record<string, unknown>>;

const bases = {
  classic: (path: string) => `/openai/${path}?api-version=2025-04-01-preview`,
  v1: (path: string) => `/openai/v1/${path}`,
};
const eachBase = Object.entries(bases);

let east: Mock;
let west: Mock;
beforeAll(async () => {
  [east, west] = await Promise.all([startMock({ name: 'east' }), startMock({ name: 'west' })]);
});
afterEach(() => {
  east.reset();
  west.reset();
});
afterAll(() => Promise.all([east.stop(), west.stop()]));

async function read(response: Response): Promise<{ status: number; body: Json }> {
  return { status: response.status, body: (await response.json()) as Json };
}

const get = async (mock: Mock, path: string) => read(await fetch(mock.url + path));
const send = async (mock: Mock, path: string, body: unknown) => read(await post(mock, path, body));

async function uploadTo(mock: Mock, path: string, text: string) {
  const form = new FormData();
  form.set('purpose', 'batch');
  form.set('file', new Blob([text]), 'batch.jsonl');
  return read(await fetch(mock.url + path, { method: 'POST', body: form }));
}

/** Uploads a file for a batch. Returns its id. */
async function upload(mock: Mock, text: string): Promise<string> {
  return String((await uploadTo(mock, bases.v1('files'), text)).body['id']);
}

/** Makes one object of each kind that others depend on. Returns their ids. */
async function makeObjects(mock: Mock) {
  const { v1 } = bases;
  const make = async (path: string, body: unknown) => String((await send(mock, v1(path), body)).body['id']);
  const request = { custom_id: 'a', url: '/v1/responses', body: { model: 'gpt-4o', input: 'Hello' } };
  const file = await upload(mock, JSON.stringify(request));
  const assistant = await make('assistants', { model: 'gpt-4o' });
  const thread = await make('threads', {});
  return {
    file,
    assistant,
    thread,
    response: await make('responses', { model: 'gpt-4o', input: 'Hello' }),
    batch: await make('batches', { input_file_id: file, endpoint: '/v1/responses' }),
    message: await make(`threads/${thread}/messages`, { role: 'user', content: 'Hello' }),
    run: await make(`threads/${thread}/runs`, { assistant_id: assistant }),
    store: await make('vector_stores', { file_ids: [file] }),
    conversation: await make('conversations', {}),
    job: await make('fine_tuning/jobs', { model: 'gpt-4o-mini', training_file: file }),
  };
}

type Ids = Awaited<ReturnType<typeof makeObjects>>;

const objects: [string, (ids: Ids) => string, (ids: Ids) => string][] = [
  ['files', ({ file }) => `files/${file}`, ({ file }) => `No such File object: ${file}`],
  ['content', ({ file }) => `files/${file}/content`, ({ file }) => `No such File object: ${file}`],
  [
    'responses',
    ({ response }) => `responses/${response}`,
    ({ response }) => `Response with id '${response}' not found.`,
  ],
  [
    'input items',
    ({ response }) => `responses/${response}/input_items`,
    ({ response }) => `Response with id '${response}' not found.`,
  ],
  ['batches', ({ batch }) => `batches/${batch}`, ({ batch }) => `No batch found with id '${batch}'.`],
  [
    'assistants',
    ({ assistant }) => `assistants/${assistant}`,
    ({ assistant }) => `No assistant found with id '${assistant}'.`,
  ],
  ['threads', ({ thread }) => `threads/${thread}`, ({ thread }) => `No thread found with id '${thread}'.`],
  [
    'messages',
    ({ thread, message }) => `threads/${thread}/messages/${message}`,
    ({ thread }) => `No thread found with id '${thread}'.`,
  ],
  [
    'runs',
    ({ thread, run }) => `threads/${thread}/runs/${run}`,
    ({ thread }) => `No thread found with id '${thread}'.`,
  ],
  [
    'vector stores',
    ({ store }) => `vector_stores/${store}`,
    ({ store }) => `No vector store found with id '${store}'.`,
  ],
  [
    'vector store files',
    ({ store, file }) => `vector_stores/${store}/files/${file}`,
    ({ store }) => `No vector store found with id '${store}'.`,
  ],
  [
    'conversations',
    ({ conversation }) => `conversations/${conversation}`,
    ({ conversation }) => `Conversation with id '${conversation}' not found.`,
  ],
  [
    'fine-tuning jobs',
    ({ job }) => `fine_tuning/jobs/${job}`,
    ({ job }) => `Could not find fine tune: ${job}`,
  ],
];

test.each(objects)('%s are in the mock that made them, and in no other', async (_, pathOf, messageOf) => {
  const ids = await makeObjects(east);
  for (const base of Object.values(bases)) {
    const path = base(pathOf(ids));
    expect((await fetch(east.url + path)).status).toBe(200);
    const elsewhere = await get(west, path);
    expect(elsewhere.status).toBe(404);
    expect(elsewhere.body).toMatchObject({
      error: { message: messageOf(ids), type: 'invalid_request_error' },
    });
  }
  east.reset();
  expect((await get(east, bases.v1(pathOf(ids)))).status).toBe(404);
});

const referring: [string, (ids: Ids) => Json, number, Json][] = [
  [
    'an earlier response',
    ({ response }) => ({ previous_response_id: response }),
    400,
    { code: 'previous_response_not_found', param: 'previous_response_id' },
  ],
  ['a conversation', ({ conversation }) => ({ conversation: { id: conversation } }), 404, {}],
  [
    'a file',
    ({ file }) => ({ input: [{ role: 'user', content: [{ type: 'input_file', file_id: file }] }] }),
    404,
    { param: 'id' },
  ],
  [
    'a vector store',
    ({ store }) => ({ tools: [{ type: 'file_search', vector_store_ids: [store] }] }),
    404,
    {},
  ],
];

test.each(referring)(
  'a response that refers to %s needs the mock that has it',
  async (_, refer, status, error) => {
    const ids = await makeObjects(east);
    const body = { model: 'gpt-4o', input: 'Hello', ...refer(ids) };
    expect((await send(east, bases.v1('responses'), body)).status).toBe(200);
    const elsewhere = await send(west, bases.v1('responses'), body);
    expect(elsewhere.status).toBe(status);
    expect(elsewhere.body['error']).toMatchObject({ type: 'invalid_request_error', ...error });
  },
);

test('a response refers to an item of an earlier one', async () => {
  const path = bases.v1('responses');
  const first = await send(east, path, { model: 'gpt-4o', input: 'Hello' });
  const [message] = first.body['output'] as { id: string }[];
  const body = { model: 'gpt-4o', input: [{ type: 'item_reference', id: message?.id }] };
  expect((await send(east, path, body)).status).toBe(200);
  expect((await send(west, path, body)).status).toBe(404);
});

test.each(eachBase)(
  'a background response (%s) is queued, then in progress, then completed',
  async (_, base) => {
    const begun = await send(east, base('responses'), { model: 'gpt-4o', input: 'Hello', background: true });
    expect(begun.body).toMatchObject({ status: 'queued', output: [], background: true });
    const path = base(`responses/${String(begun.body['id'])}`);
    const bodies = [await get(east, path), await get(east, path), await get(east, path)].map(
      ({ body }) => body,
    );
    expect(bodies.map((body) => body['status'])).toEqual(['in_progress', 'completed', 'completed']);
    expect(bodies[1]).toMatchObject({ output: [{ role: 'assistant' }], usage: { output_tokens: 16 } });
  },
);

test('a stream of a background response that its client has left is taken up again behind any of its events', async () => {
  const ask = { model: 'gpt-4o', input: 'Hello', background: true, stream: true };
  const { responses } = new OpenAI({ apiKey: 'x', baseURL: `${east.url}/openai/v1`, maxRetries: 0 });
  const all: ResponseStreamEvent[] = [];
  let id = '';
  for await (const event of await responses.create({ ...ask, stream: true })) {
    if (event.type === 'response.created') ({ id } = event.response);
    all.push(event);
    if (all.length === 5) break;
  }
  const rest = await responses.retrieve(id, { stream: true, starting_after: all.at(-1)!.sequence_number });
  for await (const event of rest) all.push(event);
  expect(all.map((event) => event.sequence_number)).toEqual(all.map((_, index) => index));
  expect(all.at(-1)).toMatchObject({ type: 'response.completed', response: { id, background: true } });
  expect(await responses.retrieve(id)).toMatchObject({ status: 'completed' });
});

test('a response that was not made in the background is not streamed again', async () => {
  const { body } = await send(east, bases.v1('responses'), { model: 'gpt-4o', input: 'Hello' });
  const path = bases.v1(`responses/${String(body['id'])}?stream=true`);
  expect((await get(east, path)).status).toBe(400);
});

test('a background response that is cancelled stays so', async () => {
  const body = { model: 'gpt-4o', input: 'Hello', background: true };
  const id = String((await send(east, bases.v1('responses'), body)).body['id']);
  expect((await send(east, bases.v1(`responses/${id}/cancel`), {})).body).toMatchObject({
    status: 'cancelled',
  });
  expect((await get(east, bases.v1(`responses/${id}`))).body).toMatchObject({ status: 'cancelled' });
  expect((await send(east, bases.v1(`responses/${id}/cancel`), {})).status).toBe(400);
});

test('a response that is cut short says so, in a stream too', async () => {
  const body = { model: 'gpt-4o', input: 'Hello', max_output_tokens: 3 };
  const plain = await send(east, bases.v1('responses'), body);
  expect(plain.body).toMatchObject({
    status: 'incomplete',
    incomplete_details: { reason: 'max_output_tokens' },
    usage: { output_tokens: 3 },
  });
  const stream = await (await post(east, bases.v1('responses'), { ...body, stream: true })).text();
  expect(stream.split('\n\n').at(-2)).toMatch(/^event: response\.incomplete\n/);
  expect(stream).not.toContain('[DONE]');
});

test.each([
  [{}, 'input'],
  [{ input: 'Hello', previous_response_id: 'resp_1', conversation: 'conv_1' }, 'previous_response_id'],
  [{ input: 'Hello', background: true, store: false }, 'background'],
])('a response cannot be made from %j', async (body, param) => {
  const answer = await send(east, bases.v1('responses'), { model: 'gpt-4o', ...body });
  expect(answer).toMatchObject({ status: 400, body: { error: { param } } });
});

test('the model’s deployment must exist for a response, on both paths', async () => {
  const mock = await start({ deployments: ['gpt-4o'] });
  for (const [, base] of eachBase) {
    const answer = await send(mock, base('responses'), { model: 'other', input: 'Hello' });
    expect(answer).toMatchObject({ status: 404, body: { error: { code: 'DeploymentNotFound' } } });
  }
});

test.each([
  ['file', 'nothing', []],
  ['purpose', 'no purpose', [['file', new Blob(['text'])]]],
] as [string, string, [string, Blob][]][])('an upload needs a %s', async (param, _, fields) => {
  const form = new FormData();
  for (const [name, value] of fields) form.set(name, value);
  form.set('other', 'x');
  const answer = await read(await fetch(east.url + bases.v1('files'), { method: 'POST', body: form }));
  expect(answer).toMatchObject({ status: 400, body: { error: { param } } });
});

test('a malformed form gets a 400', async () => {
  const init = { headers: { 'content-type': 'multipart/form-data; boundary=edge' } };
  const answer = await read(await post(east, bases.v1('files'), 'not a form', init));
  expect(answer.status).toBe(400);
  expect(answer.body).toMatchObject({
    error: { message: expect.stringContaining('multipart'), type: 'invalid_request_error' },
  });
});

test('malformed JSON gets a 400', async () => {
  expect((await send(east, bases.v1('threads'), '{')).status).toBe(400);
  expect((await send(east, bases.v1('responses'), '[]')).status).toBe(400);
});

test('an upload answers 201 on the classic path, 200 on v1', async () => {
  const classic = await uploadTo(east, bases.classic('files'), 'text');
  const v1 = await uploadTo(east, bases.v1('files'), 'text');
  expect([classic.status, v1.status]).toEqual([201, 200]);
});

test('a batch writes down good answers and failures, each in a file', async () => {
  const mock = await start({ deployments: ['gpt-4o'] });
  const lines = ['gpt-4o', 'other'].map((model) =>
    JSON.stringify({ custom_id: model, url: '/v1/responses', body: { model, input: 'Hello' } }),
  );
  const file = await upload(mock, lines.join('\n'));
  const created = await send(mock, bases.v1('batches'), { input_file_id: file, endpoint: '/v1/responses' });
  const path = bases.v1(`batches/${String(created.body['id'])}`);
  await get(mock, path);
  const { body } = await get(mock, path);
  expect(body).toMatchObject({ status: 'completed', request_counts: { total: 2, completed: 1, failed: 1 } });
  const resultOf = (id: unknown) => get(mock, bases.v1(`files/${String(id)}/content`));
  const [good, failed] = [await resultOf(body['output_file_id']), await resultOf(body['error_file_id'])];
  expect(good.body).toMatchObject({ custom_id: 'gpt-4o', response: { status_code: 200 } });
  expect(failed.body).toMatchObject({ custom_id: 'other', response: { status_code: 404 } });
});

test('a batch whose file is wrong fails, and says where', async () => {
  const created = await send(east, bases.v1('batches'), {
    input_file_id: await upload(east, '{'),
    endpoint: '/v1/responses',
  });
  const { body } = await get(east, bases.v1(`batches/${String(created.body['id'])}`));
  expect(body).toMatchObject({
    status: 'failed',
    errors: { data: [{ code: 'invalid_json_line', line: 1 }] },
  });
});

test('responses spend the quota of their deployment', async () => {
  const mock = await start({ quota: 'gpt-4o=standard(tpm=100, rpm=none)' });
  const body = { model: 'gpt-4o', input: 'Hello', max_output_tokens: 60 };
  expect((await send(mock, bases.v1('responses'), body)).status).toBe(200);
  const refused = await send(mock, bases.v1('responses'), body);
  expect(refused.status).toBe(429);
  expect(JSON.stringify(refused.body)).toContain('Responses_Create');
  expect(mock.quota.deployments['gpt-4o']).toMatchObject({ admitted: 1, refused: 1, tokens: 62 });
  expect((await get(mock, bases.v1('responses/none'))).status).toBe(404);
});

test('a run that is cancelled says nothing', async () => {
  const { thread, run } = await makeObjects(east);
  const path = `threads/${thread}/runs/${run}`;
  expect((await send(east, bases.v1(`${path}/cancel`), {})).body).toMatchObject({ status: 'cancelling' });
  expect((await get(east, bases.v1(path))).body).toMatchObject({ status: 'cancelled' });
  const listed = await get(east, bases.v1(`threads/${thread}/messages`));
  expect(listed.body['data']).toMatchObject([{ role: 'user' }]);
});

test('an object is changed by what is posted to it', async () => {
  const { thread } = await makeObjects(east);
  await send(east, bases.v1(`threads/${thread}`), { metadata: { a: '1' }, id: 'other' });
  expect((await get(east, bases.v1(`threads/${thread}`))).body).toMatchObject({
    id: thread,
    metadata: { a: '1' },
  });
});
