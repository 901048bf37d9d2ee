import { expect, test } from 'vitest';
import { openSession } from '../testing/open-session.ts';
import { post } from '../testing/post.ts';
import { startIdentity } from '../testing/start-identity.ts';
import { startKeyBackend } from '../testing/start-key-backend.ts';
import { startGatewayFor } from '../testing/start-scene.ts';

const CHAT = '/openai/v1/chat/completions';
const chat = { model: 'gpt-4o', messages: [] };

/** Plays an endpoint whose tokens are valid for a minute and are numbered. */
async function numberTokens() {
  const asked: string[] = [];
  await startIdentity((req, res) => {
    asked.push(req.url ?? '');
    const token = {
      access_token: `token-${asked.length}`,
      expires_on: String(Math.floor(Date.now() / 1000) + 60),
      resource: 'https://cognitiveservices.azure.com',
      token_type: 'Bearer',
    };
    res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(token));
  });
  return asked;
}

test('no request fails when a token is revoked, as one other is fetched for all, and only one', async () => {
  const asked = await numberTokens();
  // The first fetch loads the library, which on a busy machine takes longer than a request waits.
  await import('@azure/identity');
  const backend = await startKeyBackend(['token-1']);
  const scene = await startGatewayFor([{ name: 'a', url: backend.url, identity: { clientId: 'client-a' } }]);
  expect((await post(scene, CHAT, chat)).status).toBe(200);
  backend.accepted.clear();
  backend.accepted.add('token-2');
  const session = openSession(scene);
  const all = await Promise.all(Array.from({ length: 50 }, () => post(scene, CHAT, chat)));
  expect(new Set(all.map(({ status }) => status))).toEqual(new Set([200]));
  expect((await (await session).next()).data.toString()).toContain('session.created');
  expect(asked).toHaveLength(2);
  expect(scene.log.lines.filter(({ msg }) => msg === 'backend state')).toEqual([]);
  expect(scene.log.text).not.toContain('token-');

  // A backend that refuses every token gets one other, and is then considered at fault.
  const wrong = await startKeyBackend([]);
  const other = await startGatewayFor([{ name: 'b', url: wrong.url, identity: { clientId: 'client-b' } }]);
  expect((await post(other, CHAT, chat)).status).toBe(503);
  expect((await post(other, CHAT, chat)).status).toBe(503);
  expect(new Set(wrong.seen)).toEqual(new Set(['token-3', 'token-4']));
  expect(await other.log.line('backend state')).toMatchObject({ reason: 'failing' });
  expect(asked).toHaveLength(4);
});
