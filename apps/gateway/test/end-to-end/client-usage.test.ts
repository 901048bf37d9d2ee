import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { makeKey, sha256 } from '../../src/client/keys.ts';
import { askAdmin } from '../testing/ask-admin.ts';
import { post } from '../testing/post.ts';
import { startHttpBackend } from '../testing/start-backend.ts';
import { startGatewayFor } from '../testing/start-scene.ts';

const KEY = makeKey();
const clients = [{ name: 'chat', keys: [{ sha256: sha256(KEY) }] }];
const options = { headers: { 'api-key': KEY } };

/** Starts a gateway without budgets in front of a backend with this answer. */
async function startBefore(answer: (response: ServerResponse) => void, config: object = { clients }) {
  const { url } = await startHttpBackend((request, response) => {
    request.resume();
    answer(response);
  });
  return startGatewayFor([{ name: 'a', url, apiKey: 'x' }], config);
}

/** Returns the counts once the first request is over. */
async function countedIn(scene: Awaited<ReturnType<typeof startBefore>>) {
  await scene.log.request();
  const { rows } = JSON.parse((await askAdmin(scene, '/admin/usage')).text) as { readonly rows: object[] };
  return rows;
}

const event = (data: { readonly type: string; readonly [name: string]: unknown }) =>
  `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;

const usage = { input_tokens: 123_456, output_tokens: 654_321 };

test('a client that leaves a stream is not counted the tokens that its own schema names', async () => {
  const tools = [{ type: 'function', name: 'f', parameters: { type: 'object', properties: {}, usage } }];
  const created = event({
    type: 'response.created',
    response: { id: 'resp_1', tools, usage: null },
  });
  const scene = await startBefore((response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(created + event({ type: 'response.output_text.delta', delta: 'Hi' }));
  });
  const leaving = new AbortController();
  const body = { model: 'gpt-4o', input: 'x', stream: true, tools };
  const answer = await post(scene, '/openai/v1/responses', body, { ...options, signal: leaving.signal });
  const reader = answer.body!.getReader();
  await reader.read();
  leaving.abort();
  await reader.closed.catch(() => {});
  expect(await countedIn(scene)).toMatchObject([
    { client: 'chat', requests: 1, requestsWithoutUsage: 1, promptTokens: 0, completionTokens: 0 },
  ]);
});

test.each([
  ['after its own', { usage: { input_tokens: 10, output_tokens: 5 }, metadata: { usage } }],
  ['before its own', { tools: [{ usage }], usage: { input_tokens: 10, output_tokens: 5 } }],
])('of an answer that repeats another usage %s, only its own is counted', async (_, json) => {
  const scene = await startBefore((response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(json));
  });
  await (await post(scene, '/openai/v1/responses', { model: 'gpt-4o', input: 'x' }, options)).text();
  expect(await countedIn(scene)).toMatchObject([{ client: 'chat', promptTokens: 10, completionTokens: 5 }]);
});

test.each([
  ['short', 3, { clients }],
  ['long', 400, { clients }],
  ['short', 3, {}],
  ['long', 400, {}],
])(
  'a stream of Claude’s that is %s is counted what its first and last events tell',
  async (_, count, config) => {
    const start = { type: 'message_start', message: { usage: { input_tokens: 25, output_tokens: 1 } } };
    const text = { type: 'content_block_delta', delta: { type: 'text_delta', text: 'Hello '.repeat(20) } };
    const end = { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 1500 } };
    const scene = await startBefore((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(event(start));
      for (let index = 0; index < count; index++) response.write(event(text));
      response.end(event(end) + event({ type: 'message_stop' }));
    }, config);
    const body = { model: 'claude', stream: true, max_tokens: 2000, messages: [] };
    await (await post(scene, '/anthropic/v1/messages', body, options)).text();
    expect(await countedIn(scene)).toMatchObject([
      { requests: 1, requestsWithoutUsage: 0, promptTokens: 25, completionTokens: 1500 },
    ]);
  },
);
