import { expect, test } from 'vitest';
import { openSession } from '../testing/open-session.ts';
import { chatBody, errorOf, post } from '../testing/post.ts';
import { startHttpBackend, startRecorder } from '../testing/start-backend.ts';
import { startGatewayFor } from '../testing/start-scene.ts';
import { startSessionBackend } from '../testing/start-session-backend.ts';

const body = { ...chatBody, model: 'gpt-4o' };

/** A gateway in front of a throttled backend and one that records its requests. */
async function startSpill(config: Parameters<typeof startGatewayFor>[1] = {}) {
  const throttled = await startHttpBackend((req, res) => {
    req.resume();
    res.writeHead(429, { 'retry-after': '30' }).end();
  });
  const recorder = await startRecorder();
  const gateway = await startGatewayFor(
    [
      { name: 'a', url: throttled.url, apiKey: 'key-a' },
      { name: 'b', url: recorder.url, apiKey: 'key-b', priority: 2 },
    ],
    config,
  );
  return { ...gateway, requests: recorder.requests };
}

test.each([
  [
    '//openai/deployments/gpt-4o/chat/completions?api-version=1',
    '/openai/deployments/gpt-4o/chat/completions',
  ],
  ['/openai/v1//chat/completions', '/openai/v1/chat/completions'],
  ['/openai/v1/chat/completions/', '/openai/v1/chat/completions'],
  ['/OpenAI/v1/Chat/Completions', '/openai/v1/chat/completions'],
  ['/%6Fpenai/v1/%63hat/completions', '/openai/v1/chat/completions'],
  ['/OPENAI/DEPLOYMENTS/GPT-4o/Embeddings/', '/openai/deployments/GPT-4o/embeddings'],
  ['/models/chat/completions?api-version=2024-05-01-preview', '/models/chat/completions'],
  [
    '/api/projects/My-Project/openai/v1/chat/completions',
    '/api/projects/My-Project/openai/v1/chat/completions',
  ],
  ['/anthropic/v1/messages', '/anthropic/v1/messages'],
  ['/anthropic/v1/v1/messages', '/anthropic/v1/messages'],
  ['/v1/messages', '/anthropic/v1/messages'],
  ['/embeddings', '/openai/v1/embeddings'],
  ['/deployments/gpt-4o/embeddings', '/openai/deployments/gpt-4o/embeddings'],
  ['/skills', '/openai/v1/skills'],
  ['/videos', '/openai/v1/videos'],
])('a request spills at %s', async (path, sent) => {
  const scene = await startSpill();
  const response = await post(scene, path, body);
  expect([response.status, response.headers.get('x-spillway-backend')]).toEqual([200, 'b']);
  expect(scene.requests.map(({ url }) => url.split('?')[0])).toEqual([sent]);
});

test.each([
  ['draws a response’s images', 'x-ms-oai-image-generation-deployment'],
  ['takes over where provisioned throughput is used up', 'x-ms-spillover-deployment'],
])('the deployment that %s has the backend’s own name for it', async (_, header) => {
  const recorder = await startRecorder();
  const deployments = { 'gpt-4o': 'gpt-4o-eu', 'gpt-image-1': 'images-eu' };
  const scene = await startGatewayFor([{ url: recorder.url, apiKey: 'x', deployments }]);
  for (const image of ['gpt-image-1', 'gpt-image-2'])
    await fetch(`${scene.url}/openai/v1/responses`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', [header]: image },
      body: '{"model":"gpt-4o","tools":[{"type":"image_generation"}]}',
    });
  const named = recorder.requests.map(({ rawHeaders }) => {
    return rawHeaders[rawHeaders.indexOf(header) + 1];
  });
  expect(named).toEqual(['images-eu', 'gpt-image-2']);
});

test('Claude’s API gets the key under its own name too, and nobody a client’s', async () => {
  const scene = await startSpill();
  const headers = { 'x-api-key': 'theirs', cookie: 'a=b', authorization: 'Bearer theirs' };
  await post(scene, '/anthropic/v1/messages?code=theirs&beta=true', body, { headers });
  const [{ rawHeaders, url } = { rawHeaders: [], url: '' }] = scene.requests;
  expect(url).toBe('/anthropic/v1/messages?beta=true');
  expect(rawHeaders.join('\n')).not.toMatch(/theirs|a=b/);
  expect(rawHeaders.join('\n')).toMatch(/x-api-key\nkey-b/);
});

test('a backend that is a Foundry project is sent what is asked of any project', async () => {
  const recorder = await startRecorder();
  const url = `${recorder.url}/api/projects/ours/openai/v1/`;
  const gateway = await startGatewayFor([{ name: 'a', url, apiKey: 'x' }]);
  await post(gateway, '/api/projects/theirs/openai/v1/chat/completions', body);
  await post(gateway, '/openai/v1/chat/completions', body);
  const path = '/api/projects/ours/openai/v1/chat/completions';
  expect(recorder.requests.map((request) => request.url)).toEqual([path, path]);
});

test.each([
  ['/openai-load-balancing', '/openai-load-balancing/openai/v1/embeddings'],
  ['openai-load-balancing/', '/OpenAI-Load-Balancing//openai/v1/embeddings'],
  ['/openai-load-balancing', '//openai-load-balancing/embeddings'],
  ['/openai-load-balancing', '/openai/v1/embeddings'],
  ['/ai/openai', '/ai/openai/v1/embeddings'],
  ['/ai/openai', '/ai/openai/openai/v1/embeddings'],
  ['/openai', '/openai/v1/embeddings'],
  ['/openai', '/openai/openai/v1/embeddings'],
])('with a path of its own, the gateway %s is reached at %s', async (basePath, path) => {
  const scene = await startSpill({ server: { basePath } });
  expect((await post(scene, path, body)).status).toBe(200);
  expect(scene.requests.map(({ url }) => url)).toEqual(['/openai/v1/embeddings']);
});

test('with a path of its own, the gateway answers probes there, and sessions', async () => {
  const backend = await startSessionBackend();
  const scene = await startGatewayFor([{ name: 'a', url: backend.url, apiKey: 'x' }], {
    server: { basePath: '/lb' },
  });
  for (const path of ['/lb', '/lb/', '/lb/healthz', '/lb?x', '/'])
    expect((await fetch(scene.url + path)).status).toBe(200);
  const asked = backend.next();
  await openSession(scene, '/lb/openai/v1/realtime?model=gpt-realtime');
  expect((await asked).request.url).toBe('/openai/v1/realtime?model=gpt-realtime');
});

test('with a path of its own, the gateway is told to a client that is not known to have one', async () => {
  const scene = await startSpill();
  const error = await errorOf(await post(scene, '/lb/openai/v1/chat/completions', body));
  expect(error).toMatchObject({ status: 404, message: expect.stringContaining('server.basePath') });
});

test.each(['GET', 'HEAD'])('%s / answers 200, whatever the backends do', async (method) => {
  const scene = await startGatewayFor([{ name: 'a', url: 'http://127.0.0.1:1', apiKey: 'x' }]);
  expect((await fetch(scene.url, { method })).status).toBe(200);
});

test('an error of the gateway’s own has its id where Azure’s clients look for it', async () => {
  const scene = await startGatewayFor([{ name: 'a', url: 'http://127.0.0.1:1', apiKey: 'x' }]);
  for (const path of ['/nope', '/openai/v1/chat/completions', '/openai/v1/%2e%2e/x']) {
    const { headers } = await post(scene, path, body);
    const id = headers.get('x-spillway-request-id');
    expect([headers.get('x-request-id'), headers.get('apim-request-id')]).toEqual([id, id]);
    expect(id).toMatch(/./);
  }
});

/**
 * Opens a session in front of a throttled backend and another; `first` is the client's first message. Returns the
 * messages that the other got.
 */
async function openSpilled(path: string, first?: string) {
  const throttled = await startHttpBackend((_, res) => void res.writeHead(429).end());
  const backend = await startSessionBackend();
  const scene = await startGatewayFor([
    { name: 'a', url: throttled.url, apiKey: 'x' },
    { name: 'b', url: backend.url, apiKey: 'y', priority: 2, deployments: { 'gpt-4o': 'gpt-4o-eu' } },
  ]);
  const asked = backend.next();
  const session = await openSession(scene, path, { headers: { authorization: 'Bearer theirs' } });
  if (first !== undefined) session.socket.send(first);
  const { request, socket } = await asked;
  socket.send('hello');
  const { 'api-key': apiKey, authorization } = request.headers;
  return { url: request.url, apiKey, authorization, heard: String((await session.next()).data) };
}

test.each([
  ['//openai/v1/Realtime/?model=gpt-4o', '/openai/v1/realtime?model=gpt-4o-eu'],
  ['/voice-live/realtime?api-version=1&model=gpt-4o', '/voice-live/realtime?api-version=1&model=gpt-4o-eu'],
  ['/openai/v1/something/new', '/openai/v1/something/new'],
])('a session is opened at %s although the first backend is throttled', async (path, sent) => {
  expect(await openSpilled(path)).toEqual({
    url: sent,
    apiKey: 'y',
    authorization: undefined,
    heard: 'hello',
  });
});

test.each([
  ['/openai/v1/responses', '/openai/v1/responses'],
  ['/v1/responses?model=gpt-4o', '/openai/v1/responses?model=gpt-4o-eu'],
  ['/openai/responses?api-version=preview', '/openai/responses?api-version=preview'],
  ['/api/projects/p/openai/v1/responses', '/api/projects/p/openai/v1/responses'],
])(
  'a session of responses at %s goes past a throttled backend with its first message',
  async (path, sent) => {
    expect(await openSpilled(path, '{"type":"response.create","model":"gpt-4o","input":"Hello"}')).toEqual({
      url: sent,
      apiKey: 'y',
      authorization: undefined,
      heard: 'hello',
    });
  },
);
