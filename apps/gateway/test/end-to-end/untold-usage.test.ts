import { expect, test } from 'vitest';
import { makeKey, sha256 } from '../../src/client/keys.ts';
import { askAdmin } from '../testing/ask-admin.ts';
import { chatBody, chatPath, post } from '../testing/post.ts';
import { startHttpBackend } from '../testing/start-backend.ts';
import { startGatewayFor } from '../testing/start-scene.ts';
import { usedOf } from '../testing/used-of.ts';

const KEY = makeKey();

/** Requests an answer that reports a usage, or none, and returns the charge to its client, and the counts. */
async function askFor(usage: object | undefined) {
  const { url } = await startHttpBackend((request, response) => {
    request.resume();
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ choices: [{ message: { content: 'x'.repeat(400) } }], usage }));
  });
  const clients = [{ name: 'chat', keys: [{ sha256: sha256(KEY) }], budgets: [{ tokensPerDay: 1e9 }] }];
  const scene = await startGatewayFor([{ name: 'a', url, apiKey: 'x' }], { clients });
  await (await post(scene, chatPath, chatBody, { headers: { 'api-key': KEY } })).text();
  await scene.log.request();
  const { rows } = JSON.parse((await askAdmin(scene, '/admin/usage')).text) as { readonly rows: object[] };
  return { charged: (await usedOf(scene))['day'], rows };
}

test.each([
  ['more than any answer takes', { prompt_tokens: 1e15, completion_tokens: 5 }],
  ['less than nothing', { prompt_tokens: -10, completion_tokens: 5 }],
  ['an output of less than nothing', { input_tokens: 10, output_tokens: -5 }],
])('an answer that tells %s is charged and counted as one that tells nothing', async (_, usage) => {
  const { charged } = await askFor(undefined);
  expect(charged).toBeGreaterThan(100);
  expect(await askFor(usage)).toMatchObject({
    charged,
    rows: [{ requests: 1, requestsWithoutUsage: 1, promptTokens: 0, completionTokens: 0 }],
  });
});
