import { expect, test } from 'vitest';
import { sha256 } from '../../src/client/keys.ts';
import { post } from '../testing/post.ts';
import { connectRaw, exchangeRaw, rawRequest } from '../testing/raw-client.ts';
import { APPLICATION, AUDIENCE, startIssuer, TENANT } from '../testing/start-issuer.ts';
import { startCannedBackend } from '../testing/start-backend.ts';
import { type Scene, startGatewayFor, startScene } from '../testing/start-scene.ts';

/** Each is planted in its field, and must not appear anywhere that operators look. */
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
  protocol: 'PLANTED-protocol',
  jwt: 'PLANTED.PLANTED-claims.PLANTED-signature',
  ephemeral: 'ek_PLANTED-ephemeral',
};

/** The clients of each carrier that are admitted; all others are refused. */
const clients = [
  {
    name: 'keyed',
    keys: [{ sha256: sha256(planted.apiKey) }, { sha256: sha256(planted.bearer) }],
    budgets: [{ tpm: 1_000_000 }],
    maxOutputTokens: 50,
    allOperations: true,
  },
  {
    name: 'other',
    keys: [{ sha256: sha256(planted.subscription) }, { sha256: sha256(planted.query) }],
    deployments: ['gpt-4o'],
  },
  { name: 'spent', keys: [{ sha256: sha256(planted.protocol) }], budgets: [{ rpm: 1, tokensPerDay: 5 }] },
];

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

/** Sends every planted secret, to operations of many kinds, well-formed and not. */
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
  await plantCredentials(scene, send);
  const leaving = await connectRaw(scene);
  leaving.send(rawRequest('POST', chat, [`api-key: ${planted.apiKey}`, 'Content-Length: 999'], '{'));
  leaving.socket.destroy();
}

const READS = ['state', 'backends', 'failovers', 'config', 'reload', 'usage', 'usage.csv', 'openapi.json'];

type Send = (path: string, body: unknown, headers?: Readonly<Record<string, string>>) => Promise<void>;

/** Returns the headers that may hold a credential. */
const placesOf = (value: string) => [
  { 'api-key': value },
  { authorization: `Bearer ${value}` },
  { 'ocp-apim-subscription-key': value },
  { 'x-api-key': value },
];

/** Sends each credential alone in each of its places, both valid and wrong ones. */
async function plantCredentials(scene: Scene, send: Send): Promise<void> {
  const none = Object.fromEntries(Object.keys(headers).map((name) => [name, '']));
  for (const value of Object.values(planted))
    for (const place of placesOf(value)) await send(chat, asked, { ...none, ...place });
  for (const name of ['api-key', 'subscription-key', 'Authorization'])
    for (const value of [planted.query, `Bearer ${planted.query}`, planted.jwt])
      await send(`${chat}&${name}=${encodeURIComponent(value)}`, asked, none);
  for (const key of [planted.protocol, planted.jwt, planted.ephemeral])
    for (const path of ['/openai/v1/realtime?model=gpt-realtime', '/openai/v1/responses']) {
      const protocol = `Sec-WebSocket-Protocol: realtime, openai-insecure-api-key.${key}`;
      const upgrade = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', protocol];
      const client = await connectRaw(scene);
      client.send(rawRequest('GET', path, [...upgrade, `Sec-WebSocket-Key: ${'A'.repeat(22)}==`]));
      await client.until('\r\n\r\n');
      client.socket.destroy();
    }
  // Refused by a budget, by a permission, and because the object is another client's.
  const spent = { ...none, 'x-api-key': planted.protocol };
  for (let count = 0; count < 3; count++) await send(chat, asked, spent);
  await send(chat.replace('gpt-4o', 'not-allowed'), asked, { ...none, 'x-api-key': planted.subscription });
  await send('/openai/v1/files/file-of-others1', asked);
  await send('/openai/v1/responses', {
    model: 'gpt-4o',
    previous_response_id: 'resp_1',
    input: planted.prompt,
  });
}

/** Returns everything that operators can see, by place. */
async function readAll({ adminUrl, url, log, gateway }: Scene): Promise<Record<string, string>> {
  const seen: Record<string, string> = {};
  const authorization = `Bearer ${planted.adminToken}`;
  const read = async (path: string, accept = '*/*') =>
    fetch(adminUrl + path, { headers: { authorization, accept } });
  for (const path of ['metrics', ...READS.map((name) => `admin/${name}`)])
    seen[path] = await (await read(`/${path}`)).text();
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

/**
 * Returns the places where something planted can be seen, with the lines that show it, and the places without any
 * output.
 */
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

test.each([
  ['serves', ''],
  ['answers with what was planted', `always status(200, body=${planted.answer})`],
  ['throttles', `always throttle(retry-after=60, header.x-note=${planted.answer})`],
  ['refuses the key', 'always status(401)'],
  ['breaks off', 'always reset(after-bytes=5)'],
])(
  'nor is it where clients are told apart, and keys and tokens are in all their places: the backend %s',
  async (_, script) => {
    const issuer = await startIssuer();
    const auth = { entra: { tenants: [TENANT], audiences: [AUDIENCE], authority: issuer.url } };
    const mock = { script, apiKey: planted.backendKey, backend: { apiKey: planted.backendKey } };
    const all = [...clients, { name: 'token', entra: { applications: [APPLICATION] } }];
    const scene = await startScene([mock, { script: '1x status(503)' }], { ...config, auth, clients: all });
    expect(await findPlanted(scene)).toEqual([]);
    const seen = new Set(scene.log.lines.map(({ client }) => client));
    expect([...seen]).toEqual(expect.arrayContaining(['keyed', 'other', 'spent']));
  },
);

test('an error that escapes is in the log without what was planted in its request', async () => {
  const scene = await startScene([{}], config);
  scene.gateway.noteEscapedError(new Error('a bug'));
  expect(await findPlanted(scene)).toEqual([]);
  expect(scene.log.text).toContain('an error escaped');
});
