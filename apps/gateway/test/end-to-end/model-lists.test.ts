import { expect, test } from 'vitest';
import { startHttpBackend } from '../testing/start-backend.ts';
import { startGatewayFor } from '../testing/start-scene.ts';

const startResource = (ids: string[], status = 200) =>
  startHttpBackend((req, res) => {
    if (req.url?.startsWith('/openai/deployments')) {
      const data = ids.map((id) => ({
        id,
        object: 'deployment',
        model: 'gpt-4o',
        owner: 'organization-owner',
      }));
      res.setHeader('content-type', 'application/json').end(JSON.stringify({ object: 'list', data }));
      return;
    }
    const data = ids.map((id) => ({ id, object: 'model', created_at: 7, status: 'succeeded' }));
    res.writeHead(status, { 'content-type': 'application/json', 'content-encoding': 'identity' });
    res.end(JSON.stringify({ object: 'list', data }));
  });

async function startPair(statusOfB = 200) {
  const a = await startResource(['gpt-4o', 'o3']);
  const b = await startResource(['gpt-4o', 'gpt-5'], statusOfB);
  return startGatewayFor([
    { name: 'a', url: a.url, apiKey: 'x', deployments: { fast: 'gpt-4o', odd: 'unlisted' } },
    { name: 'b', url: b.url, apiKey: 'y', priority: 2 },
  ]);
}

interface Item {
  readonly id: string;
}

const idsAt = async (url: string) => {
  const { data } = (await (await fetch(url)).json()) as { data: Item[] };
  return data.map(({ id }) => id);
};

test.each([
  '/openai/v1/models',
  '/models',
  '/openai/models?api-version=2024-10-21',
  '/openai/deployments?api-version=1',
])('%s has what all backends have, and the names that clients use', async (path) => {
  const scene = await startPair();
  expect(await idsAt(scene.url + path)).toEqual(['gpt-4o', 'o3', 'gpt-5', 'fast', 'odd']);
});

test('each model says when it was made and whose it is, as OpenAI’s clients expect', async () => {
  const scene = await startPair();
  const response = await fetch(`${scene.url}/openai/v1/models`);
  const { object, data } = (await response.json()) as { object: string; data: object[] };
  expect(object).toBe('list');
  expect(data[0]).toEqual({
    id: 'gpt-4o',
    object: 'model',
    created_at: 7,
    status: 'succeeded',
    created: 7,
    owned_by: 'azure',
  });
  for (const model of data) expect(model).toMatchObject({ object: 'model', created: expect.any(Number) });
  expect(response.headers.get('x-spillway-missing')).toBeNull();
  expect(await scene.log.request()).toMatchObject({
    status: 200,
    attempts: [{ backend: 'a' }, { backend: 'b' }],
  });
});

test('a backend that cannot say is named in a header', async () => {
  const scene = await startPair(500);
  const response = await fetch(`${scene.url}/openai/v1/models`);
  expect(response.headers.get('x-spillway-missing')).toBe('b');
  expect(((await response.json()) as { data: Item[] }).data.map(({ id }) => id)).toEqual([
    'gpt-4o',
    'o3',
    'fast',
    'odd',
  ]);
});

test('with every backend down it is an error', async () => {
  const scene = await startGatewayFor([
    { name: 'a', url: 'http://127.0.0.1:1', apiKey: 'x' },
    { name: 'b', url: 'http://127.0.0.1:1', apiKey: 'y' },
  ]);
  expect((await fetch(`${scene.url}/openai/v1/models`)).status).toBe(503);
});
