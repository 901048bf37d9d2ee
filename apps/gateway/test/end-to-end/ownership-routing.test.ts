import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { chatPath, errorOf, post } from '../testing/post.ts';
import { exchangeRaw, rawRequest } from '../testing/raw-client.ts';
import { startHttpBackend, startRecorder } from '../testing/start-backend.ts';
import { callsOf, type Scene, startGatewayFor, startScene } from '../testing/start-scene.ts';

const responses = '/openai/v1/responses';
const made = { model: 'gpt-4o', input: 'Hello' };

function send(gateway: { url: string }, method: string, path: string, headers: Record<string, string> = {}) {
  return fetch(gateway.url + path, { method, headers: { 'api-key': 'client-key', ...headers } });
}

async function makeResponse(gateway: { url: string }, headers: Record<string, string> = {}): Promise<string> {
  const response = await post(gateway, responses, made, { headers });
  return ((await response.json()) as { id: string }).id;
}

function backendOf(response: Response): string | null {
  return response.headers.get('x-spillway-backend');
}

function linesOf({ mocks }: Scene): string[][] {
  return mocks.map(({ requests }) => requests.map(({ method, path }) => `${method} ${path}`));
}

function pin(name: string) {
  return { headers: { 'X-Spillway-Backend': name } };
}

const path = '/openai/v1/files/file-nobody';

test('an object that nobody has is asked of every backend by a GET, and then not found', async () => {
  const scene = await startScene([{}, {}, {}]);
  const response = await send(scene, 'GET', path);
  expect(await errorOf(response)).toMatchObject({ status: 404, code: '404' });
  expect(callsOf(scene)).toEqual([1, 1, 1]);
});

test('an object that nobody has is asked of every backend before anything else, and then the request goes where it would', async () => {
  const scene = await startScene([{}, {}]);
  const response = await post(scene, responses, { ...made, previous_response_id: 'resp_nobody' });
  expect([response.status, backendOf(response)]).toEqual([400, 'a']);
  expect(await response.text()).toContain("Previous response with id 'resp_nobody' not found.");
  expect(linesOf(scene)).toEqual([
    [`GET ${responses}/resp_nobody`, `POST ${responses}`],
    [`GET ${responses}/resp_nobody`],
  ]);
});

test('an object that nobody has is the answer of the only backend there is', async () => {
  const scene = await startScene([{}]);
  const response = await send(scene, 'GET', path);
  expect(await response.text()).toContain('No such File object: file-nobody');
  expect(callsOf(scene)).toEqual([1]);
});

test('an object that nobody has is not said to be nowhere when a backend cannot be asked', async () => {
  const scene = await startScene([{}, { script: 'always status(500)' }]);
  expect((await send(scene, 'GET', path)).status).toBe(503);
  expect((await post(scene, `${path}/anything`, {})).status).toBe(503);
  expect(linesOf(scene)[0]!.filter((line) => line.startsWith('POST'))).toEqual([]);
});

test('an object that nobody has costs no more than three questions, however many a body names', async () => {
  const scene = await startScene([{}, {}]);
  const file_ids = Array.from({ length: 50 }, (_, index) => `file-${index}`);
  expect((await post(scene, '/openai/v1/vector_stores', { file_ids })).status).toBe(404);
  expect(callsOf(scene)).toEqual([4, 3]);
});

test.each(['parts', 'complete', 'cancel'])(
  'an upload in parts that nobody is known to have is found by its %s alone',
  async (step) => {
    const has = { a: false, b: true };
    const calls: string[] = [];
    const [a, b] = await Promise.all(
      Object.entries(has).map(([name, isThere]) =>
        startHttpBackend((req, res) => {
          calls.push(`${name} ${req.method} ${req.url}`);
          req.resume();
          const isHere = isThere && req.method === 'POST';
          res.writeHead(isHere ? 200 : 404, { 'content-type': 'application/json' });
          res.end(isHere ? '{"id":"part_1","upload_id":"upload_1"}' : '{"error":{"code":"404"}}');
        }),
      ),
    );
    const gateway = await startGatewayFor([
      { name: 'a', url: a!.url, apiKey: 'x', priority: 0 },
      { name: 'b', url: b!.url, apiKey: 'x', priority: 1 },
    ]);
    const path = `/openai/v1/uploads/upload_1/${step}`;
    for (const attempts of ['2', '1']) {
      const response = await post(gateway, path, {});
      expect([response.status, backendOf(response)]).toEqual([200, 'b']);
      expect(response.headers.get('x-spillway-attempts')).toBe(attempts);
      await response.arrayBuffer();
    }
    expect(calls).toEqual([`a POST ${path}`, `b POST ${path}`, `b POST ${path}`]);
  },
);

test('the gateway’s own question is in the style of the client’s path, with its query and headers and the backend’s credential', async () => {
  const backends = [await startRecorder(), await startRecorder()] as const;
  const gateway = await startGatewayFor(
    backends.map(({ url }, index) => ({
      name: 'ab'[index]!,
      url,
      apiKey: `key-${index}`,
      priority: index,
    })),
  );
  await post(
    gateway,
    '/openai/threads/thread_1/runs?api-version=2024-10-21&include[]=x',
    '{"assistant_id":"asst_1"}',
    {
      headers: { 'openai-beta': 'assistants=v2', 'accept-encoding': 'gzip', 'if-match': 'x' },
    },
  );
  const [question, request] = backends[0].requests;
  expect([question!.method, question!.url]).toEqual([
    'GET',
    '/openai/threads/thread_1?api-version=2024-10-21&include[]=x',
  ]);
  expect(question!.body).toHaveLength(0);
  const headers = question!.rawHeaders.map((header) => header.toLowerCase());
  expect(headers).toEqual(expect.arrayContaining(['openai-beta', 'assistants=v2', 'api-key', 'key-0']));
  for (const name of ['content-type', 'content-length', 'if-match', 'client-key', 'accept-encoding']) {
    expect(headers).not.toContain(name);
  }
  expect([request!.method, request!.body.toString()]).toEqual(['POST', '{"assistant_id":"asst_1"}']);
  expect(backends[1].requests).toHaveLength(0);
});

test('the gateway’s own question gives its slot back, and leaves no attempt in the log', async () => {
  const scene = await startScene([{}, {}]);
  const id = await makeResponse(scene.mocks[0]!, { 'api-key': 'key-a' });
  await (await post(scene, `${responses}/${id}/cancel`, {})).text();
  const { attempts } = await scene.log.request();
  expect(attempts).toEqual([expect.objectContaining({ backend: 'a' })]);
  expect(linesOf(scene)[0]!.slice(1)).toEqual([`GET ${responses}/${id}`, `POST ${responses}/${id}/cancel`]);
  const inFlight = scene.gateway.snapshots('').map(({ inFlight }) => inFlight);
  expect(inFlight).toEqual([0, 0]);
});

test('a DELETE goes to the owner, and is forgotten: what is deleted is not there any more', async () => {
  const scene = await startScene([{ script: '1x throttle(retry-after-ms=1)' }, {}]);
  const id = await makeResponse(scene);
  const deleted = await send(scene, 'DELETE', `${responses}/${id}`);
  expect([deleted.status, backendOf(deleted)]).toEqual([200, 'b']);
  await deleted.text();
  // Its owner is unknown, so all backends are asked.
  expect((await send(scene, 'GET', `${responses}/${id}`)).status).toBe(404);
  expect(callsOf(scene)).toEqual([2, 3]);
});

test('a DELETE of an object whose owner is not known finds it first', async () => {
  const scene = await startScene([{}, {}], { allowBackendPin: true });
  const id = await makeResponse(scene, { 'x-spillway-backend': 'b' });
  const forgetful = await startGatewayFor(
    scene.mocks.map(({ url, name }, index) => ({ name, url, apiKey: `key-${name}`, priority: index })),
  );
  const deleted = await send(forgetful, 'DELETE', `${responses}/${id}`);
  expect([deleted.status, backendOf(deleted)]).toEqual([200, 'b']);
  expect(linesOf(scene)[0]).toEqual([`GET ${responses}/${id}`]);
});

test('a DELETE is not sent to another when the owner broke off', async () => {
  const scene = await startScene([{}, {}]);
  const id = await makeResponse(scene);
  scene.mocks[0]!.setScript('reset');
  const deleted = await send(scene, 'DELETE', `${responses}/${id}`);
  expect([deleted.status, deleted.headers.get('x-should-retry')]).toEqual([502, 'false']);
  expect(callsOf(scene)).toEqual([2, 0]);
});

test('what is remembered is bounded: the object that nothing was heard of for longest is forgotten', async () => {
  const scene = await startScene([{ script: '1x throttle(retry-after-ms=1)' }, {}], {
    ownership: { maxEntries: 2 },
  });
  const id = await makeResponse(scene);
  expect(backendOf(await send(scene, 'GET', `${responses}/${id}`))).toBe('b');
  // A response is remembered with its content.
  await makeResponse(scene);
  const found = await send(scene, 'GET', `${responses}/${id}`);
  expect([backendOf(found), found.headers.get('x-spillway-attempts')]).toEqual(['b', '2']);
});

test('what is remembered is forgotten when it turns out to be wrong, and then found elsewhere', async () => {
  const scene = await startScene([{}, {}]);
  const id = await makeResponse(scene);
  scene.mocks[0]!.reset();
  expect((await send(scene, 'GET', `${responses}/${id}`)).status).toBe(404);
  expect(callsOf(scene)).toEqual([1, 0]);
  expect((await send(scene, 'GET', `${responses}/${id}`)).status).toBe(404);
  expect(callsOf(scene)).toEqual([2, 1]);
});

test('what is remembered leaves packed answers as they are', async () => {
  const packed = gzipSync(JSON.stringify({ id: 'resp_packed', object: 'response' }));
  const { url } = await startHttpBackend((_req, res) => {
    res.setHeader('content-type', 'application/json').setHeader('content-encoding', 'gzip').end(packed);
  });
  const gateway = await startGatewayFor([
    { name: 'packed', url, apiKey: 'x', priority: 0 },
    { name: 'other', url, apiKey: 'x', priority: 1 },
  ]);
  const body = JSON.stringify(made);
  const head = ['Connection: close', 'Content-Type: application/json'];
  const answer = await exchangeRaw(gateway, rawRequest('POST', responses, head, body));
  expect(Buffer.from(answer.body, 'latin1').equals(packed)).toBe(true);
});

test('what is remembered does not include a response that is not stored', async () => {
  const scene = await startScene([{}, {}]);
  const response = await post(scene, responses, { ...made, store: false });
  const { id } = (await response.json()) as { id: string };
  expect((await send(scene, 'GET', `${responses}/${id}`)).status).toBe(404);
  expect(callsOf(scene)).toEqual([2, 1]);
});

test.each([
  [
    chatPath,
    { messages: [{ role: 'user', content: 'Hi' }], file_id: 'file-1', previous_response_id: 'resp_1' },
  ],
  ['/openai/v1/chat/completions', { model: 'gpt-4o', messages: [], metadata: {}, conversation: 'conv_1' }],
  ['/openai/v1/embeddings', { model: 'e', input: 'x', input_file_id: 'file-1' }],
])('a plain model call pays nothing for stored objects: %s', async (path, body) => {
  const scene = await startScene([{ script: 'throttle' }, {}]);
  const response = await post(scene, path, body);
  expect(backendOf(response)).toBe('b');
  expect(linesOf(scene)).toEqual([[`POST ${path}`], [`POST ${path}`]]);
});

test('the header x-spillway-backend is ignored and not passed on unless it is switched on', async () => {
  const scene = await startScene([{}, {}]);
  for (const name of ['b', 'nobody']) {
    expect(backendOf(await post(scene, undefined, undefined, pin(name)))).toBe('a');
  }
  expect(scene.mocks[0]!.requests.map(({ headers }) => headers['x-spillway-backend'])).toEqual([
    undefined,
    undefined,
  ]);
});

test('the header x-spillway-backend chooses the backend, and is not passed on', async () => {
  const scene = await startScene([{}, {}], { allowBackendPin: true });
  expect(backendOf(await post(scene, undefined, undefined, pin('b')))).toBe('b');
  expect(backendOf(await post(scene))).toBe('a');
  expect(scene.mocks[1]!.requests[0]!.headers['x-spillway-backend']).toBeUndefined();
});

test('the header x-spillway-backend is kept to when that backend is throttled', async () => {
  const scene = await startScene([{}, { script: 'throttle(retry-after=7)' }], { allowBackendPin: true });
  const response = await post(scene, undefined, undefined, pin('b'));
  expect([response.status, response.headers.get('retry-after')]).toEqual([429, '7']);
  expect(callsOf(scene)).toEqual([0, 1]);
});

test('the header x-spillway-backend wins over what is known of an object, which stays known', async () => {
  const scene = await startScene([{}, {}], { allowBackendPin: true });
  const id = await makeResponse(scene);
  const missing = await send(scene, 'GET', `${responses}/${id}`, pin('b').headers);
  expect([missing.status, backendOf(missing)]).toEqual([404, 'b']);
  await missing.text();
  const found = await send(scene, 'GET', `${responses}/${id}`);
  expect([found.status, found.headers.get('x-spillway-attempts')]).toEqual([200, '1']);
});

test('the header x-spillway-backend must name a backend: the error names all there are', async () => {
  const scene = await startScene([{}, {}], { allowBackendPin: true });
  const response = await post(scene, undefined, undefined, pin('c'));
  expect(await errorOf(response)).toEqual({
    status: 400,
    code: 'BadRequest',
    message: 'The header x-spillway-backend must name one of a, b.',
  });
  expect(callsOf(scene)).toEqual([0, 0]);
});
