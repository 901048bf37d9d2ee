import { expect, test } from 'vitest';
import { post } from '../testing/post.ts';
import { startRawBackend } from '../testing/start-backend.ts';
import { startGatewayFor } from '../testing/start-scene.ts';

const body = '{"object":"chat.completion","choices":[]}';
const answer = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;

/** Starts a backend that answers 200, until its connections are forgotten, of which nobody is told. */
async function startBehindFirewall() {
  let age = 1;
  const { url } = await startRawBackend((socket) => {
    const made = age;
    let received = '';
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      if (made < age || !/(^GET.*\r\n\r\n|\{\})$/s.test(received)) return;
      received = '';
      socket.write(answer);
    });
  });
  return { url, forget: () => age++ };
}

test('a firewall that silently forgets all connections costs a request no more than a hedge', async () => {
  const backends = [await startBehindFirewall(), await startBehindFirewall()];
  const scene = await startGatewayFor(
    backends.map(({ url }, index) => ({ name: `b${index}`, url, apiKey: 'key' })),
    { hedge: { afterMs: 50 }, timeouts: { overallMs: 5000 }, allowBackendPin: true },
  );
  const ask = (pin = {}) => post(scene, undefined, {}, { headers: pin });
  for (const index of [0, 1]) expect((await ask({ 'x-spillway-backend': `b${index}` })).status).toBe(200);
  for (const { forget } of backends) forget();
  const response = await ask();
  expect([response.status, response.headers.get('x-spillway-attempts')]).toEqual([200, '2']);
});

test('a poll that only one backend can answer is asked again on a fresh connection when the firewall has forgotten its own', async () => {
  const backend = await startBehindFirewall();
  const scene = await startGatewayFor([{ name: 'a', url: backend.url, apiKey: 'key' }], {
    hedge: { afterMs: 50 },
    timeouts: { overallMs: 5000 },
  });
  const poll = () => fetch(`${scene.url}/openai/v1/responses/resp_1`);
  expect((await poll()).status).toBe(200);
  backend.forget();
  const response = await poll();
  expect([response.status, response.headers.get('x-spillway-attempts')]).toEqual([200, '2']);
});
