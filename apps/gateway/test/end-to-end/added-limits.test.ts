import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { makeKey, sha256 } from '../../src/client/keys.ts';
import { post } from '../testing/post.ts';
import { startHttpBackend } from '../testing/start-backend.ts';
import { startGatewayFor } from '../testing/start-scene.ts';

type Body = Readonly<Record<string, unknown>>;

const KEY = makeKey();
const clients = [{ name: 'chat', keys: [{ sha256: sha256(KEY) }], maxOutputTokens: 100 }];
const headers = { 'api-key': KEY };
const v1 = '/openai/v1/chat/completions';
const body = { model: 'mistral', messages: [{ role: 'user', content: 'Hello' }] };
const NEWER = { max_completion_tokens: 100 };
const OLDER = { max_tokens: 100 };

const extra = (field: string) => ({
  detail: [{ type: 'extra_forbidden', loc: ['body', field], msg: 'Extra inputs are not permitted' }],
});
const unrecognized = (field: string) => ({
  error: { message: `Unrecognized request argument supplied: ${field}`, param: null, code: null },
});
const unsupported = (field: string) => ({
  error: {
    message: `Unsupported parameter: '${field}'. Use another.`,
    param: field,
    code: 'unsupported_parameter',
  },
});

/** A backend that refuses these fields one at a time, and the limits of its requests. */
async function startBackend(
  fields: readonly string[],
  { status = 422, refusal = extra as (field: string) => unknown, packing = false } = {},
) {
  const limits: Body[] = [];
  const { url } = await startHttpBackend(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const received = JSON.parse(Buffer.concat(chunks).toString()) as Body;
    const { model: _, messages: __, stream: ___, ...rest } = received;
    limits.push(rest);
    const field = fields.find((one) => one in received);
    if (field === undefined) {
      const usage = { prompt_tokens: 1, completion_tokens: 1 };
      const message = { role: 'assistant', content: 'Hi' };
      const answer = { choices: [{ index: 0, message, delta: message, finish_reason: 'stop' }], usage };
      const text = JSON.stringify(answer);
      if (received['stream'] !== true)
        return void response.setHeader('content-type', 'application/json').end(text);
      return void response
        .setHeader('content-type', 'text/event-stream')
        .end(`data: ${text}\n\ndata: [DONE]\n\n`);
    }
    const text = JSON.stringify(refusal(field));
    const coding = packing ? { 'content-encoding': 'gzip' } : {};
    response.writeHead(status, { 'content-type': 'application/json', ...coding });
    response.end(packing ? gzipSync(text) : text);
  });
  return { url, limits };
}

const startFor = (backends: readonly { readonly url: string }[], config: object = {}) =>
  startGatewayFor(
    backends.map(({ url }, at) => ({ name: 'abc'[at]!, url, apiKey: 'x' })),
    { clients, ...config },
  );

test.each([
  ['422, as Pydantic says it', { status: 422, refusal: extra }],
  ['400, as Azure says it', { status: 400, refusal: unrecognized }],
  ['400, by its parameter', { status: 400, refusal: unsupported }],
  ['400, in a packed answer', { status: 400, refusal: unrecognized, packing: true }],
])(
  'a deployment that refuses the added limit gets it by its other name, at once the next time: %s',
  async (_, how) => {
    const backend = await startBackend(['max_completion_tokens'], how);
    const gateway = await startFor([backend]);
    const answer = await post(gateway, v1, body, { headers });
    expect([answer.status, answer.headers.get('x-spillway-attempts')]).toEqual([200, '1']);
    expect(backend.limits).toEqual([NEWER, OLDER]);
    expect((await post(gateway, v1, { ...body, model: 'Mistral' }, { headers })).status).toBe(200);
    expect(backend.limits).toEqual([NEWER, OLDER, OLDER]);
    expect((await post(gateway, v1, { ...body, model: 'other' }, { headers })).status).toBe(200);
    expect(backend.limits).toEqual([NEWER, OLDER, OLDER, NEWER, OLDER]);
  },
);

test('a reasoning model in an API that has only the older name gets the newer one', async () => {
  const backend = await startBackend(['max_tokens'], { status: 400, refusal: unsupported });
  const gateway = await startFor([backend]);
  const path = '/models/chat/completions?api-version=2024-05-01-preview';
  expect((await post(gateway, path, body, { headers })).status).toBe(200);
  expect(backend.limits).toEqual([OLDER, NEWER]);
});

test('each backend gets the limit by the name that it takes, and its own name of the deployment', async () => {
  const [a, b] = [await startBackend(['max_completion_tokens']), await startBackend(['max_tokens'])];
  const gateway = await startGatewayFor(
    [a, b].map(({ url }, at) => ({
      name: 'ab'[at]!,
      url,
      apiKey: 'x',
      deployments: { mistral: `mistral-large-${at}` },
    })),
    { clients, allowBackendPin: true },
  );
  for (const name of ['a', 'b', 'a', 'b']) {
    const answer = await post(gateway, v1, body, { headers: { ...headers, 'x-spillway-backend': name } });
    expect([name, answer.status]).toEqual([name, 200]);
  }
  expect([a.limits, b.limits]).toEqual([
    [NEWER, OLDER, OLDER],
    [NEWER, NEWER],
  ]);
});

test('a stream whose usage and limit are both refused is served, metered by an estimate and limited', async () => {
  const backend = await startBackend(['stream_options', 'max_completion_tokens']);
  const [client] = clients;
  const gateway = await startFor([backend], { clients: [{ ...client, budgets: [{ tpm: 100_000 }] }] });
  for (let count = 0; count < 2; count++) {
    const answer = await post(gateway, v1, { ...body, stream: true }, { headers });
    expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('[DONE]')]);
  }
  const asked = { stream_options: { include_usage: true } };
  expect(backend.limits).toEqual([{ ...NEWER, ...asked }, NEWER, OLDER, OLDER]);
});

test('a limit is found where it is after a stream was asked for its usage in options before it', async () => {
  const backend = await startBackend(['max_completion_tokens']);
  const [client] = clients;
  const gateway = await startFor([backend], { clients: [{ ...client, budgets: [{ tpm: 100_000 }] }] });
  const options = { stream_options: { include_obfuscation: false } };
  expect((await post(gateway, v1, { ...body, stream: true, ...options }, { headers })).status).toBe(200);
  const asked = { stream_options: { include_usage: true, include_obfuscation: false } };
  expect(backend.limits).toEqual([
    { ...NEWER, ...asked },
    { ...OLDER, ...asked },
  ]);
});

test('a deployment that refuses both names is never sent a request without its limit, and its refusal is relayed', async () => {
  const backend = await startBackend(['max_completion_tokens', 'max_tokens']);
  const gateway = await startFor([backend]);
  for (let count = 0; count < 2; count++) {
    const answer = await post(gateway, v1, body, { headers });
    expect([answer.status, await answer.json()]).toEqual([422, extra('max_tokens')]);
  }
  expect(backend.limits).toEqual([NEWER, OLDER, NEWER, OLDER]);
});

test.each([
  ['a client’s own limit', { max_completion_tokens: 4000 }, ['max_completion_tokens'], NEWER],
  ['another field', { user: 'x' }, ['user'], { user: 'x', ...NEWER }],
])('a refusal of %s is relayed at once', async (_, more, fields, limits) => {
  const backend = await startBackend(fields);
  const gateway = await startFor([backend]);
  expect((await post(gateway, v1, { ...body, ...more }, { headers })).status).toBe(422);
  expect(backend.limits).toEqual([limits]);
});

test('a packed request is limited by the other name too', async () => {
  const backend = await startBackend(['max_completion_tokens']);
  const gateway = await startFor([backend]);
  const packed = { ...headers, 'content-encoding': 'gzip' };
  const answer = await post(gateway, v1, gzipSync(JSON.stringify(body)), { headers: packed });
  expect([answer.status, backend.limits]).toEqual([200, [NEWER, OLDER]]);
});
