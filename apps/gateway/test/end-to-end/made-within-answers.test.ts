import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { makeKey, sha256 } from '../../src/client/keys.ts';
import { post } from '../testing/post.ts';
import { startHttpBackend } from '../testing/start-backend.ts';
import { startGatewayFor } from '../testing/start-scene.ts';

const KEYS = { a: makeKey(), b: makeKey() };
const clients = (['a', 'b'] as const).map((name) => ({ name, keys: [{ sha256: sha256(KEYS[name]) }] }));

/** Starts a gateway that has clients with objects of their own, and a backend that answers every POST like this. */
async function startClients(answer: string, contentType = 'application/json') {
  const { url } = await startHttpBackend(async (req, res) => {
    await text(req);
    res.setHeader('content-type', req.method === 'POST' ? contentType : 'application/json');
    res.end(req.method === 'POST' ? answer : '{}');
  });
  const gateway = await startGatewayFor([{ name: 'x', url, apiKey: 'k' }], { clients });
  const statusOf = async (key: string, path: string) => {
    const response = await fetch(gateway.url + path, { headers: { 'api-key': key } });
    await response.text();
    return response.status;
  };
  const make = async (path: string, body: object) =>
    void (await (await post(gateway, path, body, { headers: { 'api-key': KEYS.a } })).text());
  return { make, statusOf };
}

const made = { type: 'bash_code_execution_output', file_id: 'file_011abc' };
const ran = {
  type: 'bash_code_execution_tool_result',
  content: { type: 'bash_code_execution_result', stdout: '', content: [made] },
};
const toRun = {
  model: 'claude',
  max_tokens: 1,
  messages: [],
  tools: [{ type: 'code_execution_20250825', name: 'code_execution' }],
};
const FILE = '/anthropic/v1/files/file_011abc/content';
const EVENTS = 'text/event-stream';

test.each<[string, string, object, object, string, string?]>([
  [
    'a file that Claude’s code has made',
    '/anthropic/v1/messages',
    toRun,
    { id: 'msg_1', content: [ran] },
    FILE,
  ],
  [
    'a file that Claude’s code has made, in a stream',
    '/anthropic/v1/messages',
    { ...toRun, stream: true },
    { type: 'content_block_start', index: 0, content_block: ran },
    FILE,
    EVENTS,
  ],
  [
    'a vector store that an assistant was given',
    '/openai/v1/assistants',
    { model: 'gpt-4o', tool_resources: { file_search: { vector_stores: [{}] } } },
    { id: 'asst_1', tool_resources: { file_search: { vector_store_ids: ['vs_1'] } } },
    '/openai/v1/vector_stores/vs_1',
  ],
  [
    'a vector store of a thread',
    '/openai/v1/threads',
    { tool_resources: { file_search: { vector_stores: [{}] } } },
    { id: 'thread_1', tool_resources: { file_search: { vector_store_ids: ['vs_1'] } } },
    '/openai/v1/vector_stores/vs_1',
  ],
])('%s is its client’s, and nobody else’s', async (_, path, body, answer, object, type) => {
  const json = JSON.stringify(answer);
  const end = 'data: {"type":"message_stop"}\n\n';
  const { make, statusOf } = await startClients(type === EVENTS ? `data: ${json}\n\n${end}` : json, type);
  await make(path, body);
  expect([await statusOf(KEYS.a, object), await statusOf(KEYS.b, object)]).toEqual([200, 404]);
});

test.each(['text/json', 'application/vnd.compatible+json; charset=utf-8'])(
  'an object that an answer of the type %s tells of is its client’s',
  async (type) => {
    const { make, statusOf } = await startClients('{"id":"batch_1"}', type);
    await make('/openai/v1/batches', { input_file_id: null });
    expect([
      await statusOf(KEYS.a, '/openai/v1/batches/batch_1'),
      await statusOf(KEYS.b, '/openai/v1/batches/batch_1'),
    ]).toEqual([200, 404]);
  },
);
