import type { IncomingMessage, ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { chatBody, post } from '../testing/post.ts';
import { startHttpBackend } from '../testing/start-backend.ts';
import { startGatewayFor } from '../testing/start-scene.ts';

const elsewhere = 'https://secret-resource.example.net/login';
const chat = { ...chatBody, model: 'gpt-4o' };

/** A gateway in front of a backend with this answer, and a healthy one. */
async function startPair(answer: (req: IncomingMessage, res: ServerResponse) => void) {
  const seen: string[] = [];
  const a = await startHttpBackend(async (req, res) => {
    let body = '';
    for await (const chunk of req) body += String(chunk);
    seen.push(`${req.method} ${req.url} ${body.length > 0 ? 'body' : ''}`.trim());
    answer(req, res);
  });
  const b = await startHttpBackend((req, res) => {
    req.resume();
    res.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  const scene = await startGatewayFor([
    { name: 'a', url: a.url, apiKey: 'key-a' },
    { name: 'b', url: b.url, apiKey: 'key-b', priority: 2 },
  ]);
  return { ...scene, seen, a };
}

const redirect = (status: number, location: string) => (req: IncomingMessage, res: ServerResponse) => {
  if (req.url?.startsWith('/there')) res.setHeader('content-type', 'application/json').end('{}');
  else res.writeHead(status, { location }).end('moved');
};

const ask = async (scene: { url: string }, path: string, body: object) => {
  const response = await post(scene, path, body, { redirect: 'manual' });
  return [response.status, response.headers.get('x-spillway-backend'), response.headers.get('location')];
};

test.each([301, 302, 307, 308])(
  'a redirect %i within the same backend is followed with all of the request',
  async (status) => {
    const scene = await startPair(redirect(status, '/there?a=b'));
    expect(await ask(scene, '/openai/v1/chat/completions', chat)).toEqual([200, 'a', null]);
    expect(scene.seen).toEqual(['POST /openai/v1/chat/completions body', 'POST /there?a=b body']);
  },
);

test('a redirect 303 is followed with a GET', async () => {
  const scene = await startPair(redirect(303, '/there'));
  expect(await ask(scene, '/openai/v1/responses', { ...chat, input: 'x' })).toEqual([200, 'a', null]);
  expect(scene.seen).toEqual(['POST /openai/v1/responses body', 'GET /there']);
});

test('a redirect that never ends is a failure', async () => {
  const scene = await startPair((req, res) => void res.writeHead(307, { location: `${req.url}/x` }).end());
  expect(await ask(scene, '/openai/v1/chat/completions', chat)).toEqual([200, 'b', null]);
  expect(scene.seen).toHaveLength(4);
});

test.each([
  [302, elsewhere],
  [307, elsewhere],
  [308, '//secret-resource.example.net/x'],
  [301, 'https://[/'],
  [307, 'https://secret.openai.azure.com/openai/v1/chat/completions'],
])('a redirect %i to %s is not: another backend serves the request', async (status, location) => {
  const scene = await startPair(redirect(status, location));
  expect(await ask(scene, '/openai/v1/chat/completions', chat)).toEqual([200, 'b', null]);
});

test('a redirect to elsewhere is not handed out even where no other backend may be tried', async () => {
  const scene = await startPair(redirect(302, elsewhere));
  expect(await ask(scene, '/openai/v1/files', {})).toEqual([302, 'a', null]);
});

test('a redirect 307 of what makes an object says that nothing is made, so that another backend makes it', async () => {
  const scene = await startPair(redirect(307, elsewhere));
  expect(await ask(scene, '/openai/v1/batches', {})).toEqual([200, 'b', null]);
});

test.each([300, 302, 307])(
  'a %i that does not say where to is no answer: another backend gives one',
  async (status) => {
    const scene = await startPair((_, res) => void res.writeHead(status).end());
    expect(await ask(scene, '/openai/v1/chat/completions', chat)).toEqual([200, 'b', null]);
  },
);

test('a choice of places is no answer, wherever they are', async () => {
  const scene = await startPair((req, res) => void res.writeHead(300, { location: `${req.url}/x` }).end());
  expect(await ask(scene, '/openai/v1/chat/completions', chat)).toEqual([200, 'b', null]);
});

const linked = async (status: number, link: string) => {
  const scene = await startPair((_, res) => {
    const to = link.replace('BACKEND', scene.a.url);
    const headers = {
      location: to,
      link: `<${to}>; rel="next", </x>; rel=prev`,
      refresh: `0; URL='${to}'`,
    };
    res.writeHead(status, headers).end(status < 400 ? '' : '{"error":{"message":"No."}}');
  });
  const { headers } = await post(scene, '/openai/v1/files', {}, { redirect: 'manual' });
  const names = ['location', 'link', 'refresh'];
  return names.map((name) => headers.get(name)?.replaceAll(scene.url, 'GATEWAY') ?? null);
};

test.each([300, 302, 202, 422])(
  'every link of a %i that leads to a backend leads to the gateway',
  async (status) => {
    expect(await linked(status, 'BACKEND/openai/x?a=b')).toEqual([
      'GATEWAY/openai/x?a=b',
      '<GATEWAY/openai/x?a=b>; rel="next", </x>; rel=prev',
      "0; URL='GATEWAY/openai/x?a=b'",
    ]);
  },
);

test('no link that leads elsewhere is handed out with a redirect, and every one without', async () => {
  expect(await linked(300, elsewhere)).toEqual([null, null, null]);
  expect(await linked(201, elsewhere)).toEqual([
    elsewhere,
    `<${elsewhere}>; rel="next", </x>; rel=prev`,
    `0; URL='${elsewhere}'`,
  ]);
});

test.each([
  ['operation-location', 'https://secret.openai.azure.com/openai/operations/images/1?api-version=1'],
  [
    'azure-asyncoperation',
    'https://secret.cognitiveservices.azure.com/openai/operations/images/1?api-version=1',
  ],
  ['location', 'BACKEND/openai/operations/images/1?api-version=1'],
])('%s leads to the gateway', async (name, link) => {
  const scene = await startPair((_, res) => {
    res.writeHead(202, { [name]: link.replace('BACKEND', scene.a.url) }).end('{}');
  });
  const path = '/openai/operations/images/1?api-version=1';
  const plain = await post(scene, '/openai/v1/images/generations', chat);
  expect(plain.headers.get(name)).toBe(scene.url + path);
  const headers = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'ai.example.com' };
  const behind = await post(scene, '/openai/v1/images/generations', chat, { headers });
  expect(behind.headers.get(name)).toBe(`https://ai.example.com${path}`);
});

test('a link to elsewhere, such as a file in a blob storage, stays as it is', async () => {
  const link = 'https://files.blob.core.windows.net/x?sig=1';
  const scene = await startPair((_, res) => void res.writeHead(201, { location: link }).end('{}'));
  expect((await post(scene, '/openai/v1/files', {})).headers.get('location')).toBe(link);
});
