import { expect, test } from 'vitest';
import { makeKey, sha256 } from '../../src/client/keys.ts';
import { askAdmin, writeAdmin } from '../testing/ask-admin.ts';
import { chatBody, chatPath, post, streamBody } from '../testing/post.ts';
import { startHttpBackend } from '../testing/start-backend.ts';
import { startReloadable } from '../testing/start-reloadable.ts';
import { startStreamBackend } from '../testing/start-stream-backend.ts';

const backend = (name: string, { url }: { url: string }, more: object = {}) => ({
  name,
  url,
  apiKey: `key-${name}`,
  ...more,
});

/** Starts a backend that answers with its name, or as told. */
async function startNamed(name: string) {
  const seen: { key: string | undefined }[] = [];
  const answer = { status: 200, headers: {} as Record<string, string> };
  const { url } = await startHttpBackend((request, response) => {
    seen.push({ key: request.headers['api-key']?.toString() });
    request.resume().on('end', () => {
      response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
      response.end(JSON.stringify({ name }));
    });
  });
  return { url, seen, answer };
}

const nameOf = async (response: Response) => ((await response.json()) as { name: string }).name;

test('another configuration serves the next request, while a stream of a removed backend goes on to its end', async () => {
  const [a, b] = await Promise.all([startStreamBackend(), startNamed('b')]);
  const gateway = await startReloadable({ backends: [backend('a', a)] });
  const stream = await post(gateway, chatPath, streamBody);
  const text = stream.text();
  const report = await gateway.reload({ backends: [backend('b', b)] });
  expect(report).toMatchObject({ result: 'applied', problems: [], needsRestart: [], applied: 1 });
  expect(await nameOf(await post(gateway))).toBe('b');
  a.say('world');
  await gateway.reload({ backends: [backend('c', b)] });
  a.end();
  expect(await text).toMatch(/hello[^]*world[^]*\[DONE\]/);
  expect((await gateway.log.request(2)).backend).toBe('a');
  await expect.poll(() => gateway.gateway.inFlight()).toBe(0);
});

test('a backend that has not changed keeps its connection; one with another address gets another', async () => {
  const [a, b] = await Promise.all([startStreamBackend(), startStreamBackend()]);
  const gateway = await startReloadable({ backends: [backend('a', a)] });
  const ask = async () => (await post(gateway)).text();
  await ask();
  await gateway.reload({ backends: [backend('a', a), backend('b', b, { priority: 2 })] });
  await ask();
  await gateway.reload({
    backends: [backend('a', a, { weight: 7, deployments: { x: 'y' } })],
    strategy: 'least-in-flight',
  });
  await ask();
  expect(a.connections.size).toBe(1);
  await gateway.reload({ backends: [backend('a', b)] });
  await ask();
  expect(b.connections.size).toBe(1);
});

/** Starts a backend that creates responses, and finds only its own. */
async function startStoring(name: string) {
  const { url } = await startHttpBackend((request, response) => {
    request.resume().on('end', () => {
      const id = /resp_\w+/.exec(request.url ?? '')?.[0] ?? `resp_of_${name}`;
      const isFound = id === `resp_of_${name}`;
      response.writeHead(isFound ? 200 : 404, { 'content-type': 'application/json' });
      response.end(JSON.stringify(isFound ? { id, object: 'response' } : { error: { code: 'not_found' } }));
    });
  });
  return { url, apiKey: `key-${name}` };
}

test('a stored object stays with its backend when that gets another name, as those after a removed one without names do', async () => {
  const [a, b, c] = await Promise.all(['a', 'b', 'c'].map(startStoring));
  const gateway = await startReloadable({ backends: [{ ...a!, priority: 2 }, b!, { ...c!, priority: 3 }] });
  const made = await post(gateway, '/openai/v1/responses', { model: 'gpt-4o', input: 'hello' });
  expect([made.headers.get('x-spillway-backend'), await made.json()]).toMatchObject([
    'backend-2',
    { id: 'resp_of_b' },
  ]);
  const find = async () => {
    const found = await fetch(`${gateway.url}/openai/v1/responses/resp_of_b`);
    return [found.status, found.headers.get('x-spillway-backend')];
  };
  expect(await find()).toEqual([200, 'backend-2']);
  // The second backend is the first now, and the third has its name.
  await gateway.reload({ backends: [b!, c!] });
  expect(await find()).toEqual([200, 'backend-1']);
  await gateway.reload({ backends: [c!, { ...b!, name: 'renamed' }, { ...a!, name: 'backend-2' }] });
  expect(await find()).toEqual([200, 'renamed']);
  expect((await gateway.log.request(4))['attempts']).toHaveLength(1);
});

const KEYS = { own: makeKey(), operator: makeKey() };
const clientOf = (name: keyof typeof KEYS, more: object = {}) => ({
  name,
  keys: [{ sha256: sha256(KEYS[name]) }],
  ...more,
});

/** Starts a gateway with three backends, a client, and an object of the client's at the third of them. */
async function startOwned() {
  const [a, b, c] = await Promise.all(['a', 'b', 'c'].map(startStoring));
  const east = [
    { name: 'a', ...a!, tags: ['east'] },
    { name: 'b', ...b!, tags: ['east'] },
  ];
  const all = [...east, { name: 'c', ...c!, tags: ['west'], priority: 0 }];
  const own = clientOf('own');
  const operator = clientOf('operator', { allObjects: true, allow: ['east'] });
  const gateway = await startReloadable({ backends: all, clients: [own, operator] });
  const headers = { 'api-key': KEYS.own };
  await (
    await post(gateway, '/openai/v1/responses', { model: 'gpt-4o', input: 'hello' }, { headers })
  ).text();
  const find = async (name: keyof typeof KEYS) => {
    const url = `${gateway.url}/openai/v1/responses/resp_of_c`;
    const response = await fetch(url, { headers: { 'api-key': KEYS[name] } });
    await response.arrayBuffer();
    return [response.status, response.headers.get('x-spillway-backend')];
  };
  expect(await find('own')).toEqual([200, 'c']);
  return { gateway, east, all, own, operator, find };
}

test('an object is its client’s again when its backend comes back, although it was asked for meanwhile', async () => {
  const { gateway, east, all, own, find } = await startOwned();
  await gateway.reload({ backends: east, clients: [own] });
  expect((await find('own'))[0]).toBe(404);
  await gateway.reload({ backends: all, clients: [own] });
  expect(await find('own')).toEqual([200, 'c']);
});

test('an object whose backend comes back by another name and address is found there, and stays its client’s', async () => {
  const { gateway, east, all, own, operator, find } = await startOwned();
  await gateway.reload({ backends: east, clients: [own, operator] });
  expect((await find('operator'))[0]).toBe(404);
  const moved = { ...all[2]!, name: 'd', url: `${all[2]!.url}/prefix` };
  await gateway.reload({ backends: [...east, moved], clients: [own, clientOf('operator')] });
  expect(await find('own')).toEqual([200, 'd']);
  expect((await find('operator'))[0]).toBe(404);
});

test('an object is its client’s again when the client may use its backend again, although it was asked for meanwhile', async () => {
  const { gateway, all, own, find } = await startOwned();
  await gateway.reload({ backends: all, clients: [{ ...own, allow: ['east'] }] });
  expect((await find('own'))[0]).toBe(404);
  await gateway.reload({ backends: all, clients: [own] });
  expect(await find('own')).toEqual([200, 'c']);
});

test('a client that may ask for all objects, but not at all backends, takes none away from its client', async () => {
  const { find } = await startOwned();
  expect((await find('operator'))[0]).toBe(404);
  expect(await find('own')).toEqual([200, 'c']);
});

test('the connections of a removed backend are closed', async () => {
  const closed: string[] = [];
  const { url } = await startHttpBackend((request, response) => {
    request.socket.once('close', () => closed.push('a'));
    response.setHeader('content-type', 'application/json').end('{}');
  });
  const b = await startNamed('b');
  const gateway = await startReloadable({ backends: [backend('a', { url })] });
  await (await post(gateway)).text();
  await gateway.reload({ backends: [backend('b', b)] });
  await expect.poll(() => closed).toEqual(['a']);
});

test('a cooldown stays with its backend, and ends with another key', async () => {
  const [a, b] = await Promise.all([startNamed('a'), startNamed('b')]);
  const both = (more: object = {}) => [backend('a', a, more), backend('b', b, { priority: 2 })];
  const gateway = await startReloadable({ backends: both() });
  a.answer.status = 401;
  expect(await nameOf(await post(gateway))).toBe('b');
  a.answer.status = 200;
  await gateway.reload({ backends: both({ weight: 2 }), allowBackendPin: true });
  expect(await nameOf(await post(gateway))).toBe('b');
  await gateway.reload({ backends: both({ apiKey: 'another' }) });
  expect(await nameOf(await post(gateway))).toBe('a');
  expect(a.seen.map(({ key }) => key)).toEqual(['key-a', 'another']);
});

test('who is drained stays drained', async () => {
  const [a, b] = await Promise.all([startNamed('a'), startNamed('b')]);
  const backends = [backend('a', a), backend('b', b, { priority: 2 })];
  const gateway = await startReloadable({ backends });
  await writeAdmin(gateway, '/admin/backends/a/drain');
  await gateway.reload({ backends, exposeBackendUrl: true });
  const response = await post(gateway);
  expect(await nameOf(response)).toBe('b');
  expect(response.headers.get('x-openai-backendurl')).toContain(b.url);
});

test.each([
  ['with a longer wait', { maxWaitMs: 60_000 }],
  ['where nobody waits any more', undefined],
])(
  'a request that waits for quota is served as soon as a new backend has some, %s',
  async (_, waitingRoom) => {
    const [a, b] = await Promise.all([startNamed('a'), startNamed('b')]);
    a.answer.status = 429;
    a.answer.headers = { 'retry-after': '25' };
    const backends = [backend('a', a)];
    const gateway = await startReloadable({ backends, waitingRoom: { maxWaitMs: 30_000 } });
    const waiting = post(gateway);
    await expect.poll(() => gateway.gateway.waiting().standard).toBe(1);
    await gateway.reload({ backends: [...backends, backend('b', b)], ...(waitingRoom && { waitingRoom }) });
    expect(await nameOf(await waiting)).toBe('b');
    expect(gateway.gateway.waiting().standard).toBe(0);
  },
);

const tagged = ({ url }: { url: string }, tag: string) => ({ url, apiKey: 'key', tags: [tag] });

test('a request that waits goes to no backend without its client’s tags, although one takes over the name of another', async () => {
  const [a, us, eu] = await Promise.all([startNamed('a'), startNamed('us'), startNamed('eu')]);
  a.answer.status = 429;
  a.answer.headers = { 'retry-after': '25' };
  const key = makeKey();
  const shared = {
    clients: [{ name: 'chat', keys: [{ sha256: sha256(key) }], allow: ['eu'] }],
    waitingRoom: { maxWaitMs: 30_000 },
  };
  const gateway = await startReloadable({ backends: [tagged(a, 'eu'), tagged(us, 'us')], ...shared });
  const waiting = post(gateway, chatPath, chatBody, { headers: { 'api-key': key } });
  await expect.poll(() => gateway.gateway.waiting().standard).toBe(1);
  // Without names, the backends behind a removed one take over the names before them.
  await gateway.reload({ backends: [tagged(us, 'us'), tagged(eu, 'eu')], ...shared });
  expect(await nameOf(await waiting)).toBe('eu');
  expect(us.seen).toEqual([]);
});

test('metrics have the series of a new backend at once, and keep what was counted of a removed one', async () => {
  const [a, b] = await Promise.all([startNamed('a'), startNamed('b')]);
  const gateway = await startReloadable({ backends: [backend('a', a)] });
  await (await post(gateway)).text();
  await gateway.log.request();
  await gateway.reload({ backends: [backend('b', b, { deployments: { 'gpt-new': 'x' } })] });
  const { text } = await askAdmin(gateway, '/metrics');
  expect(text).toMatch(/^spillway_attempts_total\{[^}]*deployment="x"[^}]*backend="b"[^}]*\} 0$/m);
  expect(text).toMatch(/^spillway_requests_total\{[^}]*deployment="gpt-new"[^}]*backend="b"[^}]*\} 0$/m);
  expect(text).toMatch(/^spillway_attempts_total\{[^}]*backend="a"[^}]*\} 1$/m);
  expect(text).toMatch(/^spillway_backend_state\{[^}]*backend="b"/m);
  expect(text).not.toMatch(/^spillway_backend_state\{[^}]*backend="a"/m);
  expect(text).toMatch(/^spillway_config_reloads_total\{result="applied"\} 1$/m);
});

test('pins, lists and links follow', async () => {
  const [a, b] = await Promise.all([startNamed('a'), startNamed('b')]);
  const gateway = await startReloadable({ backends: [backend('a', a)] });
  const pinned = { headers: { 'x-spillway-backend': 'b' } };
  expect(await nameOf(await post(gateway, chatPath, chatBody, pinned))).toBe('a');
  await gateway.reload({ backends: [backend('a', a), backend('b', b)], allowBackendPin: true });
  expect(await nameOf(await post(gateway, chatPath, chatBody, pinned))).toBe('b');
  const before = b.seen.length;
  await (await fetch(`${gateway.url}/openai/v1/models`)).text();
  expect(b.seen.length).toBe(before + 1);
  expect((await post(gateway, chatPath, chatBody, { headers: { 'x-spillway-backend': 'c' } })).status).toBe(
    400,
  );
});
