import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import type { ConfigInput } from '../../src/config/schema.ts';
import { post } from '../testing/post.ts';
import { startHttpBackend } from '../testing/start-backend.ts';
import { startGatewayFor } from '../testing/start-scene.ts';
import { type SealingBackend, startSealingBackend } from '../testing/start-sealing-backend.ts';

const path = '/openai/v1/responses';
const unstored = { model: 'gpt-5', store: false, include: ['reasoning.encrypted_content'] };

interface Item {
  readonly id?: string | undefined;
  readonly type: string;
  readonly encrypted_content?: string;
}

interface Turn {
  readonly status: number;
  readonly from: string | null;
  readonly attempts: string | null;
  readonly output: readonly Item[];
}

async function startTwo(config: Partial<ConfigInput> = {}, cannotRead?: object) {
  const backends = [
    await startSealingBackend('a', cannotRead),
    await startSealingBackend('b', cannotRead),
  ] as const;
  return { ...(await startGateway(backends, config)), backends };
}

function startGateway(backends: readonly SealingBackend[], config: Partial<ConfigInput> = {}) {
  const configured = backends.map(({ url }, index) => ({ name: 'abc'[index] ?? '', url, apiKey: 'x' }));
  return startGatewayFor(configured, config);
}

async function turn(
  gateway: { url: string },
  input: readonly object[],
  more: object = {},
  to = path,
): Promise<Turn> {
  const response = await post(gateway, to, { ...unstored, input, ...more });
  const text = await response.text();
  const events = text.split('\n').filter((line) => line.startsWith('data: '));
  const last = events.at(-1)?.slice('data: '.length);
  const body = JSON.parse(last ?? text) as { output?: Item[]; response?: { output: Item[] } };
  return {
    status: response.status,
    from: response.headers.get('x-spillway-backend'),
    attempts: response.headers.get('x-spillway-attempts'),
    output: body.output ?? body.response?.output ?? [],
  };
}

const hello = { type: 'message', role: 'user', content: 'Hello' };

function withoutIds(items: readonly Item[]): Item[] {
  return items.map((item) => ({ ...item, id: undefined }));
}

test.each([
  ['from an answer', {}, path],
  ['from a stream', { stream: true }, path],
  ['from an answer that is stored', { store: true }, path],
  ['from a compaction', {}, `${path}/compact`],
  ['in the classic style', {}, '/openai/responses?api-version=2025-04-01-preview'],
])('what a backend has sealed goes back to it %s, with ids and without', async (_, more, to) => {
  const { backends, ...gateway } = await startTwo();
  for (let session = 0; session < 10; session++) {
    let input: object[] = [hello];
    let owner: string | null | undefined;
    for (let count = 0; count < 4; count++) {
      const { status, from, attempts, output } = await turn(gateway, input, more, count === 0 ? to : path);
      expect([status, attempts, output.length]).toEqual([200, '1', 2]);
      owner ??= from;
      expect(from).toBe(owner);
      input = [...input, ...(session % 2 === 0 ? output : withoutIds(output)), hello];
    }
  }
  expect(backends.flatMap(({ calls }) => calls).filter((call) => !call.endsWith(' 200'))).toEqual([]);
});

test('what a backend has sealed goes back to it however clients escape it', async () => {
  const gateway = await startTwo();
  const { output, from } = await turn(gateway, [hello]);
  const escaped = JSON.stringify({ ...unstored, input: withoutIds(output) })
    .replaceAll('+', String.raw`\u002B`)
    .replaceAll('/', String.raw`\/`)
    .replaceAll('=', String.raw`\u003d`);
  for (let count = 0; count < 8; count++) {
    const response = await post(gateway, path, escaped);
    expect([response.status, response.headers.get('x-spillway-backend')]).toEqual([200, from]);
    expect(response.headers.get('x-spillway-attempts')).toBe('1');
    await response.arrayBuffer();
  }
});

test('what a backend has sealed goes back to it where answers are packed', async () => {
  const gateway = await startTwo();
  const options = { headers: { 'accept-encoding': 'gzip' } };
  const first = await post(gateway, path, { ...unstored, input: [hello] }, options);
  expect(first.headers.get('content-encoding')).toBe('gzip');
  const { output } = (await first.json()) as Turn;
  const owner = first.headers.get('x-spillway-backend');
  for (let count = 0; count < 8; count++) {
    const { from, attempts } = await turn(gateway, withoutIds(output));
    expect([from, attempts]).toEqual([owner, '1']);
  }
});

test('what a backend has sealed goes back to it and to nobody else while it is throttled', async () => {
  const { backends, ...gateway } = await startTwo();
  const { output, from } = await turn(gateway, [hello]);
  const [owner, other] = from === 'a' ? backends : backends.toReversed();
  owner!.refusal = { status: 429, headers: { 'retry-after': '7' } };
  const before = other!.calls.length;
  const response = await post(gateway, path, { ...unstored, input: output });
  expect([response.status, response.headers.get('retry-after')]).toEqual([429, '7']);
  expect(other!.calls.length).toBe(before);
  await response.arrayBuffer();
});

test.each(['', '/'])(
  'what a throttled backend has sealed, another of the same resource reads, at URL%s',
  async (end) => {
    const resource = await startSealingBackend('a');
    const quota = { 'gpt-5': 'ptu' };
    const backends = [
      { name: 'ptu', url: resource.url, apiKey: 'x', deployments: quota },
      { name: 'payg', url: resource.url + end, apiKey: 'x', priority: 2 },
    ];
    const gateway = await startGatewayFor(backends);
    const { output, from } = await turn(gateway, [hello]);
    expect(from).toBe('ptu');
    resource.throttles = 'ptu';
    const next = await turn(gateway, output);
    expect([next.status, next.from, next.attempts]).toEqual([200, 'payg', '2']);
  },
);

test.each<[string, object, object | undefined]>([
  ['an answer', {}, undefined],
  ['a stream', { stream: true }, undefined],
  ['a stored response', { store: true }, undefined],
  [
    'words alone',
    {},
    {
      message: 'The encrypted content for item rs_1 could not be verified.',
      type: 'invalid_request_error',
      code: null,
    },
  ],
  [
    'words in a stream',
    { stream: true },
    { message: 'Could not decrypt the provided encrypted_content', code: null },
  ],
])(
  'what nobody is known to have sealed is tried at the others before the client hears of it: %s',
  async (_, more, cannotRead) => {
    const { backends, ...gateway } = await startTwo({}, cannotRead);
    for (const [name, { url }] of Object.entries({ a: backends[0], b: backends[1] })) {
      const { output } = await turn({ url }, [hello], more);
      const forgetful = await startGateway(backends);
      const first = await turn(forgetful, withoutIds(output), more);
      expect([first.status, first.from]).toEqual([200, name]);
      const second = await turn(forgetful, withoutIds(output), more);
      expect([second.status, second.from, second.attempts]).toEqual([200, name, '1']);
      await gateway.gateway.stop();
    }
  },
);

test.each(['content', 'output'])(
  'what a backend has sealed goes back to it in the %s of an item',
  async (key) => {
    const sealed = (name: string) => [
      {
        type: 'agent_message',
        [key]: [{ type: 'encrypted_content', encrypted_content: `${name}+/0123456789` }],
      },
    ];
    const start = async (name: string) =>
      startHttpBackend(async (req, res) => {
        const isForeign = (await text(req)).includes(name === 'a' ? 'b+/' : 'a+/');
        res.writeHead(isForeign ? 400 : 200, { 'content-type': 'application/json' });
        const refusal = {
          error: { code: 'invalid_encrypted_content', message: 'It could not be verified.' },
        };
        res.end(JSON.stringify(isForeign ? refusal : { id: 'resp_1', output: sealed(name) }));
      });
    const [a, b] = [await start('a'), await start('b')];
    const gateway = await startGatewayFor([
      { name: 'a', url: a.url, apiKey: 'x', priority: 1 },
      { name: 'b', url: b.url, apiKey: 'x', priority: 2 },
    ]);
    // Whoever can read it has sealed it.
    const first = await turn(gateway, sealed('b'));
    expect([first.from, first.attempts]).toEqual(['b', '2']);
    const next = await turn(gateway, [hello, ...first.output]);
    expect([next.from, next.attempts]).toEqual(['b', '1']);
  },
);

test.each([
  [
    'what nobody is known to have sealed',
    { type: 'reasoning', summary: [], encrypted_content: 'zzzzzzzz' },
    'The encrypted content could not be verified.',
  ],
  [
    'a file that no backend could be asked for',
    { role: 'user', content: [{ type: 'input_file', file_id: 'file-abc123def' }] },
    'File file-abc123def not found',
  ],
])('%s is answered by a slow backend that has it, whatever hedges say', async (_, item, message) => {
  const asksForLast = Promise.withResolvers<void>();
  const start = async (name: string) =>
    startHttpBackend(async (req, res) => {
      await text(req);
      if (name === 'c' && req.method === 'POST') asksForLast.resolve();
      if (name === 'a' && req.method === 'POST') await asksForLast.promise;
      const status = req.method === 'GET' ? 503 : name === 'a' ? 200 : 400;
      res.writeHead(status, { 'content-type': 'application/json' });
      res.end(JSON.stringify(status === 200 ? { id: 'resp_1', output: [] } : { error: { message } }));
    });
  const backends = [await start('a'), await start('b'), await start('c')].map(({ url }, index) => ({
    name: 'abc'[index] ?? '',
    url,
    apiKey: 'x',
    priority: index + 1,
  }));
  const gateway = await startGatewayFor(backends, { hedge: { afterMs: 10 } });
  const answered = await turn(gateway, [item]);
  expect([answered.status, answered.from, answered.attempts]).toEqual([200, 'a', '3']);
});

test('what nobody is known to have sealed is refused as the first backend refuses it if all do', async () => {
  const { backends, ...gateway } = await startTwo();
  const foreign = [{ type: 'reasoning', summary: [], encrypted_content: 'zzzzzzzz' }];
  const response = await post(gateway, path, { ...unstored, input: foreign });
  expect([response.status, response.headers.get('x-spillway-attempts')]).toEqual([400, '2']);
  expect(await response.json()).toMatchObject({ error: { code: 'invalid_encrypted_content' } });
  expect(backends.map(({ calls }) => calls.length)).toEqual([1, 1]);
  const inFlight = gateway.gateway.snapshots('gpt-5').map((one) => one.inFlight);
  expect(inFlight).toEqual([0, 0]);
});

test('what nobody is known to have sealed is to come again when the one that may have sealed it is throttled', async () => {
  const { backends } = await startTwo();
  const { output } = await turn(backends[1], [hello]);
  backends[1].refusal = { status: 429, headers: { 'retry-after': '9' } };
  const gateway = await startGateway(backends);
  const response = await post(gateway, path, { ...unstored, input: output });
  expect([response.status, response.headers.get('retry-after')]).toEqual([429, '9']);
  await response.arrayBuffer();
});

test('what nobody is known to have sealed cools nobody down', async () => {
  const { backends, ...gateway } = await startTwo();
  for (const more of [{}, { stream: true }]) {
    for (let count = 0; count < 10; count++) {
      await turn(gateway, [{ type: 'compaction', encrypted_content: `zz${count}` }], more);
    }
  }
  expect(gateway.gateway.snapshots('gpt-5').map(({ availability }) => availability)).toEqual([
    'available',
    'available',
  ]);
  expect(backends[0].calls.length).toBe(20);
});

const codex = {
  ...unstored,
  stream: true,
  client_metadata: { thread_id: 'thread_0199a1', session_id: 'conv_1', file_id: 'file-1' },
  prompt_cache_key: '0199a1b2-7c3d-7e4f-8a5b-6c7d8e9f0a1b',
  tools: [{ type: 'mcp', server_url: 'https://x', headers: { thread_id: 'thread_1', file_id: 'file-2' } }],
  prompt: { id: 'p', variables: { file_id: 'file-3', thread: 'thread_2' } },
};

test.each([500, 429, 401])('a body of Codex is answered at once while a backend says %s', async (status) => {
  const { backends, ...gateway } = await startTwo();
  backends[0].refusal = { status };
  for (let count = 0; count < 5; count++) expect((await turn(gateway, [hello], codex)).status).toBe(200);
  const methods = backends.flatMap(({ calls }) => calls.map((call) => call.split(' ', 1)[0]));
  expect(new Set(methods)).toEqual(new Set(['POST']));
});

test('a body of Codex goes on although the owner of what it refers to cannot be found out', async () => {
  const { backends, ...gateway } = await startTwo();
  backends[0].refusal = { status: 500 };
  const answered = await turn(gateway, [hello], { previous_response_id: 'resp_of_somebody' });
  expect([answered.status, answered.from]).toEqual([200, 'b']);
});
