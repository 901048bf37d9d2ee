import { expect, test } from 'vitest';
import { makeKey, sha256 } from '../../src/client/keys.ts';
import { askAdmin } from '../testing/ask-admin.ts';
import { chatBody, chatPath, post } from '../testing/post.ts';
import { startReloadable } from '../testing/start-reloadable.ts';
import { startScene } from '../testing/start-scene.ts';
import { Scraped } from './scraped.ts';

const KEY = makeKey();
const keys = [{ sha256: sha256(KEY) }];
const other = [{ sha256: sha256('other') }];
const ask = (scene: { readonly url: string }, headers = { 'api-key': KEY }) =>
  post(scene, chatPath, chatBody, { headers });

test('what each client has spent of its budgets is read when metrics are, of the clients that there are then', async () => {
  const backends = [{ name: 'a', url: (await startScene([{}])).mocks[0]!.url, apiKey: 'key-a' }];
  const budgets = [{ rpm: 2 }];
  const scene = await startReloadable({
    backends,
    clients: [
      { name: 'chat', keys, budgets },
      { name: 'old', keys: other, budgets },
    ],
  });
  for (let count = 0; count < 3; count++) await (await ask(scene)).text();
  await (await ask(scene, { 'api-key': 'other' })).text();
  await scene.log.request(4);
  const before = await Scraped.of(scene);
  expect(before.counted('spillway_client_budget_used')).toEqual({
    'chat all requests': 2,
    'old all requests': 1,
  });
  expect(before.counted('spillway_client_budget_refusals_total')).toEqual({ 'chat 429': 1 });
  await scene.reload({
    backends,
    clients: [
      { name: 'new', keys: other, budgets: [{ deployments: ['o3', 'gpt-4o'], tokensPerDay: 5 }] },
      { name: 'chat', keys, budgets: [{ rpm: 8 }] },
    ],
  });
  const after = await Scraped.of(scene);
  expect(after.counted('spillway_client_budget_limit')).toEqual({
    'new gpt-4o,o3 day': 5,
    'chat all requests': 8,
  });
  expect(after.counted('spillway_client_budget_used')).toEqual({ 'chat all requests': 2 });
  expect(after.value('spillway_client_budget_refusals_total', { client: 'new', status: '4xx' })).toBe(0);
});

test('a reload that brings the first clients begins the series of failed authentications at zero, as a start does', async () => {
  const backends = [{ name: 'a', url: (await startScene([{}])).mocks[0]!.url, apiKey: 'key-a' }];
  const scene = await startReloadable({ backends });
  const none = await Scraped.of(scene);
  expect(none.value('spillway_authentication_failures_total', { reason: 'unknown' })).toBeUndefined();
  await scene.reload({ backends, clients: [{ name: 'chat', keys }] });
  const begun = await Scraped.of(scene);
  expect(begun.value('spillway_authentication_failures_total', { reason: 'unknown' })).toBe(0);
  await (await ask(scene, { 'api-key': 'wrong' })).text();
  await scene.log.request();
  const counted = await Scraped.of(scene);
  expect(counted.counted('spillway_authentication_failures_total')).toEqual({ unknown: 1 });
});

test('the end of the last key is told of clients that then have nothing else, until they have a newer one', async () => {
  const backends = [{ name: 'a', url: (await startScene([{}])).mocks[0]!.url, apiKey: 'key-a' }];
  const tenant = '11111111-2222-3333-4444-555555555555';
  const auth = { entra: { tenants: [tenant], audiences: [tenant] } };
  const entra = { applications: [tenant] };
  const early = { sha256: sha256('early'), expires: '2031-01-31T00:00:00Z' };
  const late = { sha256: sha256('late'), expires: '2032-01-31T00:00:00+01:00' };
  const off = { sha256: sha256('off'), disabled: true };
  const { expires } = early;
  const others = [
    { name: 'endless', keys: [{ sha256: sha256('1'), expires }, ...keys] },
    { name: 'token', keys: [{ sha256: sha256('2'), expires }], entra },
  ];
  const scene = await startReloadable({
    backends,
    auth,
    clients: [{ name: 'chat', keys: [early, off] }, ...others],
  });
  const told = async () => (await Scraped.of(scene)).counted('spillway_client_keys_expire_timestamp_seconds');
  expect(await told()).toEqual({ chat: Date.UTC(2031, 0, 31) / 1000 });
  await scene.reload({ backends, auth, clients: [{ name: 'chat', keys: [early, late, off] }, ...others] });
  expect(await told()).toEqual({ chat: Date.UTC(2032, 0, 30, 23) / 1000 });
});

test('a budget of a day that is spent is counted as such, and what backends refuse is not', async () => {
  const scene = await startScene([{ script: '1x ok, always throttle(retry-after=30)' }], {
    clients: [
      { name: 'chat', keys, budgets: [{ tokensPerDay: 12 }] },
      { name: 'other', keys: other, budgets: [{ tokensPerDay: 1_000_000 }] },
    ],
  });
  await (await ask(scene)).text();
  expect((await ask(scene)).status).toBe(403);
  expect((await ask(scene, { 'api-key': 'other' })).status).toBe(429);
  await scene.log.request(3);
  const scraped = await Scraped.of(scene);
  expect(scraped.counted('spillway_client_budget_refusals_total')).toEqual({ 'chat 4xx': 1 });
});

test('deployments of a budget have one label in whatever order, and no two sets have the same', async () => {
  const sets = [['b', 'a', 'b'], ['a,b'], ['all'], undefined, ['"all"'], ['a', '"b']];
  const backends = [
    {
      name: 'a',
      url: 'http://127.0.0.1:9',
      apiKey: 'key',
      deployments: Object.fromEntries(sets.flatMap((set) => set ?? []).map((name) => [name, 'x'])),
    },
  ];
  const clients = [{ name: 'chat', keys, budgets: sets.map((deployments) => ({ deployments, rpm: 7 })) }];
  const scene = await startReloadable({ backends, clients });
  const labels = (await Scraped.of(scene)).labelsOf('spillway_client_budget_limit');
  expect(new Set(labels.map(({ deployments }) => deployments)).size).toBe(sets.length);
  expect(labels[0]).toEqual({ client: 'chat', deployments: 'a,b', limit: 'requests' });
});

test('whoever guesses keys until there is a 429 does not look like clients that are refused', async () => {
  const scene = await startScene([{}], {
    auth: { maxFailuresPerMinute: 1 },
    clients: [{ name: 'chat', keys }],
  });
  const statuses: number[] = [];
  // A minute may end within a few requests.
  while (!statuses.includes(429)) statuses.push((await ask(scene, { 'api-key': 'wrong' })).status);
  statuses.push((await ask(scene)).status);
  await scene.log.request(statuses.length);
  const scraped = await Scraped.of(scene);
  expect(scraped.counted('spillway_requests_total')).toMatchObject({ 'none none 429': 1 });
  expect(scraped.value('spillway_throttled_authentication_failures_total')).toBe(1);
  const { totals } = JSON.parse((await askAdmin(scene, '/admin/state')).text) as { totals: unknown };
  expect(totals).toMatchObject({ refusedPerSecond: 0, client429s: 0 });
});
