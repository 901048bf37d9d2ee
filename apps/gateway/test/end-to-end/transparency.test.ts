import { expect, test } from 'vitest';
import { FAMILIAR_ANSWER_HEADERS, FAMILIAR_HEADERS } from '../../src/backend/familiar-headers.ts';
import { chatBody, chatPath, post } from '../testing/post.ts';
import { exchangeRaw, rawRequest } from '../testing/raw-client.ts';
import { startCannedBackend, startHttpBackend, startRecorder } from '../testing/start-backend.ts';
import { startGatewayFor, startScene } from '../testing/start-scene.ts';

async function startPair(different: { url?: (url: string) => string; apiKey?: string } = {}) {
  const recorder = await startRecorder();
  const url = different.url?.(recorder.url) ?? recorder.url;
  const gateway = await startGatewayFor([{ name: 'a', url, apiKey: different.apiKey ?? 'key-a' }]);
  return { gateway, requests: recorder.requests, host: new URL(recorder.url).host };
}

function headerOf({ rawHeaders }: { readonly rawHeaders: readonly string[] }, name: string) {
  const place = rawHeaders.findIndex((one, i) => i % 2 === 0 && one.toLowerCase() === name);
  return place === -1 ? undefined : rawHeaders[place + 1];
}

/** Sends a request as bytes on a connection that ends with it. */
const send = (gateway: { url: string }, method: string, target: string, headers: string[] = [], body = '') =>
  exchangeRaw(gateway, rawRequest(method, target, ['Connection: close', ...headers], body));

test.each([
  '/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21',
  '/openai/deployments/gpt-4o/chat/completions?a[]=1&a[]=2&b=%20+%2B&c',
  '/openai/deployments/my%20gpt/chat/completions?',
  '/openai/deployments/gpt-4o/chat/completions?q=a/../b&x=//',
  '/openai/deployments/gpt-4o//chat///completions',
  "/openai/deployments/gpt-4o/a;b=c/%E6%A8%A1/~!$'()*,:@?%zz",
  '/openai/v1/files/a%2Eb?after="<>|^`{}\\',
])('on its way to the backend, %s stays as it is', async (target) => {
  const { gateway, requests } = await startPair();
  expect((await send(gateway, 'GET', target)).status).toBe(200);
  expect(requests.map(({ url }) => url)).toEqual([target]);
});

test.each([
  ['/v1/models?a=b', '/openai/v1/models?a=b'],
  ['/models', '/openai/v1/models'],
  ['/openai/models', '/openai/models'],
])('on its way to the backend, %s becomes %s', async (target, expected) => {
  const { gateway, requests } = await startPair();
  await send(gateway, 'GET', target);
  expect(requests.map(({ url }) => url)).toEqual([expected]);
});

test('on its way to the backend, a path in the backend’s URL comes first', async () => {
  const { gateway, requests } = await startPair({ url: (url) => `${url}/base/path/` });
  await send(gateway, 'GET', '/openai/v1/models?x');
  expect(requests[0]!.url).toBe('/base/path/openai/v1/models?x');
});

test.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])(
  'on its way to the backend, %s stays as it is',
  async (method) => {
    const { gateway, requests } = await startPair();
    await send(gateway, method, '/openai/v1/files/x', [], method === 'GET' ? '' : '{"a":1}');
    expect(requests).toMatchObject([{ method, body: Buffer.from(method === 'GET' ? '' : '{"a":1}') }]);
  },
);

test('on its way to the backend, a HEAD is answered with a head alone', async () => {
  const { gateway, requests } = await startPair();
  const answer = await send(gateway, 'HEAD', '/openai/v1/models');
  expect(answer).toMatchObject({ status: 200, body: '' });
  expect(requests[0]!.method).toBe('HEAD');
});

test('on its way to the backend, a binary body stays as it is, whatever its framing was', async () => {
  const { gateway, requests } = await startPair();
  const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, index) => (index * 7) % 256));
  const headers = { 'content-type': 'audio/wav', 'content-encoding': 'x' };
  await post(gateway, '/openai/v1/files', bytes, { headers });
  const chunked = new ReadableStream({
    start(controller) {
      for (let at = 0; at < bytes.length; at += 9999) controller.enqueue(bytes.subarray(at, at + 9999));
      controller.close();
    },
  });
  await fetch(`${gateway.url}/openai/v1/files`, {
    method: 'POST',
    body: chunked,
    duplex: 'half',
  } as RequestInit);
  expect(requests.map(({ body }) => body.equals(bytes))).toEqual([true, true]);
  for (const { rawHeaders } of requests) {
    expect(rawHeaders.join('\n').toLowerCase()).toContain('content-length\n100000');
    expect(rawHeaders.join('\n').toLowerCase()).not.toContain('transfer-encoding');
  }
});

test('on its way to the backend, a body of no bytes is still a body', async () => {
  const { gateway, requests } = await startPair();
  await send(gateway, 'POST', '/openai/v1/files', ['Content-Length: 0']);
  await send(gateway, 'POST', '/openai/v1/files');
  for (const { body, rawHeaders } of requests) {
    expect(body).toHaveLength(0);
    expect(rawHeaders.join('\n').toLowerCase()).toContain('content-length\n0');
  }
  expect(requests).toHaveLength(2);
});

test('on its way to the backend, headers keep their order, spelling, values and number, but for what is the connection’s', async () => {
  const { gateway, requests, host } = await startPair();
  const kept = ['X-First: 1', 'x-twice: a', 'Accept: */*', 'X-Twice: b', 'x-empty:', 'X-Latin: \xe9'];
  const dropped = [
    'Connection: X-Gone',
    'x-gone: 1',
    'Keep-Alive: timeout=5',
    'TE: trailers',
    'Proxy-Connection: keep-alive',
    'Proxy-Authorization: Basic x',
    'Upgrade: h2c',
    'Cookie: a=b; c',
    'X-Api-Key: theirs',
    'Expect: 100-continue',
  ];
  await send(gateway, 'POST', chatPath, [...kept, ...dropped], '{}');
  expect(asLines(requests[0]!.rawHeaders)).toEqual([
    `host: ${host}`,
    'connection: keep-alive',
    'api-key: key-a',
    ...kept.map((line) => (line.endsWith(':') ? `${line} ` : line)),
    'content-length: 2',
  ]);
});

test.each([
  ['as the SDKs spell it', (name: string) => name],
  ['in lower case', (name: string) => name.toLowerCase()],
  ['in upper case', (name: string) => name.toUpperCase()],
])('on its way to the backend, a header that undici is told of stays as it is, %s', async (_, spell) => {
  const { gateway, requests } = await startPair();
  const headers = FAMILIAR_HEADERS.filter((name) => name !== 'api-key').map((name) => `${spell(name)}: 1`);
  for (let count = 0; count < 2; count++) await send(gateway, 'GET', '/openai/v1/models', headers);
  for (const { rawHeaders } of requests) expect(asLines(rawHeaders).slice(3)).toEqual(headers);
  expect(requests).toHaveLength(2);
});

test.each([
  ['Api-Key: client-secret'],
  ['AUTHORIZATION: Bearer client-secret'],
  ['ocp-apim-subscription-key: client-secret'],
  ['api-key: client-secret', 'authorization: Bearer client-secret', 'API-KEY: client-secret'],
])('on its way to the backend, the client’s credential is replaced: %s', async (...headers) => {
  const { gateway, requests } = await startPair();
  await send(gateway, 'GET', '/openai/v1/models', headers);
  const received = asLines(requests[0]!.rawHeaders).join('\n');
  expect(received).not.toContain('client-secret');
  expect(received.match(/^(api-key|authorization).*$/gim)).toEqual(['api-key: key-a']);
});

test.each(['api-key=client-secret', 'Subscription-Key=client-secret&b[]=2', 'api%2Dkey=client-secret&c=%41'])(
  'a credential in the query does not reach a backend: %s',
  async (query) => {
    const { gateway, requests } = await startPair();
    await send(gateway, 'GET', `/openai/v1/models?a=1&${query}`);
    const rest = query.split('&').slice(1);
    expect(requests[0]!.url).toBe(`/openai/v1/models?${['a=1', ...rest].join('&')}`);
  },
);

test.each([
  ['sound', '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', 'a=1,b=2'],
  ['not sampled', '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00', ''],
  ['of a later version', 'cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x', 'a=1'],
  ['malformed', '00-nothing', 'a=1'],
])('on its way to the backend, a trace context stays as it is: %s', async (_, traceparent, tracestate) => {
  const { gateway, requests } = await startPair();
  await post(gateway, chatPath, chatBody, { headers: { traceparent, tracestate, baggage: 'c=3' } });
  expect(headerOf(requests[0]!, 'traceparent')).toBe(traceparent);
  expect(headerOf(requests[0]!, 'tracestate')).toBe(tracestate);
  expect(headerOf(requests[0]!, 'baggage')).toBe('c=3');
});

test('on its way to the client, a response keeps its status, reason, headers and bytes', async () => {
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index)).toString('latin1');
  const backend = await startCannedBackend(
    [
      'HTTP/1.1 203 Not Quite Mine',
      'Content-Type: application/octet-stream',
      'Set-Cookie: a=1',
      'X-Latin: \xe9',
      'Set-Cookie: b=2',
      'Date: Mon, 01 Jan 2024 00:00:00 GMT',
      'Content-Encoding: gzip',
      'Content-Length: 256',
      '',
      bytes,
    ].join('\r\n'),
  );
  const gateway = await startGatewayFor([{ name: 'a', url: backend.url, apiKey: 'x' }]);
  const response = await send(gateway, 'GET', '/openai/v1/models');
  expect(response).toMatchObject({ status: 203, body: bytes });
  expect(response.headers.map((line) => line.replace(/^[^:]+/, (name) => name.toLowerCase()))).toEqual(
    expect.arrayContaining([
      'content-type: application/octet-stream',
      'set-cookie: a=1',
      'set-cookie: b=2',
      'x-latin: \xe9',
      'date: Mon, 01 Jan 2024 00:00:00 GMT',
      'content-encoding: gzip',
      'content-length: 256',
      'x-spillway-backend: a',
      'x-spillway-attempts: 1',
    ]),
  );
});

test.each([
  ['in lower case', (name: string) => name],
  ['in upper case', (name: string) => name.toUpperCase()],
])(
  'on its way to the client, a header that undici is told of keeps its value and number, %s',
  async (_, spell) => {
    const { url } = await startHttpBackend((_, res) => {
      res.writeHead(
        200,
        Object.fromEntries(FAMILIAR_ANSWER_HEADERS.map((name) => [spell(name), ['1', '2']])),
      );
      res.end('{}');
    });
    const gateway = await startGatewayFor([{ name: 'a', url, apiKey: 'x' }]);
    const headers = (await send(gateway, 'GET', '/openai/v1/models')).headers.map((line) =>
      line.toLowerCase(),
    );
    const sent = FAMILIAR_ANSWER_HEADERS.flatMap((name) => [`${name}: 1`, `${name}: 2`]);
    expect(headers).toEqual(expect.arrayContaining(sent));
  },
);

test('on its way to the client, hop-by-hop headers and those of another Spillway are dropped', async () => {
  const { url } = await startHttpBackend((_, res) => {
    res.writeHead(200, {
      connection: 'close, X-Gone',
      'x-gone': 'gone',
      'keep-alive': 'timeout=gone',
      'proxy-authenticate': 'gone',
      'x-spillway-backend': 'gone',
      'x-spillway-attempts': 'gone',
      'x-spillway-request-id': 'gone',
      'x-kept': 'kept',
    });
    res.end('{}');
  });
  const gateway = await startGatewayFor([{ name: 'a', url, apiKey: 'x' }]);
  const headers = (await send(gateway, 'GET', '/openai/v1/models')).headers.join('\n').toLowerCase();
  expect(headers).toContain('x-kept: kept');
  expect(headers).not.toContain('gone');
  expect(headers.match(/x-spillway-\w+/g)).toHaveLength(3);
});

test('on its way to the client, a reason phrase that cannot be written is left out, and the rest is relayed', async () => {
  const answer = 'HTTP/1.1 200 Zażółć\r\ncontent-length: 2\r\n\r\n{}';
  const backend = await startCannedBackend(Buffer.from(answer, 'utf8'));
  const gateway = await startGatewayFor([{ name: 'a', url: backend.url, apiKey: 'x' }]);
  const response = await send(gateway, 'GET', '/openai/v1/models');
  expect(response).toMatchObject({ status: 200, body: '{}' });
});

test('on its way to the client, an interim response comes before the one that counts', async () => {
  const answer =
    'HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}';
  const backend = await startCannedBackend(answer);
  const gateway = await startGatewayFor([{ name: 'a', url: backend.url, apiKey: 'x' }]);
  expect(await send(gateway, 'GET', '/openai/v1/models')).toMatchObject({ status: 200, body: '{}' });
});

test('on its way to the client, the backend’s URL is told only where that is switched on', async () => {
  const scene = await startScene([{}], { exposeBackendUrl: true });
  const response = await post(scene);
  expect(response.headers.get('x-openai-backendurl')).toBe(scene.mocks[0]!.url);
});

const mapping = { deployments: { 'gpt-4o': 'gpt 4o/eu', o3: 'o3-eu' } };

test('where a backend calls the deployment differently, its name stands in the path, and nothing else changes', async () => {
  const scene = await startScene([
    { script: 'throttle', backend: mapping },
    { backend: { deployment: 'b-only' } },
  ]);
  await post(scene, '/openai/deployments/gpt-4o/chat/completions?api-version=1&x=gpt-4o');
  const paths = scene.mocks.map(({ requests }) => requests[0]!.path);
  expect(paths).toEqual([
    '/openai/deployments/gpt%204o%2Feu/chat/completions?api-version=1&x=gpt-4o',
    '/openai/deployments/b-only/chat/completions?api-version=1&x=gpt-4o',
  ]);
  for (const { requests } of scene.mocks) expect(requests[0]!.body).toBe(JSON.stringify(chatBody));
});

test('where a backend calls the deployment differently, its name stands in the body on v1, and every other byte stays', async () => {
  const scene = await startScene([
    { script: 'throttle', backend: mapping },
    { backend: { deployment: 'b"' } },
    {},
  ]);
  scene.mocks[1]!.setScript('status(500)');
  const body = ' {"messages" :[{"model":"gpt-4o","content":"\\u00e9é"}], "model" :\t"gpt-4o" , "n":1e0}\n';
  expect((await post(scene, '/openai/v1/chat/completions', body)).headers.get('x-spillway-backend')).toBe(
    'c',
  );
  expect(scene.mocks.map(({ requests }) => requests[0]!.body)).toEqual([
    body.replace('\t"gpt-4o"', '\t"gpt 4o/eu"'),
    body.replace('\t"gpt-4o"', '\t"b\\""'),
    body,
  ]);
  for (const { requests } of scene.mocks) {
    expect(requests[0]!.headers['content-length']).toBe(String(Buffer.byteLength(requests[0]!.body)));
  }
});

test('where a backend calls the deployment differently, a name that it does not map stays, also when it is written with escapes', async () => {
  const scene = await startScene([{ backend: mapping }]);
  await post(scene, '/openai/deployments/%6F4/chat/completions');
  await post(scene, '/openai/deployments/%6F3/chat/completions');
  expect(scene.mocks[0]!.requests.map(({ path }) => path)).toEqual([
    '/openai/deployments/%6F4/chat/completions',
    '/openai/deployments/o3-eu/chat/completions',
  ]);
});

function asLines(rawHeaders: readonly string[]): string[] {
  const lines: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2)
    lines.push(`${rawHeaders[index]}: ${rawHeaders[index + 1]}`);
  return lines;
}
