import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { connectRaw } from '../testing/raw-client.ts';
import { post } from '../testing/post.ts';
import { startHttpBackend, startRecorder } from '../testing/start-backend.ts';
import { startGatewayFor } from '../testing/start-scene.ts';

const deployments = { 'gpt-realtime': 'rt-prod' };
const keyPath = '/openai/v1/realtime/client_secrets?model=gpt-realtime';
const keyBody = JSON.stringify({ session: { type: 'realtime', model: 'gpt-realtime' } });

test.each([
  ['as it is', Buffer.from(keyBody), {}],
  ['packed', gzipSync(keyBody), { 'content-encoding': 'gzip' }],
])(
  'a backend finds its own name of a deployment in the query and in a body that comes %s',
  async (_, body, headers) => {
    const recorder = await startRecorder();
    const gateway = await startGatewayFor([{ name: 'a', url: recorder.url, apiKey: 'x', deployments }]);
    await post(gateway, keyPath, body, { headers });
    const [request] = recorder.requests;
    expect(request?.url).toBe(keyPath.replace('gpt-realtime', 'rt-prod'));
    expect(request?.body.toString()).toBe(keyBody.replace('gpt-realtime', 'rt-prod'));
    expect(request?.rawHeaders.map((one) => one.toLowerCase())).not.toContain('content-encoding');
  },
);

test('a backend finds its own name of a session’s deployment in whichever parameter it reads', async () => {
  const urls: unknown[] = [];
  const refusal = 'HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n';
  const { url } = await startHttpBackend(
    () => {},
    (request, socket) => {
      urls.push(request.url);
      socket.end(refusal);
    },
  );
  const gateway = await startGatewayFor([{ name: 'a', url, apiKey: 'x', deployments }]);
  const client = await connectRaw(gateway);
  client.send(
    'GET /openai/v1/realtime?deployment=gpt-realtime&model=gpt-realtime HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n' +
      'Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  );
  await client.until('\r\n\r\n');
  expect(urls).toEqual(['/openai/v1/realtime?deployment=rt-prod&model=rt-prod']);
});
