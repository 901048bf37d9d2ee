import type { RequestListener } from 'node:http';
import { expect, test } from 'vitest';
import { post } from '../testing/post.ts';
import { startHttpBackend } from '../testing/start-backend.ts';
import { startGatewayFor } from '../testing/start-scene.ts';

const ID = 'resp_a100000000';

/** A backend that has a response, and throttles all that is to do with files. */
const withoutRoomForFiles =
  (headers: Readonly<Record<string, string>>): RequestListener =>
  (req, res) => {
    req.resume();
    const isOfFiles = req.url?.includes('/files') === true;
    res.writeHead(isOfFiles ? 429 : 200, {
      'content-type': 'application/json',
      ...(isOfFiles ? headers : {}),
    });
    res.end(JSON.stringify(isOfFiles ? { error: { message: 'Too many files.' } } : { id: ID, output: [] }));
  };

const files: RequestListener = (req, res) => {
  req.resume();
  const isOfFiles = req.method === 'POST' && req.url?.includes('/files') === true;
  res.writeHead(isOfFiles ? 200 : 404, { 'content-type': 'application/json' });
  res.end(JSON.stringify(isOfFiles ? { id: 'file-b10000000' } : { error: { message: 'No such response.' } }));
};

async function answerTo(response: Promise<Response>) {
  const { status, headers, body } = await response;
  await body?.cancel();
  return { status, from: headers.get('x-spillway-backend') };
}

test.each<[string, Record<string, string>]>([
  ['for a minute', { 'retry-after': '60' }],
  [
    'for as long as its quota says',
    { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '60' },
  ],
  [
    'with all that Azure tells of',
    {
      'retry-after': '60',
      'x-ratelimit-limit-requests': '10',
      'x-ratelimit-remaining-requests': '0',
    },
  ],
])(
  'a backend that throttles an upload %s is still asked for the responses that it has',
  async (_, headers) => {
    const a = await startHttpBackend(withoutRoomForFiles(headers));
    const b = await startHttpBackend(files);
    const scene = await startGatewayFor([
      { name: 'a', url: a.url, apiKey: 'x', priority: 1 },
      { name: 'b', url: b.url, apiKey: 'x', priority: 2 },
    ]);
    const made = { model: 'gpt-4o', input: 'Hello', background: true };
    expect(await answerTo(post(scene, '/openai/v1/responses', made))).toEqual({ status: 200, from: 'a' });
    expect(await answerTo(post(scene, '/openai/v1/files', { purpose: 'x' }))).toEqual({
      status: 200,
      from: 'b',
    });
    const path = `${scene.url}/openai/v1/responses/${ID}`;
    expect(await answerTo(fetch(path))).toEqual({ status: 200, from: 'a' });
    expect(await answerTo(fetch(`${path}/input_items`))).toEqual({ status: 200, from: 'a' });
    expect(await answerTo(post(scene, `/openai/v1/responses/${ID}/cancel`, {}))).toEqual({
      status: 200,
      from: 'a',
    });
  },
);

test('the only backend that throttles an upload is still asked for everything else', async () => {
  const { url } = await startHttpBackend(withoutRoomForFiles({ 'retry-after': '60' }));
  const scene = await startGatewayFor([{ name: 'a', url, apiKey: 'x' }]);
  const upload = await post(scene, '/openai/v1/files', {});
  expect([upload.status, upload.headers.get('x-spillway-attempts')]).toEqual([429, '1']);
  const another = await post(scene, '/openai/v1/files', {});
  expect([another.status, another.headers.get('x-spillway-attempts')]).toEqual([429, '0']);
  expect(await answerTo(fetch(`${scene.url}/openai/v1/responses/${ID}`))).toEqual({ status: 200, from: 'a' });
  expect(await answerTo(post(scene, '/openai/v1/vector_stores', {}))).toEqual({ status: 200, from: 'a' });
});

test('a backend that throttles questions for files is still asked who has a response', async () => {
  const { url } = await startHttpBackend(withoutRoomForFiles({ 'retry-after': '60' }));
  const b = await startHttpBackend(files);
  const scene = await startGatewayFor([
    { name: 'a', url, apiKey: 'x', priority: 1 },
    { name: 'b', url: b.url, apiKey: 'x', priority: 2 },
  ]);
  const batch = { input_file_id: 'file-x10000000', endpoint: '/v1/chat/completions' };
  expect(await answerTo(post(scene, '/openai/v1/batches', batch))).toMatchObject({ status: 429 });
  const next = { model: 'gpt-4o', input: 'Hello', previous_response_id: ID };
  expect(await answerTo(post(scene, '/openai/v1/responses', next))).toEqual({ status: 200, from: 'a' });
});
