import { expect, test } from 'vitest';
import { makeKey, sha256 } from '../../src/client/keys.ts';
import { refusedSession } from '../testing/open-session.ts';
import { exchangeRaw, rawRequest } from '../testing/raw-client.ts';
import { startHttpBackend } from '../testing/start-backend.ts';
import { startGatewayFor } from '../testing/start-scene.ts';

const KEYS = { a: makeKey(), b: makeKey(), operator: makeKey() };
const clients = (['a', 'b', 'operator'] as const).map((name) => ({
  name,
  keys: [{ sha256: sha256(KEYS[name]) }],
  allObjects: name === 'operator',
}));

/**
 * Starts a gateway in front of a backend that has one file and one response, both created by `a`, and accepts every
 * request.
 */
async function startOwned() {
  const asked: string[] = [];
  const list = JSON.stringify({
    object: 'list',
    data: [{ id: 'file-a1' }, { id: 'resp_a1' }],
    has_more: false,
  });
  const { url } = await startHttpBackend(
    (req, res) => {
      req.resume();
      asked.push(`${req.method} ${req.url}`);
      res.writeHead(200, { 'content-type': 'application/json' });
      res.end(req.headers['x-made'] === undefined ? list : `{"id":"${String(req.headers['x-made'])}"}`);
    },
    (req, socket) => {
      asked.push(`upgrade ${req.url}`);
      const head = `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${list.length}`;
      socket.end(`${head}\r\nConnection: close\r\n\r\n${list}`);
    },
  );
  const scene = await startGatewayFor([{ name: 'x', url, apiKey: 'k' }], { clients });
  for (const [path, id] of [
    ['files', 'file-a1'],
    ['responses', 'resp_a1'],
    ['realtime/calls', 'rtc_a1'],
  ])
    await fetch(`${scene.url}/openai/v1/${path}`, {
      method: 'POST',
      headers: { 'api-key': KEYS.a, 'content-type': 'application/json', 'x-made': String(id) },
      body: '{"model":"gpt-4o"}',
    });
  asked.length = 0;
  return { scene, asked };
}

const JSON_TYPE = 'application/json';
const continued = (key = 'previous_response_id') => `{"model":"gpt-4o","${key}":"resp_a1","input":"x"}`;

test.each<[string, string, string, (string | undefined)?, (string | undefined)?]>([
  ['a slash that is escaped', 'DELETE', '/openai/v1/files%2Ffile-a1'],
  ['a slash that is escaped, to read', 'GET', '/openai/v1/files%2ffile-a1%2fcontent'],
  ['a backslash', 'DELETE', '/openai/v1/files\\file-a1'],
  ['a backslash that is escaped', 'DELETE', '/openai/v1/files%5Cfile-a1'],
  ['an operation behind it', 'POST', '/openai/v1/responses%2Fresp_a1%2Fcancel', '{}', JSON_TYPE],
  ['a path of a deployment', 'GET', '/openai/deployments/gpt-4o/files/file-a1'],
  ['a form that is none', 'POST', '/openai/v1/responses', continued(), 'multipart/form-data; boundary=x'],
  ['bytes that are none', 'POST', '/openai/v1/responses', ` ${continued()}`, 'application/octet-stream'],
  [
    'an offer that is none',
    'POST',
    '/openai/v1/responses',
    `\u00ef\u00bb\u00bf${continued()}`,
    'application/sdp',
  ],
  ['far behind spaces', 'POST', '/openai/v1/responses', `${' '.repeat(99)}${continued()}`, 'application/sdp'],
  ['no type', 'POST', '/openai/v1/responses', continued()],
  ['a key in capitals', 'POST', '/openai/v1/responses', continued('Previous_Response_ID'), JSON_TYPE],
  ['an escaped key', 'POST', '/openai/v1/responses', continued('previous\\u005fresponse_id'), JSON_TYPE],
  [
    'two values',
    'POST',
    '/openai/v1/responses',
    `{"previous_response_id":"resp_b1",${continued().slice(1)}`,
    JSON_TYPE,
  ],
  ['a call', 'POST', '/openai/v1/realtime/calls?model=m&call%5Fid=rtc_a1', 'v=0', 'application/sdp'],
  ['a page of a list, in capitals', 'GET', '/openai/v1/files?AFTER=file-a1'],
  ['a page of a list before it', 'GET', '/openai/v1/messages/batches?before_id=file-a1'],
  ['the length of a list', 'HEAD', '/openai/v1/files'],
])('%s leads to no object of another client', async (_, method, target, body = '', type) => {
  const { scene, asked } = await startOwned();
  const headers = [
    'Connection: close',
    `api-key: ${KEYS.b}`,
    ...(type === undefined ? [] : [`Content-Type: ${type}`]),
  ];
  const { status } = await exchangeRaw(scene, rawRequest(method, target, headers, body));
  expect([status, asked]).toEqual([404, []]);
});

test.each([
  '/openai/v1/files',
  '/openai/v1/files/file-a1',
  '/openai/v1/responses/resp_a1',
  '/openai/v1/realtime?model=gpt-realtime&call_id=rtc_a1',
  '/openai/v1/realtime?model=gpt-realtime&call%5Fid=rtc_a1',
  '/openai/v1/realtime?model=gpt-realtime&CALL_ID=rtc_a1',
])('an upgrade leads to no object of another client: %s', async (path) => {
  const { scene, asked } = await startOwned();
  const { response, body } = await refusedSession(scene, path, { headers: { 'api-key': KEYS.b } });
  expect([response.statusCode, asked, body.includes('_a1')]).toEqual([404, [], false]);
});

test('whoever has made an object reaches it in each of these ways that a backend may know', async () => {
  const { scene, asked } = await startOwned();
  const headers = ['Connection: close', `api-key: ${KEYS.a}`, `Content-Type: ${JSON_TYPE}`];
  await exchangeRaw(scene, rawRequest('DELETE', '/openai/v1/files%2Ffile-a1', headers));
  await exchangeRaw(scene, rawRequest('POST', '/openai/v1/responses', headers, continued()));
  expect(asked).toEqual(['DELETE /openai/v1/files%2ffile-a1', 'POST /openai/v1/responses']);
});

test('one who guesses cannot tell what others have from what nobody has', async () => {
  const { scene, asked } = await startOwned();
  const answerTo = async (method: string, target: string, body = '') => {
    const headers = ['Connection: close', `api-key: ${KEYS.b}`, `Content-Type: ${JSON_TYPE}`];
    const answer = await exchangeRaw(scene, rawRequest(method, target, headers, body));
    const lasting = answer.headers.filter((header) => !/^(?:date|[\w-]*request-id):/i.test(header));
    return [answer.status, lasting, answer.body.replaceAll(/\d/g, '')];
  };
  for (const method of ['GET', 'HEAD', 'DELETE', 'POST', 'PATCH', 'PUT', 'OPTIONS'])
    for (const collection of ['files', 'responses', 'threads'])
      expect(await answerTo(method, `/openai/v1/${collection}/file-a1`)).toEqual(
        await answerTo(method, `/openai/v1/${collection}/file-z1`),
      );
  expect(await answerTo('POST', '/openai/v1/responses', continued())).toEqual(
    await answerTo('POST', '/openai/v1/responses', continued().replace('resp_a1', 'resp_z1')),
  );
  expect(asked).toEqual([]);
});

test.each([
  ['file', 'files/assistant-Ab12345678901234567890'],
  ['chat', 'chat/completions/chatcmpl-Ab12345678901234567890'],
  ['batch', 'batches/batch_f508bcf2-e651-4b4b-85a7-58ad77981ffa'],
  ['operation', 'operations/images/f508bcf2-e651-4b4b-85a7-58ad77981ffa'],
])(
  'an agent with the id of an object (%s) that nobody is known to have does not open it',
  async (_, path) => {
    const { scene, asked } = await startOwned();
    const headers = { 'api-key': KEYS.b, 'content-type': JSON_TYPE };
    const made = { 'x-made': path.split('/').at(-1) ?? '' };
    const agents = `${scene.url}/api/projects/p/agents`;
    await fetch(agents, { method: 'POST', headers: { ...headers, ...made }, body: '{}' });
    const { status } = await fetch(`${scene.url}/openai/v1/${path}`, { headers });
    expect([status, asked]).toEqual([404, ['POST /api/projects/p/agents']]);
  },
);

test('a response of an agent is its client’s, whatever its id', async () => {
  const { scene } = await startOwned();
  const headers = { 'api-key': KEYS.b, 'content-type': JSON_TYPE };
  const made = (id: string) => ({
    method: 'POST',
    headers: { ...headers, 'x-made': id },
    body: '{"input":"x"}',
  });
  await fetch(`${scene.url}/api/projects/p/agents`, made('my-agent'));
  const id = 'resp_0123456789abcdef0123456789';
  await fetch(`${scene.url}/api/projects/p/agents/my-agent/endpoint/protocols/openai/responses`, made(id));
  const { status } = await fetch(`${scene.url}/api/projects/p/openai/v1/responses/${id}`, { headers });
  expect(status).toBe(200);
});

test.each([
  'agents/versions',
  'agents\\versions',
  'agents%2Fversions',
  'agents%5cversions',
  'x\\agents\\versions',
])(
  'an agent that is called like an operation stays closed to others, however its path is written: %s',
  async (path) => {
    const { scene, asked } = await startOwned();
    const project = '/api/projects/p';
    await fetch(`${scene.url}${project}/agents`, {
      method: 'POST',
      headers: { 'api-key': KEYS.a, 'content-type': JSON_TYPE, 'x-made': 'versions' },
      body: '{}',
    });
    asked.length = 0;
    const raw = rawRequest('DELETE', `${project}/${path}`, [`api-key: ${KEYS.b}`, 'Connection: close']);
    expect((await exchangeRaw(scene, raw)).status).toBe(404);
    expect(asked).toEqual([]);
  },
);
