import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { makeKey, sha256 } from '../../src/client/keys.ts';
import { post } from '../testing/post.ts';
import { startHttpBackend } from '../testing/start-backend.ts';
import { startGatewayFor } from '../testing/start-scene.ts';

const SKILLS = '/anthropic/v1/skills';

interface Page {
  readonly data: readonly { readonly id: string }[];
  readonly has_more: boolean;
  readonly next_page: string | null;
}

/** Starts a backend that lists its skills as Claude's API does: behind tokens that only it understands, the newest first. */
async function startSkills(name: string, times: readonly number[]) {
  const skills = times.map((time, index) => ({
    id: `skill_${name}${index}`,
    created_at: new Date(time * 1000).toISOString(),
  }));
  let made = 0;
  const backend = { isDown: false, asked: 0 };
  const { url } = await startHttpBackend((req, res) => {
    req.resume();
    backend.asked++;
    const json = (status: number, body: object) =>
      res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (backend.isDown) return void json(500, { error: { message: 'It broke.' } });
    if (req.method === 'POST') return void json(200, skills[made++] ?? {});
    const query = new URL(req.url ?? '', 'http://x').searchParams;
    const [owner = name, at = '0'] = query.get('page')?.split('.') ?? [];
    if (owner !== name) return void json(400, { error: { type: 'invalid_request_error', message: 'page' } });
    const end = Number(at) + Number(query.get('limit') ?? 20);
    const hasMore = end < skills.length;
    const data = skills.toReversed().slice(Number(at), end);
    json(200, { data, has_more: hasMore, next_page: hasMore ? `${name}.${end}` : null });
  });
  return Object.assign(backend, { url });
}

const startGateway = (backends: readonly { url: string }[], config = {}) =>
  startGatewayFor(
    backends.map(({ url }, index) => ({ name: 'abcdefgh'[index] ?? '', url, apiKey: 'x' })),
    config,
  );

/** Reads a list page by page, as SDKs do: an empty page is its end. */
async function readAll(gateway: { url: string }, headers: Record<string, string> = {}) {
  const pages: string[][] = [];
  let page: string | null = null;
  do {
    const query: string = page === null ? '' : `&page=${encodeURIComponent(page)}`;
    const response = await fetch(`${gateway.url}${SKILLS}?limit=2${query}`, { headers });
    const body = (await response.json()) as Page;
    expect([response.status, body.has_more]).toEqual([200, body.next_page !== null]);
    pages.push(body.data.map(({ id }) => id));
    page = body.data.length === 0 ? null : body.next_page;
  } while (page !== null && pages.length < 20);
  return pages;
}

test('a list that goes on by tokens has what all backends have, and each is asked with its own', async () => {
  const a = await startSkills('a', [1, 3, 5, 7, 9]);
  const b = await startSkills('b', [2, 4, 6]);
  const c = await startSkills('c', []);
  expect(await readAll(await startGateway([a, b, c]))).toEqual([
    ['skill_a4', 'skill_a3', 'skill_b2', 'skill_b1'],
    ['skill_a2', 'skill_a1', 'skill_b0'],
    ['skill_a0'],
  ]);
  expect([a.asked, b.asked, c.asked]).toEqual([3, 2, 1]);
});

test('a list that goes on by tokens has what one backend has where the others are down, and says so', async () => {
  const [a, b] = [await startSkills('a', [1, 3, 5]), await startSkills('b', [2])];
  const gateway = await startGateway([a, b]);
  b.isDown = true;
  const response = await fetch(`${gateway.url}${SKILLS}?limit=2`);
  const { data, next_page: page } = (await response.json()) as Page;
  expect([response.headers.get('x-spillway-missing'), data.length]).toEqual(['b', 2]);
  const next = await fetch(`${gateway.url}${SKILLS}?limit=2&page=${page}`);
  expect((await next.json()) as Page).toMatchObject({ data: [{ id: 'skill_a0' }], next_page: null });
});

test.each(['spillway_x', 'spillway_bnVsbA', 'spillway_eyJ6IjoieCJ9'])(
  'a token of the gateway’s that says nothing leads nowhere: %s',
  async (token) => {
    const gateway = await startGateway([await startSkills('a', [1]), await startSkills('b', [2])]);
    const response = await fetch(`${gateway.url}${SKILLS}?page=${token}`);
    expect(response.status).toBe(400);
  },
);

test('a token that names every backend has them asked a few at a time, and each once', async () => {
  let underWay = 0;
  let most = 0;
  let answered = 0;
  const { url } = await startHttpBackend(async (req, res) => {
    most = Math.max(most, ++underWay);
    // Whatever else was sent at once arrives in the meantime.
    for (let turn = 0; turn < 200; turn++) await setImmediate();
    underWay--;
    answered++;
    res.writeHead(200, { 'content-type': 'application/json' });
    res.end(JSON.stringify({ data: [], has_more: false, next_page: null }));
  });
  const gateway = await startGateway(Array.from({ length: 8 }, () => ({ url })));
  const names = [...'abcdefgh', ...'abcdefgh', 'z'].map((name) => `"${name}":"x"`);
  const token = Buffer.from(`{${names.join()}}`).toString('base64url');
  const response = await fetch(`${gateway.url}${SKILLS}?page=spillway_${token}`);
  expect([response.status, answered]).toEqual([200, 8]);
  expect(most).toBeLessThanOrEqual(4);
});

test('a list that goes on by tokens has only what the client has made, however much others have in between', async () => {
  const KEYS = { x: makeKey(), y: makeKey() };
  const clients = Object.entries(KEYS).map(([name, key]) => ({ name, keys: [{ sha256: sha256(key) }] }));
  const gateway = await startGateway(
    [
      await startSkills(
        'a',
        Array.from({ length: 250 }, (_, n) => n),
      ),
    ],
    {
      clients,
    },
  );
  for (let made = 0; made < 5; made++)
    await (await post(gateway, SKILLS, {}, { headers: { 'api-key': made < 3 ? KEYS.x : KEYS.y } })).text();
  const pages = await readAll(gateway, { 'api-key': KEYS.x });
  expect(pages.flat()).toEqual(['skill_a2', 'skill_a1', 'skill_a0']);
});
