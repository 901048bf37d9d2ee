import { expect, test } from 'vitest';
import { makeKey, sha256 } from '../../src/client/keys.ts';
import { openSession, realtimePath, refusedSession } from '../testing/open-session.ts';
import { chatBody, chatPath, errorOf, post } from '../testing/post.ts';
import { startHttpBackend } from '../testing/start-backend.ts';
import { startGatewayFor, startScene } from '../testing/start-scene.ts';

const KEY = makeKey();
const FREE = makeKey();
/** The ownership of objects is tested elsewhere. */
const clients = [
  {
    name: 'narrow',
    keys: [{ sha256: sha256(KEY) }],
    deployments: ['gpt-4o', 'gpt-realtime'],
    // The ownership of objects is tested elsewhere.
    allObjects: true,
  },
  { name: 'free', keys: [{ sha256: sha256(FREE) }], allObjects: true },
];
const headers = { 'api-key': KEY };

async function startListing() {
  const { url } = await startHttpBackend((req, res) => {
    req.resume();
    const list = { object: 'list', data: ['gpt-4o', 'o3'].map((id) => ({ id, object: 'model' })) };
    const value = req.url?.includes('client_secrets') ? { value: 'ek_made' } : list;
    res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  });
  return startGatewayFor([{ name: 'a', url, apiKey: 'k' }], { clients });
}

const chat = (model: string) => JSON.stringify({ model, ...chatBody });

test.each<[string, string, string, string | undefined]>([
  ['an allowed deployment', 'POST', chatPath, chat('o3')],
  ['an allowed deployment, spelt otherwise', 'POST', chatPath.replace('gpt-4o', 'gpt%2D4o'), chat('x')],
  ['an allowed model', 'POST', '/openai/v1/chat/completions', chat('gpt-4o')],
  [
    'an allowed model, spelt otherwise',
    'POST',
    '/v1/chat/completions',
    '{"mod\\u0065l":"gpt\\u002d4o","messages":[]}',
  ],
  ['an answer', 'GET', '/openai/v1/responses/resp_1', undefined],
  ['the models', 'GET', '/openai/v1/models', undefined],
  ['a model that it may use', 'GET', '/openai/v1/models/gpt-4o', undefined],
])('a client with a list of deployments may ask for %s', async (_, method, path, body) => {
  const scene = await startListing();
  const response = await post(scene, path, body, {
    method,
    headers,
    ...(body === undefined ? { body: null } : {}),
  });
  expect(response.status).toBe(200);
});

test.each<[string, string, string, string | undefined]>([
  ['another deployment', 'POST', chatPath.replace('gpt-4o', 'o3'), chat('gpt-4o')],
  ['another model', 'POST', '/openai/v1/chat/completions', chat('o3')],
  ['one in capitals', 'POST', '/openai/v1/chat/completions', chat('GPT-4O')],
  ['none', 'POST', '/openai/v1/chat/completions', '{"messages":[]}'],
  ['a file', 'GET', '/openai/v1/files/file-1', undefined],
  ['files', 'GET', '/openai/v1/files', undefined],
  ['a batch', 'POST', '/openai/v1/batches', '{"input_file_id":"file-1"}'],
  ['a batch that says a model', 'POST', '/openai/v1/batches', '{"input_file_id":"file-1","model":"gpt-4o"}'],
  ['an assistant', 'POST', '/openai/v1/assistants', '{"model":"gpt-4o"}'],
  ['a vector store', 'POST', '/openai/v1/vector_stores', '{}'],
  ['fine-tuning', 'POST', '/openai/v1/fine_tuning/jobs', '{"model":"gpt-4o"}'],
  ['another model’s entry', 'GET', '/openai/v1/models/o3', undefined],
  ['the removal of a model', 'DELETE', '/openai/v1/models/gpt-4o', undefined],
  ['a remix', 'POST', '/openai/v1/videos/video_1/remix', '{"prompt":"x"}'],
])('a client with a list of deployments may not ask for %s', async (_, method, path, body) => {
  const scene = await startListing();
  const init = body === undefined ? { body: null } : {};
  expect(await errorOf(await post(scene, path, body, { method, headers, ...init }))).toMatchObject({
    status: 403,
    code: 'PermissionDenied',
  });
  expect(await scene.log.request()).toMatchObject({ status: 403, client: 'narrow', attempts: [] });
  const free = await post(scene, path, body, { method, headers: { 'api-key': FREE }, ...init });
  expect(free.status).toBe(200);
});

test('the deployment of images is one of those that a client may use', async () => {
  const scene = await startListing();
  const ask = (deployment: string) =>
    post(scene, '/openai/v1/responses', '{"model":"gpt-4o","input":"x","store":false}', {
      headers: { ...headers, 'x-ms-oai-image-generation-deployment': deployment },
    });
  expect((await ask('gpt-image-1')).status).toBe(403);
  expect((await ask('gpt-4o')).status).toBe(200);
});

test.each([
  '{"model":"gpt-4o","messages":[]',
  '{"model":"gpt-4o"/**/,"model":"o3"}',
  '{"model":"gpt-4o"}{"model":"o3"}',
])(
  'a body that cannot be read to its end is refused where it might name another deployment: %s',
  async (body) => {
    const scene = await startListing();
    expect((await post(scene, '/openai/v1/chat/completions', body, { headers })).status).toBe(400);
  },
);

test('lists of models have those that a client may use, also where Azure lists other models than deployments', async () => {
  const scene = await startListing();
  const ids = async (key: string) => {
    const response = await fetch(`${scene.url}/openai/v1/models`, { headers: { 'api-key': key } });
    const { data } = (await response.json()) as { data: { id: string }[] };
    return data.map(({ id }) => id);
  };
  expect(await ids(KEY)).toEqual(['gpt-4o', 'gpt-realtime']);
  expect(await ids(FREE)).toEqual(['gpt-4o', 'o3']);
});

test('an ephemeral key stands for the client that has had it made, and for nobody else', async () => {
  const scene = await startListing();
  const call = (key: string) =>
    post(scene, '/openai/v1/realtime/calls', 'v=0', {
      headers: { 'content-type': 'application/sdp', 'api-key': '', authorization: `Bearer ${key}` },
    });
  expect((await call('ek_made')).status).toBe(401);
  const secret = { session: { type: 'realtime', model: 'gpt-realtime' } };
  expect((await post(scene, '/openai/v1/realtime/client_secrets', secret, { headers })).status).toBe(200);
  expect((await call('ek_made')).status).toBe(200);
  expect(await scene.log.request(3)).toMatchObject({ client: 'narrow' });
  expect((await call('ek_other')).status).toBe(401);
});

test('a session is for a deployment that its client may use', async () => {
  const scene = await startScene([{}], { clients });
  expect((await openSession(scene, realtimePath, { headers })).response.statusCode).toBe(101);
  const other = realtimePath.replace('gpt-realtime', 'other');
  expect((await refusedSession(scene, other, { headers })).response.statusCode).toBe(403);
  expect((await refusedSession(scene, `${realtimePath}&deployment=x`, { headers })).response.statusCode).toBe(
    400,
  );
});

test('each message of a session is for a deployment that its client may use', async () => {
  const scene = await startScene([{}], { clients });
  const session = await openSession(scene, '/openai/v1/responses', { headers });
  const ask = (model: string) =>
    session.socket.send(JSON.stringify({ type: 'response.create', model, input: 'x', store: false }));
  ask('gpt-4o');
  await session.next();
  ask('o3');
  expect((await session.closed).code).toBe(1008);
});
