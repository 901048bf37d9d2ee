import { expect, test } from 'vitest';
import type { ConfigInput } from '../../src/config/schema.ts';
import { makeKey, sha256 } from '../../src/client/keys.ts';
import { askAdmin } from '../testing/ask-admin.ts';
import { chatBody, chatPath, errorOf, post, streamBody } from '../testing/post.ts';
import { startHttpBackend } from '../testing/start-backend.ts';
import { startReloadable } from '../testing/start-reloadable.ts';
import { startGatewayFor, startScene } from '../testing/start-scene.ts';
import { DescribedApi } from './described-api.ts';

type ClientInput = NonNullable<ConfigInput['clients']>[number];

const KEY = makeKey();
const by = { headers: { 'api-key': KEY } };
const DAY_MS = 86_400_000;

function client(name: string, key: string, more: Partial<ClientInput> = {}): ClientInput {
  return { name, keys: [{ sha256: sha256(key) }], ...more };
}

interface Described {
  readonly name: string;
  readonly [key: string]: unknown;
}

async function clientsOf(api: DescribedApi): Promise<readonly Described[]> {
  const { json } = await api.ask('/admin/clients');
  return (json as unknown as { readonly clients: readonly Described[] }).clients;
}

test('each client is described with its keys, rights and budgets, and no secret', async () => {
  const inADay = new Date(Date.now() + DAY_MS).toISOString();
  const old = new Date(Date.now() - DAY_MS).toISOString();
  const keys = [
    { sha256: sha256(KEY), expires: inADay },
    { sha256: sha256('next') },
    { sha256: sha256('old'), expires: old },
    { sha256: sha256('lost'), disabled: true },
  ];
  const budgets = [
    { tpm: 1000, rpm: 2, concurrent: 5, tokensPerDay: 9000, tokensPerMonth: 90_000 },
    { deployments: ['o3'], rpm: 1 },
  ];
  const rights = { deployments: ['gpt-4o', 'o3'], class: 'batch' as const, maxOutputTokens: 50 };
  const scene = await startScene([{ backend: { tags: ['eu'] } }], {
    clients: [{ name: 'chat', keys, allow: ['eu'], budgets, ...rights }, client('free', 'another')],
  });
  const body = { ...chatBody, max_tokens: 30 };
  const { usage } = (await (await post(scene, chatPath, body, by)).json()) as {
    usage: { total_tokens: number };
  };
  await (await post(scene, chatPath, body, by)).text();
  expect((await errorOf(await post(scene, chatPath, body, by))).status).toBe(429);
  expect((await errorOf(await post(scene, chatPath.replace('gpt-4o', 'x'), body, by))).status).toBe(403);
  await scene.log.request(4);
  const api = await DescribedApi.of(scene);
  const [chat, free] = await clientsOf(api);
  const spent = { used: usage.total_tokens * 2, resetInMs: expect.any(Number) };
  expect(chat).toMatchObject({
    name: 'chat',
    keys: { configured: 4, valid: 2, nextExpiryInMs: expect.any(Number) },
    tags: ['eu'],
    ...rights,
    allOperations: false,
    allObjects: false,
    inFlight: 0,
    requestsPerMinute: 4,
    refusedPerMinute: 2,
    overBudgetPerMinute: 1,
    budgets: [
      {
        inFlight: 0,
        limits: [
          { limit: 'tokens', limitValue: 1000, ...spent },
          { limit: 'requests', limitValue: 2, used: 2, share: 1 },
          { limit: 'concurrent', limitValue: 5, used: 0, share: 0, resetInMs: 0 },
          { limit: 'day', limitValue: 9000, ...spent },
          { limit: 'month', limitValue: 90_000, ...spent },
        ],
      },
      { deployments: ['o3'], limits: [{ limit: 'requests', used: 0 }] },
    ],
  });
  const { nextExpiryInMs } = chat!['keys'] as { readonly nextExpiryInMs: number };
  expect(nextExpiryInMs).toBeGreaterThan(DAY_MS / 2);
  expect(nextExpiryInMs).toBeLessThanOrEqual(DAY_MS);
  expect(free).toEqual({
    name: 'free',
    keys: { configured: 1, valid: 1 },
    tags: [],
    allOperations: true,
    allObjects: false,
    requestsPerMinute: 0,
    refusedPerMinute: 0,
    overBudgetPerMinute: 0,
    budgets: [],
  });
  const told = (await api.ask('/admin/clients')).text + (await api.ask('/admin/state')).text;
  for (const key of [KEY, 'next', 'old', 'lost', 'another']) expect(told).not.toContain(sha256(key));
});

test('clients with tokens are described by their applications and roles, and where nobody is asked there are none', async () => {
  const tenant = '11111111-2222-3333-4444-555555555555';
  const entra = { applications: [tenant], roles: ['Chat.Use'] };
  const scene = await startScene([{}], {
    auth: { entra: { tenants: [tenant], audiences: [tenant] } },
    clients: [{ name: 'app', entra }],
  });
  const described = await askAdmin(scene, '/admin/clients');
  expect(JSON.parse(described.text)).toMatchObject({ mode: 'entra', clients: [{ name: 'app', entra }] });
  const open = await DescribedApi.of(await startScene([{}]));
  expect((await open.ask('/admin/clients')).json).toEqual({ mode: 'open', clients: [] });
  expect((await open.ask('/admin/state')).json.clients).toBe(undefined);
});

test('the state has the fullest clients first, and tells their refusals from those of backends', async () => {
  const budgets = [{ rpm: 1 }];
  const scene = await startScene([{}], {
    clients: [client('calm', 'a', { budgets }), client('free', 'b'), client('eager', KEY, { budgets })],
  });
  for (let count = 0; count < 3; count++) await (await post(scene, chatPath, chatBody, by)).text();
  await scene.log.request(3);
  const api = await DescribedApi.of(scene);
  const state = async () => (await api.ask('/admin/state')).json;
  await expect.poll(async () => (await state()).totals.overBudget?.refusedPerSecond).toBe(0.2);
  const { clients, totals } = await state();
  expect(clients?.map(({ name }) => name)).toEqual(['eager', 'calm', 'free']);
  expect(clients?.[0]).toMatchObject({ inFlight: 0, rpm: 3, refused: 2, overBudget: 2 });
  expect(clients?.[0]?.limits).toMatchObject([{ limit: 'requests', limitValue: 1, used: 1 }]);
  expect(totals).toMatchObject({
    client429s: 2,
    overBudget: { clients: 1, client429s: 2 },
    refusedPerSecond: 0,
  });
});

test('what backends cannot serve is not the client’s budget', async () => {
  const scene = await startScene([{ script: 'always throttle(retry-after=30)' }], {
    clients: [client('chat', KEY, { budgets: [{ rpm: 100 }] })],
  });
  for (let count = 0; count < 2; count++) await (await post(scene, chatPath, chatBody, by)).text();
  await scene.log.request(2);
  const { totals, clients } = (await (await DescribedApi.of(scene)).ask('/admin/state')).json;
  expect(totals.client429s).toBe(2);
  expect(totals.overBudget).toBe(undefined);
  expect(clients).toMatchObject([{ rpm: 2, overBudget: 0 }]);
});

test('requests under way are told as long as their answers last', async () => {
  const answers = [Promise.withResolvers<() => void>(), Promise.withResolvers<() => void>()];
  let asked = 0;
  const backend = await startHttpBackend((_, res) => {
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    res.write('data: {"choices":[{"delta":{"content":"Hello"}}]}\n\n');
    answers[asked++]?.resolve(() => res.end('data: [DONE]\n\n'));
  });
  const scene = await startGatewayFor([{ name: 'a', url: backend.url, apiKey: 'key' }], {
    clients: [client('chat', KEY, { budgets: [{ concurrent: 2 }] })],
  });
  const ask = () => post(scene, chatPath, { ...chatBody, stream: true }, by);
  const streams = await Promise.all([ask(), ask()]);
  const api = await DescribedApi.of(scene);
  const now = async () => (await api.ask('/admin/state')).json.clients?.[0];
  expect(await now()).toMatchObject({ inFlight: 2, limits: [{ limit: 'concurrent', used: 2 }] });
  for (const { promise } of answers) (await promise)();
  await Promise.all(streams.map((stream) => stream.text()));
  await scene.log.request(2);
  expect(await now()).toMatchObject({ inFlight: 0, limits: [{ limit: 'concurrent', used: 0 }] });
});

test('of very many clients the state has the fullest fifty, and the page of clients all', async () => {
  const clients = Array.from({ length: 120 }, (_, at) =>
    client(`client-${at}`, at === 119 ? KEY : `key-${at}`, { budgets: [{ rpm: 10 }] }),
  );
  const scene = await startScene([{}], { clients });
  await (await post(scene, chatPath, chatBody, by)).text();
  await scene.log.request();
  const api = await DescribedApi.of(scene);
  const { json } = await api.ask('/admin/state');
  expect([json.clients?.length, json.clients?.[0]?.name, json.clientsLeftOut]).toEqual([
    50,
    'client-119',
    70,
  ]);
  expect(await clientsOf(api)).toHaveLength(120);
});

test('whoever takes most of the tokens is named, with or without a budget or a reported usage', async () => {
  const full = Array.from({ length: 50 }, (_, at) =>
    client(`full-${at}`, `key-${at}`, { budgets: [{ rpm: 2 }] }),
  );
  const scene = await startScene([{}], { clients: [...full, client('hungry', KEY)] });
  const longBody = { ...streamBody, max_tokens: 3000 };
  for (let at = 0; at < 50; at++)
    await (await post(scene, chatPath, chatBody, { headers: { 'api-key': `key-${at}` } })).text();
  await (await post(scene, chatPath, longBody, by)).text();
  await scene.log.request(51);
  const { json } = await (await DescribedApi.of(scene)).ask('/admin/state');
  const [first] = json.clients ?? [];
  expect(first).toMatchObject({ name: 'hungry', rpm: 1, limits: [] });
  expect(first?.tpm).toBeGreaterThan(3000);
  expect(json.largestClient?.name).toBe('hungry');
  expect(json.largestClient?.share).toBeGreaterThan(0.5);
});

test('a client alone takes nothing from others', async () => {
  const scene = await startScene([{}], { clients: [client('only', KEY)] });
  await (await post(scene, chatPath, chatBody, by)).text();
  await scene.log.request();
  const { json } = await (await DescribedApi.of(scene)).ask('/admin/state');
  expect(json.clients?.[0]?.tpm).toBeGreaterThan(0);
  expect(json.largestClient).toBe(undefined);
});

test('after a reload removed clients are gone, new ones are there, and what was spent stays', async () => {
  const backends = [{ name: 'a', url: (await startScene([{}])).mocks[0]!.url, apiKey: 'key-a' }];
  const budgets = [{ rpm: 2 }];
  const scene = await startReloadable({
    backends,
    clients: [client('chat', KEY, { budgets }), client('old', 'old', { budgets })],
  });
  for (let count = 0; count < 3; count++) await (await post(scene, chatPath, chatBody, by)).text();
  await (await post(scene, chatPath, chatBody, { headers: { 'api-key': 'old' } })).text();
  await scene.log.request(4);
  await scene.reload({
    backends,
    clients: [
      client('new', 'new', { budgets: [{ deployments: ['o3', 'gpt-4o'], tokensPerDay: 5 }] }),
      client('chat', KEY, { budgets: [{ rpm: 8 }] }),
    ],
  });
  const api = await DescribedApi.of(scene);
  expect(await clientsOf(api)).toMatchObject([
    { name: 'new', budgets: [{ deployments: ['o3', 'gpt-4o'] }] },
    { name: 'chat', budgets: [{ limits: [{ limitValue: 8, used: 2, share: 0.25 }] }] },
  ]);
  const { clients, totals } = (await api.ask('/admin/state')).json;
  expect(clients?.map(({ name }) => name)).toEqual(['chat', 'new']);
  expect(totals.overBudget?.client429s).toBe(1);
});
