import { expect, test } from 'vitest';
import { makeKey, sha256 } from '../../src/client/keys.ts';
import { errorOf, post } from '../testing/post.ts';
import { startRecorder } from '../testing/start-backend.ts';
import { startGatewayFor } from '../testing/start-scene.ts';

const KEY = makeKey();

async function startWith(different: object) {
  const recorder = await startRecorder();
  const clients = [{ name: 'a', keys: [{ sha256: sha256(KEY) }], allOperations: true, ...different }];
  const scene = await startGatewayFor([{ name: 'a', url: recorder.url, apiKey: 'k' }], { clients });
  return { scene, requests: recorder.requests };
}

const body = { model: 'gpt-4o', messages: [], max_tokens: 5000 };

test.each([
  ['is limited', { maxOutputTokens: 100 }],
  ['has budgets', { budgets: [{ tpm: 1000 }] }],
  ['has few deployments', { deployments: ['gpt-4o'] }],
])('an operation is not hidden behind an escaped slash from a client that %s', async (_, different) => {
  const { scene, requests } = await startWith(different);
  for (const path of [
    'deployments/gpt-4o/chat%2Fcompletions',
    'deployments/gpt-4o/chat%5ccompletions',
    'deployments/gpt-4o/extensions%2fchat/completions',
    'v1/chat%2fcompletions',
    'v1/Ch%61t%2F%2Fcompletions/',
  ]) {
    const refused = await post(scene, `/openai/${path}`, body, { headers: { 'api-key': KEY } });
    const { status, message } = await errorOf(refused);
    expect([path, status, message.includes('Write the operation with "/"')]).toEqual([path, 400, true]);
  }
  expect(requests).toEqual([]);
});
