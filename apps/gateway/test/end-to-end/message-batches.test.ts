import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { makeKey, sha256 } from '../../src/client/keys.ts';
import type { ConfigInput } from '../../src/config/schema.ts';
import { errorOf, post } from '../testing/post.ts';
import { startHttpBackend } from '../testing/start-backend.ts';
import { type Scene, startGatewayFor } from '../testing/start-scene.ts';
import { usedOf } from '../testing/used-of.ts';

type Client = NonNullable<ConfigInput['clients']>[number];

const KEY = makeKey();
const PATH = '/anthropic/v1/messages/batches';

/** A backend that makes every batch whose body does not say otherwise. */
async function start(different: Partial<Client>) {
  const calls: string[] = [];
  const { url } = await startHttpBackend(async (req, res) => {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk as Buffer);
    calls.push(Buffer.concat(chunks).toString());
    const isRefused = calls.at(-1)?.includes('refuse') === true;
    res.writeHead(isRefused ? 400 : 200, { 'content-type': 'application/json' });
    res.end(isRefused ? '{"type":"error","error":{}}' : '{"id":"msgbatch_1","type":"message_batch"}');
  });
  const client = { name: 'claude', keys: [{ sha256: sha256(KEY) }], allOperations: true, ...different };
  const scene = await startGatewayFor([{ name: 'a', url, apiKey: 'x' }], { clients: [client] });
  return { scene, calls };
}

const request = (model = 'claude-opus', maxTokens = 100) => ({
  custom_id: 'x',
  params: { model, max_tokens: maxTokens, messages: [{ role: 'user', content: 'Hi' }] },
});

const batchOf = (count: number) => ({ requests: Array.from({ length: count }, () => request()) });

function send(scene: Pick<Scene, 'url'>, body: unknown, headers: Record<string, string> = {}, path = PATH) {
  return post(scene, path, body, { headers: { 'x-api-key': KEY, 'api-key': '', ...headers } });
}

test('a batch of Claude’s is charged for all its requests, and refused where a day has no room for it', async () => {
  const { scene, calls } = await start({ budgets: [{ tokensPerDay: 3000, tpm: 100 }] });
  expect((await send(scene, batchOf(20))).status).toBe(200);
  const { day = 0 } = await usedOf(scene);
  expect(day).toBeGreaterThanOrEqual(2000);
  const { status, code } = await errorOf(await send(scene, batchOf(10)));
  expect([status, code]).toEqual([403, 'quota_exceeded']);
  expect((await send(scene, batchOf(30))).status).toBe(400);
  expect(calls).toHaveLength(1);
});

test('its packed form is charged alike, and one that is not made is not', async () => {
  const { scene } = await start({ budgets: [{ tokensPerDay: 9000 }] });
  const refused = { requests: [{ ...request(), custom_id: 'refuse' }] };
  expect((await send(scene, refused)).status).toBe(400);
  expect(await usedOf(scene)).toEqual({ day: 0 });
  const packed = gzipSync(JSON.stringify(batchOf(2)));
  expect((await send(scene, packed, { 'content-encoding': 'gzip' })).status).toBe(200);
  const { day = 0 } = await usedOf(scene);
  expect(day).toBeGreaterThanOrEqual(200);
});

test('it is charged to the budget for its model', async () => {
  const { scene } = await start({
    budgets: [{ deployments: ['claude-opus'], tokensPerDay: 1000 }],
  });
  expect((await send(scene, batchOf(20))).status).toBe(400);
  expect((await send(scene, { requests: [request('claude-haiku', 5000)] })).status).toBe(200);
});

const params = '"params":{"model":"claude-opus","max_tokens":9,"messages":[]}';

test.each<[string, unknown, string]>([
  ['its requests twice', `{"requests":[],"requests":[{${params}}]}`, 'its "requests" once'],
  ['no list', `{"requests":{"0":{${params}}}}`, 'its "requests" once'],
  ['nothing', '', 'its "requests" once'],
  ['a text as a request', '{"requests":["x"]}', 'Request 1 of the batch is not'],
  ['a request without params', `{"requests":[{${params}},{}]}`, 'Request 2 of the batch is not'],
  ['params twice', `{"requests":[{${params},${params}}]}`, 'Request 1 of the batch names'],
  [
    'a model twice',
    `{"requests":[{"params":{"model":"a","mod\\u0065l":"b"}}]}`,
    'names its model or "params"',
  ],
  ['no model', '{"requests":[{"params":{"messages":[]}}]}', 'Request 1 of the batch names no model'],
  ['two models', { requests: [request('a'), request('b')] }, 'All requests of a batch must name the same'],
  ['a broken end', `{"requests":[{${params}}`, 'cannot be read completely'],
])('a batch with %s is refused, and reaches no backend', async (_, body, message) => {
  const { scene, calls } = await start({ budgets: [{ tokensPerDay: 9000 }] });
  const refused = await errorOf(await send(scene, body));
  expect([refused.status, refused.message]).toEqual([400, expect.stringContaining(message)]);
  expect(calls).toEqual([]);
});

test('the answers of its requests are no longer than the client’s may be', async () => {
  const { scene, calls } = await start({ maxOutputTokens: 50 });
  const { status, message } = await errorOf(
    await send(scene, { requests: [request('a', 50), request('a', 51)] }),
  );
  expect([status, message]).toEqual([400, expect.stringContaining('Request 2 of the batch allows a longer')]);
  expect((await send(scene, { requests: [request('a', 50)] })).status).toBe(200);
  expect(calls).toHaveLength(1);
});

test.each([
  '/anthropic/v1/messages//batches',
  '/anthropic/v1/Messages/Batches/',
  '/anthropic/v1/messages%2Fbatches',
])('another spelling of its path is not free: %s', async (path) => {
  const { scene, calls } = await start({ budgets: [{ tokensPerDay: 9000 }] });
  const { status } = await send(scene, batchOf(2), {}, path);
  const { day = 0 } = await usedOf(scene);
  expect(status === 200 ? day >= 200 : calls.length === 0).toBe(true);
});
