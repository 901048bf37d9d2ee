import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { chatBody, chatPath, post, streamBody } from '../testing/post.ts';
import { connectRaw, parseAnswer, rawRequest } from '../testing/raw-client.ts';
import { startHttpBackend } from '../testing/start-backend.ts';
import { startGatewayFor, startScene } from '../testing/start-scene.ts';

const quota = 'gpt-4o=standard(tpm=1000, rpm=100)';

async function probe(gateway: { url: string }, path: string) {
  const response = await fetch(gateway.url + path);
  expect(response.headers.get('content-type')).toBe('application/json');
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

test('the gateway is alive whatever its backends do', async () => {
  const scene = await startScene([{ script: 'throttle(retry-after=30)' }]);
  await post(scene);
  expect(await probe(scene, '/healthz')).toEqual({ status: 200, body: { status: 'ok' } });
});

test('the operators’ listener says how each backend stands', async () => {
  const scene = await startScene([{ script: 'throttle(retry-after=30)' }, {}]);
  await post(scene);
  expect(await probe({ url: scene.adminUrl }, '/admin/backends')).toMatchObject({
    status: 200,
    body: {
      backends: [
        {
          name: 'a',
          priority: 1,
          inFlight: 0,
          availability: 'throttled',
          recoversInMs: expect.any(Number),
          deployments: [
            {
              deployment: 'gpt-4o',
              availability: 'throttled',
              recoversInMs: expect.any(Number),
              headroom: {},
            },
          ],
        },
        {
          name: 'b',
          priority: 2,
          inFlight: 0,
          availability: 'available',
          deployments: [{ deployment: 'gpt-4o', availability: 'available', headroom: { share: 0.999 } }],
        },
      ],
    },
  });
});

test('the gateway is not ready while no backend is available, says why, and is once one has recovered', async () => {
  const scene = await startScene([{ script: '1x throttle(retry-after-ms=3000)' }]);
  await post(scene);
  expect(await probe(scene, '/readyz')).toEqual({
    status: 503,
    body: { status: 'not ready', reason: 'no backend is available' },
  });
  await expect.poll(() => probe(scene, '/readyz').then((answer) => answer.status)).toBe(200);
});

test('an unready gateway does not turn requests away by itself', async () => {
  const scene = await startScene([{ script: '1x ok, 1x status(503, header.retry-after=30)' }]);
  await post(scene);
  await post(scene);
  expect((await probe(scene, '/readyz')).status).toBe(503);
  expect((await post(scene)).status).toBe(200);
});

test('a deployment that nobody has makes no backend unready', async () => {
  const scene = await startScene([{ deployments: ['gpt-4o'] }]);
  expect((await post(scene, '/openai/deployments/nonsense/chat/completions?api-version=1')).status).toBe(404);
  expect((await probe(scene, '/readyz')).status).toBe(200);
});

test.each(['', '?scope=process', '?deployment=gpt-4o', '?deployment=gpt-4o&headroom=0.1'])(
  'whoever can reach the clients’ port learns from /readyz%s that the gateway is ready, and nothing else',
  async (query) => {
    const scene = await startScene([{ quota, deployments: ['gpt-4o'] }], {
      waitingRoom: { maxWaitMs: 1000 },
    });
    expect((await post(scene)).status).toBe(200);
    expect(await probe(scene, `/readyz${query}`)).toEqual({ status: 200, body: { status: 'ready' } });
  },
);

test('no page tells a URL or a key', async () => {
  const scene = await startScene([{}]);
  const { url, adminUrl } = scene;
  for (const page of [`${url}/healthz`, `${url}/readyz`, `${adminUrl}/admin/backends`]) {
    const text = await (await fetch(page)).text();
    expect(text).not.toMatch(/127\.0\.0\.1|key-a/);
  }
});

const spend = (scene: { url: string }, maxTokens: number) =>
  post(scene, chatPath, { ...chatBody, max_tokens: maxTokens });

test('the gateway is not ready for a deployment that has failed at every backend and never served', async () => {
  const scene = await startScene([{ script: 'status(500)' }, { script: 'status(500)' }]);
  expect((await post(scene)).status).toBe(503);
  expect(await probe(scene, '/readyz?deployment=gpt-4o')).toMatchObject({
    status: 503,
    body: { reason: 'every backend fails' },
  });
  expect(await probe(scene, '/readyz?deployment=other')).toMatchObject({ status: 200 });
});

test('the gateway is not ready while every backend fails, although each is tried again and again', async () => {
  const script = '1x ok, 5x status(500)';
  const scene = await startScene([{ script }, { script }]);
  for (let count = 0; count < 6; count++) await post(scene);
  expect(await probe(scene, '/readyz')).toMatchObject({
    status: 503,
    body: { reason: 'every backend fails' },
  });
  expect((await post(scene)).status).toBe(200);
  expect((await probe(scene, '/readyz')).status).toBe(200);
});

test('what is left of a quota is told per backend and deployment, as far as it is known', async () => {
  const scene = await startScene([{ quota }, {}]);
  await spend(scene, 400);
  expect((await probe({ url: scene.adminUrl }, '/admin/backends')).body).toMatchObject({
    backends: [
      {
        name: 'a',
        availability: 'available',
        deployments: [
          {
            deployment: 'gpt-4o',
            availability: 'available',
            headroom: {
              share: expect.closeTo(0.59, 1),
              limitTokens: 1000,
              remainingTokens: expect.closeTo(590, -1.4),
              limitRequests: 100,
              remainingRequests: expect.closeTo(99, 0),
            },
          },
        ],
      },
      { name: 'b', availability: 'available', deployments: [] },
    ],
  });
});

test('what is left of a quota lets a balancer in front ask for one deployment and a share that must be left', async () => {
  const scene = await startScene([{ quota }]);
  const status = async (query: string) => (await probe(scene, `/readyz?${query}`)).status;
  await spend(scene, 700);
  expect(await status('deployment=gpt-4o')).toBe(200);
  expect(await status('deployment=gpt-4o&headroom=0.2')).toBe(200);
  expect(await status('deployment=gpt-4o&headroom=0.5')).toBe(503);
  expect(await status('deployment=other&headroom=0.5')).toBe(200);
  expect((await probe(scene, '/readyz?headroom=0.5')).body['reason']).toBe(
    'no backend has 0.5 of its quota left',
  );
});

test.each([
  ['headroom=lots', 'The parameter headroom is "lots", but must be a share from 0 to 1, such as 0.1.'],
  ['headroom=2', 'The parameter headroom is "2", but must be a share from 0 to 1, such as 0.1.'],
  ['room=1', 'There is no parameter "room", only scope, deployment and headroom.'],
])('what is left of a quota %s is not understood, and the answer says why', async (query, message) => {
  const scene = await startScene([{}]);
  expect(await probe(scene, `/readyz?${query}`)).toMatchObject({
    status: 400,
    body: { error: { message } },
  });
});

test('a gateway that stops is not ready, as a connection that was open before can learn', async () => {
  const scene = await startScene([{ script: 'slow(delay=300ms)' }], { timeouts: { shutdownMs: 5000 } });
  const arrived = scene.mocks[0]!.nextRequest();
  const client = await connectRaw(scene);
  client.send(rawRequest('POST', chatPath, [], JSON.stringify(chatBody)));
  await arrived;
  const stopped = scene.gateway.stop();
  client.send(rawRequest('GET', '/readyz'));
  const text = await client.until('stopping');
  const { status, body } = parseAnswer(text.slice(text.lastIndexOf('HTTP/1.1')));
  expect(status).toBe(503);
  expect(JSON.parse(body)).toMatchObject({ status: 'not ready', reason: 'the gateway is stopping' });
  await stopped;
});

test('a backend that breaks many answers off together, as when it restarts, serves the next request', async () => {
  const begun: ServerResponse[] = [];
  const start = () =>
    startHttpBackend((request, response) => {
      request.resume();
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: {"choices":[{"index":0,"delta":{"content":"Hi"}}]}\n\n');
      begun.push(response);
    });
  const gateway = await startGatewayFor([
    { name: 'a', url: (await start()).url, apiKey: 'x' },
    { name: 'b', url: (await start()).url, apiKey: 'x', priority: 2 },
  ]);
  const ask = () => post(gateway, chatPath, streamBody);
  const answers = await Promise.all([ask(), ask(), ask(), ask(), ask()]);
  for (const response of begun) response.destroy();
  for (const answer of answers) await expect(answer.text()).rejects.toThrow('terminated');
  expect((await ask()).headers.get('x-spillway-backend')).toBe('a');
});
