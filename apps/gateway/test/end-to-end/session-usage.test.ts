import { expect, test } from 'vitest';
import { makeKey, sha256 } from '../../src/client/keys.ts';
import { askAdmin } from '../testing/ask-admin.ts';
import { openSession } from '../testing/open-session.ts';
import { startGatewayFor } from '../testing/start-scene.ts';
import { startSessionBackend } from '../testing/start-session-backend.ts';
import { usedOf } from '../testing/used-of.ts';

const KEY = makeKey();
const transcribed = JSON.stringify({
  type: 'conversation.item.input_audio_transcription.completed',
  transcript: 'Hello',
  usage: { type: 'duration', seconds: 600 },
});

/** Opens a transcription session for a client with these budgets. */
async function openFor(budgets: readonly { readonly tokensPerDay: number }[] | undefined) {
  const backend = await startSessionBackend();
  const clients = [
    { name: 'chat', keys: [{ sha256: sha256(KEY) }], ...(budgets && { budgets: [...budgets] }) },
  ];
  const scene = await startGatewayFor([{ name: 'a', url: backend.url, apiKey: 'x' }], { clients });
  const taken = backend.next();
  const path = '/openai/v1/realtime?intent=transcription&model=whisper-1';
  const session = await openSession(scene, path, { headers: { 'api-key': KEY } });
  return { scene, session, socket: (await taken).socket };
}

async function rowsOf(scene: Awaited<ReturnType<typeof openFor>>['scene']) {
  await scene.log.request();
  return (JSON.parse((await askAdmin(scene, '/admin/usage')).text) as { readonly rows: object[] }).rows;
}

test('transcriptions that are told in seconds are charged while a session runs, and end it when its budget is spent', async () => {
  const { scene, session, socket } = await openFor([{ tokensPerDay: 10_000 }]);
  socket.send(transcribed);
  await session.next();
  await expect.poll(async () => (await usedOf(scene))['day']).toBeGreaterThanOrEqual(6000);
  socket.send(transcribed);
  expect((await session.closed).code).toBe(1006);
  expect(await scene.log.request()).toMatchObject({ status: 101, ending: 'interrupted' });
  expect(await rowsOf(scene)).toMatchObject([{ requests: 1, promptTokens: 12_000, completionTokens: 0 }]);
  expect(await usedOf(scene)).toMatchObject({ day: 12_000 });
});

test('a session of a client without budgets is counted as a request without usage', async () => {
  const { scene, session, socket } = await openFor(undefined);
  socket.send(transcribed);
  await session.next();
  session.socket.close(1000);
  await session.closed;
  expect(await rowsOf(scene)).toMatchObject([
    { requests: 1, failures: 0, requestsWithoutUsage: 1, promptTokens: 0, completionTokens: 0 },
  ]);
});
