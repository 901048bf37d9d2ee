import type { RequestListener } from 'node:http';
import { expect, test } from 'vitest';
import { makeKey, sha256 } from '../../src/client/keys.ts';
import { startHttpBackend } from '../testing/start-backend.ts';
import { startGatewayFor } from '../testing/start-scene.ts';

const PATHS = [
  '/api/projects/p/deployments',
  '/api/projects/p/connections',
  '/api/projects/p/indexes/one/versions',
  // The name may look like an id.
  '/api/projects/p/datasets/docs-2026/versions',
  '/api/projects/p/evaluators',
  '/api/projects/p/redteams/runs',
  '/api/projects/p/schedules/nightly/runs',
  '/api/projects/p/anything-new',
];

interface Page {
  readonly value: readonly { readonly name: string }[];
  readonly nextLink?: string;
}

/** Starts a Foundry project that has entries with these names, two on a page, and links to its next page. */
function startProject(names: readonly string[]) {
  return startHttpBackend((req, res) => {
    const { pathname, searchParams, origin } = new URL(req.url ?? '', `http://${req.headers.host}`);
    const skip = Number(searchParams.get('$skip') ?? 0);
    const value = names.slice(skip, skip + 2).map((name) => ({ name }));
    const link = `${origin}${pathname}?api-version=v1&$skip=${skip + 2}`;
    const nextLink = skip + 2 < names.length ? link : undefined;
    res.setHeader('content-type', 'application/json').end(JSON.stringify({ value, nextLink }));
  });
}

const fails: RequestListener = (_, res) =>
  void res.writeHead(500, { 'content-type': 'application/json' }).end('{"error":{"code":"500"}}');

function startGateway(
  backends: readonly { readonly url: string }[],
  config: Parameters<typeof startGatewayFor>[1] = {},
) {
  const named = backends.map(({ url }, index) => ({ name: 'abc'[index] ?? '', url, apiKey: 'x' }));
  return startGatewayFor(named, config);
}

/** Follows the links from page to page; each must lead to the gateway. */
async function readAll(url: string, path: string, headers: Record<string, string> = {}) {
  const names: string[] = [];
  const missing: (string | null)[] = [];
  for (let link: string | undefined = `${url}${path}?api-version=v1`; link !== undefined;) {
    expect(link.startsWith(`${url}${path}?`)).toBe(true);
    const response = await fetch(link, { headers });
    const page = (await response.json()) as Page;
    names.push(...page.value.map(({ name }) => name));
    missing.push(response.headers.get('x-spillway-missing'));
    link = page.nextLink;
  }
  return { names, missing };
}

test.each(PATHS)('of %s a client that follows the links sees what all backends have', async (path) => {
  const one = await startProject(['a1', 'a2', 'a3', 'a4', 'a5']);
  const other = await startProject(['b1', 'b2', 'a1', 'b4']);
  const { url } = await startGateway([one, other, await startProject(['c1'])]);
  const { names, missing } = await readAll(url, path);
  expect(names).toEqual(['a1', 'a2', 'b1', 'b2', 'c1', 'a3', 'a4', 'a1', 'b4', 'a5']);
  expect(missing).toEqual([null, null, null]);
});

test.each(PATHS)('of %s the links lead to the gateway where it has only one backend', async (path) => {
  const { url } = await startGateway([await startProject(['a1', 'a2', 'a3', 'a4', 'a5'])]);
  expect((await readAll(url, path)).names).toEqual(['a1', 'a2', 'a3', 'a4', 'a5']);
});

test.each(PATHS)('of %s a backend that cannot say is named in a header', async (path) => {
  const { url } = await startGateway([await startHttpBackend(fails), await startProject(['b1', 'b2', 'b3'])]);
  expect(await readAll(url, path)).toEqual({ names: ['b1', 'b2', 'b3'], missing: ['a', null] });
});

test.each(['agents', 'assistants', 'files', 'threads', 'vector_stores'])(
  'a list of a project without links passes as it is where it has only one backend: %s',
  async (list) => {
    const asked: unknown[] = [];
    const { url } = await startGateway([
      await startHttpBackend((req, res) => {
        asked.push(req.url);
        res.setHeader('content-type', 'application/json').end('{"object":"list","data":[]}');
      }),
    ]);
    const path = `/api/projects/p/${list}?api-version=v1&after=file-1`;
    expect(await (await fetch(url + path)).json()).toEqual({ object: 'list', data: [] });
    expect(asked).toEqual([path]);
  },
);

test('a link of a list that leads to something else is not followed, and its backend named in a header', async () => {
  const elsewhere = await startHttpBackend((_, res) => {
    const nextLink = 'https://elsewhere.example/other?x=1';
    res
      .setHeader('content-type', 'application/json')
      .end(JSON.stringify({ value: [{ name: 'a1' }], nextLink }));
  });
  const { url } = await startGateway([elsewhere, await startProject(['b1'])]);
  const path = '/api/projects/p/connections';
  expect(await readAll(url, path)).toEqual({ names: ['a1', 'b1'], missing: ['a'] });
});

test('a list with links is in a path of the gateway’s own where that has one', async () => {
  const { url } = await startGateway([await startProject(['a1', 'a2', 'a3'])], {
    server: { basePath: '/ai' },
  });
  expect((await readAll(url, '/ai/api/projects/p/connections')).names).toEqual(['a1', 'a2', 'a3']);
});

test('of a list with links a client sees no deployment that it may not use, on any page', async () => {
  const key = makeKey();
  const clients = [{ name: 'narrow', keys: [{ sha256: sha256(key) }], deployments: ['a1', 'a5', 'b4'] }];
  const backends = [
    await startProject(['a1', 'a2', 'a3', 'a4', 'a5']),
    await startProject(['b1', 'b2', 'b3', 'b4']),
  ];
  const { url } = await startGateway(backends, { clients });
  const { names } = await readAll(url, '/api/projects/p/deployments', { 'api-key': key });
  expect(names).toEqual(['a1', 'b4', 'a5']);
});
