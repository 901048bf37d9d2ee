import { describe, expect, test } from 'vitest';
import { fullBacklog } from '../testing/full-backlog.ts';
import { openSession } from '../testing/open-session.ts';
import { chatBody, chatPath, errorOf, post } from '../testing/post.ts';
import { callsOf, startGatewayFor, startScene } from '../testing/start-scene.ts';

/** Posts a chat completion whose client waits no longer than this. */
function postWithin(scene: { readonly url: string }, seconds: string): Promise<Response> {
  return post(scene, chatPath, undefined, { headers: { 'x-stainless-timeout': seconds } });
}

describe('the overall time', () => {
  test('the overall time ends a request in a 504, however many backends there are', async () => {
    const silent = { script: 'hang' };
    const scene = await startScene([silent, silent, silent], {
      timeouts: { overallMs: 2000, attemptMs: 1200, minAttemptMs: 20 },
    });
    const response = await post(scene);
    expect(response.headers.get('x-spillway-attempts')).toBe('2');
    expect(await errorOf(response)).toEqual({
      status: 504,
      code: 'GatewayTimeout',
      message:
        'No backend answered for deployment "gpt-4o" within the time allowed. Priority group 1: unreachable; group 2: unreachable; group 3: not tried.',
    });
    expect(callsOf(scene)).toEqual([1, 1, 0]);
    expect(await scene.log.request()).toMatchObject({ status: 504, cause: 'out-of-time' });
  });

  test('the overall time is all that one slow backend may take, where there is no other', async () => {
    const scene = await startScene([{ script: '1x slow(delay=300ms), hang' }], {
      timeouts: { attemptMs: 100, overallMs: 1500 },
    });
    expect((await post(scene)).status).toBe(200);
    expect((await post(scene)).status).toBe(504);
  });

  test('the overall time leaves a failed request alone when another attempt could not finish', async () => {
    const scene = await startScene([{ script: 'hang' }, {}], {
      timeouts: { overallMs: 300, attemptMs: 200, minAttemptMs: 250 },
    });
    expect((await post(scene)).status).toBe(504);
    expect(callsOf(scene)).toEqual([1, 0]);
  });

  test('the overall time is longer for a large request where that is configured', async () => {
    const scene = await startScene([{ script: 'slow(delay=200ms)' }], {
      timeouts: { overallMs: 50, perMegabyteMs: 30_000 },
    });
    expect((await post(scene)).status).toBe(504);
    expect((await post(scene, undefined, `${JSON.stringify(chatBody)}${' '.repeat(1_000_000)}`)).status).toBe(
      200,
    );
  });

  test('the overall time includes connecting', async () => {
    const backlog = await fullBacklog();
    const scene = await startGatewayFor([{ url: backlog.url, apiKey: 'key' }], {
      timeouts: { overallMs: 150 },
    });
    expect((await post(scene)).status).toBe(504);
  });
});

describe('the client’s own deadline', () => {
  test('the client’s own deadline shortens the time, and the backend that had too little of it is not to blame', async () => {
    const scene = await startScene([{ script: '1x hang' }, {}]);
    const response = await postWithin(scene, '1');
    expect(await errorOf(response)).toMatchObject({ status: 504, code: 'GatewayTimeout' });
    expect(await scene.log.request()).toMatchObject({
      attempts: [{ backend: 'a', outcome: 'unreachable', failure: 'header-timeout' }],
    });
    expect((await post(scene)).headers.get('x-spillway-backend')).toBe('a');
    expect(callsOf(scene)).toEqual([2, 0]);
  });

  test('the client’s own deadline leaves enough for a failover that is quick', async () => {
    const scene = await startScene([{ script: 'reset' }, {}]);
    expect((await postWithin(scene, '30')).headers.get('x-spillway-backend')).toBe('b');
  });

  test.each(['x-stainless-timeout', 'x-stainless-read-timeout'])(
    'the client’s own deadline lengthens it too, as %s',
    async (name) => {
      const scene = await startScene([{ script: 'slow(delay=300ms)' }], { timeouts: { overallMs: 100 } });
      const response = await post(scene, chatPath, undefined, { headers: { [name]: '600' } });
      expect(response.status).toBe(200);
    },
  );

  test.each(['soon', '-1', '0', '', '0.1, 0.1', '1s'])(
    'the client’s own deadline is ignored when it is "%s"',
    async (value) => {
      const scene = await startScene([{ script: 'slow(delay=200ms)' }]);
      expect((await postWithin(scene, value)).status).toBe(200);
    },
  );

  test('the client’s own deadline does not make a throttled pool anything but throttled', async () => {
    const scene = await startScene([{ script: 'throttle(retry-after=30)' }]);
    const response = await postWithin(scene, '2');
    expect(response.status).toBe(429);
    expect(response.headers.get('retry-after')).toBe('30');
  });
});

describe('a hedge', () => {
  const config = { hedge: { afterMs: 300 } };

  test('a hedge answers for a backend that is slow, and cools nobody', async () => {
    const scene = await startScene([{ script: '1x hang' }, {}], config);
    const response = await post(scene);
    expect(response.status).toBe(200);
    expect(response.headers.get('x-spillway-backend')).toBe('b');
    expect(response.headers.get('x-spillway-attempts')).toBe('2');
    expect(await response.json()).toMatchObject({ object: 'chat.completion' });
    await scene.mocks[0]!.idle();
    expect(await scene.log.request()).toMatchObject({
      attempts: [
        { backend: 'a', outcome: 'aborted' },
        { backend: 'b', outcome: 'succeeded' },
      ],
    });
    expect((await post(scene)).headers.get('x-spillway-backend')).toBe('a');
    expect(scene.gateway.snapshots().map(({ inFlight }) => inFlight)).toEqual([0, 0]);
  });

  test('a hedge is aborted when the first backend answers before it', async () => {
    const scene = await startScene([{ script: 'slow(delay=1500ms)' }, { script: 'hang' }], config);
    expect((await post(scene)).headers.get('x-spillway-backend')).toBe('a');
    await scene.mocks[1]!.idle();
    expect(callsOf(scene)).toEqual([1, 1]);
  });

  test('a hedge is aborted with the first attempt when the client leaves', async () => {
    const scene = await startScene([{ script: 'hang' }, { script: 'hang' }], config);
    const both = Promise.all(scene.mocks.map((mock) => mock.nextRequest()));
    const leaving = new AbortController();
    const response = post(scene, undefined, undefined, { signal: leaving.signal });
    await both;
    leaving.abort();
    await expect(response).rejects.toThrow('aborted');
    await Promise.all(scene.mocks.map((mock) => mock.idle()));
    expect(await scene.log.request()).toMatchObject({ status: 499, ending: 'abandoned' });
    expect(scene.gateway.snapshots().map(({ availability }) => availability)).toEqual([
      'available',
      'available',
    ]);
  });

  test('a hedge opens a realtime session whose first backend is silent, which cools down after three', async () => {
    const scene = await startScene([{ script: '3x hang' }, {}], config);
    for (const _ of [1, 2, 3]) {
      const session = await openSession(scene);
      expect(session.response.headers).toMatchObject({
        'x-spillway-backend': 'b',
        'x-spillway-attempts': '2',
      });
      expect(JSON.parse(String((await session.next()).data))).toMatchObject({ type: 'session.created' });
    }
    expect((await openSession(scene)).response.headers).toMatchObject({
      'x-spillway-backend': 'b',
      'x-spillway-attempts': '1',
    });
    await scene.mocks[0]!.idle();
    expect(callsOf(scene)).toEqual([3, 4]);
  });

  test('a hedge is not sent for a request that makes an object', async () => {
    const scene = await startScene([{ script: 'slow(delay=600ms)' }, {}], config);
    const response = await post(scene, '/openai/v1/responses', { model: 'gpt-4o', input: 'Hello' });
    expect(response.headers.get('x-spillway-backend')).toBe('a');
    expect(callsOf(scene)).toEqual([1, 0]);
  });

  test('a hedge is not sent for requests that make objects, but where three are silent others are not sent', async () => {
    const scene = await startScene([{ script: '1x ok, hang' }, {}], config);
    const body = { model: 'gpt-4o', input: 'Hello' };
    expect((await post(scene, '/openai/v1/responses', body)).headers.get('x-spillway-backend')).toBe('a');
    const leaving = new AbortController();
    const silent = [1, 2, 3].map(() => post(scene, '/openai/v1/responses', body, { signal: leaving.signal }));
    await scene.log.line('backend state');
    const response = await post(scene, '/openai/v1/responses', body);
    expect(response.headers.get('x-spillway-backend')).toBe('b');
    expect(callsOf(scene)).toEqual([4, 1]);
    leaving.abort();
    for (const { status } of await Promise.allSettled(silent)) expect(status).toBe('rejected');
  });
});

describe('a spent retry budget', () => {
  const config = { retryBudget: { share: 0, minRetriesPerSecond: 0 } };

  test('a spent retry budget ends a failure as one, and says why in the log', async () => {
    const scene = await startScene([{ script: '1x status(500)' }, {}], config);
    expect(await errorOf(await post(scene))).toMatchObject({
      status: 503,
      code: 'ServiceUnavailable',
      message: expect.stringContaining('too many requests have been retried lately'),
    });
    expect(await scene.log.request()).toMatchObject({ status: 503, cause: 'retries-spent' });
    expect((await post(scene)).headers.get('x-spillway-backend')).toBe('b');
  });

  test('a spent retry budget does not keep what is throttled from spilling', async () => {
    const scene = await startScene([{ script: 'throttle(retry-after=30)' }, {}], config);
    expect((await post(scene)).headers.get('x-spillway-backend')).toBe('b');
  });
});
