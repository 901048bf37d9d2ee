import { expect, test } from 'vitest';
import type { ConfigInput } from '../../src/config/schema.ts';
import { makeKey, sha256 } from '../../src/client/keys.ts';
import { callsOf, type Scene, startScene } from '../testing/start-scene.ts';
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

function send({ url }: Scene, lines: readonly string[], purpose = 'batch'): Promise<Response> {
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

test('a batch is charged when its file is sent', async () => {
  const scene = await start({ budgets: [{ tokensPerDay: 1000 }] });
  expect(
    await upload(
      scene,
      Array.from({ length: 20 }, () => line('gpt-4o', 100)),
    ),
  ).toBe(200);
  expect(await upload(scene, [line('gpt-4o')])).toBe(403);
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
