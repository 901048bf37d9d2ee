import OpenAI from 'openai';
import { ResponsesWS } from 'openai/resources/responses/ws';
import { expect, test } from 'vitest';
import { openSession, refusedSession } from './testing/session.ts';
import { start } from './testing/start.ts';
import type { SessionClient } from './testing/session.ts';

const path = '/openai/v1/responses';
const create = { type: 'response.create', model: 'gpt-4o', store: false };

/** Asks for a response. Returns the last event, and the types of all. */
async function ask(client: SessionClient, body: object) {
  client.send({ ...create, ...body });
  const events = [await client.nextEvent()];
  while (!/^(error|response\.(completed|incomplete))$/.test(events.at(-1)?.type ?? '')) {
    events.push(await client.nextEvent());
  }
  const last = events.at(-1) as { type: string; response?: OpenAI.Responses.Response; error?: object };
  return { last, types: events.map(({ type }) => type) };
}

test('a response is told by the events of its stream, without ids of events', async () => {
  const mock = await start({ name: 'eastus', completionTokens: 4 });
  const client = await openSession(mock, path);
  const { last, types } = await ask(client, { input: 'Hello' });
  expect([...new Set(types)]).toEqual([
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
  expect(last).toMatchObject({ sequence_number: types.length - 1, response: { store: false } });
  expect(last).not.toHaveProperty('event_id');
  expect(mock.requests[0]?.session).toMatchObject({ framesReceived: 1, framesSent: types.length });
});

test('a connection remembers what is not stored, and nobody else does', async () => {
  const mock = await start();
  const client = await openSession(mock, path);
  const tools = [{ type: 'function', name: 'find', parameters: { type: 'object', properties: {} } }];
  const { last } = await ask(client, { input: 'find({})', tools });
  const previous = last.response?.id;
  const [call] = last.response?.output ?? [];
  const output = {
    type: 'function_call_output',
    call_id: (call as { call_id: string }).call_id,
    output: 'x',
  };
  const next = { input: [output], tools, previous_response_id: previous };
  expect((await ask(client, next)).last.response).toMatchObject({ output: [{ type: 'message' }] });
  expect((await fetch(`${mock.url}${path}/${previous}`)).status).toBe(404);
  const other = await openSession(mock, path);
  expect((await ask(other, next)).last).toMatchObject({
    type: 'error',
    status: 400,
    error: { code: 'previous_response_not_found', param: 'previous_response_id' },
  });
});

test('what is stored can be asked for over HTTP, and continued from there', async () => {
  const mock = await start();
  const client = await openSession(mock, path);
  const { last } = await ask(client, { input: 'Hello', store: true });
  expect((await fetch(`${mock.url}${path}/${last.response?.id}`)).status).toBe(200);
  const http = new OpenAI({ apiKey: 'any', baseURL: `${mock.url}/openai/v1`, maxRetries: 0 });
  const next = { model: 'gpt-4o', input: 'And?', previous_response_id: last.response?.id ?? '' };
  expect((await http.responses.create(next)).status).toBe('completed');
});

test('a call that is to generate nothing gets an id that the next continues', async () => {
  const client = await openSession(await start(), path);
  const { last, types } = await ask(client, { input: 'Hello', generate: false });
  expect(types).toEqual(['response.created', 'response.in_progress', 'response.completed']);
  const next = await ask(client, { input: 'And?', previous_response_id: last.response?.id });
  expect(next.last.response?.output.length).toBe(1);
});

test('calls on one connection are answered one after the other', async () => {
  const client = await openSession(await start({ latency: '5ms', completionTokens: 3 }), path);
  client.send({ ...create, input: 'one' });
  client.send({ ...create, input: 'two' });
  const events = [
    ...(await client.eventsUntil('response.completed')),
    ...(await client.eventsUntil('response.completed')),
  ];
  const ids = events.map((event) => (event['response'] as { id?: string } | undefined)?.id);
  expect(new Set(ids.filter((id) => id !== undefined)).size).toBe(2);
  expect(events.map((event) => event['sequence_number'])).toEqual([
    ...events.slice(0, events.length / 2).keys(),
    ...events.slice(events.length / 2).keys(),
  ]);
});

test.each([
  ['no JSON', 'Hello', { status: 400, error: { code: 'invalid_value' } }],
  ['another event', { type: 'session.update' }, { status: 400, error: { code: 'invalid_value' } }],
  ['no model', { type: 'response.create', input: 'Hello' }, { status: 400, error: { param: 'model' } }],
  ['no input', create, { status: 400, error: { param: 'input' } }],
  ['an unknown deployment', { ...create, model: 'x', input: 'Hello' }, { status: 404 }],
])('an event with %s is answered by an error, and the session goes on', async (_, event, expected) => {
  const client = await openSession(await start({ deployments: ['gpt-4o'] }), path);
  client.send(event);
  expect(await client.nextEvent()).toMatchObject({ type: 'error', ...expected });
  expect((await ask(client, { input: 'Hello' })).last.type).toBe('response.completed');
});

test('the quota judges each call, and says when to come back', async () => {
  const mock = await start({ quota: 'standard(tpm=1000, rpm=6, window=rolling)' });
  const client = await openSession(mock, path);
  expect((await ask(client, { input: 'Hello' })).last.type).toBe('response.completed');
  expect((await ask(client, { input: 'Hello' })).last).toMatchObject({
    type: 'error',
    status: 429,
    error: { code: '429', message: expect.stringContaining('rate limit') },
    headers: { 'retry-after': expect.stringMatching(/^\d+$/) },
  });
});

test('a script refuses the upgrade in HTTP, and ends sessions', async () => {
  const mock = await start({
    script: '1x throttle(retry-after=5), 1x truncate(after-chunks=2, abrupt=true)',
  });
  const { response } = await refusedSession(mock, path);
  expect(response.statusCode).toBe(429);
  expect(response.headers['retry-after']).toBe('5');
  const client = await openSession(mock, path);
  client.send({ ...create, input: 'Hello' });
  expect((await client.closed).code).toBe(1006);
});

test('the openai package’s own connection gets its responses', async () => {
  const mock = await start({ name: 'eastus', apiKey: 'secret' });
  const client = new OpenAI({ apiKey: 'secret', baseURL: `${mock.url}/openai/v1` });
  const socket = new ResponsesWS(client);
  socket.send({ type: 'response.create', model: 'gpt-4o', input: 'Hello', store: false });
  let text = '';
  for await (const event of socket.stream()) {
    if (event.type !== 'message') continue;
    if (event.message.type === 'response.output_text.delta') text += event.message.delta;
    if (event.message.type === 'response.completed') break;
  }
  socket.close();
  expect(text).toContain('Hello from eastus.');
});
