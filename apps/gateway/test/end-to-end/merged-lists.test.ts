import * as fc from 'fast-check';
import OpenAI from 'openai';
import { expect, test } from 'vitest';
import { type ListBackend, startListBackend } from '../testing/start-list-backend.ts';
import { startGatewayFor, startScene } from '../testing/start-scene.ts';

const files = '/openai/v1/files';

interface Page {
  readonly data: readonly { readonly id: string; readonly created_at: number }[];
  readonly first_id: string | null;
  readonly last_id: string | null;
  readonly has_more: boolean;
}

function startGateway(backends: readonly { readonly url: string }[]) {
  return startGatewayFor(backends.map(({ url }, index) => ({ name: 'abc'[index] ?? '', url, apiKey: 'x' })));
}

function startBackends(...times: readonly (readonly number[])[]): Promise<ListBackend[]> {
  return Promise.all(times.map((one, index) => startListBackend('abc'[index] ?? '', one)));
}

async function read(gateway: { url: string }, query = '', path = files) {
  const response = await fetch(gateway.url + path + query);
  const body = (await response.json()) as Page;
  return { status: response.status, headers: response.headers, body, ids: body.data?.map(({ id }) => id) };
}

/** Reads a list page by page, as clients without an SDK do. */
async function readAll(
  gatewayOf: () => { url: string } | Promise<{ url: string }>,
  query: string,
  path = files,
) {
  const ids: string[] = [];
  let after = '';
  for (;;) {
    const { body, ids: page } = await read(await gatewayOf(), `?${query}${after}`, path);
    ids.push(...page);
    if (!body.has_more) return ids;
    expect(new Set(ids).size, 'no object comes twice').toBe(ids.length);
    expect(page.length).toBeGreaterThan(0);
    after = `&after=${body.last_id}`;
  }
}

/** All objects, the newest first; those of the same second by backend. */
function inOrder(backends: readonly ListBackend[]): string[] {
  const all = backends.flatMap(({ objects }, index) =>
    objects.toReversed().map((one) => ({ ...one, index })),
  );
  return all
    .toSorted((one, other) => other.created_at - one.created_at || one.index - other.index)
    .map(({ id }) => id);
}

const clientOf = ({ url }: { url: string }) =>
  new OpenAI({ apiKey: 'k', baseURL: `${url}/openai/v1`, maxRetries: 0 });

async function idsOf(list: AsyncIterable<{ id: string }>): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of list) ids.push(id);
  return ids;
}

test('a list is that of all backends each object once, in order, through the SDK’s own pagination', async () => {
  const backends = await startBackends([1, 4, 4, 6, 9], [2, 3, 4, 4, 7, 8], [5]);
  const gateway = await startGateway(backends);
  for (const limit of [1, 2, 3, 5, 11, 12, 100]) {
    expect(await idsOf(clientOf(gateway).files.list({ limit }))).toEqual(inOrder(backends));
    expect(await idsOf(clientOf(gateway).vectorStores.list({ limit }))).toEqual(inOrder(backends));
    const batches = await idsOf(clientOf(gateway).batches.list({ limit }));
    expect(batches).toEqual(inOrder(backends));
  }
  expect(await idsOf(clientOf(gateway).files.list())).toEqual(inOrder(backends));
  const ascending = await idsOf(clientOf(gateway).files.list({ limit: 2, order: 'asc' }));
  const times = ascending.map(
    (id) => backends.flatMap(({ objects }) => objects).find((one) => one.id === id)?.created_at,
  );
  expect(times).toEqual([1, 2, 3, 4, 4, 4, 4, 5, 6, 7, 8, 9]);
  expect(new Set(ascending).size).toBe(12);
});

test('a list is that of all backends whatever backends have, and whether or not the gateway was restarted between two pages', async () => {
  const times = fc
    .array(fc.integer({ min: 1, max: 9 }), { maxLength: 12 })
    .map((all) => all.toSorted((a, b) => a - b));
  await fc.assert(
    fc.asyncProperty(
      times,
      times,
      fc.integer({ min: 1, max: 5 }),
      fc.boolean(),
      async (a, b, limit, restarts) => {
        const backends = await startBackends(a, b);
        const one = await startGateway(backends);
        const ids = await readAll(() => (restarts ? startGateway(backends) : one), `limit=${limit}`);
        expect(ids).toEqual(inOrder(backends));
      },
    ),
    { numRuns: 15 },
  );
});

test.each(['chat/completions', 'evals'].flatMap((list) => [1, 2, 3].map((limit) => [list, limit] as const)))(
  'a list is that of all backends in its own order, at %s with %d on a page',
  async (list, limit) => {
    const backends = await startBackends([1, 4, 5, 8], [2, 3, 6, 7]);
    for (const backend of backends) backend.isOldestFirst = true;
    const one = await startGateway(backends);
    for (const gatewayOf of [() => one, () => startGateway(backends)]) {
      const ids = await readAll(gatewayOf, `limit=${limit}`, `/openai/v1/${list}`);
      expect(ids).toEqual(inOrder(backends).toReversed());
    }
  },
);

test('a list is that of all backends of more objects than a page has by itself', async () => {
  const numbers = Array.from({ length: 130 }, (_, index) => index + 1);
  const backends = await startBackends(numbers, numbers.slice(0, 50));
  const gateway = await startGateway(backends);
  expect(await readAll(() => gateway, '')).toEqual(inOrder(backends));
  const forgetful = () => startGateway(backends);
  expect(await readAll(forgetful, 'limit=45')).toEqual(inOrder(backends));
});

test('a list is that of all backends although some answer with theirs whole, wherever it is continued', async () => {
  const backends = await startBackends([1, 4, 4, 6, 9], [2, 3, 4, 4, 7, 8], [5]);
  for (const backend of backends.slice(0, 2)) backend.listsWhole = true;
  const gateway = await startGateway(backends);
  for (const limit of [1, 3, 5]) {
    expect(await readAll(() => gateway, `limit=${limit}`)).toEqual(inOrder(backends));
    expect(await readAll(() => startGateway(backends), `limit=${limit}`)).toEqual(inOrder(backends));
  }
});

test('a list is that of all backends backwards too', async () => {
  const backends = await startBackends([1, 4, 6], [2, 4, 5]);
  const gateway = await startGateway(backends);
  const { body } = await read(gateway, '?limit=4');
  const next = await read(gateway, `?limit=4&after=${body.last_id}`);
  const before = await read(gateway, `?limit=3&before=${next.body.first_id}`);
  expect(before.ids).toEqual(inOrder(backends).slice(1, 4));
  expect(before.body.has_more).toBe(true);
  const first = await read(gateway, `?limit=3&before=${before.body.first_id}`);
  expect([first.ids, first.body.has_more]).toEqual([inOrder(backends).slice(0, 1), false]);
});

test('a list is that of all backends between two objects, whether or not the gateway was restarted between two pages', async () => {
  const backends = await startBackends([1, 4, 4, 6, 9], [2, 3, 4, 4, 7, 8], [5]);
  const all = inOrder(backends);
  const one = await startGateway(backends);
  for (const gatewayOf of [() => one, () => startGateway(backends)])
    for (const [from, to] of [
      [0, 1],
      [1, 9],
      [2, 6],
      [5, 11],
      [7, 3],
    ] as const)
      for (const limit of [1, 2, 4, 20]) {
        const ids: string[] = [];
        let after: string | null = all[from] ?? '';
        for (let hasMore = true; hasMore;) {
          const { body, ids: page } = await read(
            await gatewayOf(),
            `?limit=${limit}&after=${after}&before=${all[to]}`,
          );
          ids.push(...page);
          after = body.last_id;
          hasMore = body.has_more;
        }
        expect(ids).toEqual(all.slice(from + 1, Math.max(from + 1, to)));
      }
});

test('a list that ends before an object that nobody has is refused by the backends', async () => {
  const gateway = await startGateway(await startBackends([1, 3, 5], [2, 4]));
  expect((await read(gateway, '?after=file-a1&before=file-zzz')).status).toBe(400);
});

test('a list is that of all backends where Claude’s API calls its cursors otherwise, in both directions', async () => {
  const backends = await startBackends([1, 4, 4, 6, 9], [2, 3, 4, 4, 7, 8], [5]);
  backends.forEach((backend) => (backend.isClaudes = true));
  const one = await startGateway(backends);
  for (const gatewayOf of [() => one, () => startGateway(backends)]) {
    for (const [limit, cursor] of [
      [2, 'after_id'],
      [5, 'after_id'],
      [12, 'after_id'],
      [2, 'before_id'],
      [5, 'before_id'],
    ] as const) {
      const all = inOrder(backends);
      const ids: string[] = [];
      let query = cursor === 'after_id' ? '' : `&before_id=${all.at(-1)}`;
      for (let hasMore = true; hasMore;) {
        const { body, headers } = await read(
          await gatewayOf(),
          `?limit=${limit}${query}`,
          '/anthropic/v1/files',
        );
        expect(headers.get('x-spillway-missing')).toBeNull();
        const page = body.data.map(({ id }) => id);
        expect([body.first_id, body.last_id]).toEqual([page[0], page.at(-1)]);
        if (cursor === 'after_id') ids.push(...page);
        else ids.unshift(...page);
        query = `&${cursor}=${cursor === 'after_id' ? body.last_id : body.first_id}`;
        hasMore = body.has_more;
      }
      expect(ids).toEqual(cursor === 'after_id' ? all : all.slice(0, -1));
    }
  }
});

test('a list is that of all backends while its objects are deleted, as those who tidy up do', async () => {
  const backends = await startBackends([1, 3, 5, 7, 9], [2, 4, 6, 8, 10]);
  const gateway = await startGateway(backends);
  const client = clientOf(gateway);
  for await (const { id } of client.files.list({ limit: 3 })) await client.files.delete(id);
  expect(backends.map(({ objects }) => objects)).toEqual([[], []]);
});

test('a list is that of all backends and each of its objects is known from then on', async () => {
  const backends = await startBackends([1, 3], [2, 4]);
  const gateway = await startGateway(backends);
  const { ids } = await read(gateway);
  for (const id of ids) {
    const response = await fetch(`${gateway.url}${files}/${id}`);
    expect([response.status, response.headers.get('x-spillway-attempts')]).toEqual([200, '1']);
    await response.arrayBuffer();
  }
});

test('a list is that of all backends but no object twice where one resource is configured twice', async () => {
  const [a] = await startBackends([1, 2, 2, 2, 3, 4]);
  const gateway = await startGateway([a!, a!]);
  for (const limit of [1, 2, 4, 10]) {
    expect(await readAll(() => gateway, `limit=${limit}`)).toEqual(inOrder([a!]));
  }
});

test('a list is that of all backends of new collections, and in the classic style', async () => {
  const backends = await startBackends([1, 3], [2, 4]);
  const gateway = await startGateway(backends);
  for (const path of ['/openai/v1/widgets', '/openai/v1/video/generations/jobs', '/openai/files']) {
    const { ids } = await read(gateway, '?api-version=2025-04-01-preview&x[]=%20', path);
    expect(ids).toEqual(inOrder(backends));
  }
  expect(backends[0]!.calls.at(-1)).toBe('GET /openai/files?api-version=2025-04-01-preview&x[]=%20');
});

test.each([500, 429, 404, 401])(
  'a list that not every backend has a part in says so in a header when one answers %s',
  async (status) => {
    const backends = await startBackends([1, 3, 5], [2, 4]);
    const gateway = await startGateway(backends);
    backends[1]!.refusal = status;
    const { status: seen, headers, ids } = await read(gateway, '?limit=2');
    expect([seen, headers.get('x-spillway-missing'), ids]).toEqual([200, 'b', ['file-a2', 'file-a1']]);
    expect(await readAll(() => gateway, 'limit=2')).toEqual(inOrder(backends.slice(0, 1)));
  },
);

test('a list that not every backend has a part in says so when one is down', async () => {
  const [a] = await startBackends([1, 3, 5]);
  const gateway = await startGateway([a!, { url: 'http://127.0.0.1:1' }]);
  const { headers, ids } = await read(gateway);
  expect([headers.get('x-spillway-missing'), ids]).toEqual(['b', inOrder([a!])]);
});

test('a list that not every backend has a part in says nothing when every one has', async () => {
  const gateway = await startGateway(await startBackends([1], [2]));
  const { headers, body } = await read(gateway);
  expect(headers.get('x-spillway-missing')).toBeNull();
  expect(body).toMatchObject({ object: 'list', first_id: 'file-b0', last_id: 'file-a0', has_more: false });
});

test('a list that not every backend has a part in is an error only when none has', async () => {
  const backends = await startBackends([1], [2]);
  const gateway = await startGateway(backends);
  backends.forEach((backend) => (backend.refusal = 429));
  const throttled = await read(gateway);
  expect([throttled.status, throttled.headers.get('retry-after')]).toEqual([429, '7']);
  const other = await startGateway(backends);
  backends.forEach((backend) => (backend.refusal = 404));
  expect((await read(other)).status).toBe(404);
  backends.forEach((backend) => (backend.refusal = 500));
  expect((await read(other)).status).toBe(503);
  const inFlight = [gateway, other].flatMap(({ gateway: one }) =>
    one.snapshots('').map((state) => state.inFlight),
  );
  expect(inFlight).toEqual([0, 0, 0, 0]);
});

test('a list that not every backend has a part in cannot be continued behind an object whose backend is down and that nobody remembers', async () => {
  const backends = await startBackends([1, 3, 5], [2, 4]);
  backends[0]!.refusal = 500;
  const gateway = await startGateway(backends);
  expect((await read(gateway, '?after=file-a1')).status).toBe(503);
});

test('a list that not every backend has a part in is refused by the backends where the cursor is nobody’s', async () => {
  const gateway = await startGateway(await startBackends([1, 3, 5], [2, 4]));
  expect((await read(gateway, '?after=file-zzz')).status).toBe(400);
});

test('with a single backend a list is what it sends, byte for byte', async () => {
  const [a] = await startBackends([1, 3, 5]);
  const gateway = await startGateway([a!]);
  const direct = await fetch(`${a!.url}${files}?limit=2`);
  const relayed = await fetch(`${gateway.url}${files}?limit=2`);
  expect(await relayed.text()).toBe(await direct.text());
});

test('lists below an object are those of its backend', async () => {
  const scene = await startScene([{ script: '1x throttle(retry-after-ms=1)' }, {}]);
  const client = clientOf(scene);
  const response = await client.responses.create({ model: 'gpt-4o', input: 'Hello' });
  expect((await client.responses.inputItems.list(response.id)).data.length).toBe(1);
  expect(scene.mocks[0]!.requests.filter(({ method }) => method === 'GET')).toEqual([]);
});
