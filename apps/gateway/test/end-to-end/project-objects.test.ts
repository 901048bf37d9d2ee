import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { makeKey, sha256 } from '../../src/client/keys.ts';
import { post } from '../testing/post.ts';
import { startHttpBackend } from '../testing/start-backend.ts';
import { startGatewayFor } from '../testing/start-scene.ts';

const PROJECT = '/api/projects/p';
const AGENT = { id: 'agent_id', name: 'my-agent' };
const MEMORY = { id: 'memory_id', name: 'my-memory' };

/** Starts `a`, which has nothing and is asked first, and `b`, which has and creates everything. */
async function startPair() {
  let isBusy = true;
  const asked: string[] = [];
  const start = (name: string) =>
    startHttpBackend(async (req, res) => {
      const body = await text(req);
      asked.push(`${name} ${req.method}`);
      const isMissing = name === 'a' && /my-(?:agent|memory)/.test(`${req.url} ${body}`);
      const status = name === 'a' && isBusy ? 429 : isMissing ? 404 : 200;
      res.writeHead(status, { 'content-type': 'application/json', 'retry-after-ms': '1' });
      const made = req.url?.includes('memory') ? MEMORY : AGENT;
      res.end(JSON.stringify(status === 200 ? made : { error: { code: 'not_found', message: 'x' } }));
    });
  const [a, b] = await Promise.all(['a', 'b'].map(start));
  const gateway = await startGatewayFor(
    [
      { name: 'a', url: a!.url, apiKey: 'x', priority: 1 },
      { name: 'b', url: b!.url, apiKey: 'x', priority: 2 },
    ],
    { cooldown: { floorMs: 1 } },
  );
  /** Creates something on `b`, as `a` is too busy. */
  const make = async (path: string, name: string) => {
    isBusy = true;
    await (await post(gateway, PROJECT + path, { name })).text();
    isBusy = false;
    asked.length = 0;
  };
  const ask = async (path: string, body: unknown) => {
    const response = await post(gateway, PROJECT + path, body);
    await response.text();
    return [response.status, response.headers.get('x-spillway-backend')];
  };
  return { gateway, asked, make, ask };
}

const responses = '/openai/v1/responses';

test.each([
  ['agent', { input: 'x', agent: { type: 'agent_reference', name: 'my-agent' } }],
  ['agent_reference', { input: 'x', agent_reference: { type: 'agent_reference', name: 'my-agent' } }],
])('a response of a project’s agent is made where the agent is, named as %s', async (_, body) => {
  const { asked, make, ask } = await startPair();
  await make('/agents', 'my-agent');
  expect(await ask(responses, body)).toEqual([200, 'b']);
  expect(asked).toEqual(['b POST']);
});

test('a project’s memory is known by its name, in a tool and before what is to be done with it', async () => {
  const { asked, make, ask } = await startPair();
  await make('/memory_stores', 'my-memory');
  expect(await ask('/memory_stores/my-memory:search_memories', { scope: 'x' })).toEqual([200, 'b']);
  const tools = [{ type: 'memory_search', memory_store_name: 'my-memory', scope: 'x' }];
  expect(await ask(responses, { model: 'gpt-4o', input: 'x', tools })).toEqual([200, 'b']);
  expect(asked).toEqual(['b POST', 'b POST']);
});

test.each(['/agents/my-agent', '/agents/my-agent/versions'])(
  'a project’s agent that is known is read where it is: %s',
  async (path) => {
    const { gateway, asked, make } = await startPair();
    await make('/agents', 'my-agent');
    const response = await fetch(gateway.url + PROJECT + path);
    expect([response.status, await response.json()]).toEqual([200, AGENT]);
    expect(asked).toEqual(['b GET']);
  },
);

test.each([
  ['DELETE', '/agents/my-agent'],
  ['POST', '/agents/my-agent/versions'],
  ['POST', '/applications/my-agent/protocols/openai/responses'],
  ['PATCH', '/datasets/my-agent/versions/1'],
  ['POST', '/datasets/my-agent/versions/1/credentials'],
  ['POST', '/anything-new/my-agent:run'],
])('what a project has under a name that nobody knows is found by %s %s alone', async (method, path) => {
  const { gateway, asked, make } = await startPair();
  await make('/memory_stores', 'my-memory');
  const body = method === 'DELETE' ? null : '{}';
  const response = await fetch(gateway.url + PROJECT + path, { method, body });
  await response.text();
  expect([response.status, response.headers.get('x-spillway-backend')]).toEqual([200, 'b']);
  expect(asked).toEqual([`a ${method}`, `b ${method}`]);
});

test('what no project has is refused as the first backend refuses it', async () => {
  const [a, b] = await Promise.all(
    ['a', 'b'].map((name) =>
      startHttpBackend((req, res) => {
        req.resume();
        res.writeHead(404, { 'content-type': 'application/json' });
        res.end(`{"error":{"code":"not_found","message":"There is no schedule at ${name}"}}`);
      }),
    ),
  );
  const gateway = await startGatewayFor([
    { name: 'a', url: a!.url, apiKey: 'x', priority: 1 },
    { name: 'b', url: b!.url, apiKey: 'x', priority: 2 },
  ]);
  const response = await fetch(`${gateway.url}${PROJECT}/schedules/nightly`, { method: 'DELETE' });
  expect([response.status, response.headers.get('x-spillway-attempts')]).toEqual([404, '2']);
  expect(await response.text()).toContain('There is no schedule at a');
});

test('a project’s agent that was deleted may be made anew elsewhere', async () => {
  const { gateway, asked, make, ask } = await startPair();
  await make('/agents', 'my-agent');
  await (await fetch(`${gateway.url}${PROJECT}/agents/my-agent`, { method: 'DELETE' })).text();
  expect(asked).toEqual(['b DELETE']);
  // Its owner is unknown, so that `a` is asked first.
  expect(await ask(responses, { input: 'x', agent: { name: 'my-agent' } })).toEqual([200, 'b']);
  expect(asked).toEqual(['b DELETE', 'a POST', 'b POST']);
});

test('a project’s memory is searched and read by whom it belongs to, and by nobody else', async () => {
  const keys = { a: makeKey(), b: makeKey() };
  const clients = (['a', 'b'] as const).map((name) => ({ name, keys: [{ sha256: sha256(keys[name]) }] }));
  const { url } = await startHttpBackend((req, res) => {
    req.resume();
    res.setHeader('content-type', 'application/json').end(JSON.stringify(MEMORY));
  });
  const gateway = await startGatewayFor([{ name: 'x', url, apiKey: 'k' }], { clients });
  const send = async (key: string, path: string, method = 'POST') => {
    const body = method === 'GET' ? null : '{}';
    const response = await fetch(gateway.url + PROJECT + path, { method, body, headers: { 'api-key': key } });
    await response.text();
    return response.status;
  };
  expect(await send(keys.a, '/memory_stores')).toBe(200);
  expect(await send(keys.a, '/memory_stores/my-memory:search_memories')).toBe(200);
  expect(await send(keys.b, '/memory_stores/my-memory:search_memories')).toBe(404);
  expect(await send(keys.a, '/memory_stores/my-memory', 'GET')).toBe(200);
  expect(await send(keys.b, '/memory_stores/my-memory', 'GET')).toBe(404);
});
