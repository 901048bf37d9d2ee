import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { startMocks } from '../src/start-mock.ts';
import { chatBody, chatPath, post, readEvents, streamBody } from './testing/post.ts';
import { start } from './testing/start.ts';
import type { Mock } from '../src/mock.ts';

test('a wrong key gets the 401 that Azure sends, byte for byte, and takes no step of the script', async () => {
  const mock = await start({ apiKey: 'secret', script: '1x hang' });
  const response = await post(mock, chatPath, chatBody, { headers: { 'api-key': 'wrong' } });
  expect(response.status).toBe(401);
  expect(response.statusText).toBe('PermissionDenied');
  expect(await response.text()).toBe(
    '{"error":{"code":"401","message":"Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an active subscription and use a correct regional API endpoint for your resource."}}',
  );
  expect([...response.headers.keys()]).toEqual([
    'apim-request-id',
    'connection',
    'content-length',
    'content-type',
    'date',
  ]);
  expect(response.headers.get('content-length')).toBe('224');
  const [first] = mock.requests;
  expect(first?.status).toBe(401);
});

test.each([{ 'api-key': 'secret' }, { authorization: 'Bearer secret' }])(
  'the mock takes the key as %j',
  async (headers) => {
    const mock = await start({ apiKey: 'secret' });
    expect((await post(mock, chatPath, chatBody, { headers })).status).toBe(200);
  },
);

test('the mock sends the headers that Azure sends, and echoes the client’s request id', async () => {
  const mock = await start({ region: 'West Europe' });
  const response = await post(mock, chatPath, chatBody, { headers: { 'x-ms-client-request-id': 'mine' } });
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'cache-control': 'no-cache, must-revalidate',
    'content-type': 'application/json',
    'access-control-allow-origin': '*',
    'apim-request-id': expect.stringMatching(/^[\da-f-]{36}$/),
    'strict-transport-security': 'max-age=31536000; includeSubDomains; preload',
    'x-content-type-options': 'nosniff',
    'x-ms-region': 'West Europe',
    'x-ratelimit-remaining-requests': '999',
    'x-accel-buffering': 'no',
    'x-ms-rai-invoked': 'true',
    'x-request-id': expect.any(String),
    'x-ms-client-request-id': 'mine',
    'azureml-model-session': expect.any(String),
    'x-ms-deployment-name': 'gpt-4o',
  });
});

test('a model whose name is half a character is answered as any other', async () => {
  const mock = await start({});
  const body = '{"model":"\\ud800","messages":[{"role":"user","content":"Hello"}]}';
  const response = await fetch(`${mock.url}/openai/v1/chat/completions`, { method: 'POST', body });
  expect([response.status, response.headers.get('x-ms-deployment-name')]).toEqual([200, '%EF%BF%BD']);
});

test('the mock throttles with Retry-After for three requests, then answers ok', async () => {
  const mock = await start({ script: '3x throttle(retry-after=5)' });
  const statuses: number[] = [];
  for (let count = 0; count < 5; count += 1) statuses.push((await post(mock)).status);
  expect(statuses).toEqual([429, 429, 429, 200, 200]);
  await mock.idle();
  expect(mock.counters).toEqual({ total: 5, open: 0, aborted: 0, cut: 0, byStatus: { 200: 2, 429: 3 } });
});

const timings: [string, Record<string, string>][] = [
  ['throttle', { 'retry-after': '10' }],
  ['throttle(7)', { 'retry-after': '7' }],
  ['throttle(retry-after=none)', {}],
  ['throttle(retry-after-ms=300)', { 'retry-after-ms': '300' }],
  ['throttle(retry-after=1, retry-after-ms=300)', { 'retry-after': '1', 'retry-after-ms': '300' }],
  ['throttle(reset-requests=4)', { 'x-ratelimit-reset-requests': '4' }],
  ['throttle(reset-tokens=6m0s)', { 'x-ratelimit-reset-tokens': '6m0s' }],
  [
    'throttle(header.retry-after="Wed, 21 Oct 2026 07:28:00 GMT")',
    { 'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT' },
  ],
];

test.each(timings)('%s sends these times and no others', async (script, expected) => {
  const mock = await start({ script });
  const response = await post(mock);
  await response.text();
  const names = ['retry-after', 'retry-after-ms', 'x-ratelimit-reset-requests', 'x-ratelimit-reset-tokens'];
  const found = names.flatMap((name) =>
    response.headers.has(name) ? [[name, response.headers.get(name)]] : [],
  );
  expect(Object.fromEntries(found)).toEqual(expected);
});

test('the mock says in a 429 what Azure says', async () => {
  const mock = await start({
    script: '1x throttle(55), 1x throttle(text=call-rate-short, reset-requests=4)',
  });
  expect(await (await post(mock)).json()).toEqual({
    error: {
      code: '429',
      message:
        'Requests to the ChatCompletions_Create Operation under Azure OpenAI API version 2024-10-21 have exceeded token rate limit of your current OpenAI S0 pricing tier. Please retry after 55 seconds. Please go here: https://aka.ms/oai/quotaincrease if you would like to further increase the default rate limit.',
    },
  });
  const short = await post(mock);
  expect(short.headers.get('content-length')).toBe('85');
  expect(short.headers.get('policy-id')).toBe('DeploymentRatelimit-Call');
  expect(await short.text()).toBe(
    '{"error":{"code":"429","message": "Rate limit is exceeded. Try again in 4 seconds."}}',
  );
});

test('the mock says in a 429 what the script says instead, and the seconds that it says', async () => {
  const mock = await start({
    script: '1x throttle(1, message="Not now."), 1x throttle(1, text=call-rate-short, text-seconds=9)',
  });
  const texts = [await (await post(mock)).text(), await (await post(mock)).text()];
  expect(texts).toEqual([
    '{"error":{"code":"429","message":"Not now."}}',
    '{"error":{"code":"429","message": "Rate limit is exceeded. Try again in 9 seconds."}}',
  ]);
});

const statuses: [string, number, string, RegExp][] = [
  ['status(500)', 500, 'application/json', /^\{\n {2}"error": \{\n {4}"message": "The server had an error/],
  ['status(503)', 503, 'application/json', /"code":"ServiceUnavailable"/],
  ['status(403)', 403, 'application/json', /Virtual Network\/Firewall/],
  ['status(404)', 404, 'application/json', /"code":"DeploymentNotFound"/],
  ['status(404, code=404)', 404, 'application/json', /"Resource not found"/],
  ['status(408)', 408, 'application/json', /"code":"Timeout","message":"The operation was timeout."/],
  ['status(400)', 400, 'application/json', /"code":"content_filter","status":400,"innererror"/],
  [
    'status(400, code=DeploymentNotFound)',
    400,
    'application/json',
    /The API deployment for this resource does not/,
  ],
  ['status(502)', 502, 'text/html', /502 Bad Gateway/],
  ['status(504)', 504, 'text/html', /504 Gateway Time-out/],
  ['status(401)', 401, 'application/json', /"code":"401","message":"Access denied due to invalid/],
  ['status(401, code=Unauthorized)', 401, 'application/json', /"code":"Unauthorized"/],
  ['status(401, code=PermissionDenied)', 401, 'application/json', /lacks the required data action/],
  [
    'status(403, code=AuthenticationTypeDisabled)',
    403,
    'application/json',
    /Key based authentication is disab/,
  ],
  ['status(403, code=blocked)', 403, 'application/json', /temporarily blocked/],
  ['status(413)', 413, 'application/json', /"code":"413"/],
  ['status(424)', 424, 'application/json', /"code":"FailedDependency"/],
  ['status(431)', 431, 'application/json', /"code":"431"/],
  ['status(500, code=InternalServerError)', 500, 'application/json', /Backend returned unexpected response/],
  [
    'status(400, code=context_length_exceeded)',
    400,
    'application/json',
    /"type": "invalid_request_error",\n {4}"param": "messages",\n {4}"code": "context_length_exceeded"/,
  ],
  ['status(418)', 418, 'application/json', /\{"code":"418","message":"I'm a Teapot"\}/],
  ['status(500, body="own words")', 500, 'application/json', /^own words$/],
  ['status(500, body=x, header.content-type=text/plain)', 500, 'text/plain', /^x$/],
];

test.each(statuses)('%s answers with Azure’s body or its own', async (script, status, type, body) => {
  const mock = await start({ script });
  const response = await post(mock);
  expect(response.status).toBe(status);
  expect(response.headers.get('content-type')).toBe(type);
  expect(await response.text()).toMatch(body);
});

test('a status that may have no body is sent without one', async () => {
  const mock = await start({ script: 'status(204)' });
  const response = await post(mock);
  expect([response.status, await response.text()]).toEqual([204, '']);
});

test('a hanging request is never answered, and its end is seen when the client leaves', async () => {
  const mock = await start({ script: 'hang' });
  const leave = new AbortController();
  const received = mock.nextRequest();
  const answer = post(mock, chatPath, chatBody, { signal: leave.signal }).catch((error: unknown) => error);
  const record = await received;
  expect(record).toMatchObject({ method: 'POST', path: chatPath, status: undefined, ending: 'open' });
  expect(record.abortedAfterMs).toBeUndefined();
  expect(mock.openRequests).toBe(1);
  leave.abort();
  expect(await record.ended).toBe('aborted');
  expect(record.abortedAfterMs).toBeGreaterThan(0);
  expect(mock.counters.aborted).toBe(1);
  await mock.idle();
  expect(mock.openRequests).toBe(0);
  expect(await answer).toMatchObject({ name: 'AbortError' });
});

test('a client that leaves a stream is seen at once', async () => {
  const mock = await start({ script: 'slow(chunk-delay=20ms, chunks=100000)' });
  const leave = new AbortController();
  const received = mock.nextRequest();
  const response = await post(mock, chatPath, streamBody, { signal: leave.signal });
  await response.body?.getReader().read();
  leave.abort();
  expect(await (await received).ended).toBe('aborted');
});

/** Reads everything that comes over a bare socket, and how it ends. */
function readSocket(
  mock: Mock,
  body: object = chatBody,
): Promise<{ text: string; code: string | undefined }> {
  const json = JSON.stringify(body);
  return new Promise((resolve) => {
    let text = '';
    const { port, hostname } = new URL(mock.url);
    const socket = connect(Number(port), hostname);
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => (text += chunk));
    socket.on('error', (error: NodeJS.ErrnoException) => resolve({ text, code: error.code }));
    socket.on('close', () => resolve({ text, code: undefined }));
    socket.write(`POST ${chatPath} HTTP/1.1\r\nHost: x\r\nContent-Length: ${json.length}\r\n\r\n${json}`);
  });
}

test('the mock resets the connection before the answer', async () => {
  const mock = await start({ script: 'reset' });
  expect(await readSocket(mock)).toEqual({ text: '', code: 'ECONNRESET' });
  expect(mock.requests[0]).toMatchObject({ ending: 'cut', status: undefined });
  expect(mock.counters).toMatchObject({ cut: 1, aborted: 0, open: 0 });
});

test('the mock resets the connection after so many bytes of the body', async () => {
  const mock = await start({ script: 'reset(after-bytes=10)' });
  const { text, code } = await readSocket(mock);
  expect(code).toBe('ECONNRESET');
  expect(text).toMatch(/^HTTP\/1.1 200 OK\r\n/);
  expect(text.split('\r\n\r\n')[1]).toBe('{"choices"');
});

test('the mock resets the connection after so many chunks of a stream', async () => {
  const mock = await start({ script: 'reset(after-chunks=3)' });
  const { text, code } = await readSocket(mock, streamBody);
  expect(code).toBe('ECONNRESET');
  expect(text.match(/data: /g)).toHaveLength(3);
});

test('the mock truncates a stream cleanly, without [DONE]', async () => {
  const mock = await start({ script: 'truncate(after-chunks=4)' });
  const events = await readEvents(await post(mock, chatPath, streamBody));
  expect(events).toHaveLength(4);
  expect(events).not.toContain('[DONE]');
});

test('the mock truncates a plain answer to half a JSON', async () => {
  const mock = await start({ script: 'truncate' });
  const text = await (await post(mock)).text();
  expect(text).toMatch(/^\{"choices"/);
  expect(() => JSON.parse(text)).toThrow(SyntaxError);
});

test('a slow stream has the chunks it is told to have', async () => {
  const mock = await start({ script: 'slow(delay=30ms, chunk-delay=5ms, chunks=7)' });
  const events = await readEvents(await post(mock, chatPath, streamBody));
  expect(events).toHaveLength(1 + 1 + 7 + 1 + 1);
});

test('the chunks of a slow stream come apart from one another', async () => {
  const mock = await start({ script: 'slow(chunk-delay=1000s)' });
  const reader = (await post(mock, chatPath, streamBody)).body?.getReader();
  const first = Buffer.from((await reader?.read())?.value ?? []).toString();
  expect(first.match(/data: /g)).toHaveLength(1);
  mock.setScript('ok');
  expect((await post(mock)).status).toBe(200);
  await expect.poll(() => mock.openRequests).toBe(1);
  await reader?.cancel();
});

test('a slow answer that has a delay does not begin before it is over', async () => {
  const mock = await start({ script: '1x slow(delay=1000s)' });
  const leave = new AbortController();
  const received = mock.nextRequest();
  const answer = post(mock, chatPath, chatBody, { signal: leave.signal }).catch((error: unknown) => error);
  const record = await received;
  expect((await post(mock)).status).toBe(200);
  expect(record.status).toBeUndefined();
  leave.abort();
  expect(await answer).toMatchObject({ name: 'AbortError' });
});

test('a script that starts while it runs applies to the next request', async () => {
  const mock = await start();
  expect((await post(mock)).status).toBe(200);
  mock.setScript([{ kind: 'status', status: 503, times: 1 }]);
  expect([(await post(mock)).status, (await post(mock)).status]).toEqual([503, 200]);
  expect(() => mock.setScript('nap')).toThrow('1:1: "nap"');
});

test('the mock remembers the last requests with their headers and bodies', async () => {
  const mock = await start({ recordLimit: 2 });
  for (const content of ['one', 'two', 'three']) {
    await post(mock, chatPath, { messages: [{ role: 'user', content }] }, { headers: { 'x-test': content } });
  }
  expect(mock.requests.map((record) => [record.number, record.headers['x-test']])).toEqual([
    [2, 'two'],
    [3, 'three'],
  ]);
  expect(JSON.parse(mock.requests[1]?.body ?? '')).toEqual({
    messages: [{ role: 'user', content: 'three' }],
  });
  expect(mock.counters.total).toBe(3);
});

test('the mock remembers no bodies, or no requests, when told so', async () => {
  const withoutBodies = await start({ recordBodies: false });
  const withoutRecords = await start({ recordLimit: 0 });
  await post(withoutBodies);
  await post(withoutRecords);
  expect(withoutBodies.requests.map(({ body }) => body)).toEqual(['']);
  expect(withoutRecords.requests).toEqual([]);
  expect(withoutRecords.counters.total).toBe(1);
});

test('reset forgets the requests and starts the first script again', async () => {
  const mock = await start({ script: '1x status(500)' });
  await post(mock);
  await mock.idle();
  mock.setScript('hang');
  mock.reset();
  expect(mock.requests).toEqual([]);
  expect(mock.counters).toEqual({ total: 0, open: 0, aborted: 0, cut: 0, byStatus: {} });
  expect([(await post(mock)).status, (await post(mock)).status]).toEqual([500, 200]);
});

test('a request that ends after a reset is in none of the new counts', async () => {
  const mock = await start({ script: 'hang' });
  const leave = new AbortController();
  const received = mock.nextRequest();
  const open = post(mock, chatPath, chatBody, { signal: leave.signal }).catch(() => 'left');
  const record = await received;
  mock.reset();
  expect(mock.counters).toMatchObject({ total: 0, open: 1 });
  leave.abort();
  expect(await record.ended).toBe('aborted');
  expect(mock.counters).toMatchObject({ total: 0, open: 0, aborted: 0 });
  expect(await open).toBe('left');
});

test('stop closes idle and busy connections at once, and may be called twice', async () => {
  const mock = await start({ script: '1x ok, hang' });
  const first = await post(mock);
  await first.text();
  const received = mock.nextRequest();
  const open = post(mock).catch((error: unknown) => error);
  const record = await received;
  expect(mock.connections).toBeGreaterThan(0);
  await Promise.all([mock.stop(), mock.stop()]);
  expect(mock.connections).toBe(0);
  expect(await record.ended).toBe('cut');
  expect(await open).toBeInstanceOf(TypeError);
  await expect(post(mock)).rejects.toThrow('fetch failed');
});

test('when one of several mocks cannot start, none is left running', async () => {
  const taken = await start();
  const port = Number(new URL(taken.url).port);
  await expect(startMocks([{ name: 'free' }, { name: 'late', port }])).rejects.toMatchObject({
    code: 'EADDRINUSE',
    port,
  });
});

test('the mock starts several mocks that each say their own name', async () => {
  const mocks = await startMocks([{ name: 'eastus' }, { name: 'westeurope' }]);
  onTestFinished(async () => {
    await Promise.all(mocks.map((mock) => mock.stop()));
  });
  const replies = await Promise.all(mocks.map(async (mock) => (await post(mock)).text()));
  expect(replies[0]).toContain('"content":"Hello from eastus. ');
  expect(replies[1]).toContain('"content":"Hello from westeurope. ');
});

test('a body that comes in pieces is recorded whole', async () => {
  const mock = await start();
  const received = mock.nextRequest();
  const request = httpRequest(mock.url + chatPath, { method: 'POST' });
  const json = JSON.stringify({ messages: [{ role: 'user', content: 'é'.repeat(100_000) }] });
  request.end(json);
  const record = await received;
  expect(record.body).toBe(json);
  expect(await record.ended).toBe('answered');
});
