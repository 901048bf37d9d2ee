import type { RequestListener } from 'node:http';
import { expect, test } from 'vitest';
import { post } from '../testing/post.ts';
import { startHttpBackend } from '../testing/start-backend.ts';
import { type Scene, startGatewayFor } from '../testing/start-scene.ts';

const answer: RequestListener = (req, res) => {
  req.resume();
  res.setHeader('content-type', 'application/json').end('{"id":"resp_1","object":"response","output":[]}');
};

const answerWith =
  (status: number, error: object = { message: 'Not now.' }, headers = {}): RequestListener =>
  (req, res) => {
    req.resume();
    res.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify({ error }));
  };

/** A gateway that prefers `a`, which fails once, and is well from then on. */
async function startAfter(fail: RequestListener, timeouts = {}): Promise<Omit<Scene, 'mocks'>> {
  let isWell = false;
  const a = await startHttpBackend((req, res) => {
    if (isWell) return answer(req, res);
    isWell = true;
    fail(req, res);
  });
  const b = await startHttpBackend(answer);
  return startGatewayFor(
    [
      { name: 'a', url: a.url, apiKey: 'a', priority: 1 },
      { name: 'b', url: b.url, apiKey: 'b', priority: 2 },
    ],
    { cooldown: { defaultMs: 50, floorMs: 1, ceilingMs: 200 }, timeouts },
  );
}

/** Sends a response that is to be stored, as every SDK does unless told otherwise. */
async function respond(scene: Omit<Scene, 'mocks'>): Promise<{ status: number; from: string | null }> {
  const response = await post(scene, '/openai/v1/responses', { model: 'gpt-4o', input: 'Hello' });
  await response.arrayBuffer();
  return { status: response.status, from: response.headers.get('x-spillway-backend') };
}

test.each<[string, RequestListener]>([
  ['500', answerWith(500)],
  ['503', answerWith(503)],
  ['503 with a time', answerWith(503, {}, { 'retry-after-ms': '20' })],
  ['424', answerWith(424)],
  ['404 for its deployment', answerWith(404, { code: 'DeploymentNotFound', message: 'It does not exist.' })],
  ['401', answerWith(401, { code: '401', message: 'Access denied due to invalid subscription key' })],
  ['200 with an error', answerWith(200, { code: 'server_error', message: 'It failed.' })],
])(
  'a backend that answered %s serves again, though all requests make objects, and costs no client anything',
  async (_, fail) => {
    const scene = await startAfter(fail);
    expect(await respond(scene)).toEqual({ status: 200, from: 'b' });
    for (;;) {
      const { status, from } = await respond(scene);
      expect(status).toBe(200);
      if (from === 'a') break;
    }
  },
);

test.each<[string, RequestListener, number]>([
  ['answered 504', answerWith(504), 504],
  ['broke the connection', (req) => void req.socket.destroy(), 502],
  ['was silent', (req) => void req.resume(), 502],
])('a backend that %s serves again, though all requests make objects', async (_, fail, status) => {
  const scene = await startAfter(fail, status === 502 ? { overallMs: 2000 } : {});
  expect((await respond(scene)).status).toBe(status);
  while ((await respond(scene)).from !== 'a');
});
