import { text } from 'node:stream/consumers';
import OpenAI from 'openai';
import { expect, test } from 'vitest';
import { makeKey, sha256 } from '../../src/client/keys.ts';
import { chatBody, chatPath, post } from '../testing/post.ts';
import { startHttpBackend, startRecorder } from '../testing/start-backend.ts';
import { startListBackend } from '../testing/start-list-backend.ts';
import { type Scene, startGatewayFor, startScene } from '../testing/start-scene.ts';

const KEYS = { a: makeKey(), b: makeKey(), operator: makeKey() };
const clients = [
  { name: 'a', keys: [{ sha256: sha256(KEYS.a) }] },
  { name: 'b', keys: [{ sha256: sha256(KEYS.b) }] },
  { name: 'operator', keys: [{ sha256: sha256(KEYS.operator) }], allObjects: true },
];

type Name = keyof typeof KEYS;
type Gateway = Pick<Scene, 'url'>;

function sdk({ url }: Gateway, name: Name): OpenAI {
  return new OpenAI({ baseURL: `${url}/openai/v1`, apiKey: KEYS[name], maxRetries: 0 });
}

/** Returns the status that a client gets. */
async function statusOf(
  { url }: Gateway,
  name: Name,
  method: string,
  path: string,
  body?: unknown,
): Promise<number> {
  const headers = {
    'api-key': KEYS[name],
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  };
  const response = await fetch(url + path, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  await response.arrayBuffer();
  return response.status;
}

const upload = (client: OpenAI) =>
  client.files.create({ purpose: 'assistants', file: new File(['some text'], 'notes.txt') });
const respond = (client: OpenAI, different: object = {}) =>
  client.responses.create({ model: 'gpt-4o', input: 'Hello', ...different });

test.each([1, 2])(
  'with %s backends, nobody reaches what another client has made, by whatever method',
  async (count) => {
    const scene = await startScene(
      Array.from({ length: count }, () => ({})),
      { clients },
    );
    const file = await upload(sdk(scene, 'a'));
    const response = await respond(sdk(scene, 'a'));
    const before = scene.mocks.map(({ counters }) => counters.total);
    const v1 = '/openai/v1';
    for (const name of ['b'] as const) {
      for (const method of ['GET', 'HEAD', 'DELETE', 'POST', 'PATCH', 'PUT'])
        for (const path of [
          `files/${file.id}`,
          `files/${file.id}/content`,
          `responses/${response.id}`,
          `responses/${response.id}/cancel`,
          `responses/${response.id}/input_items`,
          `files//${file.id}/`,
        ])
          expect([method, path, await statusOf(scene, name, method, `${v1}/${path}`)]).toEqual([
            method,
            path,
            404,
          ]);
      const previous = { model: 'gpt-4o', input: 'And?', previous_response_id: response.id };
      expect(await statusOf(scene, name, 'POST', `${v1}/responses`, previous)).toBe(404);
      const shown = [{ role: 'user', content: [{ type: 'file', file: { file_id: file.id } }] }];
      expect(
        await statusOf(scene, name, 'POST', `${v1}/chat/completions`, { model: 'gpt-4o', messages: shown }),
      ).toBe(404);
    }
    expect(scene.mocks.map(({ counters }) => counters.total)).toEqual(before);
    expect(await statusOf(scene, 'a', 'GET', `${v1}/files/${file.id}`)).toBe(200);
    expect(await statusOf(scene, 'operator', 'GET', `${v1}/responses/${response.id}`)).toBe(200);
  },
);

test('a client goes on with its own stored objects, streamed ones too', async () => {
  const scene = await startScene([{}, {}], { clients });
  const client = sdk(scene, 'a');
  const stream = await client.responses.create({ model: 'gpt-4o', input: 'Hello', stream: true });
  let id = '';
  for await (const event of stream) if (event.type === 'response.completed') ({ id } = event.response);
  const next = await respond(client, { previous_response_id: id });
  expect((await client.responses.retrieve(next.id)).id).toBe(next.id);
  const file = await upload(client);
  const batch = await client.batches.create({
    input_file_id: file.id,
    endpoint: '/v1/chat/completions',
    completion_window: '24h',
  });
  expect((await client.batches.retrieve(batch.id)).id).toBe(batch.id);
});

test.each([1, 2])(
  'with %s backends, a client keeps an object of which something was not found, or in which it was not found',
  async (count) => {
    const scene = await startScene(
      Array.from({ length: count }, () => ({})),
      { clients },
    );
    const client = sdk(scene, 'a');
    const ask = (method: string, path: string) => statusOf(scene, 'a', method, `/openai/v1/${path}`);
    const { id: file } = await upload(client);
    const { id: store } = await client.vectorStores.create({ name: 'notes', file_ids: [file] });
    expect(await ask('DELETE', `vector_stores/${store}/files/${file}`)).toBe(200);
    expect(await ask('GET', `vector_stores/${store}/files/${file}`)).toBe(404);
    expect(await ask('GET', `vector_stores/${file}`)).toBe(404);
    expect([await ask('GET', `vector_stores/${store}`), await ask('GET', `files/${file}`)]).toEqual([
      200, 200,
    ]);
    expect(await statusOf(scene, 'b', 'GET', `/openai/v1/files/${file}`)).toBe(404);
    expect([await ask('DELETE', `files/${file}`), await ask('GET', `files/${file}`)]).toEqual([200, 404]);
  },
);

test.each(['the batch', 'all files', 'the output'])(
  'the output of a client’s batch is that client’s, although one that reaches all objects has looked at %s first',
  async (looksAt) => {
    const scene = await startScene([{}, {}], { clients });
    const [client, operator] = [sdk(scene, 'a'), sdk(scene, 'operator')];
    const body = { model: 'gpt-4o', max_tokens: 5, messages: [{ role: 'user', content: 'Hi' }] };
    const line = JSON.stringify({ custom_id: '1', method: 'POST', url: '/v1/chat/completions', body });
    const lines = new File([line], 'lines.jsonl');
    const { id: file } = await client.files.create({ purpose: 'batch', file: lines });
    const asked = {
      input_file_id: file,
      endpoint: '/v1/chat/completions',
      completion_window: '24h',
    } as const;
    const { id } = await client.batches.create(asked);
    const a = scene.mocks[0]!;
    const headers = { 'api-key': 'key-a' };
    // Each look at a batch takes the mock a step further.
    let output: string | null = null;
    while (output === null) {
      const response = await fetch(`${a.url}/openai/v1/batches/${id}`, { headers });
      output = ((await response.json()) as { output_file_id: string | null }).output_file_id;
    }
    if (looksAt === 'the batch') await operator.batches.retrieve(id);
    if (looksAt === 'all files') await operator.files.list();
    if (looksAt === 'the output') await (await operator.files.content(output)).text();
    expect((await client.batches.retrieve(id)).output_file_id).toBe(output);
    expect(await statusOf(scene, 'a', 'GET', `/openai/v1/files/${output}/content`)).toBe(200);
    expect(await statusOf(scene, 'b', 'GET', `/openai/v1/files/${output}/content`)).toBe(404);
  },
);

test('what a client that reaches all objects makes is its own, and what it makes in another’s object is that client’s', async () => {
  const scene = await startScene([{}, {}], { clients });
  const operator = sdk(scene, 'operator');
  const file = await upload(operator);
  const { id: thread } = await sdk(scene, 'a').beta.threads.create();
  const { id } = await operator.beta.threads.messages.create(thread, { role: 'user', content: 'Hi' });
  expect(await statusOf(scene, 'a', 'GET', `/openai/v1/threads/${thread}/messages/${id}`)).toBe(200);
  expect(await statusOf(scene, 'a', 'GET', `/openai/v1/files/${file.id}`)).toBe(404);
  expect(await statusOf(scene, 'operator', 'GET', `/openai/v1/files/${file.id}`)).toBe(200);
});

test('a client reaches what its own code ran in, and nobody else does', async () => {
  const item = { type: 'code_interpreter_call', id: 'ci_1', code: 'x', container_id: 'cntr_1' };
  const { url } = await startHttpBackend((req, res) => {
    req.resume();
    res.setHeader('content-type', 'application/json');
    const annotations = [{ type: 'container_file_citation', container_id: 'cntr_1', file_id: 'cfile_1' }];
    const message = { type: 'message', content: [{ type: 'output_text', text: 'x', annotations }] };
    res.end(JSON.stringify({ id: 'resp_1', object: 'response', output: [item, message] }));
  });
  const gateway = await startGatewayFor([{ name: 'x', url, apiKey: 'k' }], { clients });
  expect(await statusOf(gateway, 'a', 'POST', '/openai/v1/responses', { model: 'm', input: 'x' })).toBe(200);
  const file = '/openai/v1/containers/cntr_1/files/cfile_1/content';
  const goOn = { model: 'm', input: [item] };
  expect(await statusOf(gateway, 'a', 'GET', file)).toBe(200);
  expect(await statusOf(gateway, 'b', 'GET', file)).toBe(404);
  expect(await statusOf(gateway, 'b', 'POST', '/openai/v1/responses', goOn)).toBe(404);
  expect(await statusOf(gateway, 'a', 'POST', '/openai/v1/responses', goOn)).toBe(200);
});

test('a list has only what the client has made, however much others have in between', async () => {
  const scene = await startScene([{}, {}], { clients });
  const own: string[] = [];
  for (let count = 0; count < 6; count++) {
    own.push((await upload(sdk(scene, 'a'))).id);
    for (let others = 0; others < 12; others++) await upload(sdk(scene, 'b'));
  }
  const seen: string[] = [];
  for await (const { id } of sdk(scene, 'a').files.list({ limit: 2 })) seen.push(id);
  expect(seen.toSorted()).toEqual(own.toSorted());
  const all: string[] = [];
  for await (const { id } of sdk(scene, 'operator').files.list()) all.push(id);
  expect(all).toHaveLength(78);
});

test('objects whose client nobody knows are in no list but that of a client that reaches all', async () => {
  const backends = await Promise.all([startListBackend('a', [1, 3, 5]), startListBackend('b', [2, 4])]);
  const gateway = await startGatewayFor(
    backends.map(({ url }, index) => ({ name: `b${index}`, url, apiKey: 'x' })),
    { clients },
  );
  const idsFor = async (name: Name) => (await sdk(gateway, name).files.list()).data.map(({ id }) => id);
  expect(await idsFor('a')).toEqual([]);
  expect(await idsFor('operator')).toHaveLength(5);
  expect(await statusOf(gateway, 'a', 'GET', '/openai/v1/files/file-a0')).toBe(404);
  expect(await statusOf(gateway, 'operator', 'GET', '/openai/v1/files/file-a0')).toBe(200);
});

test('chat completions that were stored are listed for nobody but those who reach them, in whatever spelling', async () => {
  const backends = await Promise.all([startListBackend('a', [1, 3, 5]), startListBackend('b', [2, 4])]);
  const gateway = await startGatewayFor(
    backends.map(({ url }, index) => ({ name: `b${index}`, url, apiKey: 'x' })),
    { clients },
  );
  for (const path of [
    '/openai/v1/chat/completions',
    '/chat/Completions/',
    '/v1/%63hat/completions?limit=9',
  ]) {
    const listed = async (name: Name) => {
      const response = await fetch(gateway.url + path, { headers: { 'api-key': KEYS[name] } });
      return ((await response.json()) as { data: unknown[] }).data.length;
    };
    expect([await listed('a'), await listed('operator')]).toEqual([0, 5]);
    expect(await statusOf(gateway, 'a', 'HEAD', path)).toBe(404);
  }
});

/** Starts a backend that stores chat completions on request. */
async function startKeeping(name: string) {
  const kept = new Set<string>();
  const { url } = await startHttpBackend(async (req, res) => {
    const body = await text(req);
    const answer = (status: number, json: object) => {
      res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json));
    };
    if (req.method === 'POST') {
      const id = `chatcmpl-${name}${kept.size}5b2f`;
      if (body.includes('"store":true')) kept.add(id);
      return answer(200, { id, object: 'chat.completion', choices: [] });
    }
    const id = req.url?.split('/').at(-1) ?? '';
    if (!kept.has(id)) return answer(404, { error: { code: 'not_found', message: 'There is none.' } });
    answer(200, { id, object: 'chat.completion', choices: [] });
  });
  return { name, url, apiKey: name, priority: name === 'x' ? 1 : 2 };
}

test('a client reads the chat completions again that it has had stored, where they are, and nobody else does', async () => {
  const gateway = await startGatewayFor([await startKeeping('x'), await startKeeping('y')], { clients });
  const messages = [{ role: 'user' as const, content: 'Hello' }];
  const ask = (store: boolean) =>
    sdk(gateway, 'a').chat.completions.create({ model: 'gpt-4o', messages, store });
  const stored = await ask(true);
  expect((await sdk(gateway, 'a').chat.completions.retrieve(stored.id)).id).toBe(stored.id);
  const path = `/openai/v1/chat/completions/${stored.id}`;
  expect(await statusOf(gateway, 'b', 'GET', path)).toBe(404);
  expect(await statusOf(gateway, 'operator', 'GET', path)).toBe(200);
  const other = await ask(false);
  expect(await statusOf(gateway, 'a', 'GET', `/openai/v1/chat/completions/${other.id}`)).toBe(404);
});

test('models and deployments, which all clients use, are not for one of them to make or to delete', async () => {
  const { url, requests } = await startRecorder();
  const gateway = await startGatewayFor([{ url, apiKey: 'x' }], { clients });
  const changes = [
    ['DELETE', '/openai/v1/models/ft-gpt-4o-of-b'],
    ['DELETE', '/openai/models/tuned'],
    ['DELETE', '/v1/%6Dodels/tuned'],
    ['POST', '/openai/deployments?api-version=2022-12-01'],
  ] as const;
  for (const [method, path] of changes)
    expect(await statusOf(gateway, 'a', method, path, method === 'POST' ? {} : undefined)).toBe(404);
  expect(requests).toEqual([]);
  for (const [method, path] of changes)
    expect(await statusOf(gateway, 'operator', method, path, method === 'POST' ? {} : undefined)).toBe(200);
  expect(await statusOf(gateway, 'a', 'GET', '/openai/v1/models/tuned')).toBe(200);
});

test('without clients everybody reaches everything, as there is nobody to tell apart', async () => {
  const scene = await startScene([{}, {}]);
  const file = await upload(new OpenAI({ baseURL: `${scene.url}/openai/v1`, apiKey: 'x' }));
  expect((await fetch(`${scene.url}/openai/v1/files/${file.id}`)).status).toBe(200);
});

test('a request about no stored object needs none of this', async () => {
  const scene = await startScene([{}], { clients });
  const response = await post(scene, chatPath, chatBody, { headers: { 'api-key': KEYS.a } });
  expect(response.status).toBe(200);
});
