import { expect, test } from 'vitest';
import { makeKey, sha256 } from '../../src/client/keys.ts';
import { startMakingBackend } from '../testing/start-making-backend.ts';
import { startGatewayFor } from '../testing/start-scene.ts';

const KEYS = { a: makeKey(), b: makeKey(), all: makeKey() };
const clients = Object.entries(KEYS).map(([name, key]) => ({
  name,
  keys: [{ sha256: sha256(key) }],
  allObjects: name === 'all',
}));
const JSON_TYPE = 'application/json';
const FORM = 'multipart/form-data; boundary=x';

/** Starts a gateway in front of a backend that makes what it is told to; `a` and `b` have made a file, a response and an evaluation each. */
async function startOwned(limits: object = {}) {
  const { url, asked } = await startMakingBackend();
  const gateway = await startGatewayFor([{ name: 'x', url, apiKey: 'k' }], { clients, limits });
  const post = (key: keyof typeof KEYS, path: string, body: string, type: string, more: object = {}) => {
    const headers = { 'api-key': KEYS[key], 'content-type': type, ...more };
    return fetch(`${gateway.url}/openai/v1/${path}`, { method: 'POST', body, headers });
  };
  const send = async (...asked: Parameters<typeof post>) => (await post(...asked)).status;
  for (const key of ['a', 'b'] as const)
    for (const [path, id] of [
      ['files', `file-${key}1`],
      ['responses', `resp_${key}1`],
      ['vector_stores', `vs_${key}1`],
      ['evals', `eval_${key}1`],
    ] as const)
      await send(key, path, '{"model":"m"}', JSON_TYPE, { 'x-made': id });
  asked.length = 0;
  return { asked, post, send };
}

const field = (name: string, value: string) =>
  `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
const batch = (lines: readonly string[], purpose = 'batch') =>
  `${field('purpose', purpose)}${field('file', lines.join('\n'))}--x--\r\n`;
const line = (body: string, url = '/v1/responses') =>
  `{"custom_id":"1","method":"POST","url":"${url}","body":{"model":"m",${body}}}`;
const plain = line('"input":"Hi"');
const files = '"messages":[{"role":"user","content":[{"type":"file","file":{"file_id":"file-a1"}}]}]';

test.each([
  ['a file', [line('"input":[{"content":[{"type":"input_file","file_id":"file-a1"}]}]')]],
  ['a file in a chat', [line(files, '/v1/chat/completions')]],
  ['an earlier response, behind other lines', [plain, '', plain, line('"previous_response_id":"resp_a1"')]],
  ['a vector store', [line('"tools":[{"type":"file_search","vector_store_ids":["vs_a1"]}]')]],
  [
    'a file, twice and in another spelling',
    [line(String.raw`"input":[{"content":[{"file\u005fid":"file-a1","file_id":"file-b1"}]}]`)],
  ],
  ['a file, by an operation that is not known', [line('"of":"file-a1"', '/v1/somethings')]],
])('a line of a batch refers to no object of another client: %s', async (_, lines) => {
  const { asked, send } = await startOwned();
  for (const purpose of ['batch', ' Batch'])
    expect([await send('b', 'files', batch(lines, purpose), FORM), asked]).toEqual([404, []]);
  const own = lines.map((one) => one.replaceAll('_a1', '_b1').replaceAll('-a1', '-b1'));
  expect(await send('b', 'files', batch(own), FORM)).toBe(200);
  expect(await send('all', 'files', batch(lines), FORM)).toBe(200);
  expect(await send('b', 'files', batch(lines, 'assistants'), FORM)).toBe(200);
});

const inCapitals = plain.replace('"body"', '"Body":{"previous_response_id":"resp_a1"},"body"');

test.each([
  ['a line that is no JSON', 'files', batch([plain, `{}\r${line(files)}`]), FORM, 400],
  ['a line with two bodies', 'files', batch([plain.replace('"body"', '"body":{},"body"')]), FORM, 400],
  ['a line with a second body in capitals', 'files', batch([inCapitals]), FORM, 400],
  ['a form that can be read in several ways', 'files', `${batch([plain])}${batch([plain])}`, FORM, 400],
  ['a file in parts', 'uploads', '{"purpose":"batch","filename":"a.jsonl","bytes":1}', JSON_TYPE, 403],
  ['a file that is fetched', 'files/import', '{"purpose":"batch","content_url":"https://a"}', JSON_TYPE, 403],
  ['a file that is kept elsewhere', 'batches', '{"input_blob":"https://a"}', JSON_TYPE, 403],
  ['a file that is too large', 'files', batch(Array<string>(50).fill(plain)), FORM, 413],
])('a batch of which nobody knows what it refers to is refused: %s', async (_, path, body, type, status) => {
  const { asked, send } = await startOwned({ replayBytes: 2000 });
  expect([await send('b', path, body, type), asked]).toEqual([status, []]);
  expect(await send('all', path, body, type)).toBe(200);
});

test('a client whose file for batches is too large is told how large one may be', async () => {
  const { post } = await startOwned({ replayBytes: 2000 });
  const response = await post('b', 'files', batch(Array<string>(50).fill(plain)), FORM);
  expect(await response.json()).toMatchObject({
    error: { message: 'A file for batches of more than 2000 bytes cannot be checked.' },
  });
});

test('files for other purposes are sent as before, in parts too', async () => {
  const { send } = await startOwned();
  expect(await send('b', 'uploads', '{"purpose":"assistants","filename":"a","bytes":1}', JSON_TYPE)).toBe(
    200,
  );
  expect(await send('b', 'files', batch(['no lines'], 'user_data'), FORM)).toBe(200);
});

const run = (source: string) => `{"data_source":{"type":"completions","source":${source}}}`;
test.each([
  ['all stored completions', run('{"type":"stored_completions","model":"m"}')],
  ['all stored responses', run('{"type":"responses","instructions_search":"x"}')],
  ['all stored responses, said twice', run('{"type":"responses","type":"file_content"}')],
  ['the traces of all', '{"data_source":{"type":"azure_ai_traces","agent_id":"x"}}'],
  ['a file of another', run('{"type":"file_id","id":"file-a1"}')],
  ['a response of another', run('{"type":"file_content","content":[{"item":{"of":"resp_a1"}}]}')],
])('an evaluation is not one of %s', async (_, body) => {
  const { asked, send } = await startOwned();
  expect([await send('b', 'evals/eval_b1/runs', body, JSON_TYPE), asked]).toEqual([404, []]);
  expect(await send('all', 'evals/eval_b1/runs', body, JSON_TYPE)).toBe(200);
});

test.each([
  run('{"type":"file_id","id":"file-b1"}'),
  run('{"type":"file_content","content":[{"item":{"of":"resp_b1"}}]}'),
])('an evaluation may be one of what is one’s own: %s', async (body) => {
  const { send } = await startOwned();
  expect(await send('b', 'evals/eval_b1/runs', body, JSON_TYPE)).toBe(200);
});
