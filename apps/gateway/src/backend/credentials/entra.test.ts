import type { AccessToken } from '@azure/identity';
import { expect, test } from 'vitest';
import { EntraCredential } from './entra.ts';

const MINUTE_MS = 60_000;

/** A credential with a clock that only a test moves, and an Entra ID that answers on demand. */
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
    undefined,
    () => this.jitterMs,
    (run, ms) => {
      this.timer = { run, dueMs: this.nowMs + ms };
      return () => (this.timer = undefined);
    },
  );
  jitterMs = 0;
  /** The timer that is set. */
  timer: { readonly run: () => void; readonly dueMs: number } | undefined;

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

  /** Lets time pass until the timer is due, and returns how long that took. */
  async untilTimer(): Promise<number> {
    const { run, dueMs } = this.timer!;
    const passedMs = dueMs - this.nowMs;
    this.nowMs = dueMs;
    run();
    await settled();
    return passedMs;
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

/** Resolves after everything that follows from a settled promise. */
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

test('a credential of Entra ID renews by a timer, without any request', async () => {
  const scene = await Scene.withToken();
  expect(await scene.untilTimer()).toBe(55 * MINUTE_MS);
  expect(scene.fetches).toBe(2);
  await scene.answer('second');
  expect(scene.token).toBe('second');
  expect(await scene.untilTimer()).toBe(55 * MINUTE_MS);
  expect(scene.fetches).toBe(3);
});

test('a credential of Entra ID renews at another time than others that began with it', async () => {
  const scene = new Scene();
  scene.jitterMs = 12_345;
  const first = scene.credential.fetch();
  await scene.answer('first');
  await first;
  expect(await scene.untilTimer()).toBe(55 * MINUTE_MS + 12_345);
});

test('a credential of Entra ID tries again ever more rarely, and never waits for the end of its token', async () => {
  const scene = await Scene.withToken();
  await scene.untilTimer();
  const pauses: number[] = [];
  while (scene.token !== undefined) {
    await scene.fail();
    pauses.push(await scene.untilTimer());
  }
  expect(pauses.slice(0, 5)).toEqual([10_000, 20_000, 40_000, 60_000, 60_000]);
  // Without a token, every request waits.
  await scene.fail();
  expect(await scene.untilTimer()).toBe(10_000);
  await scene.answer('second');
  expect(scene.token).toBe('second');
});

test('a credential of Entra ID always has a good token where tokens live for a minute', async () => {
  const scene = await Scene.withToken(MINUTE_MS);
  for (let time = 0; time < 10; time++) {
    expect(await scene.untilTimer()).toBe(MINUTE_MS / 2);
    expect(scene.token).toBeDefined();
    // The first fetch fails each time.
    await scene.fail();
    await scene.untilTimer();
    expect(scene.token).toBeDefined();
    await scene.answer(`token-${time}`, MINUTE_MS);
    expect(scene.token).toBe(`token-${time}`);
  }
});

test('a credential of Entra ID sets no timer once it is stopped, and what it has still serves', async () => {
  const scene = await Scene.withToken();
  scene.credential.stop();
  expect(scene.timer).toBeUndefined();
  expect(scene.token).toBe('first');
  scene.nowMs += 55 * MINUTE_MS;
  expect(scene.token).toBe('first');
  await scene.answer('second');
  expect(scene.timer).toBeUndefined();
});

test('a credential of Entra ID fetches one token instead of one that many requests were refused with', async () => {
  const scene = await Scene.withToken();
  const refused = scene.credential.current()!;
  const renewed = Promise.all(Array.from({ length: 50 }, () => scene.credential.renew(refused)));
  expect(scene.fetches).toBe(2);
  await scene.answer('second');
  expect(new Set((await renewed).map((header) => header?.[1]))).toEqual(new Set(['Bearer second']));
  expect((await scene.credential.renew(refused))?.[1]).toBe('Bearer second');
  expect(scene.fetches).toBe(2);
});

test('a credential of Entra ID does not fetch again and again where every token is refused', async () => {
  const scene = await Scene.withToken();
  const first = scene.credential.renew(scene.credential.current()!);
  await scene.answer('second');
  await first;
  expect(await scene.credential.renew(scene.credential.current()!)).toBeUndefined();
  expect(scene.fetches).toBe(2);
  scene.nowMs += 5000;
  const third = scene.credential.renew(scene.credential.current()!);
  await scene.fail();
  expect(await third).toBeUndefined();
  expect(scene.token).toBe('second');
});

test('a credential of Entra ID fetches at once with a new secret where the old one got none, and only there', async () => {
  const scene = new Scene();
  scene.credential.retry();
  expect(scene.fetches).toBe(0);
  const first = scene.credential.fetch();
  await Promise.all([scene.fail(), expect(first).rejects.toThrow('away')]);
  scene.credential.retry();
  expect(scene.fetches).toBe(2);
  await scene.answer('second');
  expect(scene.token).toBe('second');
});

const BACK_MS = 3 * 60 * MINUTE_MS;

test('a credential of Entra ID that got no token fetches one as soon as before when the clock is set back', async () => {
  const scene = new Scene();
  const first = scene.credential.fetch();
  await Promise.all([scene.fail(), expect(first).rejects.toThrow('away')]);
  const { run } = scene.timer!;
  scene.nowMs -= BACK_MS;
  run();
  expect(scene.fetches).toBe(2);
  await scene.answer('second');
  expect(scene.token).toBe('second');
});

test('a credential of Entra ID renews its token in time when the clock is set back', async () => {
  const scene = await Scene.withToken();
  scene.nowMs -= BACK_MS;
  expect(scene.token).toBe('first');
  expect(scene.token).toBe('first');
  expect(scene.fetches).toBe(2);
  await scene.answer('second');
  expect(scene.token).toBe('second');
  expect(scene.fetches).toBe(2);
});

test('a credential of Entra ID replaces a token that is refused after the clock was set back', async () => {
  const scene = await Scene.withToken();
  const first = scene.credential.renew(scene.credential.current()!);
  await scene.answer('second');
  await first;
  const refused = scene.credential.current()!;
  scene.nowMs -= BACK_MS;
  const second = scene.credential.renew(refused);
  await scene.answer('third');
  expect((await second)?.[1]).toBe('Bearer third');
});
