import { expect, test } from 'vitest';
import type { ConfigInput } from '../../src/config/schema.ts';
import { makeKey, sha256 } from '../../src/client/keys.ts';
import { askAdmin } from '../testing/ask-admin.ts';
import { post } from '../testing/post.ts';
import { startHttpBackend } from '../testing/start-backend.ts';
import { startGatewayFor } from '../testing/start-scene.ts';
import { usedOf } from '../testing/used-of.ts';

type Client = NonNullable<ConfigInput['clients']>[number];

const KEY = makeKey();
const usage = { input_tokens: 300, output_tokens: 400 };

/** Starts a gateway in front of a backend that answers in the background, and reports the result later. */
async function startInBackground(budgets: Client['budgets'], outcome: object) {
  let made = 0;
  const { url } = await startHttpBackend((req, res) => {
    req.resume();
    const answer =
      req.method === 'POST'
        ? { id: `resp_${++made}`, status: 'queued', background: true, usage: null }
        : { id: req.url?.split('/').at(-1), background: true, ...outcome };
    res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  });
  const clients = [{ name: 'chat', keys: [{ sha256: sha256(KEY) }], budgets }];
  const scene = await startGatewayFor([{ name: 'a', url, apiKey: 'x' }], { clients });
  const headers = { 'api-key': KEY };
  const create = async (background: unknown = true) => {
    const body = { model: 'gpt-4o', input: 'Hi', background, max_output_tokens: 999 };
    return (await post(scene, '/openai/v1/responses', body, { headers })).status;
  };
  const read = async (id: string) =>
    (await post(scene, `/openai/v1/responses/${id}`, '', { method: 'GET', body: null, headers })).status;
  return { scene, create, read };
}

test('what is answered in the background is charged to the budget for its deployment, once, however often it is read', async () => {
  const budget = { deployments: ['gpt-4o'], tpm: 3000, tokensPerDay: 100_000, concurrent: 5 };
  const { scene, create, read } = await startInBackground([budget], { status: 'completed', usage });
  await create();
  expect(await usedOf(scene)).toEqual({ tokens: 1000, day: 1000, concurrent: 0 });
  for (let count = 0; count < 3; count++) expect(await read('resp_1')).toBe(200);
  await scene.log.request(4);
  expect(await usedOf(scene)).toEqual({ tokens: 700, day: 700, concurrent: 0 });
  const { text } = await askAdmin(scene, '/admin/usage');
  const rows = (JSON.parse(text) as { rows: { promptTokens: number; completionTokens: number }[] }).rows;
  expect(rows.reduce((sum, row) => sum + row.promptTokens + row.completionTokens, 0)).toBe(700);
});

test('what an answer says to go on in the background is charged so, however its request has asked for that', async () => {
  const { scene, create, read } = await startInBackground([{ tpm: 3000 }], { status: 'completed', usage });
  await create('true');
  expect(await usedOf(scene)).toEqual({ tokens: 1000 });
  await read('resp_1');
  await scene.log.request(2);
  expect(await usedOf(scene)).toEqual({ tokens: 700 });
});

test('no more is under way in the background than a budget has room for', async () => {
  const { create } = await startInBackground([{ tpm: 3000 }], { status: 'completed', usage });
  expect(await Promise.all(Array.from({ length: 6 }, () => create()))).toEqual(
    expect.arrayContaining([200, 200, 200, 429, 429, 429]),
  );
});

test('a response that has failed in the background takes no tokens, and one that was read too early is still charged', async () => {
  const outcome: Record<string, unknown> = { status: 'in_progress', usage: null };
  const { scene, create, read } = await startInBackground([{ tpm: 3000 }], outcome);
  await create();
  await read('resp_1');
  await scene.log.request(2);
  expect(await usedOf(scene)).toEqual({ tokens: 1000 });
  outcome['status'] = 'failed';
  await read('resp_1');
  await scene.log.request(3);
  expect(await usedOf(scene)).toEqual({ tokens: 0 });
});

test('whoever reads an outcome without its usage is charged what was relayed, until that is told', async () => {
  const delta = { type: 'response.output_text.delta', delta: 'x'.repeat(4000) };
  const told = { type: 'response.completed', response: { id: 'resp_1', usage } };
  const { url } = await startHttpBackend((req, res) => {
    req.resume();
    if (req.method === 'POST') {
      res.setHeader('content-type', 'application/json');
      return void res.end('{"id":"resp_1","status":"queued","usage":null}');
    }
    res.setHeader('content-type', 'text/event-stream');
    const from = Number(new URL(req.url ?? '', 'http://a').searchParams.get('starting_after'));
    const begun = { type: 'response.created', response: { id: 'resp_1', usage: null } };
    for (const event of [begun, delta, delta, ...(from === 9 ? [told] : [])])
      res.write(`data: ${JSON.stringify(event)}\n\n`);
    if (from === 9) res.end();
  });
  const clients = [{ name: 'chat', keys: [{ sha256: sha256(KEY) }], budgets: [{ tokensPerDay: 100_000 }] }];
  const scene = await startGatewayFor([{ name: 'a', url, apiKey: 'x' }], { clients });
  const headers = { 'api-key': KEY };
  const asked = { model: 'gpt-4o', input: 'Hi', background: true, max_output_tokens: 100 };
  await (await post(scene, '/openai/v1/responses', asked, { headers })).text();
  expect(await usedOf(scene)).toEqual({ day: 101 });
  for (const part of [1, 2]) {
    const aborting = new AbortController();
    const path = `${scene.url}/openai/v1/responses/resp_1?stream=true&starting_after=${part}`;
    const reader = (await fetch(path, { headers, signal: aborting.signal })).body?.getReader();
    for (let bytes = 0; bytes < 8000;) bytes += (await reader?.read())?.value?.length ?? 0;
    aborting.abort();
    await scene.log.request(1 + part);
    expect(await usedOf(scene)).toEqual({ day: 1 + part * 2000 });
  }
  await (
    await fetch(`${scene.url}/openai/v1/responses/resp_1?stream=true&starting_after=9`, { headers })
  ).text();
  await scene.log.request(4);
  expect(await usedOf(scene)).toEqual({ day: 700 });
});
