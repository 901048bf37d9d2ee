import { once } from 'node:events';
import { get } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { startMock } from '../src/start-mock.ts';
import { openSession, previewPath, refusedSession, v1Path } from './testing/session.ts';
import type { IncomingMessage } from 'node:http';
import type { Mock } from '../src/mock.ts';
import type { MockOptions } from '../src/options/options.ts';

let mock: Mock;

async function start(options: MockOptions = {}): Promise<Mock> {
  mock = await startMock({ name: 'eastus', ...options });
  return mock;
}

afterEach(async () => {
  await mock.stop();
});

const key = 'f00dfeed';

test.each([
  ['the header api-key', previewPath, { headers: { 'api-key': key } }],
  ['a bearer', v1Path, { headers: { authorization: `Bearer ${key}` } }],
  ['the query', `${v1Path}&api-key=${key}`, {}],
])('the mock takes the key in %s, and does not record it', async (_, path, options) => {
  await start({ apiKey: key });
  const session = await openSession(mock, path, options);
  expect(await session.nextEvent()).toMatchObject({ type: 'session.created' });
  expect(mock.requests).toHaveLength(1);
  expect(JSON.stringify(mock.requests)).not.toContain(key);
  expect(mock.requests[0]?.path).toContain('/realtime?');
});

test('the mock answers a wrong key with 401, byte for byte as any request', async () => {
  await start({ apiKey: key });
  const { response, body } = await refusedSession(mock, previewPath, { headers: { 'api-key': 'wrong' } });
  expect(response.statusCode).toBe(401);
  expect(response.statusMessage).toBe('PermissionDenied');
  expect(response.headers['content-length']).toBe('224');
  expect(JSON.parse(body)).toMatchObject({ error: { code: '401' } });
});

test.each([
  ['an unknown deployment', '/openai/v1/realtime?model=other', 404, 'DeploymentNotFound'],
  ['no api-version on the classic path', '/openai/realtime?deployment=gpt-realtime', 404, '404'],
  ['a path that there is not', '/openai/v1/real-time?model=gpt-realtime', 404, '404'],
  ['no deployment', '/openai/v1/realtime', 400, null],
])('the mock answers %s with an error', async (_, path, status, code) => {
  await start({ deployments: ['gpt-realtime'] });
  const { response, body } = await refusedSession(mock, path);
  expect(response.statusCode).toBe(status);
  expect(JSON.parse(body)).toMatchObject({ error: { code } });
  await mock.idle();
  expect(mock.requests[0]).toMatchObject({ status, ending: 'answered', session: undefined });
});

test.each([
  ['no key', { 'sec-websocket-version': '13' }, 'Missing or invalid Sec-WebSocket-Key header'],
  [
    'an old version',
    { 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==', 'sec-websocket-version': '7' },
    'Missing or invalid Sec-WebSocket-Version header',
  ],
])('the mock answers a handshake with %s with 400, and records that', async (_, fields, message) => {
  await start();
  const headers = { connection: 'Upgrade', upgrade: 'websocket', ...fields };
  const [response] = (await once(get(mock.url + v1Path, { headers }), 'response')) as [IncomingMessage];
  const body: unknown = JSON.parse((await response.toArray()).join(''));
  expect(response.statusCode).toBe(400);
  expect(body).toMatchObject({ error: { message, type: 'invalid_request_error' } });
  await mock.idle();
  expect(mock.requests).toMatchObject([{ status: 400, ending: 'answered' }]);
});

test('the mock throttles the upgrade as the script says, then accepts the next', async () => {
  await start({ script: '1x throttle(retry-after=7, retry-after-ms=6500)' });
  const { response, body } = await refusedSession(mock);
  expect(response.statusCode).toBe(429);
  expect(response.headers).toMatchObject({ 'retry-after': '7', 'retry-after-ms': '6500' });
  expect(JSON.parse(body).error.message).toContain(
    'Realtime_Create Operation under Azure OpenAI API version 2025-04-01-preview',
  );
  await openSession(mock);
});

test('the mock admits as many upgrades as the quota allows', async () => {
  await start({ quota: 'gpt-realtime=standard(rpm=6)' });
  await openSession(mock, v1Path);
  const { response, body } = await refusedSession(mock, v1Path);
  expect(response.statusCode).toBe(429);
  expect(Number(response.headers['retry-after'])).toBeGreaterThan(0);
  expect(JSON.parse(body)).toMatchObject({ error: { code: '429' } });
  expect(mock.quota.deployments['gpt-realtime']).toMatchObject({ admitted: 1, refused: 1 });
  expect(mock.requests).toMatchObject([
    { charge: { deployment: 'gpt-realtime', isAdmitted: true, tokens: 0 } },
    { charge: { deployment: 'gpt-realtime', isAdmitted: false, refusedBy: 'requests', tokens: 0 } },
  ]);
});

test('the mock answers the upgrade with a status that the script says', async () => {
  await start({ script: 'status(503)' });
  const { response, body } = await refusedSession(mock);
  expect(response.statusCode).toBe(503);
  expect(JSON.parse(body)).toMatchObject({ error: { code: 'ServiceUnavailable' } });
});

test('the mock resets the upgrade when the script says so', async () => {
  await start({ script: 'reset' });
  const socket = new WebSocket(mock.url.replace('http', 'ws') + previewPath);
  const [error] = (await once(socket, 'error')) as [Error & { code?: string }];
  expect(error.code).toBe('ECONNRESET');
  await mock.idle();
  expect(mock.requests[0]?.ending).toBe('cut');
});

test('the mock hangs when the script says so, and notices when the client leaves', async () => {
  await start({ script: 'hang' });
  const received = mock.nextRequest();
  const socket = new WebSocket(mock.url.replace('http', 'ws') + previewPath);
  socket.on('error', () => {});
  const request = await received;
  expect(request.ending).toBe('open');
  socket.terminate();
  expect(await request.ended).toBe('aborted');
  expect(request.status).toBeUndefined();
});

test.each([
  ['truncate(after-chunks=1)', 1000, 'answered'],
  [[{ kind: 'truncate', afterChunks: 1, isAbrupt: true }], 1006, 'cut'],
  ['reset(after-chunks=1)', 1006, 'cut'],
] as const)('%j ends a session after its greeting', async (script, code, ending) => {
  await start({ script });
  const session = await openSession(mock);
  session.socket.on('error', () => {});
  expect((await session.closed).code).toBe(code);
  expect(await mock.requests[0]?.ended).toBe(ending);
  expect(mock.requests[0]).toMatchObject({ status: 101, session: { framesSent: 1 } });
});

test('the mock records the frames of a session and the code that the client closes it with', async () => {
  await start();
  const session = await openSession(mock);
  await session.nextEvent();
  session.send({ type: 'input_audio_buffer.clear' });
  await session.nextEvent();
  session.socket.close(4001, 'done');
  expect(await session.closed).toEqual({ code: 4001, reason: 'done' });
  expect(await mock.requests[0]?.ended).toBe('answered');
  expect(mock.requests[0]?.session).toEqual({ framesReceived: 1, framesSent: 2, closeCode: 4001 });
  const recorded = (await (await fetch(`${mock.controlUrl}/requests`)).json()) as unknown[];
  expect(recorded[0]).toMatchObject({ method: 'GET', status: 101, session: { framesReceived: 1 } });
});

test('the mock notices when a client vanishes without a close', async () => {
  await start();
  const session = await openSession(mock);
  session.socket.terminate();
  expect(await mock.requests[0]?.ended).toBe('aborted');
});

test('the mock closes sessions with the code that a test asks for', async () => {
  await start();
  const session = await openSession(mock);
  mock.closeSessions({ code: 1011, reason: 'internal error' });
  expect(await session.closed).toEqual({ code: 1011, reason: 'internal error' });
  expect(() => mock.closeSessions({ code: 1006 })).toThrow('closing.code: 1006 is not a close code');
});

test('the mock closes sessions through the control endpoint, and names all that is wrong with a closing', async () => {
  await start();
  const session = await openSession(mock);
  const close = (body: string) => fetch(`${mock.controlUrl}/sessions/close`, { method: 'POST', body });
  const wrong = await close('{"code":2,"reason":5,"now":true}');
  expect(wrong.status).toBe(400);
  expect(((await wrong.json()) as { error: { details: string[] } }).error.details).toEqual([
    expect.stringContaining('closing.code: 2 is not'),
    expect.stringContaining('closing.reason: 5 is not'),
    expect.stringContaining('closing.now: a closing has no such field'),
  ]);
  expect((await close('')).status).toBe(200);
  expect((await session.closed).code).toBe(1001);
});

test.each([
  ['a reset', () => mock.reset()],
  ['a stop', () => void mock.stop()],
])('%s of the mock ends all its sessions', async (_, end) => {
  await start();
  const sessions = await Promise.all([openSession(mock), openSession(mock, v1Path)]);
  end();
  for (const session of sessions) expect((await session.closed).code).toBe(1001);
});

test('the mock answers an upgrade that is not to a WebSocket as the request that it is', async () => {
  await start();
  // As Java's client asks every server.
  const headers = { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'AAMAAABk' };
  const [response] = (await once(get(`${mock.url}/openai/v1/models`, { headers }), 'response')) as [
    IncomingMessage,
  ];
  response.resume();
  expect(response.statusCode).toBe(200);
});
