import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { makeKey, sha256 } from '../../src/client/keys.ts';
import { realtimePath } from '../testing/open-session.ts';
import { post } from '../testing/post.ts';
import { APPLICATION, AUDIENCE, startIssuer, TENANT } from '../testing/start-issuer.ts';
import { startReloadable } from '../testing/start-reloadable.ts';

const [FIRST, SECOND] = [makeKey(), makeKey()];
const OTHER = 'bbbbbbbb-bbbb-cccc-dddd-eeeeeeeeeeee';

/** A resource that makes ephemeral keys, one after another, and accepts every session. */
async function startVoice() {
  let made = 0;
  const server = createServer((req, res) => {
    req.resume();
    res.writeHead(200, { 'content-type': 'application/json' });
    res.end(JSON.stringify({ value: `ek_${made++}`, session: {} }));
  });
  const sessions = new WebSocketServer({ server });
  onTestFinished(() => {
    for (const session of sessions.clients) session.terminate();
    server.close();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return [{ name: 'a', url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, apiKey: 'x' }];
}

async function mint(gateway: { url: string }, credential: string): Promise<string> {
  const body = { session: { type: 'realtime', model: 'gpt-realtime' } };
  const headers = { 'api-key': '', authorization: `Bearer ${credential}` };
  const response = await post(gateway, '/openai/v1/realtime/client_secrets', body, { headers });
  return ((await response.json()) as { value: string }).value;
}

function connect({ url }: { url: string }, key: string): WebSocket {
  const socket = new WebSocket(url.replace('http', 'ws') + realtimePath, {
    headers: { authorization: `Bearer ${key}` },
  });
  // A client that is cut off gets an error.
  socket.on('error', () => {});
  onTestFinished(() => socket.terminate());
  return socket;
}

async function open(gateway: { url: string }, key: string): Promise<WebSocket> {
  const socket = connect(gateway, key);
  await once(socket, 'open');
  return socket;
}

async function refusal(gateway: { url: string }, key: string): Promise<number | undefined> {
  const [, response] = (await once(connect(gateway, key), 'unexpected-response')) as [
    unknown,
    { statusCode?: number },
  ];
  return response.statusCode;
}

const hashed = (key: string, more = {}) => ({ sha256: sha256(key), ...more });

test.each([
  ['is replaced by another', [{ name: 'voice', keys: [hashed(SECOND)] }]],
  ['is disabled', [{ name: 'voice', keys: [hashed(FIRST, { disabled: true }), hashed(SECOND)] }]],
  ['has expired', [{ name: 'voice', keys: [hashed(FIRST, { expires: '2020-01-01T00:00:00Z' })] }]],
  [
    'goes to another client',
    [
      { name: 'voice', keys: [hashed(SECOND)] },
      { name: 'heir', keys: [hashed(FIRST)] },
    ],
  ],
  ['goes with its client', [{ name: 'heir', keys: [hashed(SECOND)] }]],
])(
  'an ephemeral key opens nothing more, and its session ends, when the key that it was made with %s',
  async (_, clients) => {
    const backends = await startVoice();
    const gateway = await startReloadable({ backends, clients: [{ name: 'voice', keys: [hashed(FIRST)] }] });
    const key = await mint(gateway, FIRST);
    const closed = once(await open(gateway, key), 'close');
    expect(await gateway.reload({ backends, clients })).toMatchObject({ result: 'applied' });
    await closed;
    expect(await refusal(gateway, key)).toBe(401);
  },
);

test('an ephemeral key stays good while the key that it was made with does, whatever happens to its client’s others', async () => {
  const backends = await startVoice();
  const config = (...keys: string[]) => ({
    backends,
    clients: [{ name: 'voice', keys: keys.map((key) => hashed(key)) }],
  });
  const gateway = await startReloadable(config(FIRST, SECOND));
  const [ofFirst, ofSecond] = [await mint(gateway, FIRST), await mint(gateway, SECOND)];
  const [gone, kept] = [await open(gateway, ofFirst), await open(gateway, ofSecond)];
  const closed = once(gone, 'close');
  expect(await gateway.reload(config(SECOND))).toMatchObject({ result: 'applied' });
  await closed;
  expect(kept.readyState).toBe(WebSocket.OPEN);
  await open(gateway, ofSecond);
});

test('an ephemeral key made with another ephemeral key ends with the key that the first was made with', async () => {
  const backends = await startVoice();
  const config = (key: string) => ({ backends, clients: [{ name: 'voice', keys: [hashed(key)] }] });
  const gateway = await startReloadable(config(FIRST));
  const child = await mint(gateway, await mint(gateway, FIRST));
  const closed = once(await open(gateway, child), 'close');
  expect(await gateway.reload(config(SECOND))).toMatchObject({ result: 'applied' });
  await closed;
  expect(await refusal(gateway, child)).toBe(401);
});

test.each([
  ['its application is taken away', {}, OTHER],
  ['its audience is taken away', { audiences: ['api://other'] }, APPLICATION],
])('an ephemeral key made with a token ends when %s, and not before', async (_, changed, application) => {
  const [backends, issuer] = [await startVoice(), await startIssuer()];
  const entra = { tenants: [TENANT], audiences: [AUDIENCE], authority: issuer.url };
  const config = (different: object, id: string, more: object = {}) => ({
    backends,
    auth: { entra: { ...entra, ...different } },
    clients: [{ name: 'voice', entra: { applications: [id] }, ...more }],
  });
  const gateway = await startReloadable(config({}, APPLICATION));
  const key = await mint(gateway, issuer.token());
  const session = await open(gateway, key);
  const closed = once(session, 'close');
  const same = config({}, APPLICATION, { class: 'batch' });
  expect(await gateway.reload(same)).toMatchObject({ result: 'applied' });
  expect(session.readyState).toBe(WebSocket.OPEN);
  await open(gateway, key);
  const { result } = await gateway.reload(config(changed, application));
  expect(result).toBe('applied');
  await closed;
  expect(await refusal(gateway, key)).toBe(401);
});

test('a session opened by a key ends when keys are no longer accepted', async () => {
  const [backends, issuer] = [await startVoice(), await startIssuer()];
  const entra = { tenants: [TENANT], audiences: [AUDIENCE], authority: issuer.url };
  const client = { name: 'voice', entra: { applications: [APPLICATION] } };
  const gateway = await startReloadable({
    backends,
    auth: { entra },
    clients: [{ ...client, keys: [hashed(FIRST)] }],
  });
  const socket = new WebSocket(gateway.url.replace('http', 'ws') + realtimePath, {
    headers: { 'api-key': FIRST },
  });
  socket.on('error', () => {});
  await once(socket, 'open');
  const closed = once(socket, 'close');
  const { result } = await gateway.reload({ backends, auth: { entra }, clients: [client] });
  expect(result).toBe('applied');
  await closed;
});
