import { once } from 'node:events';
import { startMock } from '@spillway/mock-openai';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { makeKey, sha256 } from '../../src/client/keys.ts';
import { realtimePath } from '../testing/open-session.ts';
import { post, streamBody } from '../testing/post.ts';
import { APPLICATION, AUDIENCE, startIssuer, TENANT } from '../testing/start-issuer.ts';
import { startReloadable } from '../testing/start-reloadable.ts';

const KEYS = { gone: makeKey(), other: makeKey() };
const clientOf = (name: keyof typeof KEYS, disabled = false) => ({
  name,
  keys: [{ sha256: sha256(KEYS[name]), disabled }],
});

async function start() {
  const mock = await startMock({ name: 'a', apiKey: 'x', script: '1x slow(chunk-delay=100ms, chunks=5)' });
  onTestFinished(() => mock.stop());
  const backends = [{ name: 'a', url: mock.url, apiKey: 'x' }];
  const gateway = await startReloadable({ backends, clients: [clientOf('gone'), clientOf('other')] });
  return { ...gateway, backends };
}

async function open({ url }: { url: string }, name: keyof typeof KEYS): Promise<WebSocket> {
  const socket = new WebSocket(url.replace('http', 'ws') + realtimePath, {
    headers: { 'api-key': KEYS[name] },
  });
  // A client that is cut off gets an error.
  socket.on('error', () => {});
  await once(socket, 'open');
  return socket;
}

test.each([
  ['is disabled', [clientOf('gone', true), clientOf('other')]],
  ['is taken away', [clientOf('other')]],
  [
    'goes to another client',
    [{ ...clientOf('other'), keys: [...clientOf('other').keys, ...clientOf('gone').keys] }],
  ],
])(
  'a session ends when its client’s key %s, streams end in their own time, and others go on',
  async (_, clients) => {
    const gateway = await start();
    const stream = await post(gateway, undefined, streamBody, { headers: { 'api-key': KEYS.gone } });
    const [gone, other] = [await open(gateway, 'gone'), await open(gateway, 'other')];
    const closed = once(gone, 'close');
    expect(await gateway.reload({ backends: gateway.backends, clients })).toMatchObject({
      result: 'applied',
    });
    await closed;
    // The stream may end before the session is recorded.
    await expect
      .poll(() => gateway.log.lines.find(({ status }) => status === 101))
      .toMatchObject({ client: 'gone', ending: 'interrupted' });
    const metrics = await (await fetch(`${gateway.adminUrl}/metrics`)).text();
    expect(metrics).not.toMatch(/^spillway_broken_responses_total\{.*\} [1-9]/m);
    expect(await stream.text()).toContain('[DONE]');
    expect(other.readyState).toBe(WebSocket.OPEN);
    other.close();
  },
);

const OTHER = 'bbbbbbbb-bbbb-cccc-dddd-eeeeeeeeeeee';
const ENTRA = { tenants: [TENANT, OTHER], audiences: [AUDIENCE, 'api://spillway'] };
const named = (name: string, application: string) => ({ name, entra: { applications: [application] } });

test.each([
  ['its application is taken away', {}, [named('gone', OTHER)]],
  ['its application goes to another client', {}, [named('gone', OTHER), named('heir', APPLICATION)]],
  ['its tenant is taken away', { tenants: [OTHER] }, [named('gone', APPLICATION)]],
  ['its audience is taken away', { audiences: ['api://spillway'] }, [named('gone', APPLICATION)]],
])(
  'a session that was opened with a token ends when %s, and goes on while nothing of that changes',
  async (_, changed, later) => {
    const mock = await startMock({ name: 'a', apiKey: 'x' });
    onTestFinished(() => mock.stop());
    const issuer = await startIssuer();
    const config = (entra: object, clients: object[]) => ({
      backends: [{ name: 'a', url: mock.url, apiKey: 'x' }],
      auth: { entra: { ...ENTRA, authority: issuer.url, ...entra } },
      clients: [...clients, clientOf('other')] as never,
    });
    const gateway = await startReloadable(config({}, [named('gone', APPLICATION)]));
    const socket = new WebSocket(gateway.url.replace('http', 'ws') + realtimePath, {
      headers: { authorization: `Bearer ${issuer.token()}` },
    });
    socket.on('error', () => {});
    await once(socket, 'open');
    const closed = once(socket, 'close');
    const more = { ...named('gone', APPLICATION), class: 'batch' };
    expect(await gateway.reload(config({}, [more]))).toMatchObject({ result: 'applied' });
    expect(socket.readyState).toBe(WebSocket.OPEN);
    expect(await gateway.reload(config(changed, later))).toMatchObject({ result: 'applied' });
    await closed;
  },
);

test.each([
  ['deployments', {}, { deployments: ['gpt-4o'] }],
  ['fewer deployments', { deployments: ['gpt-4o', 'gpt-realtime'] }, { deployments: ['gpt-4o'] }],
  ['another tag', {}, { allow: ['eu'] }],
  ['no objects of others', { allObjects: true }, {}],
  [
    'fewer operations',
    { deployments: ['gpt-realtime'], allOperations: true },
    { deployments: ['gpt-realtime'] },
  ],
])('a session ends when its client gets %s, and goes on when it gets more', async (_, before, after) => {
  const mock = await startMock({ name: 'a', apiKey: 'x' });
  onTestFinished(() => mock.stop());
  const config = (different: object) => ({
    backends: [{ name: 'a', url: mock.url, apiKey: 'x', tags: ['eu'] }],
    clients: [{ ...clientOf('gone'), ...different }],
  });
  const gateway = await startReloadable(config(before));
  const socket = await open(gateway, 'gone');
  const closed = once(socket, 'close');
  const keys = [...clientOf('gone').keys, ...clientOf('other').keys];
  expect(await gateway.reload(config({ ...before, keys }))).toMatchObject({ result: 'applied' });
  expect(socket.readyState).toBe(WebSocket.OPEN);
  expect(await gateway.reload(config(after))).toMatchObject({ result: 'applied' });
  await closed;
});
