import { expect, test } from 'vitest';
import type { ConfigInput } from '../../src/config/schema.ts';
import { makeKey, sha256 } from '../../src/client/keys.ts';
import { chatPath, errorOf, post } from '../testing/post.ts';
import { startHttpBackend } from '../testing/start-backend.ts';
import { startGatewayFor } from '../testing/start-scene.ts';

const app = 'https://app.example.com';

interface CorsInput {
  readonly allowedOrigins: string[];
  readonly allowCredentials?: boolean;
}

async function startWith(
  cors: CorsInput | undefined,
  config: Partial<ConfigInput> = {},
  paths: unknown[] = [],
) {
  const backend = await startHttpBackend((req, res) => {
    req.resume();
    paths.push(req.url);
    const headers = {
      'access-control-allow-origin': '*',
      vary: 'Accept',
      'content-type': 'application/json',
    };
    if (req.url?.includes('throttled')) res.writeHead(429, { 'retry-after': '30' }).end();
    else res.writeHead(200, headers).end('{}');
  });
  return startGatewayFor([{ name: 'a', url: backend.url, apiKey: 'x' }], {
    ...config,
    ...(cors && { cors }),
  });
}

const preflight = (url: string, origin = app) =>
  fetch(url + chatPath, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'api-key,content-type',
    },
  });

test('a page of an allowed origin is told so before and with every answer', async () => {
  const scene = await startWith({ allowedOrigins: [`${app}/`] });
  const asked = await preflight(scene.url);
  expect(asked.status).toBe(204);
  expect(Object.fromEntries(asked.headers)).toMatchObject({
    'access-control-allow-origin': app,
    'access-control-allow-methods': expect.stringContaining('POST'),
    'access-control-allow-headers': 'api-key,content-type',
    'access-control-max-age': '600',
    vary: 'Origin',
  });
  const throttled = '/openai/deployments/throttled/chat/completions';
  for (const [path, status] of [
    [chatPath, 200],
    ['/nope', 404],
    [throttled, 429],
    [throttled, 429],
  ] as const) {
    const { status: seen, headers } = await post(scene, path, undefined, { headers: { origin: app } });
    expect([seen, headers.get('access-control-allow-origin')]).toEqual([status, app]);
    expect(headers.get('access-control-expose-headers')).toContain('retry-after');
    expect(headers.get('vary')).toContain('Origin');
    expect(headers.get('access-control-allow-credentials')).toBeNull();
  }
  expect(scene.log.requests[0]).toMatchObject({ method: 'OPTIONS', status: 204, attempts: [] });
});

test('a page may read everything that the gateway says about an answer, a fallback included', async () => {
  const key = makeKey();
  const { url } = await startHttpBackend((req, res) => {
    req.resume();
    res.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  const budgets = [{ deployments: ['gpt-4o'], rpm: 1 }];
  const { url: gateway } = await startGatewayFor([{ name: 'a', url, apiKey: 'x' }], {
    cors: { allowedOrigins: [app] },
    clients: [{ name: 'page', keys: [{ sha256: sha256(key) }], budgets }],
    fallbacks: [{ deployment: 'gpt-4o', whenSpent: 'gpt-4o-mini' }],
  });
  for (const fallback of [null, 'gpt-4o-mini']) {
    const { headers } = await post({ url: gateway }, chatPath, undefined, {
      headers: { origin: app, 'api-key': key },
    });
    expect(headers.get('x-spillway-fallback')).toBe(fallback);
    const exposed = headers.get('access-control-expose-headers')?.split(', ');
    const ours = [...headers.keys()].filter((name) => /^x-(?:spillway|ratelimit)-/.test(name));
    expect(exposed).toEqual(expect.arrayContaining(ours));
  }
});

test.each([
  'https://elsewhere.example.com',
  'https://app.example.com.evil.com',
  'null',
  'http://app.example.com',
])('a page of %s is told nothing, and nothing by the backend', async (origin) => {
  const scene = await startWith({ allowedOrigins: [app] });
  const answers = [
    await preflight(scene.url, origin),
    await post(scene, chatPath, undefined, { headers: { origin } }),
    await post(scene, '/nope', undefined, { headers: { origin } }),
  ];
  for (const { headers } of answers) {
    expect(headers.get('access-control-allow-origin')).toBeNull();
    expect(headers.get('vary')).toContain('Origin');
  }
});

test('any origin may be allowed, but then no page may send cookies', async () => {
  const scene = await startWith({ allowedOrigins: ['*'] });
  const { headers } = await post(scene, '/nope', undefined, { headers: { origin: 'https://any' } });
  expect(headers.get('access-control-allow-origin')).toBe('*');
  await expect(startWith({ allowedOrigins: ['*'], allowCredentials: true })).rejects.toThrow(
    /allowCredentials/,
  );
});

test('cookies may be sent where that is configured', async () => {
  const scene = await startWith({ allowedOrigins: [app], allowCredentials: true });
  const { headers } = await preflight(scene.url);
  expect(headers.get('access-control-allow-credentials')).toBe('true');
});

test('without a word in the configuration the backend’s is passed on', async () => {
  const scene = await startWith(undefined);
  expect((await preflight(scene.url)).headers.get('access-control-allow-origin')).toBe('*');
});

const clients = [{ name: 'chat', keys: [{ sha256: sha256(makeKey()) }] }];

test('where clients have keys, a preflight request is answered here if pages are configured, and needs no key', async () => {
  const paths: unknown[] = [];
  const scene = await startWith({ allowedOrigins: [app] }, { clients }, paths);
  expect([(await preflight(scene.url)).status, paths]).toEqual([204, []]);
});

test('where clients have keys, a preflight request reaches no backend, and is told what pages need', async () => {
  const paths: unknown[] = [];
  const scene = await startWith(undefined, { clients }, paths);
  const { status, message } = await errorOf(await preflight(scene.url));
  expect([status, message, paths]).toEqual([401, expect.stringContaining('needs `cors`'), []]);
  const plain = await errorOf(await fetch(scene.url + chatPath, { method: 'OPTIONS' }));
  expect([plain.status, plain.message.includes('cors')]).toEqual([401, false]);
});
