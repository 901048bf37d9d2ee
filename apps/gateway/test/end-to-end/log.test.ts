import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
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
  const answer = '{"usage":{"prompt_tokens":1e999,"completion_tokens":3}}';
  const backend = await startCannedBackend(
    `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${answer.length}\r\n\r\n${answer}`,
  );
  const gateway = await startGatewayFor([{ url: backend.url, apiKey: 'key' }]);
  await (await post(gateway)).text();
  expect((await gateway.log.request())['usage']).toEqual({
    promptTokens: null,
    outputTokens: 3,
    cachedTokens: 0,
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

test('no key, token, prompt, query or header value is in the log when the backend answers nonsense', async () => {
  const backend = await startCannedBackend(`HTTP/1.1 abc ${secrets.answer}\r\n${secrets.answer}\r\n\r\n`);
  const gateway = await startGatewayFor([{ name: 'a', url: backend.url, apiKey: secrets.backendKey }]);
  const response = await post(gateway, path, body, { headers });
  expect(response.status).toBe(503);
  expect(await response.text()).not.toContain('SECRET');
  await gateway.log.request();
  expect(gateway.log.text).not.toContain('SECRET');
});
