import { Buffer } from 'node:buffer';
import OpenAI, { AzureOpenAI, toFile } from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startMock } from '../src/start-mock.ts';
import type { Mock } from '../src/mock.ts';

const apiKey = 'secret';
const apiVersion = '2025-04-01-preview';
const model = 'gpt-4o';
const said = 'Hello from eastus.';

let mock: Mock;
beforeAll(async () => {
  mock = await startMock({ name: 'eastus', apiKey, completionTokens: 12 });
});
afterAll(() => mock.stop());

const clients: [string, () => OpenAI][] = [
  ['AzureOpenAI', () => new AzureOpenAI({ endpoint: mock.url, apiKey, apiVersion, maxRetries: 0 })],
  ['OpenAI on v1', () => new OpenAI({ baseURL: `${mock.url}/openai/v1`, apiKey, maxRetries: 0 })],
];

describe.each(clients)('%s', (_, connect) => {
  const messages = [{ role: 'user' as const, content: 'Hello' }];

  test('the openai SDK completes a chat', async () => {
    const completion = await connect().chat.completions.create({ model, messages });
    expect(completion.choices[0]?.message.content).toContain(said);
    expect(completion.usage?.completion_tokens).toBe(12);
  });

  test('the openai SDK completes a chat as a stream', async () => {
    const stream = await connect().chat.completions.create({ model, messages, stream: true });
    const texts: string[] = [];
    for await (const chunk of stream) texts.push(chunk.choices[0]?.delta.content ?? '');
    expect(texts.join('')).toContain(said);
  });

  test('the openai SDK completes a chat with the .stream() helper', async () => {
    const stream = connect().chat.completions.stream({ model, messages });
    const completion = await stream.finalChatCompletion();
    expect(completion.choices[0]).toMatchObject({ finish_reason: 'stop' });
    expect(completion.choices[0]?.message.content).toContain(said);
  });

  test('the openai SDK embeds', async () => {
    const input = ['one', 'two'];
    const embeddings = await connect().embeddings.create({ model: 'text-embedding-3-small', input });
    expect(embeddings.data.map(({ embedding }) => embedding.length)).toEqual([1536, 1536]);
  });

  test('the openai SDK creates, continues, reads and deletes responses', async () => {
    const { responses } = connect();
    const first = await responses.create({ model, input: 'Hello' });
    expect(first).toMatchObject({ status: 'completed', output_text: expect.stringContaining(said) });
    const second = await responses.create({ model, input: 'And?', previous_response_id: first.id });
    expect(second.previous_response_id).toBe(first.id);
    expect(second.usage?.input_tokens).toBeGreaterThan(first.usage?.total_tokens ?? Infinity);
    expect((await responses.retrieve(first.id)).output).toEqual(first.output);
    const items = await responses.inputItems.list(first.id);
    expect(items.data).toMatchObject([{ role: 'user', content: [{ type: 'input_text', text: 'Hello' }] }]);
    await responses.delete(first.id);
    await expect(responses.retrieve(first.id)).rejects.toMatchObject({ status: 404 });
  });

  test('the openai SDK streams a response, with the .stream() helper too', async () => {
    const { responses } = connect();
    const types: string[] = [];
    for await (const event of await responses.create({ model, input: 'Hello', stream: true })) {
      if (types.at(-1) !== event.type) types.push(event.type);
    }
    expect(types).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.completed',
    ]);
    const final = await responses.stream({ model, input: 'Hello', store: false }).finalResponse();
    expect(final.output_text).toContain(said);
    await expect(responses.retrieve(final.id)).rejects.toMatchObject({ status: 404 });
  });

  test('the openai SDK keeps a conversation', async () => {
    const { conversations, responses } = connect();
    const conversation = await conversations.create({ metadata: { topic: 'tests' } });
    await responses.create({ model, input: 'Hello', conversation: conversation.id });
    const items = await conversations.items.list(conversation.id, { order: 'asc' });
    expect(items.data).toMatchObject([{ role: 'user' }, { role: 'assistant' }]);
    await conversations.delete(conversation.id);
    await expect(conversations.retrieve(conversation.id)).rejects.toMatchObject({ status: 404 });
  });

  test('the openai SDK uploads, lists, reads and deletes a file', async () => {
    const { files } = connect();
    const file = await files.create({
      file: await toFile(Buffer.from('a text'), 'a.txt'),
      purpose: 'assistants',
    });
    expect(file).toMatchObject({ object: 'file', filename: 'a.txt', bytes: 6, status: 'processed' });
    const listed = await files.list({ purpose: 'assistants' });
    expect(listed.data.map(({ id }) => id)).toContain(file.id);
    expect(await (await files.content(file.id)).text()).toBe('a text');
    expect(await files.delete(file.id)).toEqual({ id: file.id, object: 'file', deleted: true });
    await expect(files.retrieve(file.id)).rejects.toMatchObject({
      status: 404,
      error: { message: `No such File object: ${file.id}`, type: 'invalid_request_error', param: 'id' },
    });
  });

  test('the openai SDK runs a batch', async () => {
    const { batches, files } = connect();
    const lines = ['a', 'b'].map((id) =>
      JSON.stringify({
        custom_id: id,
        method: 'POST',
        url: '/v1/chat/completions',
        body: { model, messages },
      }),
    );
    const file = await files.create({
      file: await toFile(Buffer.from(lines.join('\n')), 'in.jsonl'),
      purpose: 'batch',
    });
    const endpoint = '/v1/chat/completions';
    const batch = await batches.create({ input_file_id: file.id, endpoint, completion_window: '24h' });
    expect(batch.status).toBe('validating');
    expect((await batches.retrieve(batch.id)).status).toBe('in_progress');
    const done = await batches.retrieve(batch.id);
    expect(done).toMatchObject({
      status: 'completed',
      request_counts: { total: 2, completed: 2, failed: 0 },
    });
    const output = await (await files.content(done.output_file_id ?? '')).text();
    const answers = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { custom_id: string });
    expect(answers.map(({ custom_id: id }) => id)).toEqual(['a', 'b']);
    expect(answers[0]).toMatchObject({ response: { status_code: 200, body: { object: 'chat.completion' } } });
  });

  test('the openai SDK fills and searches a vector store', async () => {
    const { files, vectorStores } = connect();
    const upload = async (text: string) =>
      files.create({ file: await toFile(Buffer.from(text), 'a.txt'), purpose: 'assistants' });
    const [foxes, hills, dogs] = await Promise.all([
      upload('foxes jump'),
      upload('hills stand'),
      upload('dogs'),
    ]);
    const store = await vectorStores.create({ name: 'texts', file_ids: [hills.id] });
    expect(store).toMatchObject({ status: 'in_progress', file_counts: { in_progress: 1, total: 1 } });
    const pollIntervalMs = 1;
    await vectorStores.files.createAndPoll(store.id, { file_id: foxes.id }, { pollIntervalMs });
    const batch = await vectorStores.fileBatches.createAndPoll(
      store.id,
      { file_ids: [dogs.id] },
      { pollIntervalMs },
    );
    expect(batch).toMatchObject({ status: 'completed', file_counts: { completed: 1, total: 1 } });
    expect(await vectorStores.retrieve(store.id)).toMatchObject({
      status: 'completed',
      file_counts: { completed: 3, total: 3 },
      usage_bytes: 25,
    });
    const found = await vectorStores.search(store.id, { query: 'which foxes?' });
    expect(found.data.map((one) => one.file_id)).toEqual([foxes.id]);
    await vectorStores.delete(store.id);
    await expect(vectorStores.retrieve(store.id)).rejects.toMatchObject({ status: 404 });
  });

  test('the openai SDK runs an assistant on a thread', async () => {
    const { assistants, threads } = connect().beta;
    const assistant = await assistants.create({ model, name: 'Helper', instructions: 'Be brief.' });
    const thread = await threads.create({ messages: [{ role: 'user', content: 'Hello' }] });
    await threads.messages.create(thread.id, { role: 'user', content: 'Still there?' });
    const options = { pollIntervalMs: 1 };
    const run = await threads.runs.createAndPoll(thread.id, { assistant_id: assistant.id }, options);
    expect(run).toMatchObject({ status: 'completed', usage: { completion_tokens: 12 } });
    const listed = await threads.messages.list(thread.id);
    expect(listed.data.map(({ role }) => role)).toEqual(['assistant', 'user', 'user']);
    expect(listed.data[0]).toMatchObject({ run_id: run.id, content: [{ text: { annotations: [] } }] });
    const steps = await threads.runs.steps.list(run.id, { thread_id: thread.id });
    expect(steps.data).toMatchObject([{ type: 'message_creation', status: 'completed' }]);
    await assistants.delete(assistant.id);
    await expect(threads.runs.create(thread.id, { assistant_id: assistant.id })).rejects.toMatchObject({
      status: 404,
    });
  });

  test('the openai SDK streams a run of an assistant', async () => {
    const { assistants, threads } = connect().beta;
    const assistant = await assistants.create({ model });
    const thread = await threads.create({ messages: [{ role: 'user', content: 'Hello' }] });
    const stream = threads.runs.stream(thread.id, { assistant_id: assistant.id });
    const deltas: string[] = [];
    stream.on('textDelta', ({ value = '' }) => deltas.push(value));
    expect(await stream.finalRun()).toMatchObject({ status: 'completed', usage: { completion_tokens: 12 } });
    expect(deltas.join('')).toContain(said);
    expect((await threads.messages.list(thread.id)).data.map(({ role }) => role)).toEqual([
      'assistant',
      'user',
    ]);
  });

  test('the openai SDK follows a fine-tuning job', async () => {
    const { files, fineTuning } = connect();
    const file = await files.create({
      file: await toFile(Buffer.from('{}'), 'train.jsonl'),
      purpose: 'fine-tune',
    });
    const job = await fineTuning.jobs.create({ model: 'gpt-4o-mini', training_file: file.id });
    expect(job.status).toBe('queued');
    expect((await fineTuning.jobs.retrieve(job.id)).status).toBe('running');
    expect(await fineTuning.jobs.retrieve(job.id)).toMatchObject({
      status: 'succeeded',
      fine_tuned_model: expect.stringContaining('gpt-4o-mini.ft-'),
    });
    expect((await fineTuning.jobs.listEvents(job.id)).data).toHaveLength(3);
    await expect(fineTuning.jobs.cancel(job.id)).rejects.toMatchObject({ status: 400 });
  });

  test('the openai SDK lists models and reads one', async () => {
    const { models } = connect();
    const [first] = (await models.list()).data;
    expect(await models.retrieve(first?.id ?? '')).toMatchObject({ object: 'model', id: first?.id });
    await expect(models.retrieve('none')).rejects.toMatchObject({ status: 404, code: 'model_not_found' });
  });
});
