import { expect, test } from 'vitest';
import { makeKey, sha256 } from '../../src/client/keys.ts';
import { startHttpBackend } from '../testing/start-backend.ts';
import { startGatewayFor } from '../testing/start-scene.ts';

/** A resource with models or deployments of these ids, which it lists and shows one by one. */
async function startResource(ids: readonly string[], asked: string[] = []) {
  const { url } = await startHttpBackend((req, res) => {
    const [path = ''] = (req.url ?? '').split('?');
    asked.push(path);
    const [, collection, id] = /\/(models|deployments)(?:\/(.+))?$/.exec(path) ?? [];
    const items = ids.map((one) => ({ id: one, object: collection?.slice(0, -1), created_at: 7 }));
    const found = id === undefined ? { object: 'list', data: items } : items.find((item) => item.id === id);
    const missing = { error: { code: '404', message: 'Resource not found' } };
    res.writeHead(found === undefined ? 404 : 200, { 'content-type': 'application/json' });
    res.end(JSON.stringify(found ?? missing));
  });
  return url;
}

async function startPair(config: object = {}) {
  const asked: string[] = [];
  const a = await startResource(['gpt-4o', 'o3'], asked);
  const b = await startResource(['gpt-4o', 'gpt-5'], asked);
  const deployments = { fast: 'gpt-4o', 'azure/odd': 'unlisted' };
  const backends = [
    { name: 'a', url: a, apiKey: 'x', deployments },
    { name: 'b', url: b, apiKey: 'y', priority: 2 },
  ];
  return { ...(await startGatewayFor(backends, config)), asked };
}

const LISTS = [
  '/openai/v1/models',
  '/models',
  '/openai/models?api-version=2024-10-21',
  '/openai/deployments?api-version=1',
  '/deployments',
];

test.each(LISTS)('whatever %s shows can be read under the name that it is shown by', async (list) => {
  const scene = await startPair();
  const [path, query] = list.split('?');
  const { data } = (await (await fetch(scene.url + list)).json()) as { data: { id: string }[] };
  expect(data.map(({ id }) => id)).toEqual(['gpt-4o', 'o3', 'gpt-5', 'fast', 'azure/odd']);
  for (const { id } of data) {
    const response = await fetch(`${scene.url}${path}/${encodeURIComponent(id)}?${query ?? ''}`);
    expect([response.status, await response.json()]).toMatchObject([200, { id }]);
  }
});

test('a model that nobody has is a 404, and so is a deployment', async () => {
  const scene = await startPair();
  for (const path of ['/openai/v1/models/none', '/openai/deployments/none?api-version=1'])
    expect((await fetch(scene.url + path)).status).toBe(404);
});

test('a client that may use some deployments reads these, and no other is asked for', async () => {
  const key = makeKey();
  const clients = [{ name: 'chat', keys: [{ sha256: sha256(key) }], deployments: ['fast', 'gpt-5', 'own'] }];
  const scene = await startPair({ clients });
  const read = async (path: string) => {
    const response = await fetch(scene.url + path, { headers: { 'api-key': key } });
    return [response.status, ((await response.json()) as { id?: string }).id];
  };
  for (const collection of ['/openai/v1/models', '/openai/deployments']) {
    for (const id of ['fast', 'gpt-5', 'own']) expect(await read(`${collection}/${id}`)).toEqual([200, id]);
    scene.asked.length = 0;
    for (const id of ['gpt-4o', 'azure%2Fodd', 'o3'])
      expect(await read(`${collection}/${id}`)).toEqual([403, undefined]);
    expect(scene.asked).toEqual([]);
  }
});

test.each(['POST', 'PUT', 'PATCH', 'DELETE'])(
  'a deployment by its name alone is nothing that %s can be used with',
  async (method) => {
    const scene = await startPair();
    const response = await fetch(`${scene.url}/openai/deployments/gpt-4o?api-version=1`, { method });
    expect([response.status, scene.asked]).toEqual([404, []]);
  },
);
