import { describe, expect, test } from 'vitest';
import { freePort } from '../testing/free-port.ts';
import { errorOf, post } from '../testing/post.ts';
import { startHttpBackend } from '../testing/start-backend.ts';
import { callsOf, startGatewayFor, startScene } from '../testing/start-scene.ts';

const created = { script: [{ kind: 'status', status: 201, body: { id: 'file-1' } }] } as const;

const creations = [
  ['a file', '/openai/files?api-version=2024-10-21', {}],
  ['a batch', '/openai/v1/batches', { endpoint: '/v1/chat/completions' }],
  ['a stored response', '/openai/v1/responses', { model: 'gpt-4o', input: 'Hello' }],
] as const;

describe.each(creations)('a request that makes %s', (_, path, body) => {
  test('a request that makes something is not sent again when the backend that had it broke off', async () => {
    const scene = await startScene([{ script: 'reset' }, created]);
    const response = await post(scene, path, body);
    expect(response.headers.get('x-should-retry')).toBe('false');
    expect(response.headers.get('x-spillway-attempts')).toBe('1');
    expect(await errorOf(response)).toMatchObject({ status: 502, code: 'BadGateway' });
    expect(callsOf(scene)).toEqual([1, 0]);
  });

  test.each(path.endsWith('responses') ? [408, 504] : [500, 502, 503, 408])(
    'a request that makes something shows the client a %s, for it may have been done',
    async (status) => {
      const scene = await startScene([{ script: `status(${status})` }, created]);
      const response = await post(scene, path, body);
      expect(response.status).toBe(status);
      expect(response.headers.get('x-spillway-backend')).toBe('a');
      expect(callsOf(scene)).toEqual([1, 0]);
    },
  );

  test.each(['throttle', 'status(401)', 'status(404)'])(
    'a request that makes something is sent to another after %s',
    async (script) => {
      const scene = await startScene([{ script }, created]);
      const response = await post(scene, path, body);
      expect(response.status).toBe(201);
      expect(await response.json()).toEqual({ id: 'file-1' });
      expect(callsOf(scene)).toEqual([1, 1]);
    },
  );

  test('a request that makes something is sent to another when the first could not be connected to', async () => {
    const scene = await startScene([created]);
    const gateway = await startGatewayFor([
      { name: 'gone', url: `http://127.0.0.1:${await freePort()}`, apiKey: 'x', priority: 0 },
      { name: 'a', url: scene.mocks[0]!.url, apiKey: 'key-a' },
    ]);
    expect((await post(gateway, path, body)).status).toBe(201);
  });
});

const failures = {
  JSON: ['application/json', '{"error":{"message":"The server had an error.","code":"server_error"}}'],
  'a page': ['text/html', '<html>Bad Gateway</html>'],
  words: ['text/plain', 'no healthy upstream'],
  nothing: ['text/plain', ''],
} as const;

describe.each(Object.entries(failures))('a response that fails with %s', (_, [type, failure]) => {
  test.each([
    [500, {}],
    [502, {}],
    [503, { 'retry-after': '5' }],
  ])('and a %s is tried elsewhere, even if it is to be stored', async (status, headers) => {
    const { url } = await startHttpBackend((_req, res) =>
      res.writeHead(status, { 'content-type': type, ...headers }).end(failure),
    );
    const scene = await startScene([created]);
    const gateway = await startGatewayFor([
      { name: 'failing', url, apiKey: 'x', priority: 0 },
      { name: 'a', url: scene.mocks[0]!.url, apiKey: 'key-a' },
    ]);
    for (const more of [{}, { store: true }, { background: true }, { stream: true }]) {
      const response = await post(gateway, '/openai/v1/responses', { model: 'gpt-4o', input: 'x', ...more });
      expect([response.status, response.headers.get('x-spillway-backend')]).toEqual([201, 'a']);
      await response.arrayBuffer();
    }
  });
});

test('a response that fails everywhere ends like any other request', async () => {
  const scene = await startScene([{ script: 'status(500)' }, { script: 'status(503)' }]);
  const response = await post(scene, '/openai/v1/responses', { model: 'gpt-4o', input: 'x' });
  expect(await errorOf(response)).toMatchObject({ status: 503, code: 'ServiceUnavailable' });
  expect(callsOf(scene)).toEqual([1, 1]);
});

test('a response that is not to be stored is sent to another whatever happened to the first', async () => {
  const scene = await startScene([{ script: 'reset' }, created]);
  const response = await post(scene, '/openai/v1/responses', { model: 'gpt-4o', input: 'x', store: false });
  expect(response.status).toBe(201);
});

test('a creation is not sent again when the backend that had it stays silent', async () => {
  const scene = await startScene([{ script: 'hang' }, created], { timeouts: { overallMs: 150 } });
  expect((await post(scene, '/openai/v1/batches', {})).status).toBe(502);
  expect(callsOf(scene)).toEqual([1, 0]);
});
