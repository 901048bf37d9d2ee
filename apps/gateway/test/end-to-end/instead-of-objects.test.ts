import { expect, test } from 'vitest';
import { post } from '../testing/post.ts';
import { startHttpBackend } from '../testing/start-backend.ts';
import { startGatewayFor } from '../testing/start-scene.ts';

const RESPONSE = '/openai/v1/responses/resp_b1';
const JSON_TYPE = 'application/json';

const INSTEAD: readonly [string, string, string][] = [
  ['a page', 'text/html; charset=utf-8', '<html>Please sign in</html>'],
  ['a text', 'text/plain', 'Welcome'],
  ['half of it', JSON_TYPE, '{"id":"resp_b1","object":"resp'],
  ['an error', JSON_TYPE, '{"error":{"code":"server_error","message":"x"}}'],
  ['an error that blames the request', JSON_TYPE, '{"error":{"type":"invalid_request_error","message":"x"}}'],
];

/** Starts `a`, which answers 200 with something else until it recovers, and `b`, which has the object. */
async function startPair(type: string, answer: string) {
  let isWell = false;
  const missing = `{"error":{"code":"not_found","message":"Response with id 'resp_b1' not found."}}`;
  const a = await startHttpBackend((req, res) => {
    req.resume();
    if (isWell) res.writeHead(404, { 'content-type': JSON_TYPE }).end(missing);
    else res.setHeader('content-type', type).end(answer);
  });
  const b = await startHttpBackend((req, res) => {
    req.resume();
    res.setHeader('content-type', JSON_TYPE).end('{"id":"resp_b1","object":"response"}');
  });
  const gateway = await startGatewayFor(
    [
      { name: 'a', url: a.url, apiKey: 'x', priority: 1 },
      { name: 'b', url: b.url, apiKey: 'x', priority: 2 },
    ],
    { cooldown: { defaultMs: 1, floorMs: 1 } },
  );
  return { gateway, recover: () => (isWell = true) };
}

async function seen(asked: Promise<Response>) {
  const response = await asked;
  await response.text();
  const { headers, status } = response;
  return [status, headers.get('x-spillway-backend'), headers.get('x-spillway-attempts')];
}

test.each(INSTEAD)(
  '%s instead of an object is no object, so that the others are asked',
  async (_, type, body) => {
    const { gateway, recover } = await startPair(type, body);
    expect(await seen(fetch(gateway.url + RESPONSE))).toEqual([200, 'b', '2']);
    recover();
    expect(await seen(fetch(gateway.url + RESPONSE))).toEqual([200, 'b', '1']);
  },
);

test.each(INSTEAD)(
  '%s that answers the gateway’s own question is no object either',
  async (_, type, body) => {
    const { gateway, recover } = await startPair(type, body);
    expect(await seen(post(gateway, `${RESPONSE}/cancel`, {}))).toEqual([200, 'b', '1']);
    recover();
    const next = { model: 'gpt-4o', input: 'And?', previous_response_id: 'resp_b1' };
    expect(await seen(post(gateway, '/openai/v1/responses', next))).toEqual([200, 'b', '1']);
  },
);

test('a page below an object does not tell that its backend has the object', async () => {
  const { gateway, recover } = await startPair('text/html', '<html>Please sign in</html>');
  expect(await seen(fetch(`${gateway.url}${RESPONSE}/input_items`))).toEqual([200, 'a', '1']);
  recover();
  expect(await seen(fetch(gateway.url + RESPONSE))).toEqual([200, 'b', '2']);
});

test('an object that tells of its own failure is an object', async () => {
  const failed = '{"id":"resp_b1","object":"response","status":"failed","error":{"code":"server_error"}}';
  const { gateway } = await startPair(JSON_TYPE, failed);
  expect(await seen(fetch(gateway.url + RESPONSE))).toEqual([200, 'a', '1']);
});

test('an object whose head alone is asked for need not be there', async () => {
  const { gateway } = await startPair(JSON_TYPE, '{}');
  expect(await seen(fetch(gateway.url + RESPONSE, { method: 'HEAD' }))).toEqual([200, 'a', '1']);
});
