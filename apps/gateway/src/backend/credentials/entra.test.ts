import type { AccessToken } from '@azure/identity';
import { expect, test } from 'vitest';
import { EntraCredential } from './entra.ts';

const MINUTE_MS = 60_000;

/** A credential with a clock that stands still until a test moves it, and an Entra ID that answers when told to. */
class Scene {
  nowMs = 1_000_000;
  /** Fetches that have begun and await their answer. */
  readonly pending: PromiseWithResolvers<AccessToken>[] = [];
  fetches = 0;
  readonly failures: string[] = [];
  readonly credential = new EntraCredential(
    () => {
      this.fetches++;
      const fetch = Promise.withResolvers<AccessToken>();
      this.pending.push(fetch);
      return fetch.promise;
    },
    ({ message }) => this.failures.push(message),
    () => this.nowMs,
  );

  /** Lets the oldest fetch succeed. */
  async answer(token: string, livesMs = 60 * MINUTE_MS, refreshAfterMs?: number): Promise<void> {
    const refreshAfter =
      refreshAfterMs === undefined ? {} : { refreshAfterTimestamp: this.nowMs + refreshAfterMs };
    this.pending.shift()!.resolve({ token, expiresOnTimestamp: this.nowMs + livesMs, ...refreshAfter });
    await settled();
  }

  async fail(): Promise<void> {
    this.pending.shift()!.reject(new Error('Entra ID is away'));
    await settled();
  }

  /** The token that a request would send now. */
  get token(): string | undefined {
    return this.credential.current()?.[1].replace('Bearer ', '');
  }

  /** A scene that has a token. */
  static async withToken(livesMs?: number, refreshAfterMs?: number): Promise<Scene> {
    const scene = new Scene();
    const first = scene.credential.fetch();
    await scene.answer('first', livesMs, refreshAfterMs);
    await first;
    return scene;
  }
}

/** Whatever follows from a settled promise has happened. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

test('a credential of Entra ID has nothing to send before it has fetched', () => {
  const scene = new Scene();
  expect(scene.credential.current()).toBeUndefined();
  expect(scene.fetches).toBe(0);
});

test('a credential of Entra ID fetches once for the many requests that come first', async () => {
  const scene = new Scene();
  const all = Promise.all(Array.from({ length: 100 }, () => scene.credential.fetch()));
  expect(scene.fetches).toBe(1);
  await scene.answer('first');
  expect(new Set(await all)).toEqual(new Set([scene.credential.current()]));
  expect(scene.credential.current()).toEqual(['authorization', 'Bearer first']);
});

test('a credential of Entra ID serves its token without another fetch until five minutes before it expires', async () => {
  const scene = await Scene.withToken();
  for (let minute = 0; minute < 55; minute++) {
    expect(scene.token).toBe('first');
    scene.nowMs += MINUTE_MS;
  }
  expect(scene.fetches).toBe(1);
});

test('a credential of Entra ID renews in the background while the old token still serves', async () => {
  const scene = await Scene.withToken();
  scene.nowMs += 55 * MINUTE_MS;
  for (let request = 0; request < 100; request++) expect(scene.token).toBe('first');
  expect(scene.fetches).toBe(2);
  await scene.answer('second');
  expect(scene.token).toBe('second');
  scene.nowMs += 54 * MINUTE_MS;
  expect(scene.token).toBe('second');
  expect(scene.fetches).toBe(2);
});

test('a credential of Entra ID renews when Entra ID says so, if it does', async () => {
  const scene = await Scene.withToken(60 * MINUTE_MS, 30 * MINUTE_MS);
  scene.nowMs += 30 * MINUTE_MS - 1;
  expect(scene.token).toBe('first');
  expect(scene.fetches).toBe(1);
  scene.nowMs += 1;
  expect(scene.token).toBe('first');
  expect(scene.fetches).toBe(2);
});

test('a credential of Entra ID keeps the old token when a renewal fails, and tries again after a while', async () => {
  const scene = await Scene.withToken();
  scene.nowMs += 56 * MINUTE_MS;
  expect(scene.token).toBe('first');
  await scene.fail();
  expect(scene.token).toBe('first');
  expect(scene.fetches).toBe(2);
  expect(scene.failures).toEqual(['Entra ID is away']);
  scene.nowMs += 10_000;
  expect(scene.token).toBe('first');
  expect(scene.fetches).toBe(3);
  await scene.answer('second');
  expect(scene.token).toBe('second');
});

test('never sends a token that has expired or is about to', async () => {
  const scene = await Scene.withToken();
  scene.nowMs += 60 * MINUTE_MS - 10_000;
  expect(scene.token).toBeUndefined();
  scene.nowMs += MINUTE_MS;
  expect(scene.token).toBeUndefined();
});

test('a credential of Entra ID fails where the first fetch fails, for all who wait, and says why once', async () => {
  const scene = new Scene();
  const all = Promise.allSettled([scene.credential.fetch(), scene.credential.fetch()]);
  await scene.fail();
  expect((await all).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(scene.credential.current()).toBeUndefined();
  expect(scene.failures).toEqual(['Entra ID is away']);
});

test('a credential of Entra ID does not hammer an Entra ID that is away, and has a token once it is back', async () => {
  const scene = new Scene();
  const first = scene.credential.fetch();
  await Promise.all([scene.fail(), expect(first).rejects.toThrow('away')]);
  scene.nowMs += 9_999;
  await expect(scene.credential.fetch()).rejects.toThrow('away');
  expect(scene.fetches).toBe(1);
  scene.nowMs += 1;
  const second = scene.credential.fetch();
  expect(scene.fetches).toBe(2);
  await scene.answer('second');
  expect(await second).toEqual(['authorization', 'Bearer second']);
  expect(scene.token).toBe('second');
});

test('a credential of Entra ID waits for a new token once the old one has expired', async () => {
  const scene = await Scene.withToken();
  scene.nowMs += 61 * MINUTE_MS;
  expect(scene.token).toBeUndefined();
  const second = scene.credential.fetch();
  expect(scene.fetches).toBe(2);
  await scene.answer('second');
  expect(await second).toEqual(['authorization', 'Bearer second']);
});

test.each([
  ['that lives for two minutes only', 2 * MINUTE_MS, undefined],
  ['that was to be renewed before it came', 60 * MINUTE_MS, -MINUTE_MS],
])(
  'a credential of Entra ID does not fetch at every request with a token %s',
  async (_, livesMs, refreshAfterMs) => {
    const scene = await Scene.withToken(livesMs, refreshAfterMs);
    for (let request = 0; request < 50; request++) {
      expect(scene.token).toBeDefined();
      if (scene.pending.length > 0) await scene.answer('next', livesMs, refreshAfterMs);
      scene.nowMs += 100;
    }
    expect(scene.fetches).toBeLessThanOrEqual(2);
  },
);

test('a credential of Entra ID does not wait long for an Entra ID that is silent, and takes a token that comes late', async () => {
  const silent = Promise.withResolvers<AccessToken>();
  const failures: string[] = [];
  const credential = new EntraCredential(
    () => silent.promise,
    ({ message }) => failures.push(message),
    () => 0,
    20,
  );
  await expect(credential.fetch()).rejects.toThrow('no answer within 20 ms');
  expect(failures).toHaveLength(1);
  expect(credential.current()).toBeUndefined();
  silent.resolve({ token: 'late', expiresOnTimestamp: 60 * MINUTE_MS });
  await settled();
  expect(credential.current()).toEqual(['authorization', 'Bearer late']);
});
