import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { askAdmin } from '../testing/ask-admin.ts';
import { openSession, realtimePath } from '../testing/open-session.ts';
import { post } from '../testing/post.ts';
import { type KeyBackend, startKeyBackend } from '../testing/start-key-backend.ts';
import { startGatewayFor } from '../testing/start-scene.ts';
import { writeConfigFile } from '../testing/write-config-file.ts';

const RENEWED = 'a credential was renewed from its file';
const UNUSABLE = 'a credential’s file cannot be used; the old credential still serves';
const chat = { model: 'gpt-4o', messages: [] };
const CHAT = '/openai/v1/chat/completions';

async function startScene(content: string | Buffer = 'key-1', status?: number) {
  const backend = await startKeyBackend(['key-1'], status);
  const file = writeConfigFile(content, 'key');
  const scene = await startGatewayFor([{ name: 'a', url: backend.url, apiKeyFile: file }]);
  return { ...scene, backend, file };
}

/** Sends requests continuously on several connections, until stopped; returns the statuses. */
function keepAsking(scene: { readonly url: string }) {
  const statuses = new Map<number, number>();
  const end = new AbortController();
  const lines = Array.from({ length: 8 }, async () => {
    while (!end.signal.aborted) {
      const { status } = await post(scene, CHAT, chat);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  });
  const stop = async () => {
    end.abort();
    await Promise.all(lines);
    return [...statuses.keys()];
  };
  return { stop };
}

function rotate({ accepted }: KeyBackend, key: string): void {
  accepted.clear();
  accepted.add(key);
}

/** Resolves once a backend has been sent a key. */
async function seen({ seen }: KeyBackend, key: string, from = 0): Promise<void> {
  while (!seen.slice(from).includes(key)) await new Promise((resolve) => setTimeout(resolve, 10));
}

test('no request fails when a new key is in the file before the old one is revoked, time and again', async () => {
  const { backend, file, log, ...scene } = await startScene();
  for (const key of ['key-2', 'key-3', 'key-4']) {
    const asking = keepAsking(scene);
    // The backend does not know it yet: the old one stays in use.
    const refused = backend.refused(key);
    writeFileSync(file, `${key}\n`);
    await refused;
    rotate(backend, key);
    await seen(backend, key, backend.seen.length);
    expect(await asking.stop()).toEqual([200]);
  }
  expect(log.lines.filter(({ msg }) => msg === RENEWED)).toHaveLength(3);
  expect(log.lines.filter(({ msg }) => msg === 'backend state')).toEqual([]);
  expect(log.text).not.toMatch(/key-\d/);
});

test('no request fails when a key is revoked before the new one is in its file, time and again', async () => {
  const { backend, file, log, ...scene } = await startScene();
  const keys = ['key-1', 'key-2', 'key-3', 'key-4'];
  for (const [index, key] of keys.slice(1).entries()) {
    const asking = keepAsking(scene);
    const refused = backend.refused(keys[index] ?? '');
    rotate(backend, key);
    await refused;
    writeFileSync(file, key);
    await seen(backend, key, backend.seen.length);
    expect(await asking.stop()).toEqual([200]);
  }
  expect(log.lines.filter(({ msg }) => msg === 'backend state')).toEqual([]);
});

test('a key that is refused for good costs one wait, and then its backend cools down', async () => {
  const { backend, log, ...scene } = await startScene('key-wrong');
  expect((await post(scene, CHAT, chat)).status).toBe(503);
  expect(backend.seen).toEqual(['key-wrong']);
  expect(await log.line('backend state')).toMatchObject({ level: 40, backend: 'a', reason: 'failing' });
});

test('a backend whose key was refused is tried at once when another key is in its file', async () => {
  const a = await startKeyBackend(['key-1']);
  const b = await startKeyBackend(['key-b']);
  const file = writeConfigFile('key-wrong', 'key');
  const scene = await startGatewayFor([
    { name: 'a', url: a.url, apiKeyFile: file },
    { name: 'b', url: b.url, apiKey: 'key-b', priority: 2 },
  ]);
  await post(scene, CHAT, chat);
  await scene.log.line('backend state');
  writeFileSync(file, 'key-1');
  await scene.log.line(RENEWED);
  expect((await post(scene, CHAT, chat)).headers.get('x-spillway-backend')).toBe('a');
});

test('another backend is asked once a key is refused for good, and the client’s own keys renew nothing', async () => {
  const a = await startKeyBackend([]);
  const b = await startKeyBackend(['key-b']);
  const scene = await startGatewayFor([
    { name: 'a', url: a.url, apiKeyFile: writeConfigFile('key-a', 'key') },
    { name: 'b', url: b.url, apiKey: 'key-b', priority: 2 },
  ]);
  const response = await post(scene, CHAT, chat);
  expect([response.status, response.headers.get('x-spillway-backend')]).toEqual([200, 'b']);
  const own = { headers: { authorization: 'Bearer ek_unknown', 'api-key': '' } };
  expect((await post(scene, '/openai/v1/realtime/calls', 'v=0', own)).status).toBe(401);
  expect(a.seen.filter((key) => key === 'ek_unknown').length).toBeLessThanOrEqual(1);
});

test('a refused key is replaced at once where the new one is in its file already, with 403 too, and for sessions', async () => {
  for (const status of [401, 403]) {
    const { backend, file, ...scene } = await startScene('key-1', status);
    rotate(backend, 'key-2');
    writeFileSync(file, 'key-2');
    const session = await openSession(scene, realtimePath);
    expect((await session.next()).data.toString()).toContain('session.created');
    expect(backend.seen).toEqual(['key-1', 'key-2']);
    expect((await post(scene, CHAT, chat)).status).toBe(200);
    expect(backend.seen).toEqual(['key-1', 'key-2', 'key-2']);
  }
});

test('a key is sent to Claude’s API by its other name too, the new one as well', async () => {
  const { backend, file, ...scene } = await startScene();
  rotate(backend, 'key-2');
  writeFileSync(file, 'key-2');
  const response = await post(scene, '/anthropic/v1/messages', { model: 'claude', messages: [] });
  expect([response.status, backend.seen]).toEqual([200, ['key-1', 'key-2']]);
});

test('a refused upload, which cannot be sent again, is not, while the next request has the new key', async () => {
  const { backend, file, ...scene } = await startScene();
  rotate(backend, 'key-2');
  writeFileSync(file, 'key-2');
  const big = await startGatewayFor([{ name: 'a', url: backend.url, apiKeyFile: file }], {
    limits: { replayBytes: 1000 },
  });
  expect((await post(scene, CHAT, chat)).status).toBe(200);
  rotate(backend, 'key-3');
  const calls = backend.seen.length;
  await post(big, CHAT, { ...chat, user: 'x'.repeat(5000) });
  expect(backend.seen.slice(calls)).toEqual(['key-2']);
});

test('a key is taken from what Kubernetes mounts when its link is swapped', async () => {
  const backend = await startKeyBackend(['key-1', 'key-2']);
  const folder = dirname(writeConfigFile('', 'unused'));
  const mount = (version: string, key: string) => {
    mkdirSync(join(folder, version));
    writeFileSync(join(folder, version, 'key'), key);
    symlinkSync(version, join(folder, '..data_tmp'));
    renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
  };
  mount('..1', 'key-1');
  symlinkSync('..data/key', join(folder, 'key'));
  const scene = await startGatewayFor([{ url: backend.url, apiKeyFile: join(folder, 'key') }]);
  mount('..2', 'key-2');
  rmSync(join(folder, '..1'), { recursive: true });
  expect(await scene.log.line(RENEWED)).toMatchObject({ level: 30, file: join(folder, 'key') });
  expect((await post(scene, CHAT, chat)).status).toBe(200);
  expect(backend.seen).toEqual(['key-2']);
});

test.each([
  ['a line end', 'key-1\r\n'],
  ['a byte order mark', '\uFEFFkey-1\n'],
  ['spaces', '  key-1\t '],
])('a key in a file with %s around it is sent without', async (_, content) => {
  const { backend, ...scene } = await startScene(content);
  expect((await post(scene, CHAT, chat)).status).toBe(200);
  expect(backend.seen).toEqual(['key-1']);
});

test.each<[string, string | Buffer | undefined]>([
  ['is empty', ''],
  ['is blank', ' \n'],
  ['has two words', 'secret-one secret-two'],
  ['has control characters', 'secret\u0000one'],
  ['is UTF-16', Buffer.from('\uFEFFsecret', 'utf16le')],
  ['is long', 'secret'.repeat(1000)],
  ['is gone', undefined],
])(
  'a file that %s leaves the old key, is told once by its name alone, and may be mended',
  async (_, content) => {
    const { backend, file, log, ...scene } = await startScene();
    if (content === undefined) rmSync(file);
    else writeFileSync(file, content);
    expect(await log.line(UNUSABLE)).toMatchObject({ level: 40, file });
    expect((await post(scene, CHAT, chat)).status).toBe(200);
    writeFileSync(file, 'key-2');
    await log.line(RENEWED);
    rotate(backend, 'key-2');
    expect((await post(scene, CHAT, chat)).status).toBe(200);
    expect(log.lines.filter(({ msg }) => msg === UNUSABLE)).toHaveLength(1);
    expect(log.text).not.toMatch(/secret|key-\d/);
  },
);

test('a file that is still being written is not believed', async () => {
  const { backend, file, ...scene } = await startScene('k');
  const key = 'key-of-many-letters';
  rotate(backend, key);
  const asked = post(scene, CHAT, chat);
  await backend.refused('k');
  // Truncated, and then written letter by letter: each beginning would be a valid key.
  for (let letters = 0; letters <= key.length; letters++) {
    writeFileSync(file, key.slice(0, letters));
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  expect((await asked).status).toBe(200);
  expect(new Set(backend.seen)).toEqual(new Set(['k', key]));
});

test('operators see where a key comes from, and never the key', async () => {
  const { adminUrl, file } = await startScene();
  const { text } = await askAdmin({ adminUrl }, '/admin/config');
  expect(text).toContain(JSON.stringify(file));
  expect(text).not.toContain('key-1');
});
