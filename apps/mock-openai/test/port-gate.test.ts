import { expect, test } from 'vitest';
import { post } from './testing/post.ts';
import { readWire, tap } from './testing/read-socket.ts';
import { start } from './testing/start.ts';
import type { Mock } from '../src/mock.ts';

/** Connects repeatedly until the port answers. */
async function connects(mock: Mock): Promise<void> {
  for (;;) {
    const wire = tap(mock);
    await wire.connected;
    const { text } = wire;
    wire.post();
    const end = await Promise.race([wire.has('HTTP/1.1').then(() => 'answered'), wire.ended]);
    wire.leave();
    // While the port is closed, TCP may connect a socket to itself, which then gets its own request back.
    if (end === 'answered' && text().startsWith('HTTP/1.1')) return;
  }
}

test('the mock refuses connections for a time, then takes them again on the same port', async () => {
  const mock = await start();
  mock.setScript('40ms refuse');
  expect((await readWire(mock)).end).toBe('ECONNREFUSED');
  await connects(mock);
  expect((await post(mock)).status).toBe(200);
});

test('the mock closes idle connections when it begins to refuse', async () => {
  const mock = await start();
  const wire = tap(mock);
  wire.post();
  await wire.has('"usage"');
  await mock.idle();
  mock.setScript('always refuse');
  await wire.ended;
  expect((await readWire(mock)).end).toBe('ECONNREFUSED');
  mock.setScript('ok');
  await connects(mock);
});

test('the mock lets requests that are open go on while it refuses, and resets later ones on their connections', async () => {
  const mock = await start({ script: '1x slow(chunks=3, chunk-delay=5ms), always refuse' });
  const wire = tap(mock);
  wire.post({ messages: [], stream: true });
  await wire.has('HTTP/1.1 200');
  expect((await readWire(mock)).end).toBe('ECONNREFUSED');
  await wire.has('[DONE]');
  wire.post();
  expect((await wire.ended).text.match(/HTTP\/1.1/g)).toHaveLength(1);
});

test('the mock refuses a number of connections by resetting them before they are read', async () => {
  const mock = await start({ script: '2x refuse' });
  expect(await readWire(mock)).toEqual({ text: '', end: 'ECONNRESET' });
  expect(await readWire(mock)).toEqual({ text: '', end: 'ECONNRESET' });
  expect(mock.counters.total).toBe(0);
  expect((await post(mock)).status).toBe(200);
});

test('the mock begins to refuse when the time before is over, even if no request comes', async () => {
  const mock = await start({ script: '20ms ok, always refuse' });
  let end = 'open';
  while (end !== 'ECONNREFUSED') {
    const wire = tap(mock);
    await wire.connected;
    wire.leave();
    end = (await wire.ended).end;
  }
  expect(mock.counters.total).toBe(0);
});

test('a mock that refuses can still be stopped, and controlled on a port of its own', async () => {
  const mock = await start({ script: 'refuse', controlPort: 0 });
  const script = await fetch(`${mock.controlUrl}/script`, { method: 'PUT', body: 'ok' });
  expect(script.status).toBe(200);
  await connects(mock);
  mock.setScript('refuse');
  await mock.stop();
  expect(mock.connections).toBe(0);
});
