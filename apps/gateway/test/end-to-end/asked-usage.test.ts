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
