import type { RequestListener } from 'node:http';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { startHttpBackend } from '../testing/start-backend.ts';
import { startGatewayFor } from '../testing/start-scene.ts';

const listOf =
  (id: string): RequestListener =>
  (req, res) => {
    const data = [{ id, object: 'x', created: 1, created_at: 1 }];
    req.resume();
    res.setHeader('content-type', 'application/json').end(JSON.stringify({ object: 'list', data }));
  };

const error =
  (status: number, headers: Record<string, string> = {}): RequestListener =>
  (_, res) =>
    res.writeHead(status, { 'content-type': 'application/json', ...headers }).end('{"error":{"code":"x"}}');

const sends =
  (text: string | Buffer, headers: Record<string, string>, status = 200): RequestListener =>
  (_, res) =>
    void res.writeHead(status, headers).end(text);

const JSON_TYPE = { 'content-type': 'application/json' };
const LIST = JSON.stringify({ object: 'list', data: [{ id: 'model-b', created_at: 1 }] });
const LARGE_LIST = JSON.stringify({
  object: 'list',
  data: Array.from({ length: 40_000 }, (_, index) => ({
    id: `b-${index}`,
    created_at: 1,
    x: 'x'.repeat(200),
  })),
});

async function ask(path: string, ...listeners: readonly RequestListener[]) {
  const backends = await Promise.all(listeners.map((listener) => startHttpBackend(listener)));
  const scene = await startGatewayFor(
    backends.map(({ url }, index) => ({ name: 'abc'[index] ?? '', url, apiKey: 'x' })),
  );
  const response = await fetch(scene.url + path);
  const text = await response.text();
  return { scene, response, text };
}

// All lists that come from every backend at once are made in the same way.
describe.each(['/openai/v1/models', '/openai/v1/files'])('the list at %s', (path) => {
  test.each<[string, RequestListener]>([
    ['is silent', (req) => void req.resume()],
    [
      'stops within its list',
      (_, res) => void res.writeHead(200, { 'content-type': 'application/json' }).write('{"data":['),
    ],
    ['fails', error(500)],
    ['refuses', error(403)],
    ['throttles', error(429, { 'retry-after': '20' })],
    ['sends a page for people', (_, res) => void res.setHeader('content-type', 'text/html').end('<p>Hello')],
    ['sends no list', (_, res) => void res.setHeader('content-type', 'application/json').end('{}')],
    [
      'breaks off',
      (_, res) => {
        res
          .writeHead(200, { 'content-type': 'application/json', 'content-length': '999' })
          .write('{"data":[');
        setImmediate(() => res.destroy());
      },
    ],
  ])('is what the others have when one %s, which is named', async (_, listener) => {
    const { scene, response, text } = await ask(path, listOf('model-a'), listener, listOf('model-c'));
    expect(response.status).toBe(200);
    expect(response.headers.get('x-spillway-missing')).toBe('b');
    const { data } = JSON.parse(text) as { data: { id: string }[] };
    expect(data.map(({ id }) => id).toSorted()).toEqual(['model-a', 'model-c']);
    await scene.log.request();
    expect(scene.gateway.snapshots().map(({ inFlight }) => inFlight)).toEqual([0, 0, 0]);
  });

  test.each<[string, RequestListener]>([
    [
      'packed, though nobody asked for it',
      sends(gzipSync(LIST), { ...JSON_TYPE, 'content-encoding': 'gzip' }),
    ],
    ['as packed although it is not', sends(LIST, { ...JSON_TYPE, 'content-encoding': 'x-none' })],
    ['behind a byte order mark', sends(`\u{feff}${LIST}`, JSON_TYPE)],
    ['as text/json', sends(LIST, { 'content-type': 'text/json' })],
    ['without a content type', sends(LIST, {})],
    ['with the status 203', sends(LIST, JSON_TYPE, 203)],
    ['whole, with 40,000 entries', sends(LARGE_LIST, JSON_TYPE)],
  ])('has what a backend sends %s', async (_, listener) => {
    const { response, text } = await ask(path, listener, listOf('model-a'));
    expect(response.ok).toBe(true);
    expect(response.headers.get('x-spillway-missing')).toBeNull();
    expect(response.headers.get('content-encoding')).toBeNull();
    const { data } = JSON.parse(text) as { data: { id: string }[] };
    expect(data.map(({ id }) => id)).toEqual(
      expect.arrayContaining(['model-a', expect.stringMatching(/^(?:model-b|b-39999)$/)]),
    );
  });

  test('is a backend’s answer as it came where that is no list', async () => {
    const listener = sends(gzipSync('{"count":1}'), { ...JSON_TYPE, 'content-encoding': 'gzip' });
    const { response, text } = await ask(path, listener, listener);
    expect([response.status, response.headers.get('content-encoding')]).toEqual([200, 'gzip']);
    expect(text).toBe('{"count":1}');
  });

  const page = sends('<p>Hello', { 'content-type': 'text/html' });
  const failed = sends('{"error":{"code":"server_error","message":"No."}}', JSON_TYPE);
  const throttled = error(429, { 'retry-after': '9' });
  const notFound = sends('{"error":{"code":"404","message":"Resource not found"}}', JSON_TYPE, 404);
  const rejected = sends('{"error":{"code":"invalid_limit","message":"Too much."}}', JSON_TYPE, 400);

  test.each<[number, string, RequestListener, RequestListener]>([
    [503, 'one sends a page and the other fails', page, error(500)],
    [503, 'both send pages', page, page],
    [503, 'one does not know the path and the other fails', notFound, error(500)],
    [503, 'one sends an error as a success and the other fails', failed, error(500)],
    [429, 'one sends an error as a success and the other throttles', failed, throttled],
    [429, 'one refuses and the other throttles', error(403), throttled],
    [404, 'neither knows the path', notFound, notFound],
    [
      404,
      'one sends a page that nothing is found and the other does not know the path',
      sends('<p>Nothing', { 'content-type': 'text/html' }, 404),
      notFound,
    ],
    [400, 'one says what is wrong with the request and the other throttles', rejected, throttled],
  ])('is a %i when %s', async (status, _, ...listeners) => {
    const { scene, response } = await ask(path, ...listeners);
    expect(response.status).toBe(status);
    expect(response.headers.get('retry-after')).toBe(status === 429 ? '9' : null);
    await scene.log.request();
    expect(scene.gateway.snapshots().map(({ inFlight }) => inFlight)).toEqual([0, 0]);
  });

  test('is a 429 when an answer with the status of a success says that its backend is throttled', async () => {
    const limit = sends('{"error":{"code":"429","message":"Retry after 9 seconds."}}', JSON_TYPE);
    const { scene, response } = await ask(path, limit, error(500));
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '9']);
    expect(await scene.log.request()).toMatchObject({
      attempts: [
        { backend: 'a', outcome: 'throttled' },
        { backend: 'b', outcome: 'unavailable' },
      ],
    });
  });

  test('is a 429 with the soonest recovery when all others are down', async () => {
    const { response } = await ask(
      path,
      error(500),
      error(429, { 'retry-after': '20' }),
      error(429, { 'retry-after': '9' }),
    );
    expect(response.status).toBe(429);
    expect(response.headers.get('retry-after')).toBe('9');
  });

  test('is the backends’ refusal when all refuse', async () => {
    const { response, text } = await ask(path, error(403), error(403));
    expect(response.status).toBe(403);
    expect(text).toBe('{"error":{"code":"x"}}');
  });

  test('lets one operation cool down that a backend refuses, and not the others', async () => {
    const { scene } = await ask(path, listOf('model-a'), error(403));
    await scene.log.request();
    expect(scene.gateway.snapshots('gpt-4o')[1]?.availability).toBe('available');
  });

  test.each(['', '{"data":['])('asks nobody any longer when the client leaves behind "%s"', async (sent) => {
    const asked = Promise.withResolvers<void>();
    const gone = Promise.withResolvers<void>();
    const silent: RequestListener = (req, res) => {
      if (sent !== '') res.writeHead(200, { 'content-type': 'application/json' }).write(sent);
      asked.resolve();
      req.socket.once('close', () => gone.resolve());
    };
    const backend = await startHttpBackend(silent);
    const other = await startHttpBackend(silent);
    const scene = await startGatewayFor([
      { name: 'a', url: backend.url, apiKey: 'x' },
      { name: 'b', url: other.url, apiKey: 'x' },
    ]);
    const leaving = new AbortController();
    const left = fetch(scene.url + path, { signal: leaving.signal }).catch(() => 'left');
    await asked.promise;
    leaving.abort();
    expect(await left).toBe('left');
    await gone.promise;
    expect(await scene.log.request()).toMatchObject({ status: 499, ending: 'abandoned' });
  });
});
