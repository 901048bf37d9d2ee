import { expect, test } from 'vitest';
import { post } from '../testing/post.ts';
import { startRawBackend } from '../testing/start-backend.ts';
import { startGatewayFor } from '../testing/start-scene.ts';

const body = '{"object":"chat.completion","choices":[]}';
const answer = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;

test('a firewall that silently forgets all connections costs a request no more than a hedge', async () => {
  let age = 1;
  const start = () =>
    startRawBackend((socket) => {
      const made = age;
      let received = '';
      socket.on('data', (chunk) => {
        received += chunk.toString('latin1');
        // Nobody is told that the packets of older connections are dropped.
        if (made < age || !received.endsWith('{}')) return;
        received = '';
        socket.write(answer);
      });
    });
  const urls = [(await start()).url, (await start()).url];
  const scene = await startGatewayFor(
    urls.map((url, index) => ({ name: `b${index}`, url, apiKey: 'key' })),
    { hedge: { afterMs: 50 }, timeouts: { overallMs: 5000 }, allowBackendPin: true },
  );
  const ask = (pin = {}) => post(scene, undefined, {}, { headers: pin });
  for (const index of [0, 1]) expect((await ask({ 'x-spillway-backend': `b${index}` })).status).toBe(200);
  age = 2;
  const response = await ask();
  expect([response.status, response.headers.get('x-spillway-attempts')]).toEqual([200, '2']);
});
