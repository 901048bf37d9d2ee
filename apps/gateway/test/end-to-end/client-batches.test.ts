import { expect, test } from 'vitest';
import type { ConfigInput } from '../../src/config/schema.ts';
import { makeKey, sha256 } from '../../src/client/keys.ts';
import { startHttpBackend } from '../testing/start-backend.ts';
import { callsOf, type Scene, startGatewayFor, startScene } from '../testing/start-scene.ts';
import { errorOf, post } from '../testing/post.ts';
import { usedOf } from '../testing/used-of.ts';

type Client = NonNullable<ConfigInput['clients']>[number];

const KEY = makeKey();
const start = (different: Partial<Client>) =>
  startScene([{}], {
    clients: [{ name: 'batch', keys: [{ sha256: sha256(KEY) }], allOperations: true, ...different }],
  });

const line = (model: string, maxTokens = 10) =>
  JSON.stringify({
    custom_id: '1',
    method: 'POST',
    url: '/v1/chat/completions',
    body: { model, max_tokens: maxTokens, messages: [{ role: 'user', content: 'Hi' }] },
  });

const twoOf = (url: string) => [
  line('gpt-4o', 100),
  line('gpt-4o', 100).replace('/v1/chat/completions', url),
];

function send({ url }: Pick<Scene, 'url'>, lines: readonly string[], purpose = 'batch'): Promise<Response> {
  const form = new FormData();
  form.set('purpose', purpose);
  form.set('file', new Blob([lines.join('\n')]), 'lines.jsonl');
  return fetch(`${url}/openai/v1/files`, { method: 'POST', headers: { 'api-key': KEY }, body: form });
}

async function upload(...sent: Parameters<typeof send>): Promise<number> {
  const response = await send(...sent);
  await response.arrayBuffer();
  return response.status;
}

test('a file for batches names only deployments that its client may use', async () => {
  const scene = await start({ deployments: ['gpt-4o'] });
  expect(await upload(scene, [line('gpt-4o'), line('gpt-4o')])).toBe(200);
  expect(await upload(scene, [line('gpt-4o'), line('gpt-4.1')])).toBe(403);
  expect(await upload(scene, ['{"model":"gpt-4o"'])).toBe(400);
  expect(await upload(scene, ['no lines at all'], 'assistants')).toBe(200);
  expect(callsOf(scene)).toEqual([2]);
});

const lineOf = (text: string, url = '/v1/chat/completions') =>
  `{"custom_id":"1","method":"POST","url":"${url}",${text}}`;
const asked = '"model":"gpt-4o","max_tokens":5,"messages":[]';

test.each([
  [
    'for its vectors',
    lineOf(
      `"body":{${asked},"data_sources":[{"parameters":{"embedding_dependency":{"deployment_name":"o3"}}}]}`,
    ),
  ],
  ['in its query', lineOf(`"body":{${asked}}`, '/v1/chat/completions?model=o3')],
  [
    'for Claude’s fallbacks',
    lineOf(`"body":{${asked},"fallbacks":[{"model":"o3"}]}`, '/anthropic/v1/messages'),
  ],
])('a line of a batch names no other deployment %s, as a request may not', async (_, text) => {
  const scene = await start({ deployments: ['gpt-4o', 'gpt-4o-mini'], budgets: [{ tokensPerDay: 100_000 }] });
  expect(await upload(scene, [text])).toBe(403);
  expect(callsOf(scene)).toEqual([0]);
  expect(await upload(scene, [text.replace('o3', 'gpt-4o-mini')])).toBe(200);
});

test.each([
  ['its model', lineOf(`"body":{${asked},"Model":"o3"}`)],
  ['its body', lineOf(`"body":{${asked}},"Body":{"model":"o3"}`)],
  ['its url', lineOf(`"body":{${asked}},"URL":"/v1/responses"`)],
])('a line of a batch does not write %s again in capitals, which some readers take', async (_, text) => {
  const scene = await start({ deployments: ['gpt-4o'] });
  const { status, message } = await errorOf(await send(scene, [text]));
  expect([status, message]).toEqual([400, expect.stringContaining('more than once')]);
  expect(callsOf(scene)).toEqual([0]);
});

const lines = (count: number) => Array.from({ length: count }, () => line('gpt-4o', 100));

test('a batch is charged when its file is sent, and refused where a day has no room for it', async () => {
  const scene = await start({ budgets: [{ tokensPerDay: 3000, tpm: 100 }] });
  expect(await upload(scene, lines(20))).toBe(200);
  expect(await usedOf(scene)).toMatchObject({ day: 2020 });
  const { status, code } = await errorOf(await send(scene, lines(10)));
  expect([status, code]).toEqual([403, 'quota_exceeded']);
  const tooLarge = await errorOf(await send(scene, lines(30)));
  expect([tooLarge.status, tooLarge.message]).toEqual([400, expect.stringMatching(/3030 tokens.*3000/)]);
  expect(callsOf(scene)).toEqual([1]);
});

async function uploaded(scene: Scene): Promise<string> {
  const { id } = (await (await send(scene, lines(10))).json()) as { id: string };
  return id;
}

const batchOf = (id: string, more: object = {}) => ({
  input_file_id: id,
  endpoint: '/v1/chat/completions',
  completion_window: '24h',
  ...more,
});

const make = (scene: Pick<Scene, 'url'>, body: unknown, init: RequestInit = {}) =>
  post(scene, '/openai/v1/batches', body, { ...init, headers: { 'api-key': KEY } });

test('the first batch of a file is paid with it, and each further one is charged, however many come at once', async () => {
  const scene = await start({ budgets: [{ tokensPerDay: 4100 }] });
  const id = await uploaded(scene);
  const statuses = await Promise.all(
    Array.from({ length: 8 }, async () => {
      const response = await make(scene, batchOf(id));
      await response.arrayBuffer();
      return response.status;
    }),
  );
  // The file and three more of 1,010 tokens each.
  expect(statuses.filter((status) => status === 200)).toHaveLength(4);
  expect(statuses.filter((status) => status >= 400)).toHaveLength(4);
  expect(await usedOf(scene)).toEqual({ day: 4040 });
});

test('a batch names its file in the one way that all readers take', async () => {
  const scene = await start({ budgets: [{ tokensPerDay: 10_000 }] });
  const id = await uploaded(scene);
  for (const body of [`{"Input_File_Id":"${id}"}`, `{"input_file_id":"${id}","Input_file_id":"${id}"}`])
    expect((await make(scene, body)).status).toBe(400);
  expect((await make(scene, batchOf(id))).status).toBe(200);
});

test('a batch that is not made leaves what was paid to the next', async () => {
  const scene = await start({ budgets: [{ tokensPerDay: 4100 }] });
  const id = await uploaded(scene);
  expect((await make(scene, { input_file_id: id })).status).toBe(400);
  expect((await make(scene, batchOf(id))).status).toBe(200);
  expect(await usedOf(scene)).toEqual({ day: 1010 });
});

test('a client that leaves before its batch is made has used its file, and is charged for another', async () => {
  let got = 0;
  let arrived: (() => void) | undefined;
  const { url } = await startHttpBackend(async (req, res) => {
    for await (const _ of req);
    res.setHeader('content-type', 'application/json');
    if (req.url?.startsWith('/openai/v1/files') === true) return void res.end('{"id":"file-1"}');
    if (++got <= 2) return arrived?.();
    res.end('{"id":"batch_1"}');
  });
  const clients = [
    {
      name: 'batch',
      keys: [{ sha256: sha256(KEY) }],
      allOperations: true,
      budgets: [{ tokensPerDay: 9000 }],
    },
  ];
  const scene = await startGatewayFor([{ name: 'a', url, apiKey: 'x' }], { clients });
  expect((await (await send(scene, lines(10))).json()) as object).toEqual({ id: 'file-1' });
  for (let left = 0; left < 2; left++) {
    const aborting = new AbortController();
    const hasArrived = new Promise<void>((resolve) => (arrived = resolve));
    const answer = make(scene, batchOf('file-1'), { signal: aborting.signal });
    await hasArrived;
    aborting.abort();
    await expect(answer).rejects.toThrow('aborted');
  }
  await scene.log.request(3);
  expect(await usedOf(scene)).toEqual({ day: 2020 });
});

test('one batch is made of a file that was sent elsewhere, as nothing tells what it takes', async () => {
  const sent = await start({ allObjects: true });
  const id = await uploaded(sent);
  const { url } = sent.mocks[0] as { url: string };
  const clients = [
    {
      name: 'batch',
      keys: [{ sha256: sha256(KEY) }],
      allOperations: true,
      allObjects: true,
      budgets: [{ tokensPerDay: 9000 }],
    },
  ];
  const scene = await startGatewayFor([{ name: 'a', url, apiKey: 'key-a' }], { clients });
  expect((await make(scene, batchOf(id))).status).toBe(200);
  const { status, message } = await errorOf(await make(scene, batchOf(id)));
  expect([status, message]).toEqual([400, expect.stringContaining('Send the file again')]);
  const twice = JSON.stringify(batchOf('file-x')).replace('{', `{"input_file_id":"${id}",`);
  expect((await make(scene, twice)).status).toBe(400);
});

test('a batch is charged however the url of its lines is written, or its client told which line to change', async () => {
  const scene = await start({ budgets: [{ tokensPerDay: 100_000 }] });
  for (const url of [
    '/v1/chat/completions/',
    '/v1/Chat/Completions',
    '/openai/deployments/gpt-4o/chat/completions',
  ])
    expect(await upload(scene, twoOf(url))).toBe(200);
  expect(await usedOf(scene)).toEqual({ day: 3 * 2 * 101 });
  const { status, message } = await errorOf(await send(scene, twoOf('https://a/v1/chat/completions')));
  expect([status, message]).toEqual([400, expect.stringMatching(/^Line 2 of the batch has a "url"/)]);
  expect(callsOf(scene)).toEqual([3]);
});

test('a line of a batch that allows an answer of any length is charged one as the client’s usually are', async () => {
  const scene = await start({ budgets: [{ tokensPerDay: 100_000 }] });
  const open = line('gpt-4o').replace('"max_tokens":10,', '');
  expect(await upload(scene, [open, open, line('gpt-4o', 100)])).toBe(200);
  // Before any answer is known, 1,000 tokens are assumed.
  expect(await usedOf(scene)).toEqual({ day: 2 * 1001 + 101 });
});

test('a client whose answers are limited sends no batch whose answers may be longer', async () => {
  const scene = await start({ maxOutputTokens: 100, allOperations: false });
  expect(await upload(scene, [line('gpt-4o', 100)])).toBe(200);
  const open = line('gpt-4o').replace('"max_tokens":10,', '');
  for (const tooLong of [line('gpt-4o', 50_000), open]) {
    const { status, message } = await errorOf(await send(scene, [line('gpt-4o'), tooLong]));
    expect([status, message]).toEqual([400, expect.stringMatching(/^Line 2 .*"max_completion_tokens".*100/)]);
  }
  const blob = { input_blob: 'https://elsewhere/lines.jsonl', endpoint: '/v1/chat/completions' };
  const headers = { 'api-key': KEY };
  expect((await post(scene, '/openai/v1/batches', blob, { headers })).status).toBe(403);
  expect(callsOf(scene)).toEqual([1]);
});

test('a restricted client sends no files for batches that nobody can look into', async () => {
  const scene = await start({ deployments: ['gpt-4o'] });
  const headers = { 'api-key': KEY };
  const blob = {
    input_blob: 'https://elsewhere/lines.jsonl',
    endpoint: '/v1/chat/completions',
    completion_window: '24h',
  };
  expect((await post(scene, '/openai/v1/batches', blob, { headers })).status).toBe(403);
  const parts = { purpose: 'batch', filename: 'a.jsonl', bytes: 1, mime_type: 'text/jsonl' };
  expect((await post(scene, '/openai/v1/uploads', parts, { headers })).status).toBe(403);
});

test.each([
  [
    'a form whose fields readers find differently',
    '--x\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nassistants\r\n--x\nContent-Disposition: form-data; name="purpose"\n\nbatch\r\n--x--\r\n',
    'multipart/form-data; boundary=x',
    'files',
  ],
  ['what is said to be no form', '{"purpose":"batch"}', 'application/json', 'files'],
  [
    'the address of a file',
    '{"purpose":"batch","content_url":"https://elsewhere"}',
    'application/json',
    'files/import',
  ],
  ['the address of a file, spelt otherwise', '{"purpose":"batch"}', 'application/json', 'files%2Fimport'],
  [
    'a file that is kept elsewhere, in capitals',
    '{"Input_Blob":"https://elsewhere"}',
    'application/json',
    'batches',
  ],
])('nor does it send %s', async (_, body, type, operation) => {
  const scene = await start({ deployments: ['gpt-4o'], allObjects: true });
  const headers = { 'api-key': KEY, 'content-type': type };
  expect((await post(scene, `/openai/v1/${operation}`, body, { headers })).status).toBe(403);
  expect(callsOf(scene)).toEqual([0]);
});
