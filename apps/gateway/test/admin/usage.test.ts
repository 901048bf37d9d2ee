import { expect, test } from 'vitest';
import { makeKey, sha256 } from '../../src/client/keys.ts';
import { askAdmin } from '../testing/ask-admin.ts';
import { chatBody, chatPath, post, streamBody } from '../testing/post.ts';
import { startScene } from '../testing/start-scene.ts';
import { DescribedApi } from './described-api.ts';
import { Scraped } from './scraped.ts';

const KEYS = { chat: makeKey(), nightly: makeKey() };
const clients = Object.entries(KEYS).map(([name, key]) => ({ name, keys: [{ sha256: sha256(key) }] }));
const by = (name: keyof typeof KEYS) => ({ headers: { 'api-key': KEYS[name] } });

interface Row {
  readonly day: string;
  readonly client: string;
  readonly promptTokens: number;
  readonly [name: string]: unknown;
}

function rowsOf({ json }: { readonly json: unknown }): readonly Row[] {
  return (json as { readonly rows: readonly Row[] }).rows;
}

async function startCounted() {
  const scene = await startScene([{ script: '3x ok, always throttle(retry-after=30)' }], { clients });
  await (await post(scene, chatPath, chatBody, by('chat'))).text();
  await (await post(scene, chatPath, chatBody, by('chat'))).text();
  await (await post(scene, chatPath, streamBody, by('nightly'))).text();
  await (await post(scene, chatPath, chatBody, by('chat'))).text();
  await (await post(scene, chatPath, chatBody)).text();
  await scene.log.request(5);
  return { scene, api: await DescribedApi.of(scene) };
}

test('what each client has used is told by day, deployment and backend', async () => {
  const { api, scene } = await startCounted();
  const rows = rowsOf(await api.ask('/admin/usage'));
  expect(rows).toMatchObject([
    { client: '', deployment: 'none', backend: 'none', requests: 1, failures: 1 },
    { client: 'chat', deployment: 'gpt-4o', backend: 'a', requests: 2, failures: 0, requestsWithoutUsage: 0 },
    { client: 'chat', deployment: 'gpt-4o', backend: 'none', requests: 1, failures: 1, promptTokens: 0 },
    { client: 'nightly', deployment: 'gpt-4o', backend: 'a', requests: 1 },
  ]);
  expect(rows[1]?.promptTokens).toBeGreaterThan(0);
  const today = rows[0]?.day;
  expect(rowsOf(await api.ask(`/admin/usage?from=${today}&to=${today}&client=nightly`))).toEqual([rows[3]]);
  expect(rowsOf(await api.ask('/admin/usage?from=2020-01-01&to=2020-12-31'))).toEqual([]);
  const scraped = await Scraped.of(scene);
  expect(scraped.counted('spillway_client_requests_total')).toEqual({
    'chat 2xx': 2,
    'chat 429': 1,
    'nightly 2xx': 1,
  });
  expect(scraped.counted('spillway_client_tokens_total')).toEqual({
    'chat gpt-4o prompt': rows[1]?.promptTokens,
    'chat gpt-4o completion': rows[1]?.['completionTokens'],
  });
});

/** Polls a response until it is done, which reports its usage, and then once more. */
async function readTwice({ url }: { readonly url: string }, id: string, init?: RequestInit) {
  const read = async () => {
    const response = await fetch(`${url}/openai/v1/responses/${id}`, init);
    return (await response.json()) as { usage: { input_tokens: number; output_tokens: number } | null };
  };
  let reads = 2;
  let answer = await read();
  for (; answer.usage === null; answer = await read()) reads++;
  await read();
  return { reads, usage: answer.usage };
}

test('who asks for a response again has not taken its tokens again', async () => {
  const scene = await startScene([{ latency: '1ms' }]);
  const api = await DescribedApi.of(scene);
  const created = await post(scene, '/openai/v1/responses', { model: 'gpt-4o', input: 'Hello' });
  const { id } = (await created.json()) as { id: string };
  const { reads, usage } = await readTwice(scene, id);
  await scene.log.request(1 + reads);
  const tokens = { promptTokens: usage.input_tokens, completionTokens: usage.output_tokens };
  expect(rowsOf(await api.ask('/admin/usage'))).toMatchObject([
    { deployment: 'gpt-4o', requests: 1, requestsWithoutUsage: 0, ...tokens },
    { deployment: 'none', requests: reads, promptTokens: 0, completionTokens: 0 },
  ]);
});

test.each([
  ['with clients', { clients: [...clients.slice(0, 1), { ...clients[1]!, allObjects: true }] }, 'chat'],
  [
    'with budgets',
    {
      clients: clients.map((client) => ({
        ...client,
        allObjects: true,
        budgets: [{ tpm: 1_000_000 }],
      })),
    },
    'chat',
  ],
  ['without clients', {}, ''],
])(
  '%s, the tokens of a response in the background are those of whoever has created it, once',
  async (_, config, creator) => {
    const scene = await startScene([{ latency: '1ms' }], config);
    const api = await DescribedApi.of(scene);
    const body = { model: 'gpt-4o', input: 'Hello', background: true };
    const created = await post(scene, '/openai/v1/responses', body, by('chat'));
    const { id } = (await created.json()) as { id: string };
    const { reads, usage } = await readTwice(scene, id, by('nightly'));
    await scene.log.request(1 + reads);
    const reader = creator === '' ? '' : 'nightly';
    const tokens = { promptTokens: usage.input_tokens, completionTokens: usage.output_tokens };
    expect(rowsOf(await api.ask('/admin/usage'))).toMatchObject([
      { client: creator, deployment: 'gpt-4o', requests: 1, ...tokens },
      { client: reader, deployment: 'none', requests: reads, promptTokens: 0, completionTokens: 0 },
    ]);
    const { counted } = await Scraped.of(scene).then((scraped) => ({
      counted: scraped.counted('spillway_tokens_total'),
    }));
    expect(counted).toMatchObject({
      'gpt-4o a prompt': usage.input_tokens,
      'gpt-4o a completion': usage.output_tokens,
    });
  },
);

test('the same is told as a table that spreadsheets read', async () => {
  const { api } = await startCounted();
  const rows = rowsOf(await api.ask('/admin/usage?client=chat'));
  const { text, headers } = await api.ask('/admin/usage.csv?client=chat');
  expect(headers['content-disposition']).toMatch(/^attachment; filename="spillway-usage-[\d-]+\.csv"$/);
  const lines = text.split('\r\n');
  expect(lines[0]).toBe(
    'day,client,deployment,backend,requests,failures,requests_without_usage,prompt_tokens,completion_tokens,cached_tokens,reasoning_tokens',
  );
  expect(lines.slice(1)).toEqual([...rows.map((row) => Object.values(row).join(',')), '']);
});

test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '\n=1', 'a;=1', 'a"b', 'a,b', '＝1'])(
  'a name such as %j is no formula for any spreadsheet, and ends no cell',
  async (name) => {
    const scene = await startScene([{}]);
    const path = `/openai/deployments/${encodeURIComponent(name)}/chat/completions?api-version=2024-10-21`;
    await (await post(scene, path)).text();
    await scene.log.request();
    const { text } = await askAdmin(scene, '/admin/usage.csv');
    const [, line = '', ...others] = text.split('\r\n');
    expect(others).toEqual(['']);
    const cell = /^[\d-]+,,((?:"(?:[^"]|"")*")|[^",]*),/.exec(line)?.[1] ?? 'not a cell';
    expect(cell.replace(/^"/, '')).not.toMatch(/^[=+\-@＝\s]|;|\t|\n/);
  },
);

test('without clients, usage is counted of all together, and without dates that make sense nothing is told', async () => {
  const scene = await startScene([{}]);
  const api = await DescribedApi.of(scene);
  await (await post(scene)).text();
  await scene.log.request();
  expect(rowsOf(await api.ask('/admin/usage'))).toMatchObject([
    { client: '', deployment: 'gpt-4o', requests: 1 },
  ]);
  for (const path of ['/admin/usage', '/admin/usage.csv']) {
    const { status, json } = await api.ask(`${path}?from=30.11.2026`);
    expect([status, json.error.message]).toEqual([
      400,
      'from is "30.11.2026"; allowed is a day in UTC such as 2026-11-30.',
    ]);
  }
});
