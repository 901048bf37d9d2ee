import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { writeAdmin } from '../testing/ask-admin.ts';
import { freePort } from '../testing/free-port.ts';
import { post, streamBody } from '../testing/post.ts';
import { connectRaw, exchangeRaw, rawRequest } from '../testing/raw-client.ts';
import { startCannedBackend, startHttpBackend } from '../testing/start-backend.ts';
import { startGatewayFor, startScene } from '../testing/start-scene.ts';

test('a request’s log line says who served it, every attempt, how much and how long', async () => {
  const scene = await startScene([{ script: 'throttle' }, { script: 'status(500)' }, {}]);
  const response = await post(scene);
  const body = await response.text();
  const line = await scene.log.request();
  const ms = expect.any(Number);
  expect(line).toEqual({
    level: 30,
    time: expect.any(Number),
    msg: 'request',
    id: response.headers.get('x-spillway-request-id'),
    status: 200,
    ending: 'complete',
    method: 'POST',
    operation: 'chat/completions',
    deployment: 'gpt-4o',
    backend: 'c',
    spill: { from: 1, cause: 'throttled' },
    attempts: [
      { backend: 'a', outcome: 'throttled', status: 429, ms },
      { backend: 'b', outcome: 'unavailable', status: 500, ms },
      { backend: 'c', outcome: 'succeeded', status: 200, ms },
    ],
    estimate: { promptTokens: 2, outputTokens: 16 },
    usage: { promptTokens: 8, outputTokens: 16, cachedTokens: 0 },
    requestBytes: 48,
    responseBytes: Buffer.byteLength(body),
    firstByteMs: ms,
    totalMs: ms,
  });
  expect(line['totalMs']).toBeGreaterThanOrEqual(line['firstByteMs'] as number);
});

test('the log line of a request that no backend served has the bytes of the error that its client got', async () => {
  const scene = await startScene([{ script: 'throttle' }]);
  const response = await post(scene);
  const bytes = Buffer.byteLength(await response.text());
  expect(await scene.log.request()).toMatchObject({ status: 429, responseBytes: bytes });
});

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const traced = (traceparent: string) => ({ headers: { traceparent } });

test('a request’s log line has the id of its client’s trace, refused requests’ too, and no id that is malformed', async () => {
  const scene = await startScene([{}], { limits: { bodyBytes: 100 } });
  await post(scene, undefined, undefined, traced(`00-${TRACE}-00f067aa0ba902b7-01`));
  await post(scene, undefined, { large: 'x'.repeat(200) }, traced(`00-${TRACE}-00f067aa0ba902b7-00`));
  await post(scene, undefined, undefined, traced(`00-${TRACE}-SECRET`));
  await scene.log.request(3);
  expect(scene.log.requests.map(({ traceId }) => traceId)).toEqual([TRACE, TRACE, undefined]);
  expect(scene.log.text).not.toContain('SECRET');
});

test('plain successes may be sampled, and whatever was refused or rejected still has its line', async () => {
  const scene = await startScene([{ script: '8x ok, status(400)' }], { logSuccesses: 0.25 });
  for (let sent = 0; sent < 9; sent++) await (await post(scene)).text();
  await post(scene, '/nowhere');
  await scene.gateway.stop();
  expect(scene.log.requests.map(({ status }) => status)).toEqual([200, 200, 400, 404]);
  expect(scene.log.requests.map(({ share }) => share)).toEqual([0.25, 0.25, undefined, undefined]);
});

test('plain successes have no line, not even the first, where none is to be logged', async () => {
  const scene = await startScene([{ script: '3x ok, status(400)' }], { logSuccesses: 0 });
  for (let sent = 0; sent < 4; sent++) await (await post(scene)).text();
  await scene.gateway.stop();
  expect(scene.log.requests.map(({ status }) => status)).toEqual([400]);
});

test('successes that took another attempt, or spilled, have their line though plain ones have none', async () => {
  const scene = await startScene([{ script: 'throttle(retry-after=60)' }, {}], { logSuccesses: 0 });
  for (let sent = 0; sent < 2; sent++) await (await post(scene)).text();
  await scene.gateway.stop();
  const spill = { from: 1, cause: 'throttled' };
  expect(scene.log.requests).toMatchObject([
    { status: 200, backend: 'b', spill, attempts: [{ backend: 'a' }, { backend: 'b' }] },
    { status: 200, backend: 'b', spill, attempts: [{ backend: 'b' }] },
  ]);
});

test('a backend that is throttled, probed and recovers has a line for each, with the cause and how long it took', async () => {
  const scene = await startScene([{ script: '1x throttle(retry-after=60)' }]);
  await post(scene);
  await writeAdmin(scene, '/admin/backends/a/clear-cooldown');
  for (let sent = 0; sent < 5; sent++) await (await post(scene)).text();
  await scene.log.line('backend state', 3);
  const common = { msg: 'backend state', level: 30, backend: 'a', deployment: 'gpt-4o' };
  expect(scene.log.lines.filter(({ msg }) => msg === 'backend state')).toMatchObject([
    { ...common, event: 'cooled', reason: 'throttled', why: '429', durationMs: 60_000 },
    { ...common, event: 'probing', downMs: expect.any(Number) },
    { ...common, event: 'recovered', downMs: expect.any(Number) },
  ]);
});

test('a backend that cannot be reached is a warning, and what an operator does has a line too', async () => {
  const gateway = await startGatewayFor([
    { name: 'a', url: `http://127.0.0.1:${await freePort()}`, apiKey: 'key' },
  ]);
  await post(gateway);
  expect(await gateway.log.line('backend state')).toMatchObject({
    level: 40,
    event: 'cooled',
    backend: 'a',
    reason: 'failing',
    why: 'connection refused',
  });
  await writeAdmin(gateway, '/admin/backends/a/drain');
  expect(await gateway.log.line('an operator acted')).toMatchObject({ action: 'drain', backend: 'a' });
});

test('a request’s log line says what its answer has taken', async () => {
  const scene = await startScene([{}]);
  const { usage } = (await (await post(scene)).json()) as { usage: Record<string, number> };
  expect((await scene.log.request())['usage']).toEqual({
    promptTokens: usage['prompt_tokens'],
    outputTokens: usage['completion_tokens'],
    cachedTokens: 0,
  });
});

test('a request’s log line is JSON whatever numbers a backend says it has taken', async () => {
  const answer =
    '{"usage":{"prompt_tokens":9,"completion_tokens":3,"prompt_tokens_details":{"cached_tokens":1e999}}}';
  const backend = await startCannedBackend(
    `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${answer.length}\r\n\r\n${answer}`,
  );
  const gateway = await startGatewayFor([{ url: backend.url, apiKey: 'key' }]);
  await (await post(gateway)).text();
  expect((await gateway.log.request())['usage']).toEqual({
    promptTokens: 9,
    outputTokens: 3,
    cachedTokens: null,
  });
});

test('a request’s log line comes once for each request, refused ones too', async () => {
  const scene = await startScene([{}]);
  await post(scene);
  await post(scene, '/nowhere');
  await post(scene, '/openai/deployments/%ff/chat/completions');
  await post(scene);
  await scene.log.request(4);
  expect(scene.log.requests.map(({ status }) => status)).toEqual([200, 404, 400, 200]);
  const reasons = scene.log.requests.map((line) => line['refused']);
  expect(reasons).toEqual([undefined, 'not-found', 'bad-request', undefined]);
  expect(new Set(scene.log.requests.map(({ id }) => id)).size).toBe(4);
});

test('a request’s log line comes when a stream ends, not when it begins', async () => {
  const answering = Promise.withResolvers<ServerResponse>();
  const backend = await startHttpBackend((_, res) => {
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    res.write('data: {"choices":[{"delta":{"content":"Hello"}}]}\n\n');
    answering.resolve(res);
  });
  const gateway = await startGatewayFor([{ url: backend.url, apiKey: 'key' }]);
  const response = await post(gateway, undefined, streamBody);
  expect(gateway.log.requests).toEqual([]);
  (await answering.promise).end('data: [DONE]\n\n');
  await response.text();
  expect(await gateway.log.request()).toMatchObject({ status: 200, ending: 'complete' });
});

test('a request’s log line is not written below its level', async () => {
  const scene = await startScene([{}], { logLevel: 'warn' });
  await (await post(scene)).text();
  await scene.gateway.stop();
  expect(scene.log.text).toBe('');
});

test('a request’s log line is not written for the health pages', async () => {
  const scene = await startScene([{}]);
  await fetch(`${scene.url}/healthz`);
  await fetch(`${scene.url}/readyz`);
  await scene.gateway.stop();
  expect(scene.log.requests).toEqual([]);
});

const secrets = {
  clientKey: 'client-key-SECRET1',
  clientToken: 'client-token-SECRET2',
  backendKey: 'backend-key-SECRET3',
  prompt: 'prompt-SECRET4',
  query: 'query-SECRET5',
  header: 'header-SECRET6',
  answer: 'answer-SECRET7',
};
const path = `/openai/deployments/gpt-4o/chat/completions?api-version=1&api-key=${secrets.query}`;
const headers = { 'api-key': secrets.clientKey, 'x-mine': secrets.header };
const body = { messages: [{ role: 'user', content: secrets.prompt }], user: secrets.prompt };

test.each([
  ['success', `status(200, body=${secrets.answer})`],
  ['throttling', `throttle(header.x-note=${secrets.answer})`],
  ['a failure', `status(500, body=${secrets.answer})`],
  ['a refused key', 'status(401)'],
  ['a rejected prompt', `status(400, body=${secrets.answer})`],
  ['a redirect', `status(302, header.location=https://x/?key=${secrets.answer})`],
  ['a reset', 'reset'],
  ['a reset in the middle', 'reset(after-bytes=5)'],
  ['silence', 'hang'],
])('no key, token, prompt, query or header value is in the log after %s', async (_, script) => {
  const mock = { script, apiKey: secrets.backendKey, backend: { apiKey: secrets.backendKey } };
  const scene = await startScene([mock], { timeouts: { overallMs: 100 }, logLevel: 'debug' });
  const response = await post(scene, path, body, { headers, redirect: 'manual' });
  await response.text().catch(() => {});
  await scene.log.request();
  expect(scene.log.text).not.toContain('SECRET');
  expect(JSON.stringify([...response.headers])).not.toContain(secrets.backendKey);
});

test('no key, token, prompt, query or header value is in the log when the request is refused, or its client leaves', async () => {
  const scene = await startScene([{ script: 'hang' }], { limits: { bodyBytes: 100 }, logLevel: 'debug' });
  const secretHeaders = [`api-key: ${secrets.clientKey}`, `Authorization: Bearer ${secrets.clientToken}`];
  const close = [...secretHeaders, 'Connection: close'];
  for (const bytes of [
    rawRequest('POST', path, close, JSON.stringify(body).repeat(10)),
    rawRequest('POST', `/nowhere/${secrets.prompt}?${secrets.query}`, close, '{}'),
    rawRequest('GET', `/openai/deployments/%ff${secrets.prompt}/x?${secrets.query}`, close),
    rawRequest('TRACE', path, close),
    rawRequest('GET', path, [...close, `bad header: ${secrets.header}`]),
    `${secrets.prompt}\r\n\r\n`,
  ])
    await exchangeRaw(scene, bytes);
  const arrived = scene.mocks[0]!.nextRequest();
  const client = await connectRaw(scene);
  client.send(rawRequest('POST', path, secretHeaders, '{}'));
  await arrived;
  client.socket.destroy();
  await scene.mocks[0]!.idle();
  await scene.gateway.stop();
  expect(scene.log.requests.length).toBeGreaterThanOrEqual(5);
  expect(scene.log.text).not.toContain('SECRET');
});

test.each([
  `chat/completions%3Fapi-version=1&api-key=${secrets.query}`,
  `realtime%3fmodel=gpt-4o&api-key=${secrets.query}`,
  `responses/resp_1;api-key=${secrets.query}`,
  `responses/resp_1&api-key=${secrets.query}`,
])('no query is in the log when a client has taken it for a part of the path: %s', async (mistaken) => {
  const scene = await startScene([{ script: 'status(404)' }]);
  await (await post(scene, `/openai/v1/${mistaken}`)).text();
  const { operation } = await scene.log.request();
  expect(operation).toBe(`${mistaken.split(/[%;&]/)[0]}…`);
  expect(scene.log.text).not.toContain('SECRET');
});

test('no query is in the log when a client has taken it for a part of the deployment', async () => {
  const scene = await startScene([{ script: 'status(404)' }]);
  const path = `/openai/deployments/gpt-4o%3Fapi-key=${secrets.query}/chat/completions`;
  await (await post(scene, path)).text();
  expect(await scene.log.request()).toMatchObject({ deployment: 'gpt-4o…', operation: 'chat/completions' });
  expect(scene.log.text).not.toContain('SECRET');
});

test('no key, token, prompt, query or header value is in the log when the backend answers nonsense', async () => {
  const backend = await startCannedBackend(`HTTP/1.1 abc ${secrets.answer}\r\n${secrets.answer}\r\n\r\n`);
  const gateway = await startGatewayFor([{ name: 'a', url: backend.url, apiKey: secrets.backendKey }]);
  const response = await post(gateway, path, body, { headers });
  expect(response.status).toBe(503);
  expect(await response.text()).not.toContain('SECRET');
  await gateway.log.request();
  expect(gateway.log.text).not.toContain('SECRET');
});
