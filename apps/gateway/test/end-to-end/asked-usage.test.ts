import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { meterAll } from '../testing/meter-all.ts';
import { chatPath, post, streamBody } from '../testing/post.ts';
import { exchangeRaw, rawRequest } from '../testing/raw-client.ts';
import { startHttpBackend } from '../testing/start-backend.ts';
import { startGatewayFor } from '../testing/start-scene.ts';

const told = 'data: {"choices":[],"usage":{"prompt_tokens":100,"completion_tokens":50}}\n\n';
const word = (usage: string) =>
  `data: {"choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":"stop"}]${usage}}\n\n`;
const untouched = `${word('')}data: [DONE]\n\n`;
const digests = { 'content-md5': 'x', 'content-digest': 'sha-256=:x:', digest: 'sha-256=x', etag: '"x"' };

/** A backend that knows how long its streams are before it sends them. */
async function startCountingBackend(packing?: 'gzip') {
  return await startHttpBackend(async (request, response) => {
    let asked = '';
    for await (const chunk of request) asked += String(chunk);
    const isAsked = asked.includes('"include_usage":true');
    const text = isAsked ? `${word(',"usage":null')}${told}data: [DONE]\n\n` : untouched;
    const bytes = packing === undefined ? Buffer.from(text) : gzipSync(text);
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'content-length': bytes.length,
      ...(packing && { 'content-encoding': packing }),
      ...digests,
    });
    response.write(bytes.subarray(0, 40));
    setImmediate(() => response.end(bytes.subarray(40)));
  });
}

test.each([undefined, 'gzip'] as const)(
  'a stream whose backend says how long it is comes whole without what only its meter has asked for: %s',
  async (packing) => {
    const { url } = await startCountingBackend(packing);
    const meters = meterAll();
    const gateway = await startGatewayFor([{ name: 'a', url, apiKey: 'x' }], {}, meters.meterOf);
    const answer = await post(gateway, chatPath, streamBody);
    expect(await answer.text()).toBe(untouched);
    const ofBytes = ['content-length', 'content-encoding', ...Object.keys(digests)];
    expect(ofBytes.filter((name) => answer.headers.has(name))).toEqual([]);
    const usage = { promptTokens: 100, outputTokens: 50 };
    expect(await meters.next()).toMatchObject({ usage, isComplete: true });
  },
);

test('a client of HTTP/1.0 gets such a stream whole too', async () => {
  const { url } = await startCountingBackend();
  const gateway = await startGatewayFor([{ name: 'a', url, apiKey: 'x' }], {}, meterAll().meterOf);
  const headers = ['Content-Type: application/json'];
  const request = rawRequest('POST', chatPath, headers, JSON.stringify(streamBody));
  const answer = await exchangeRaw(gateway, request.replace('HTTP/1.1', 'HTTP/1.0'));
  expect(answer.body).toBe(untouched);
});

test('a stream that nothing is taken out of keeps its length', async () => {
  const { url } = await startCountingBackend();
  const gateway = await startGatewayFor([{ name: 'a', url, apiKey: 'x' }], {}, meterAll().meterOf);
  const asking = { ...streamBody, stream_options: { include_usage: true } };
  const answer = await post(gateway, chatPath, asking);
  const text = await answer.text();
  expect(answer.headers.get('content-length')).toBe(String(text.length));
  expect(text).toContain(told);
});

const forbidden = [{ type: 'extra_forbidden', loc: ['body', 'stream_options', 'include_usage'] }];

/** A backend that refuses to be asked, and the bodies of its requests. */
async function startRefusingBackend(status: number, refusal: unknown, packing?: 'gzip') {
  const bodies: string[] = [];
  const { url } = await startHttpBackend(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    bodies.push(body);
    if (!body.includes('stream_options')) {
      response.setHeader('content-type', 'text/event-stream').end(untouched);
      return;
    }
    const text = typeof refusal === 'string' ? refusal : JSON.stringify(refusal);
    const headers = { 'content-type': 'application/json', ...(packing && { 'content-encoding': packing }) };
    response.writeHead(status, headers).end(packing === undefined ? text : gzipSync(text));
  });
  return { url, bodies };
}

const unrecognized = 'Unrecognized request argument supplied: stream_options';
const invalid = { type: 'invalid_request_error', param: null, code: null };

test.each<[number, string, unknown, 'gzip'?]>([
  [400, 'as Azure says it', { error: { message: unrecognized, ...invalid } }],
  [400, 'by its parameter', { error: { message: 'Unknown parameter.', param: 'stream_options' } }],
  [400, 'in plain words', unrecognized],
  [400, 'in a packed answer', { error: { message: unrecognized, ...invalid } }, 'gzip'],
  [422, 'as Pydantic says it', { detail: forbidden }],
  [422, 'in its details', { error: { code: 'Invalid input', message: 'invalid', details: forbidden } }],
  [422, 'in a message', { error: { code: 'Invalid input', message: JSON.stringify({ detail: forbidden }) } }],
  [422, 'in a message that is an object', { ...invalid, message: { detail: forbidden } }],
])(
  'a deployment that refuses with %i to be asked for its usage serves without that, and is not asked again: %s',
  async (status, _, refusal, packing) => {
    const { url, bodies } = await startRefusingBackend(status, refusal, packing);
    const meters = meterAll();
    // Its refusal must not keep it from serving.
    const backends = [{ name: 'a', url, apiKey: 'x', maxInFlight: 1 }];
    const gateway = await startGatewayFor(backends, {}, meters.meterOf);
    for (let count = 0; count < 2; count++) {
      const answer = await post(gateway, chatPath, streamBody);
      expect([answer.status, await answer.text()]).toEqual([200, untouched]);
      expect(await meters.next()).toMatchObject({ isComplete: false, relayedTokensEstimate: 1 });
    }
    const body = JSON.stringify(streamBody);
    expect(bodies.map((one) => one === body)).toEqual([false, true, true]);
    const asking = { ...streamBody, stream_options: { include_usage: true } };
    expect([(await post(gateway, chatPath, asking)).status, bodies.length]).toEqual([status, 4]);
  },
);

test('a client whose own options are refused gets that refusal, and its deployment is asked again', async () => {
  const { url, bodies } = await startRefusingBackend(422, { detail: forbidden });
  const meters = meterAll();
  const gateway = await startGatewayFor([{ name: 'a', url, apiKey: 'x' }], {}, meters.meterOf);
  const own = { ...streamBody, stream_options: { include_obfuscation: false } };
  const answer = await post(gateway, chatPath, own);
  expect([answer.status, await answer.json()]).toEqual([422, { detail: forbidden }]);
  expect(bodies.map((body) => body.includes('include_usage'))).toEqual([true, false]);
  await (await post(gateway, chatPath, streamBody)).text();
  expect(bodies.map((body) => body.includes('include_usage'))).toEqual([true, false, true, false]);
});
