import { readFileSync } from 'node:fs';
import { startMock } from '@spillway/mock-openai';
import { expect, onTestFinished, test } from 'vitest';
import { errorOf, post, streamBody } from '../testing/post.ts';
import { spawnGateway } from '../testing/spawn-gateway.ts';
import { startHttpBackend } from '../testing/start-backend.ts';
import { writeConfigFile } from '../testing/write-config-file.ts';

async function startBackend(script = '') {
  const mock = await startMock({ apiKey: 'key-a', script });
  onTestFinished(() => mock.stop());
  return mock;
}

/** An identity endpoint's answer with a token that is valid for a day. */
const tokenAnswer = () => ({
  status: 200,
  body: {
    access_token: 'entra-token',
    expires_on: String(Math.floor(Date.now() / 1000) + 86_400),
    resource: 'https://cognitiveservices.azure.com',
    token_type: 'Bearer',
  },
});

/** Plays the managed identity endpoint of an App Service. */
async function startIdentity(answer: () => { status: number; body: object }) {
  const asked: { url: string; secret: unknown }[] = [];
  const { url } = await startHttpBackend((req, res) => {
    asked.push({ url: req.url ?? '', secret: req.headers['x-identity-header'] });
    const { status, body } = answer();
    res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  const env = {
    IDENTITY_ENDPOINT: `${url}/msi/token`,
    IDENTITY_HEADER: 'identity-secret',
    AZURE_TOKEN_CREDENTIALS: 'ManagedIdentityCredential',
  };
  return { asked, env };
}

test('the built gateway, with nothing but environment variables, serves, fails over, and exits with 0 when it is told to stop', async () => {
  const throttled = await startBackend('throttle(retry-after=30)');
  const free = await startBackend();
  const gateway = spawnGateway({
    BACKEND_1_URL: throttled.url,
    BACKEND_1_APIKEY: 'key-a',
    BACKEND_2_URL: free.url,
    BACKEND_2_APIKEY: 'key-a',
    BACKEND_2_PRIORITY: '2',
    PORT: '0',
  });
  const url = await gateway.url;
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  const response = await post({ url });
  expect(response.status).toBe(200);
  expect(response.headers.get('x-spillway-backend')).toBe('backend-2');
  expect(await response.json()).toMatchObject({ object: 'chat.completion' });

  gateway.child.kill('SIGTERM');
  expect(await gateway.ended).toEqual({ code: 0, stderr: '' });
  expect(gateway.log.lines.map(({ msg }) => msg)).toEqual([
    'listening',
    'backend state',
    'request',
    'stopping',
    'stopped',
  ]);
});

test.each(['SIGTERM', 'SIGINT'] as const)(
  'the built gateway, with nothing but environment variables, lets a running request finish after %s, and then exits with 0',
  async (signal) => {
    const mock = await startBackend('slow(chunk-delay=30ms, chunks=6)');
    const config = writeConfigFile(
      `backends: [{ url: '${mock.url}', apiKey: key-a }]\ntimeouts: { lameDuckMs: 0 }\n`,
    );
    const gateway = spawnGateway({ SPILLWAY_CONFIG: config, PORT: '0' });
    const url = await gateway.url;
    const response = await post({ url }, undefined, streamBody);
    gateway.child.kill(signal);
    await gateway.log.line('stopping');
    await expect(post({ url })).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
    expect(await response.text()).toMatch(/data: \[DONE\]\n\n$/);
    expect(await gateway.ended).toEqual({ code: 0, stderr: '' });
  },
);

test('the built gateway, with nothing but environment variables, exits with 1 and says everything that is wrong, but no secret', async () => {
  const gateway = spawnGateway({
    BACKEND_1_URL: 'nowhere',
    BACKEND_1_APIKEY: 'a key SECRET',
    BACKEND_2_PRIORITY: 'first',
    PORT: '99999',
    HTTP_TIMEOUT_SECONDS: 'long',
  });
  const { code, stderr } = await gateway.ended;
  expect(code).toBe(1);
  expect(stderr).toMatch(/^The configuration is wrong:\n/);
  const variables = stderr.match(/^ {2}\w+/gm)!.map((line) => line.trim());
  expect(new Set(variables)).toEqual(
    new Set([
      'BACKEND_1_URL',
      'BACKEND_1_APIKEY',
      'BACKEND_2_URL',
      'BACKEND_2_PRIORITY',
      'PORT',
      'HTTP_TIMEOUT_SECONDS',
    ]),
  );
  expect(stderr).not.toMatch(/SECRET|\n +at /);
  expect(gateway.log.text).toBe('');
});

test('the built gateway, with nothing but environment variables, exits with 1 and says so when its host is no address of this machine', async () => {
  const open = { BACKEND_1_URL: 'https://a', SPILLWAY_ALLOW_OPEN: 'true' };
  const gateway = spawnGateway({ ...open, HOST: 'gone.invalid', PORT: '0' });
  const { code, stderr } = await gateway.ended;
  expect(code).toBe(1);
  expect(stderr).toMatch(/HOST: found "gone\.invalid" \(\w+\); allowed: an address of this machine/);
  expect(stderr).not.toMatch(/\n +at /);
});

test('the built gateway, with nothing but environment variables, exits with 1 and says so when the port for operators is taken', async () => {
  const { port } = new URL((await startBackend()).url);
  const gateway = spawnGateway({ BACKEND_1_URL: 'https://a', PORT: '0', ADMIN_PORT: port });
  const { code, stderr } = await gateway.ended;
  expect(code).toBe(1);
  expect(stderr).toContain(`ADMIN_HOST and ADMIN_PORT: found 127.0.0.1:${port} (EADDRINUSE)`);
  expect(stderr).not.toMatch(/\n +at /);
});

test('the built gateway, with nothing but environment variables, shows operators its state, its API and its metrics', async () => {
  const gateway = spawnGateway({ BACKEND_1_URL: 'https://a', PORT: '0' });
  const adminUrl = await gateway.adminUrl;
  const ask = async (path: string) => (await fetch(adminUrl + path)).json();
  expect(await ask('/admin/state')).toMatchObject({ backends: [{ name: 'backend-1', state: 'available' }] });
  expect(await ask('/admin/openapi.json')).toMatchObject({ openapi: '3.1.0' });
  const metrics = await (await fetch(`${adminUrl}/metrics`)).text();
  expect(metrics).toMatch(/^spillway_build_info\{version="\d+\.\d+\.\d+",node="[\d.]+"\} 1$/m);
  const headers = { 'content-type': 'application/json', 'x-spillway-admin': '1' };
  const drained = await fetch(`${adminUrl}/admin/backends/backend-1/drain`, {
    method: 'POST',
    headers,
    body: '{}',
  });
  expect(await drained.json()).toMatchObject({ state: 'draining' });
});

test('the built gateway, with nothing but environment variables, exits with 1 and says so when its port is taken', async () => {
  const { port } = new URL((await startBackend()).url);
  const gateway = spawnGateway({ BACKEND_1_URL: 'https://a', PORT: port });
  const { code, stderr } = await gateway.ended;
  expect(code).toBe(1);
  expect(stderr).toContain(`PORT: found ${port}, which another process uses on 127.0.0.1 (EADDRINUSE)`);
  expect(stderr).not.toMatch(/\n +at /);
});

test('the built gateway, with a configuration file, names the line of a port that is taken', async () => {
  const { port } = new URL((await startBackend()).url);
  const file = writeConfigFile(`backends: [{ url: "https://a" }]\nport: ${port}\n`);
  const { code, stderr } = await spawnGateway({ SPILLWAY_CONFIG: file }).ended;
  expect(code).toBe(1);
  expect(stderr).toContain(`${file}:2 port: found ${port}, which another process uses on 127.0.0.1`);
});

test('the built gateway warns once of what is probably a mistake, without a secret', async () => {
  const gateway = spawnGateway({
    BACKEND_1_URL: 'https://a.invalid',
    BACKEND_1_APIKEY: 'SECRET',
    BACKEND_2_URL: 'https://a.invalid',
    BACKEND_2_APIKEY: 'SECRET',
    BACKEND_EAST_URL: 'https://east.invalid',
    PORT: '0',
  });
  await gateway.url;
  const warnings = gateway.log.lines.filter(({ level }) => level === 40).map(({ msg }) => msg);
  expect(warnings).toEqual([
    expect.stringContaining('BACKEND_EAST_URL: found a name that is not read'),
    expect.stringContaining('BACKEND_2_URL: found the endpoint and the deployments of BACKEND_1_URL'),
  ]);
  expect(gateway.log.text).not.toMatch(/SECRET|invalid/);
});

test('without a key, the built gateway sends a token of Microsoft Entra ID, and fetches it once for several requests', async () => {
  const mock = await startMock({ apiKey: 'entra-token' });
  onTestFinished(() => mock.stop());
  const identity = await startIdentity(tokenAnswer);
  const gateway = spawnGateway({ BACKEND_1_URL: mock.url, PORT: '0', ...identity.env });
  const url = await gateway.url;
  const responses = await Promise.all(Array.from({ length: 5 }, () => post({ url })));
  expect(responses.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  expect((await post({ url })).status).toBe(200);
  for (const { headers } of mock.requests) {
    expect(headers.authorization).toBe('Bearer entra-token');
    expect(headers['api-key']).toBeUndefined();
  }
  expect(identity.asked).toEqual([
    {
      url: expect.stringMatching(/resource=https%3A%2F%2Fcognitiveservices\.azure\.com$/),
      secret: 'identity-secret',
    },
  ]);
  gateway.child.kill('SIGTERM');
  expect(await gateway.ended).toEqual({ code: 0, stderr: '' });
  expect(gateway.log.text).not.toMatch(/entra-token|identity-secret/);
});

test('without a key, the built gateway asks for the scope and the identity that each backend names, and once for those that share them', async () => {
  const mocks = await Promise.all([startMock({}), startMock({}), startMock({})]);
  onTestFinished(() => Promise.all(mocks.map((mock) => mock.stop())).then(() => undefined));
  const identity = await startIdentity(tokenAnswer);
  const [first, second, third] = mocks.map(({ url }) => url);
  const foundry = 'tokenScope: https://ai.azure.com/.default, identity: { clientId: client-b }';
  const file = writeConfigFile(`
strategy: round-robin
backends:
  - { url: "${first}" }
  - { url: "${second}", ${foundry} }
  - { url: "${third}", ${foundry} }
`);
  const gateway = spawnGateway({ SPILLWAY_CONFIG: file, PORT: '0', ...identity.env });
  const url = await gateway.url;
  for (let count = 0; count < 6; count++) expect((await post({ url })).status).toBe(200);
  expect(identity.asked.map((asked) => decodeURIComponent(asked.url ?? '')).sort()).toEqual([
    expect.stringMatching(/resource=https:\/\/ai\.azure\.com&client_id=client-b$/),
    expect.stringMatching(/resource=https:\/\/cognitiveservices\.azure\.com$/),
  ]);
});

test('without a key, the built gateway says in the log why there is no token, and serves with what has a key', async () => {
  const mock = await startBackend();
  const identity = await startIdentity(() => ({
    status: 400,
    body: { statusCode: 400, message: 'No identity is assigned.' },
  }));
  const gateway = spawnGateway({
    BACKEND_1_URL: mock.url,
    BACKEND_2_URL: mock.url,
    BACKEND_2_APIKEY: 'key-a',
    BACKEND_2_PRIORITY: '2',
    PORT: '0',
    ...identity.env,
  });
  const url = await gateway.url;
  const response = await post({ url });
  expect(response.status).toBe(200);
  expect(response.headers.get('x-spillway-backend')).toBe('backend-2');
  expect((await gateway.log.request())['attempts']).toMatchObject([
    { backend: 'backend-1', outcome: 'unreachable', failure: 'credential' },
    { backend: 'backend-2', outcome: 'succeeded' },
  ]);
  const metrics = await (await fetch(`${await gateway.adminUrl}/metrics`)).text();
  expect(metrics).toContain('spillway_credential_failures_total{backend="backend-1",cause="missing"} 1\n');
  expect(await gateway.log.line('no token from Microsoft Entra ID')).toMatchObject({ level: 40 });
  expect(gateway.log.text).not.toContain('identity-secret');
  expect(await errorOf(await post({ url }, '/nowhere'))).toMatchObject({ status: 404 });
});

test('without a key, the built gateway says at its start that it gets none, and uses another backend while Entra ID is silent', async () => {
  const mock = await startBackend();
  const silent = await startHttpBackend((req) => void req.resume());
  const gateway = spawnGateway({
    BACKEND_1_URL: mock.url,
    BACKEND_2_URL: mock.url,
    BACKEND_2_APIKEY: 'key-a',
    BACKEND_2_PRIORITY: '2',
    PORT: '0',
    IDENTITY_ENDPOINT: `${silent.url}/msi/token`,
    IDENTITY_HEADER: 'identity-secret',
    AZURE_TOKEN_CREDENTIALS: 'ManagedIdentityCredential',
  });
  const url = await gateway.url;
  expect(await gateway.log.line('no token from Microsoft Entra ID')).toMatchObject({
    reason: 'no answer within 5000 ms',
  });
  const response = await post({ url });
  expect(response.headers.get('x-spillway-backend')).toBe('backend-2');
});

test('the built file has short lines, as Node 20 parses the whole line of an assertion that fails', () => {
  const built = readFileSync(new URL('../../dist/main.js', import.meta.url), 'utf8');
  const long = built.split('\n').filter((line) => line.length > 20_000);
  // Entra ID, ws and OpenTelemetry are packed as one text each, as are undici’s two parsers and the page’s script.
  expect(long.length).toBeLessThanOrEqual(6);
  expect(long.every((line) => /["'`]/.test(line.slice(0, 200)))).toBe(true);
});
