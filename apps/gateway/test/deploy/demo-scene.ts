import { makeKey, sha256 } from '../../src/client/keys.ts';
import { chatBody, chatPath, post } from '../testing/post.ts';
import { type Scene, startScene } from '../testing/start-scene.ts';
import { temporaryFolder } from '../state/counted.ts';

const deployments = { 'gpt-4o': 'gpt-4o' };

const KEY = makeKey();

/**
 * Starts a gateway whose first backend, `a`, is permanently throttled after a few answers. Requests then spill to `b`,
 * which has provisioned throughput, and to `c`. They may wait for quota. Their client has a key;
 * another has one that expires. What is counted is kept in a folder.
 */
export function startDemoScene(): Promise<Scene> {
  return startScene(
    [
      { script: '4x ok, always throttle(retry-after=300)', backend: { deployments } },
      { quota: 'gpt-4o=ptu(units=100)', backend: { deployments, priority: 2 } },
      { quota: 'gpt-4o=standard(tpm=1000000, rpm=6000)', backend: { deployments, priority: 2 } },
    ],
    {
      strategy: 'round-robin',
      state: { path: temporaryFolder() },
      waitingRoom: { maxWaitMs: 1000 },
      fallbacks: [{ deployment: 'gpt-4o', whenSpent: 'gpt-4o-mini' }],
      clients: [
        {
          name: 'chat',
          keys: [{ sha256: sha256(KEY) }],
          budgets: [{ tpm: 10_000_000, tokensPerDay: 1_000_000_000, tokensPerMonth: 10_000_000_000 }],
          allOperations: true,
        },
        { name: 'guest', keys: [{ sha256: sha256('guest'), expires: '2099-01-31T00:00:00Z' }] },
      ],
    },
  );
}

/** Sends requests of several kinds, some of which no backend can serve. */
export async function sendDemoTraffic(scene: Scene): Promise<void> {
  const headers = { 'api-key': KEY };
  for (let count = 0; count < 6; count++) await (await post(scene, chatPath, chatBody, { headers })).text();
  const stream = { ...chatBody, stream: true, stream_options: { include_usage: true } };
  await (await post(scene, chatPath, stream, { headers })).text();
  await (await post(scene, chatPath, { ...chatBody, stream: true }, { headers })).text();
  await (await post(scene, '/nowhere', chatBody, { headers })).text();
  await (await post(scene)).text();
}
