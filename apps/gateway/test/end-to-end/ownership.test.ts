import { describe, expect, test } from 'vitest';
import { errorOf, post } from '../testing/post.ts';
import { type Scene, startGatewayFor, startScene } from '../testing/start-scene.ts';

/** Sends without a body. */
function send(gateway: { url: string }, method: string, path: string, init: RequestInit = {}) {
  return fetch(gateway.url + path, { method, headers: { 'api-key': 'client-key' }, ...init });
}

async function jsonOf(response: Response): Promise<Record<string, unknown> & { id: string }> {
  const body = await response.json();
  expect({ ok: response.ok, body }).toMatchObject({ ok: true });
  return body as Record<string, unknown> & { id: string };
}

/** Creates a body and a content type from a form. */
async function upload(gateway: { url: string }, path: string, purpose = 'batch'): Promise<Response> {
  const form = new FormData();
  form.set('purpose', purpose);
  form.set(
    'file',
    new Blob(['{"custom_id":"1","method":"POST","url":"/v1/chat/completions","body":{}}\n']),
    'a',
  );
  return fetch(gateway.url + path, { method: 'POST', body: form });
}

/** Starts a gateway without any memory in front of the same backends. */
function restart(scene: Scene, config: Parameters<typeof startGatewayFor>[1] = {}) {
  return startGatewayFor(
    scene.mocks.map(({ url }, index) => {
      const name = String.fromCharCode('a'.charCodeAt(0) + index);
      return { name, url, apiKey: `key-${name}`, priority: index + 1 };
    }),
    config,
  );
}

function backendOf(response: Response): string | null {
  return response.headers.get('x-spillway-backend');
}

/** Starts three backends. The first is too busy for the first request if `b` is to have the object that it creates. */
function startWithObjectsOn(owner: 'a' | 'b'): Promise<Scene> {
  return startScene([
    { script: owner === 'b' ? '1x throttle(retry-after-ms=1)' : 'ok' },
    { script: 'ok' },
    { script: 'ok' },
  ]);
}

interface Kind {
  readonly name: string;
  /** Creates the object, and returns its id. */
  make(gateway: { url: string }): Promise<Response>;
  /** The uses of it, repeatable. */
  uses(id: string): readonly Use[];
}

interface Use {
  readonly name: string;
  readonly run: (gateway: { url: string }) => Promise<Response>;
  /** Whether the gateway has to ask for its owner before sending it. */
  readonly isAsked?: true;
}

function get(path: string): Use {
  return { name: `GET ${path}`, run: (gateway) => send(gateway, 'GET', path) };
}

function asked(path: string, body: unknown, name = `POST ${path}`): Use {
  return { name, run: (gateway) => post(gateway, path, body), isAsked: true };
}

const query = '?api-version=2024-10-21';
const model = 'gpt-4o';

const kinds: readonly Kind[] = [
  {
    name: 'a file',
    make: (gateway) => upload(gateway, `/openai/files${query}`),
    uses: (id) => [
      get(`/openai/files/${id}${query}`),
      get(`/openai/files/${id}/content${query}`),
      asked(`/openai/batches${query}`, {
        input_file_id: id,
        endpoint: '/v1/chat/completions',
        completion_window: '24h',
      }),
      asked('/openai/v1/fine_tuning/jobs', { model, training_file: id }),
      asked('/openai/v1/vector_stores', { file_ids: [id] }),
      asked('/openai/v1/responses', {
        input: [{ role: 'user', content: [{ type: 'input_file', file_id: id }] }],
        model,
      }),
    ],
  },
  {
    name: 'a response',
    make: (gateway) => post(gateway, '/openai/v1/responses', { model, input: 'Hello' }),
    uses: (id) => [
      get(`/openai/v1/responses/${id}`),
      get(`/v1/responses/${id}/input_items`),
      get(`/openai/responses/${id}?api-version=2025-03-01-preview`),
      asked('/openai/v1/responses', { model, input: 'And?', previous_response_id: id }),
      asked('/responses', { previous_response_id: id, model, input: 'And?', store: false }),
      asked('/openai/v1/responses', { model, input: 'And?', previous_response_id: id, stream: true }),
    ],
  },
  {
    name: 'a response in the background',
    make: (gateway) => post(gateway, '/openai/v1/responses', { model, input: 'Hello', background: true }),
    uses: (id) => [
      get(`/openai/v1/responses/${id}`),
      asked('/openai/v1/responses', { model, input: 'And?', previous_response_id: id }),
    ],
  },
  {
    name: 'a conversation',
    make: (gateway) => post(gateway, '/openai/v1/conversations', { metadata: { id: 'mine' } }),
    uses: (id) => [
      get(`/openai/v1/conversations/${id}`),
      asked('/openai/v1/responses', { model, input: 'Hello', conversation: id }, 'conversation: id'),
      asked('/openai/v1/responses', { model, input: 'Hello', conversation: { id } }, 'conversation: { id }'),
      asked(`/openai/v1/conversations/${id}/items`, { items: [{ role: 'user', content: 'Hello' }] }),
    ],
  },
  {
    name: 'a thread',
    make: (gateway) => post(gateway, `/openai/threads${query}`, {}),
    uses: (id) => [
      get(`/openai/threads/${id}${query}`),
      get(`/openai/threads/${id}/messages${query}`),
      asked(`/openai/threads/${id}/messages${query}`, { role: 'user', content: 'Hello' }),
    ],
  },
  {
    name: 'an assistant',
    make: (gateway) => post(gateway, `/openai/assistants${query}`, { model }),
    uses: (id) => [
      get(`/openai/assistants/${id}${query}`),
      asked(`/openai/assistants/${id}${query}`, { name: 'Ada' }),
      asked(`/openai/threads/runs${query}`, { assistant_id: id }),
      asked(`/openai/threads/runs${query}`, { assistant_id: id, stream: true }, 'a streamed run'),
    ],
  },
  {
    name: 'a vector store',
    make: (gateway) => post(gateway, '/openai/v1/vector_stores', { name: 'books' }),
    uses: (id) => [
      get(`/openai/v1/vector_stores/${id}`),
      get(`/openai/v1/vector_stores/${id}/files`),
      asked(`/openai/v1/vector_stores/${id}/search`, { query: 'whale' }),
      asked('/openai/v1/responses', {
        model,
        input: 'Hello',
        tools: [{ type: 'file_search', vector_store_ids: [id] }],
      }),
    ],
  },
];

describe.each(kinds)('$name', ({ make, uses }) => {
  test.each(['a', 'b'] as const)('an object that %s made is used there, every time', async (owner) => {
    const scene = await startWithObjectsOn(owner);
    const made = await make(scene);
    const { id } = await jsonOf(made);
    expect(backendOf(made)).toBe(owner);
    for (const { name, run } of [...uses(id), ...uses(id)]) {
      const response = await run(scene);
      expect([name, response.ok, backendOf(response)]).toEqual([name, true, owner]);
      expect(response.headers.get('x-spillway-attempts')).toBe('1');
      await response.arrayBuffer();
    }
    const others = scene.mocks.filter(({ name }) => name !== owner);
    // Another backend got only the request that `a` was too busy for.
    expect(others.map(({ counters }) => counters.total)).toEqual(owner === 'b' ? [1, 0] : [0, 0]);
  });

  test('an object is not asked of others while its backend is throttled: the client gets its 429', async () => {
    const scene = await startWithObjectsOn('b');
    const { id } = await jsonOf(await make(scene));
    for (const { name, run } of uses(id)) {
      scene.mocks[1]!.setScript('always throttle(retry-after=7)');
      const response = await run(scene);
      expect([name, response.status]).toEqual([name, 429]);
      expect(['6', '7']).toContain(response.headers.get('retry-after'));
      expect((await errorOf(response)).code).toBe('429');
    }
    expect(scene.mocks[0]!.counters.total).toBe(1);
    expect(scene.mocks[2]!.counters.total).toBe(0);
  });

  test('an object is found again by a gateway that has forgotten everything', async () => {
    const scene = await startWithObjectsOn('b');
    const { id } = await jsonOf(await make(scene));
    for (const { name, run, isAsked } of uses(id)) {
      const gateway = await restart(scene);
      const response = await run(gateway);
      expect([name, response.ok, backendOf(response)]).toEqual([name, true, 'b']);
      // A GET finds its own way: `a` does not have it, `b` does.
      expect(response.headers.get('x-spillway-attempts')).toBe(isAsked ? '1' : '2');
      await response.arrayBuffer();
      const before = scene.mocks[0]!.counters.total;
      const again = await run(gateway);
      expect([name, backendOf(again)]).toEqual([name, 'b']);
      await again.arrayBuffer();
      expect(scene.mocks[0]!.counters.total, 'remembered').toBe(before);
    }
    expect(scene.mocks[2]!.counters.total, 'of the last priority').toBe(0);
  });

  test('an object is throttled, not missing, when only a throttled backend can have it', async () => {
    const scene = await startWithObjectsOn('b');
    const { id } = await jsonOf(await make(scene));
    for (const { name, run } of uses(id)) {
      const gateway = await restart(scene);
      scene.mocks[1]!.setScript('always throttle(retry-after=7)');
      const response = await run(gateway);
      expect([name, response.status]).toEqual([name, 429]);
      expect(['6', '7']).toContain(response.headers.get('retry-after'));
      await response.arrayBuffer();
    }
  });
});

const input = { endpoint: '/v1/chat/completions', completion_window: '24h' };

test('an object what comes of an object stays with it: a batch, its cancellation and its output', async () => {
  const scene = await startWithObjectsOn('b');
  const { id: file } = await jsonOf(await upload(scene, `/openai/files${query}`));
  const made = await post(scene, `/openai/batches${query}`, { ...input, input_file_id: file });
  const { id } = await jsonOf(made);
  let batch = await jsonOf(await send(scene, 'GET', `/openai/batches/${id}${query}`));
  batch = await jsonOf(await send(scene, 'GET', `/openai/batches/${id}${query}`));
  const output = String(batch['output_file_id'] ?? batch['error_file_id']);
  const content = await send(scene, 'GET', `/openai/files/${output}/content${query}`);
  expect([content.status, backendOf(content)]).toEqual([200, 'b']);
  expect(content.headers.get('x-spillway-attempts')).toBe('1');
  const { id: other } = await jsonOf(
    await post(scene, `/openai/batches${query}`, { ...input, input_file_id: file }),
  );
  const gateway = await restart(scene);
  const cancelled = await post(gateway, `/openai/batches/${other}/cancel${query}`, {});
  expect([cancelled.status, backendOf(cancelled)]).toEqual([200, 'b']);
});

test('an object what comes of an object stays with it: a fine-tuning job, its events and its cancellation, each after a restart too', async () => {
  const scene = await startWithObjectsOn('b');
  const { id: file } = await jsonOf(await upload(scene, '/openai/v1/files', 'fine-tune'));
  const { id: job } = await jsonOf(
    await post(scene, '/openai/v1/fine_tuning/jobs', { model, training_file: file }),
  );
  for (const gateway of [scene, await restart(scene)]) {
    for (const path of [job, `${job}/events`]) {
      const response = await send(gateway, 'GET', `/openai/v1/fine_tuning/jobs/${path}`);
      expect([path, response.status, backendOf(response)]).toEqual([path, 200, 'b']);
      await response.arrayBuffer();
    }
  }
  const { id: other } = await jsonOf(
    await post(scene, '/openai/v1/fine_tuning/jobs', { model, training_file: file }),
  );
  const cancelled = await post(await restart(scene), `/openai/v1/fine_tuning/jobs/${other}/cancel`, {});
  expect([cancelled.status, backendOf(cancelled)]).toEqual([200, 'b']);
});

test.each([false, true])(
  'an object what comes of an object stays with it: a thread, its messages and runs (streamed: %s)',
  async (stream) => {
    const scene = await startWithObjectsOn('b');
    const { id: assistant } = await jsonOf(await post(scene, `/openai/assistants${query}`, { model }));
    const run = await post(scene, `/openai/threads/runs${query}`, { assistant_id: assistant, stream });
    expect(backendOf(run)).toBe('b');
    const text = await run.text();
    const thread = /"thread_id":\s*"([^"]+)"/.exec(text)![1]!;
    const id = /"id":\s*"(run_[^"]+)"/.exec(text)![1]!;
    for (const path of [`/messages`, `/runs/${id}`, `/runs/${id}/steps`]) {
      const response = await send(scene, 'GET', `/openai/threads/${thread}${path}${query}`);
      expect([path, response.status, backendOf(response)]).toEqual([path, 200, 'b']);
      expect(response.headers.get('x-spillway-attempts')).toBe('1');
      await response.arrayBuffer();
    }
    const message = await post(await restart(scene), `/openai/threads/${thread}/messages${query}`, {
      role: 'user',
      content: 'And?',
    });
    expect([message.status, backendOf(message)]).toEqual([200, 'b']);
    expect(scene.mocks[2]!.counters.total).toBe(0);
  },
);

test('an object what comes of an object stays with it: a streamed response, what it said, and what is cancelled', async () => {
  const scene = await startWithObjectsOn('b');
  const stream = await post(scene, '/openai/v1/responses', { model, input: 'Hello', stream: true });
  const text = await stream.text();
  const response = /"id":\s*"(resp_[^"]+)"/.exec(text)![1]!;
  const item = /"id":\s*"(msg_[^"]+)"/.exec(text)![1]!;
  const input = [
    { id: item, type: 'item_reference' },
    { role: 'user', content: 'And?' },
  ];
  const next = await post(scene, '/openai/v1/responses', { model, input });
  expect([next.status, backendOf(next)]).toEqual([200, 'b']);
  const found = await send(scene, 'GET', `/openai/v1/responses/${response}`);
  expect([found.status, found.headers.get('x-spillway-attempts')]).toEqual([200, '1']);

  const later = await jsonOf(
    await post(scene, '/openai/v1/responses', {
      model,
      previous_response_id: response,
      input: 'x',
      background: true,
    }),
  );
  const cancelled = await post(await restart(scene), `/openai/v1/responses/${later.id}/cancel`, {});
  expect([cancelled.status, backendOf(cancelled)]).toEqual([200, 'b']);
});

test('an object what comes of an object is known as soon as the client can know it: before the stream is over', async () => {
  const scene = await startWithObjectsOn('b');
  scene.mocks[1]!.setScript('1x hang(after-chunks=8)');
  const stream = await post(scene, '/openai/v1/responses', { model, input: 'Hello', stream: true });
  let text = '';
  let id: string | undefined;
  for await (const chunk of stream.body!) {
    text += Buffer.from(chunk).toString();
    id = /"id":\s*"(resp_[^"]+)"/.exec(text)?.[1];
    if (id !== undefined) break;
  }
  const found = await send(scene, 'GET', `/openai/v1/responses/${id}`);
  expect(found.headers.get('x-spillway-backend')).toBe('b');
  expect(scene.mocks[0]!.counters.total).toBe(1);
});
