import { once } from 'node:events';
import { startMock } from '@spillway/mock-openai';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { makeKey, sha256 } from '../../src/client/keys.ts';
import { realtimePath } from '../testing/open-session.ts';
import { post, streamBody } from '../testing/post.ts';
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
  // Whoever is cut off is told so by an error.
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
    expect(await stream.text()).toContain('[DONE]');
    expect(other.readyState).toBe(WebSocket.OPEN);
    other.close();
  },
);
