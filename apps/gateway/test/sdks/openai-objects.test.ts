import { describe, expect, test } from 'vitest';
import { type Scene, startScene } from '../testing/start-scene.ts';
import { jsonLines, openaiClients } from './openai-clients.ts';

const model = 'gpt-4o';
const reply = 'Hello from b.';

/** Backend `a` is throttled, for a time so short that it is tried first every time. */
function startThrottled(): Promise<Scene> {
  const backends = [{ script: 'throttle(retry-after-ms=1)' }, {}];
  return startScene(
    backends.map((mock) => ({ ...mock, completionTokens: 4 })),
    { cooldown: { floorMs: 1 } },
  );
}

/** Backend `a` serves again, and has none of the objects created so far: any request for them gets a 404. */
function letFirstRecover({ mocks }: Scene): void {
  mocks[0]?.setScript([]);
}

const batchLine = {
  custom_id: 'one',
  method: 'POST',
  url: '/v1/chat/completions',
  body: { model, messages: [{ role: 'user', content: 'Hello' }] },
};

describe.each(openaiClients)('%s', (_, connect) => {
  test('when the second backend made an object and the first has recovered, the openai SDK retrieves, continues, lists and deletes a response', async () => {
    const scene = await startThrottled();
    const { responses } = connect(scene);
    const made = await responses.create({ model, input: 'Hello' });
    letFirstRecover(scene);
    expect((await responses.retrieve(made.id)).output_text).toBe(reply);
    const next = await responses.create({ model, input: 'And then?', previous_response_id: made.id });
    expect(next).toMatchObject({ previous_response_id: made.id, output_text: reply });
    expect((await responses.inputItems.list(made.id)).data.length).toBe(1);
    await responses.delete(made.id);
    await expect(responses.retrieve(made.id)).rejects.toMatchObject({ status: 404 });
  });

  test('when the second backend made an object and the first has recovered, the openai SDK continues a response that was streamed', async () => {
    const scene = await startThrottled();
    const { responses } = connect(scene);
    const stream = responses.stream({ model, input: 'Hello' });
    const { id } = await stream.finalResponse();
    letFirstRecover(scene);
    const next = await responses.create({ model, input: 'And then?', previous_response_id: id });
    expect(next.output_text).toBe(reply);
  });

  test('when the second backend made an object and the first has recovered, the openai SDK waits for a response that is made in the background', async () => {
    const scene = await startThrottled();
    const { responses } = connect(scene);
    let response = await responses.create({ model, input: 'Hello', background: true });
    letFirstRecover(scene);
    const statuses = [response.status];
    while (response.status !== 'completed') {
      response = await responses.retrieve(response.id);
      statuses.push(response.status);
    }
    expect(statuses).toEqual(['queued', 'in_progress', 'completed']);
  });

  test('when the second backend made an object and the first has recovered, the openai SDK goes on with a conversation', async () => {
    const scene = await startThrottled();
    const { conversations, responses } = connect(scene);
    const { id } = await conversations.create({ items: [{ role: 'user', content: 'Hello' }] });
    letFirstRecover(scene);
    expect((await responses.create({ model, input: 'And?', conversation: id })).output_text).toBe(reply);
    expect((await conversations.items.list(id)).data.length).toBe(3);
  });

  test('when the second backend made an object and the first has recovered, the openai SDK shows a file in a chat', async () => {
    const scene = await startThrottled();
    const { files, chat } = connect(scene);
    const file = new File(['%PDF-1.7'], 'a.pdf');
    const { id: file_id } = await files.create({ file, purpose: 'user_data' });
    letFirstRecover(scene);
    const messages = [{ role: 'user' as const, content: [{ type: 'file' as const, file: { file_id } }] }];
    const { choices } = await chat.completions.create({ model, messages });
    expect(choices[0]?.message.content).toBe(reply);
  });

  test('when the second backend made an object and the first has recovered, the openai SDK reads and deletes a file', async () => {
    const scene = await startThrottled();
    const { files } = connect(scene);
    const { id } = await files.create({ file: await jsonLines(batchLine), purpose: 'batch' });
    letFirstRecover(scene);
    expect(await files.retrieve(id)).toMatchObject({ id, purpose: 'batch' });
    expect(JSON.parse(await (await files.content(id)).text())).toEqual(batchLine);
    expect(await files.delete(id)).toMatchObject({ id, deleted: true });
  });

  test('when the second backend made an object and the first has recovered, the openai SDK has a batch made of a file, and reads what came of it', async () => {
    const scene = await startThrottled();
    const { batches, files } = connect(scene);
    const input = await files.create({ file: await jsonLines(batchLine), purpose: 'batch' });
    letFirstRecover(scene);
    let batch = await batches.create({
      input_file_id: input.id,
      endpoint: '/v1/chat/completions',
      completion_window: '24h',
    });
    while (batch.status === 'validating' || batch.status === 'in_progress') {
      batch = await batches.retrieve(batch.id);
    }
    expect(batch).toMatchObject({ status: 'completed', request_counts: { completed: 1, failed: 0 } });
    const output = await (await files.content(batch.output_file_id ?? '')).text();
    expect(JSON.parse(output)).toMatchObject({ custom_id: 'one', response: { status_code: 200 } });
  });

  test('when the second backend made an object and the first has recovered, the openai SDK searches a vector store that has its file', async () => {
    const scene = await startThrottled();
    const { files, vectorStores } = connect(scene);
    const file = await files.create({ file: await jsonLines('hello there'), purpose: 'assistants' });
    letFirstRecover(scene);
    const store = await vectorStores.create({ name: 'words', file_ids: [file.id] });
    let attached = await vectorStores.files.retrieve(file.id, { vector_store_id: store.id });
    while (attached.status === 'in_progress') {
      attached = await vectorStores.files.retrieve(file.id, { vector_store_id: store.id });
    }
    expect(attached.status).toBe('completed');
    const found = await vectorStores.search(store.id, { query: 'hello' });
    expect(found.data[0]?.file_id).toBe(file.id);
    expect(await vectorStores.delete(store.id)).toMatchObject({ deleted: true });
  });

  test('when the second backend made an object and the first has recovered, the openai SDK runs an assistant on a thread', async () => {
    const scene = await startThrottled();
    const { assistants, threads } = connect(scene).beta;
    const assistant = await assistants.create({ model });
    const thread = await threads.create();
    letFirstRecover(scene);
    await threads.messages.create(thread.id, { role: 'user', content: 'Hello' });
    let run = await threads.runs.create(thread.id, { assistant_id: assistant.id });
    while (run.status !== 'completed') run = await threads.runs.retrieve(run.id, { thread_id: thread.id });
    const [last] = (await threads.messages.list(thread.id)).data;
    expect(last).toMatchObject({
      role: 'assistant',
      run_id: run.id,
      content: [{ text: { value: reply } }],
    });
    expect(await threads.delete(thread.id)).toMatchObject({ deleted: true });
    expect(await assistants.delete(assistant.id)).toMatchObject({ deleted: true });
  });

  test('when the second backend made an object and the first has recovered, the openai SDK streams a run', async () => {
    const scene = await startThrottled();
    const { assistants, threads } = connect(scene).beta;
    const assistant = await assistants.create({ model });
    const thread = await threads.create({ messages: [{ role: 'user', content: 'Hello' }] });
    letFirstRecover(scene);
    const run = threads.runs.stream(thread.id, { assistant_id: assistant.id });
    const [message] = await run.finalMessages();
    expect(message?.content).toMatchObject([{ text: { value: reply } }]);
  });

  test('when the second backend made an object and the first has recovered, the openai SDK follows a fine-tuning job', async () => {
    const scene = await startThrottled();
    const { files, fineTuning } = connect(scene);
    const file = await files.create({ file: await jsonLines({ messages: [] }), purpose: 'fine-tune' });
    letFirstRecover(scene);
    let job = await fineTuning.jobs.create({ model, training_file: file.id });
    const statuses: string[] = [job.status];
    while (job.status !== 'succeeded') {
      job = await fineTuning.jobs.retrieve(job.id);
      statuses.push(job.status);
    }
    expect(statuses).toEqual(['queued', 'running', 'succeeded']);
    expect((await fineTuning.jobs.listEvents(job.id)).data.length).toBeGreaterThan(0);
  });
});
