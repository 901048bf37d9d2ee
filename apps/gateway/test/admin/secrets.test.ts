import { expect, test } from 'vitest';
import { post } from '../testing/post.ts';
import { connectRaw, exchangeRaw, rawRequest } from '../testing/raw-client.ts';
import { startCannedBackend } from '../testing/start-backend.ts';
import { type Scene, startGatewayFor, startScene } from '../testing/start-scene.ts';

/* Each is planted where the field has it, and must be nowhere that operators look. */
const planted = {
  apiKey: 'PLANTED-api-key',
  bearer: 'PLANTED-bearer',
  subscription: 'PLANTED-subscription',
  cookie: 'PLANTED-cookie',
  query: 'PLANTED-query',
  prompt: 'PLANTED-prompt',
  user: 'PLANTED-user',
  system: 'PLANTED-system',
  tool: 'PLANTED-tool',
  image: 'PLANTED-image',
  metadata: 'PLANTED-metadata',
  trace: 'PLANTED-trace',
  agent: 'PLANTED-agent',
  answer: 'PLANTED-answer',
  backendKey: 'PLANTED-backend-key',
  adminToken: 'PLANTED-admin-token-0123456789',
};

const headers = {
  'api-key': planted.apiKey,
  authorization: `Bearer ${planted.bearer}`,
  'ocp-apim-subscription-key': planted.subscription,
  cookie: `session=${planted.cookie}`,
  traceparent: `00-${planted.trace}`,
  tracestate: `vendor=${planted.trace}`,
  baggage: `user=${planted.trace}`,
  'user-agent': planted.agent,
  'x-ms-client-request-id': planted.agent,
  referer: `https://chat.example/?q=${planted.query}`,
};

const asked = {
  messages: [
    { role: 'system', content: planted.system },
    {
      role: 'user',
      content: [
        { type: 'text', text: planted.prompt },
        { type: 'image_url', image_url: { url: `https://x/?sig=${planted.image}` } },
      ],
    },
  ],
  user: planted.user,
  metadata: { note: planted.metadata },
  tools: [{ type: 'function', function: { name: planted.tool, parameters: {} } }],
};

const query = `api-version=1&code=${planted.query}`;
const chat = `/openai/deployments/gpt-4o/chat/completions?${query}`;

/** Sends whatever has something planted in it, to operations of many kinds, well-formed and not. */
async function plant(scene: Scene): Promise<void> {
  const send = async (path: string, body: unknown, more = {}) => {
    const response = await post(scene, path, body, { headers: { ...headers, ...more }, redirect: 'manual' });
    await response.text().catch(() => {});
  };
  await send(chat, asked);
  await send(chat, { ...asked, stream: true });
  await send('/openai/v1/responses', {
    model: 'gpt-4o',
    input: planted.prompt,
    instructions: planted.system,
  });
  await send(`/openai/v1/responses/resp_1/cancel?${query}`, {});
  await send('/openai/v1/embeddings', { model: 'gpt-4o', input: [planted.prompt] });
  await send('/openai/v1/chat/completions', `{"model":"gpt-4o","messages":"${planted.prompt}`);
  await send('/openai/v1/chat/completions', { model: 'x'.repeat(2000), ...asked });
  await send(`/nowhere/${planted.prompt}?${query}`, asked);
  await send(chat, asked, { 'x-spillway-backend': planted.agent, 'x-spillway-priority': planted.agent });
  const close = ['Connection: close', `api-key: ${planted.apiKey}`];
  for (const bytes of [
    rawRequest('TRACE', chat, close),
    rawRequest('POST', chat, [...close, `bad header: ${planted.apiKey}`]),
    rawRequest('GET', `/openai/deployments/%ff${planted.prompt}/x`, close),
    `${planted.prompt}\r\n\r\n`,
  ])
    await exchangeRaw(scene, bytes);
  const leaving = await connectRaw(scene);
  leaving.send(rawRequest('POST', chat, [`api-key: ${planted.apiKey}`, 'Content-Length: 999'], '{'));
  leaving.socket.destroy();
}

/** Returns all that operators can see, by where. */
async function readAll({ adminUrl, url, log, gateway }: Scene): Promise<Record<string, string>> {
  const seen: Record<string, string> = {};
  const authorization = `Bearer ${planted.adminToken}`;
  const read = async (path: string, accept = '*/*') =>
    fetch(adminUrl + path, { headers: { authorization, accept } });
  for (const path of ['/metrics', '/admin/state', '/admin/backends', '/admin/failovers', '/admin/config'])
    seen[path] = await (await read(path)).text();
  seen['openmetrics'] = await (await read('/metrics', 'application/openmetrics-text')).text();
  seen['/readyz'] = await (await fetch(`${url}/readyz?deployment=gpt-4o`)).text();
  const events = (await read('/admin/events')).body!.getReader();
  seen['/admin/events'] = new TextDecoder().decode((await events.read()).value);
  await events.cancel();
  const wrong = await fetch(`${adminUrl}/admin/state`, {
    headers: { authorization: `Bearer ${planted.apiKey}-wrong` },
  });
  seen['401'] = await wrong.text();
  await gateway.stop();
  seen['log'] = log.text;
  return seen;
}

/** Returns the places where something planted can be seen, with the lines that show it, and those where nothing can be seen. */
async function findPlanted(scene: Scene): Promise<string[]> {
  await plant(scene);
  const seen = Object.entries(await readAll(scene));
  return seen.flatMap(([where, text]) => {
    const lines = text.split('\n').filter((line) => line.includes('PLANTED'));
    return text === '' ? [`${where} is empty`] : lines.map((line) => `${where}: ${line}`);
  });
}

const config = {
  admin: { port: 0, token: planted.adminToken },
  timeouts: { overallMs: 150 },
  logLevel: 'debug',
  allowBackendPin: true,
} as const;

test.each([
  ['serves', ''],
  ['answers with what was planted', `always status(200, body=${planted.answer})`],
  ['throttles', `always throttle(retry-after=60, header.x-note=${planted.answer})`],
  ['fails', `always status(500, body=${planted.answer})`],
  ['refuses the key', 'always status(401)'],
  ['rejects the prompt', `always status(400, body=${planted.answer})`],
  ['leads elsewhere', `always status(302, header.location=https://x/?key=${planted.answer})`],
  ['breaks off', 'always reset(after-bytes=5)'],
])(
  'no key, token, prompt or header that was planted is anywhere that operators look: the backend %s',
  async (_, script) => {
    const mock = { script, apiKey: planted.backendKey, backend: { apiKey: planted.backendKey } };
    expect(await findPlanted(await startScene([mock, { script: '1x status(503)' }], config))).toEqual([]);
  },
);

test('no key, token, prompt or header that was planted is anywhere that operators look: the backend answers nonsense', async () => {
  const nonsense = `HTTP/1.1 abc ${planted.answer}\r\n${planted.answer}\r\n\r\n`;
  const { url } = await startCannedBackend(nonsense);
  const scene = await startGatewayFor([{ name: 'a', url, apiKey: planted.backendKey }], config);
  expect(await findPlanted({ ...scene, mocks: [] })).toEqual([]);
});

test('an error that escapes is in the log without what was planted in its request', async () => {
  const scene = await startScene([{}], config);
  scene.gateway.noteEscapedError(new Error('a bug'));
  expect(await findPlanted(scene)).toEqual([]);
  expect(scene.log.text).toContain('an error escaped');
});
