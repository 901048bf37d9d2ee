import { expect, test } from 'vitest';
import { makeKey, sha256 } from '../../src/client/keys.ts';
import { chatBody, chatPath } from '../testing/post.ts';
import { connectRaw, rawRequest } from '../testing/raw-client.ts';
import { startHttpBackend, startRawBackend } from '../testing/start-backend.ts';
import { startGatewayFor } from '../testing/start-scene.ts';
import { usedOf } from '../testing/used-of.ts';

const KEY = makeKey();
const ANSWER = JSON.stringify({
  choices: [{ message: { content: 'x'.repeat(400) } }],
  usage: { prompt_tokens: 3, completion_tokens: 7, total_tokens: 10 },
});
const clients = [{ name: 'chat', keys: [{ sha256: sha256(KEY) }], budgets: [{ tokensPerDay: 1e9 }] }];

test.each(['end', 'resetAndDestroy'] as const)(
  'a client that leaves in the turn in which its answer arrives has abandoned it (%s)',
  async (leave) => {
    const asked = Promise.withResolvers<() => void>();
    const { url } = await startHttpBackend((request, response) => {
      const answer = () => response.setHeader('content-type', 'application/json').end(ANSWER);
      request.resume().once('end', () => asked.resolve(answer));
    });
    const scene = await startGatewayFor([{ name: 'a', url, apiKey: 'x' }], { clients });
    const client = await connectRaw(scene);
    client.send(rawRequest('POST', chatPath, [`api-key: ${KEY}`], JSON.stringify(chatBody)));
    const answer = await asked.promise;
    // Both arrive together, in this order.
    answer();
    client.socket[leave]();
    await client.closed;
    expect(client.received).toBe('');
    expect(await scene.log.request()).toMatchObject({ ending: 'abandoned', responseBytes: 0 });
    expect(await usedOf(scene)).toEqual({ day: 10 });
  },
);

test('an upload that makes no sense in the turn in which its answer arrives gets its answer before the refusal', async () => {
  const asked = Promise.withResolvers<() => void>();
  const { url } = await startRawBackend((socket) => {
    const head = `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${ANSWER.length}\r\n\r\n`;
    socket.once('data', () => asked.resolve(() => socket.write(head + ANSWER)));
  });
  const scene = await startGatewayFor([{ name: 'a', url, apiKey: 'x' }], { limits: { replayBytes: 1000 } });
  const client = await connectRaw(scene);
  const chunked = ['Transfer-Encoding: chunked', 'Content-Type: a/b'];
  client.send(rawRequest('POST', '/openai/files', chunked) + `7d0\r\n${'x'.repeat(2000)}\r\n`);
  const answer = await asked.promise;
  // Both arrive together, in this order.
  answer();
  client.send('not a length');
  await client.untilEnd();
  expect(client.received.split(ANSWER)).toEqual([
    expect.stringMatching(/^HTTP\/1\.1 200 /),
    expect.stringMatching(/^HTTP\/1\.1 400 /),
  ]);
  expect(await scene.log.request()).toMatchObject({ ending: 'complete', responseBytes: ANSWER.length });
});
