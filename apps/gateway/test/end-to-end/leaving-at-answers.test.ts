import { expect, test } from 'vitest';
import { makeKey, sha256 } from '../../src/client/keys.ts';
import { chatBody, chatPath } from '../testing/post.ts';
import { connectRaw, rawRequest } from '../testing/raw-client.ts';
import { startHttpBackend } from '../testing/start-backend.ts';
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
