import { afterAll, beforeAll, expect, test } from 'vitest';
import { startMock } from '../src/start-mock.ts';
import { countTokens } from '../src/tokens/count-tokens.ts';
import { openSession, previewPath, v1Path } from './testing/session.ts';
import { start } from './testing/start.ts';
import type { Mock } from '../src/mock.ts';
import type { Event, SessionClient } from './testing/session.ts';

let mock: Mock;

beforeAll(async () => {
  mock = await startMock({ name: 'eastus', completionTokens: 5 });
});

afterAll(() => mock.stop());

const hello = {
  type: 'conversation.item.create',
  item: { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hello' }] },
};

/** Opens a session and reads its greeting. */
async function open(path: string): Promise<SessionClient> {
  const session = await openSession(mock, path);
  await session.nextEvent();
  return session;
}

function deltas(events: readonly Event[], type: string): string {
  return events.flatMap((event) => (event.type === type ? [String(event['delta'])] : [])).join('');
}

test.each([
  [previewPath, { object: 'realtime.session', model: 'gpt-4o-realtime', modalities: ['audio', 'text'] }],
  [v1Path, { object: 'realtime.session', type: 'realtime', output_modalities: ['audio'] }],
])('a realtime session greets a client of %s with its session', async (path, session) => {
  const client = await openSession(mock, path);
  expect(await client.nextEvent()).toMatchObject({
    type: 'session.created',
    event_id: expect.stringMatching(/^event_/),
    session: { id: expect.stringMatching(/^sess_/), ...session },
  });
});

test('a realtime session updates a session, objects into objects, and keeps its identity', async () => {
  const client = await open(v1Path);
  const session = {
    type: 'realtime',
    id: 'mine',
    instructions: 'Be brief.',
    audio: { output: { voice: 'marin' } },
  };
  client.send({ type: 'session.update', session });
  expect(await client.nextEvent()).toMatchObject({
    type: 'session.updated',
    session: {
      id: expect.stringMatching(/^sess_/),
      instructions: 'Be brief.',
      audio: { input: { format: { type: 'audio/pcm' } }, output: { voice: 'marin', speed: 1 } },
    },
  });
});

test.each([
  [previewPath, ['conversation.item.created']],
  [v1Path, ['conversation.item.added', 'conversation.item.done']],
])('a realtime session tells of a new item on %s', async (path, types) => {
  const client = await open(path);
  client.send(hello);
  for (const type of types) {
    expect(await client.nextEvent()).toMatchObject({
      type,
      previous_item_id: null,
      item: { id: expect.stringMatching(/^item_/), object: 'realtime.item', ...hello.item },
    });
  }
});

test('a realtime session responds with text on v1, event by event', async () => {
  const client = await open(v1Path);
  client.send({ type: 'response.create', response: { output_modalities: ['text'] } });
  const events = await client.eventsUntil('response.done');
  expect(events.map(({ type }) => type)).toEqual([
    'response.created',
    'response.output_item.added',
    'conversation.item.added',
    'response.content_part.added',
    ...Array.from({ length: 5 }, () => 'response.output_text.delta'),
    'response.output_text.done',
    'response.content_part.done',
    'conversation.item.done',
    'response.output_item.done',
    'response.done',
  ]);
  expect(deltas(events, 'response.output_text.delta')).toBe('Hello from eastus.');
  expect(events.at(-1)).toMatchObject({
    response: {
      id: expect.stringMatching(/^resp_/),
      status: 'completed',
      output: [{ role: 'assistant', content: [{ type: 'output_text', text: 'Hello from eastus.' }] }],
    },
  });
  const ids = new Set(events.map((event) => event['event_id']));
  expect(ids.size).toBe(events.length);
});

test('a realtime session responds with audio and its transcript in the preview', async () => {
  const client = await open(previewPath);
  client.send({ type: 'response.create' });
  const events = await client.eventsUntil('response.done');
  expect(deltas(events, 'response.audio_transcript.delta')).toBe('Hello from eastus.');
  const sound = Buffer.from(deltas(events, 'response.audio.delta'), 'base64');
  expect(sound.length).toBe(5 * 2400);
  expect(events.map(({ type }) => type).slice(-5)).toEqual([
    'response.audio.done',
    'response.audio_transcript.done',
    'response.content_part.done',
    'response.output_item.done',
    'response.done',
  ]);
  expect(events.at(-1)).toMatchObject({
    response: { output: [{ content: [{ type: 'audio', transcript: 'Hello from eastus.' }] }] },
  });
});

const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const tools = ['get_weather', 'get_time'].map((name) => ({ type: 'function', name, parameters }));
const named = (name: string) => ({ tools, tool_choice: { type: 'function', name } });
const outputOf = (events: readonly Event[]) =>
  events.at(-1)!['response'] as { output: { call_id: string; type: string }[] };
const asking = (text: string) => ({
  type: 'conversation.item.create',
  item: { type: 'message', role: 'user', content: [{ type: 'input_text', text }] },
});

test.each([previewPath, v1Path])(
  'a realtime session on %s calls the functions that it is offered, and goes on with what they say',
  async (path) => {
    const client = await open(path);
    client.send({ type: 'session.update', session: { tools } });
    client.send(asking('get_weather({"city":"Oslo"}) and get_time({"city":"Rome"})'));
    client.send({ type: 'response.create' });
    const events = await client.eventsUntil('response.done');
    expect(deltas(events, 'response.function_call_arguments.delta')).toBe('{"city":"Oslo"}{"city":"Rome"}');
    expect(events.filter(({ type }) => type === 'response.function_call_arguments.done')).toMatchObject([
      { output_index: 0, name: 'get_weather', arguments: '{"city":"Oslo"}' },
      { output_index: 1, name: 'get_time', arguments: '{"city":"Rome"}' },
    ]);
    const { output } = outputOf(events);
    expect(output.map(({ type }) => type)).toEqual(['function_call', 'function_call']);
    for (const { call_id } of output) {
      const item = { type: 'function_call_output', call_id, output: 'sunny' };
      client.send({ type: 'conversation.item.create', item });
    }
    client.send({ type: 'response.create' });
    expect((await client.eventsUntil('response.done')).at(-1)).toMatchObject({
      response: { status: 'completed', output: [{ type: 'message' }] },
    });
  },
);

test('a realtime session calls what one response names, and refuses a name that is not there', async () => {
  const client = await open(v1Path);
  client.send(asking('Hello'));
  client.send({ type: 'response.create', response: named('get_time') });
  expect((await client.eventsUntil('response.done')).at(-1)).toMatchObject({
    response: { output: [{ type: 'function_call', name: 'get_time' }] },
  });
  client.send({ type: 'response.create', event_id: 'mine', response: named('fly') });
  expect(await client.nextEvent()).toMatchObject({
    type: 'error',
    error: { event_id: 'mine', param: 'tool_choice' },
  });
});

test('a realtime session keeps a response apart that is none of its conversation', async () => {
  const client = await open(v1Path);
  client.send({ type: 'response.create', response: { conversation: 'none', output_modalities: ['text'] } });
  const events = await client.eventsUntil('response.done');
  expect(events.filter(({ type }) => type.startsWith('conversation.'))).toEqual([]);
  expect(events.at(-1)).toMatchObject({ response: { conversation_id: null, output: [{ type: 'message' }] } });
});

test('a realtime session counts in its usage what was said, in text and in audio', async () => {
  const client = await open(v1Path);
  client.send({ type: 'session.update', session: { type: 'realtime', instructions: 'Be brief.' } });
  client.send(hello);
  client.send({ type: 'input_audio_buffer.append', audio: Buffer.alloc(48_000).toString('base64') });
  client.send({ type: 'input_audio_buffer.commit' });
  client.send({ type: 'response.create' });
  const events = await client.eventsUntil('response.done');
  const text = countTokens('Be brief.', 'o200k_base') + 1;
  expect(events.at(-1)).toMatchObject({
    response: {
      usage: {
        input_tokens: text + 10,
        output_tokens: 10,
        total_tokens: text + 20,
        input_token_details: { text_tokens: text, audio_tokens: 10 },
        output_token_details: { text_tokens: 5, audio_tokens: 5 },
      },
    },
  });
});

test('a realtime session commits audio as an item after those before it', async () => {
  const client = await open(previewPath);
  client.send(hello);
  const created = (await client.nextEvent()) as unknown as { item: { id: string } };
  client.send({ type: 'input_audio_buffer.append', audio: Buffer.alloc(9600).toString('base64') });
  client.send({ type: 'input_audio_buffer.commit' });
  expect(await client.nextEvent()).toMatchObject({
    type: 'input_audio_buffer.committed',
    previous_item_id: created.item.id,
  });
  expect(await client.nextEvent()).toMatchObject({
    type: 'conversation.item.created',
    item: { role: 'user', content: [{ type: 'input_audio' }] },
  });
});

test('a realtime session puts an item where it is told, retrieves it and deletes it', async () => {
  const client = await open(previewPath);
  client.send({ ...hello, item: { ...hello.item, id: 'first' } });
  client.send({ ...hello, item: { ...hello.item, id: 'zeroth' }, previous_item_id: 'root' });
  client.send({ ...hello, item: { ...hello.item, id: 'second' } });
  const previous = [await client.nextEvent(), await client.nextEvent(), await client.nextEvent()];
  expect(previous.map((event) => event['previous_item_id'])).toEqual([null, null, 'first']);
  client.send({ type: 'conversation.item.retrieve', item_id: 'zeroth' });
  expect(await client.nextEvent()).toMatchObject({ item: { id: 'zeroth' } });
  client.send({ type: 'conversation.item.delete', item_id: 'zeroth' });
  expect(await client.nextEvent()).toMatchObject({ type: 'conversation.item.deleted', item_id: 'zeroth' });
  client.send({ type: 'conversation.item.retrieve', item_id: 'zeroth' });
  expect(await client.nextEvent()).toMatchObject({ type: 'error', error: { code: 'item_not_found' } });
});

test('a realtime session says less when less is asked for', async () => {
  const client = await open(v1Path);
  client.send({ type: 'response.create', response: { max_output_tokens: 2 } });
  const events = await client.eventsUntil('response.done');
  expect(deltas(events, 'response.output_audio_transcript.delta')).toBe('Hello from');
  expect(events.at(-1)).toMatchObject({
    response: { status: 'incomplete', status_details: { reason: 'max_output_tokens' } },
  });
});

test.each([
  ['{"type":', 'invalid_json', null],
  ['["session.update"]', 'invalid_json', null],
  ['{"event_id":"mine"}', 'missing_required_parameter', 'type'],
  ['{"type":"toString"}', 'invalid_value', 'type'],
  ['{"type":"session.update"}', 'missing_required_parameter', 'session'],
  ['{"type":"conversation.item.create"}', 'missing_required_parameter', 'item'],
  ['{"type":"conversation.item.create","item":{}}', 'missing_required_parameter', 'item.type'],
  [
    '{"type":"conversation.item.create","item":{"type":"message"},"previous_item_id":"x"}',
    'item_not_found',
    'item_id',
  ],
  ['{"type":"conversation.item.truncate","item_id":"x"}', 'item_not_found', 'item_id'],
  ['{"type":"input_audio_buffer.append"}', 'missing_required_parameter', 'audio'],
  ['{"type":"input_audio_buffer.commit"}', 'input_audio_buffer_commit_empty', null],
  ['{"type":"response.cancel"}', 'response_cancel_not_active', null],
])('a realtime session answers %s with an error, and goes on', async (frame, code, param) => {
  const client = await open(v1Path);
  client.send(frame);
  const event = await client.nextEvent();
  expect(event).toMatchObject({ type: 'error', error: { type: 'invalid_request_error', code, param } });
  client.send({ type: 'input_audio_buffer.clear' });
  expect(await client.nextEvent()).toMatchObject({ type: 'input_audio_buffer.cleared' });
});

test('a realtime session names the event that was wrong', async () => {
  const client = await open(v1Path);
  client.send({ type: 'nothing', event_id: 'mine' });
  expect(await client.nextEvent()).toMatchObject({ error: { event_id: 'mine' } });
});

test('a realtime session sends binary frames back as they came', async () => {
  const client = await open(v1Path);
  const bytes = Buffer.from([0, 255, 128, 10]);
  const back = new Promise((resolve) =>
    client.socket.once('message', (data, isBinary) => resolve({ data, isBinary })),
  );
  client.socket.send(bytes);
  expect(await back).toEqual({ data: bytes, isBinary: true });
});

test('a realtime session ends a response that is cancelled, and refuses a second one meanwhile', async () => {
  const slow = await start({ completionTokens: 1000, script: 'slow(delay=0ms, chunk-delay=5ms)' });
  const client = await openSession(slow, v1Path);
  client.send({ type: 'response.create' });
  await client.eventsUntil('response.output_audio.delta');
  client.send({ type: 'response.create' });
  const events = await client.eventsUntil('error');
  expect(events.at(-1)).toMatchObject({ error: { code: 'conversation_already_has_active_response' } });
  client.send({ type: 'response.cancel' });
  expect((await client.eventsUntil('response.done')).at(-1)).toMatchObject({
    response: { status: 'cancelled', output: [{ status: 'incomplete' }] },
  });
});

test('a realtime session sends a long reply in full to a client that takes its time', async () => {
  const long = await start({ completionTokens: 3000 });
  const client = await openSession(long, v1Path);
  client.send({ type: 'response.create' });
  const events = await client.eventsUntil('response.done');
  expect(events.filter(({ type }) => type === 'response.output_audio.delta')).toHaveLength(3000);
});
