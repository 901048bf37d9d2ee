import { once } from 'node:events';
import { expect, test } from 'vitest';
import { openSession, refusedSession } from '../testing/open-session.ts';
import { startHttpBackend } from '../testing/start-backend.ts';
import { startSessionBackend } from '../testing/start-session-backend.ts';
import { startHttpReceiver } from './testing/start-receiver.ts';
import { startTraced, startTracedFor } from './testing/start-traced.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = '00f067aa0ba902b7';
const headers = { traceparent: `00-${TRACE}-${PARENT}-01` };

test('a session that spilled is a span until its end, with one for each attempt below it', async () => {
  const receiver = await startHttpReceiver();
  const backend = await startSessionBackend();
  const throttled = await startHttpBackend(
    () => {},
    (_, socket) =>
      socket.end('HTTP/1.1 429 Too Many Requests\r\nretry-after: 60\r\ncontent-length: 0\r\n\r\n'),
  );
  const gateway = await startTracedFor([throttled.url, backend.url], {
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
  });
  const begun = backend.next();
  const session = await openSession(gateway, undefined, { headers });
  const { socket, request } = await begun;
  socket.send('{"type":"session.created"}');
  await session.next();
  // There is a span when the session is over, and not before.
  expect(receiver.spans).toEqual([]);
  const endedMs = Date.now();
  session.socket.close(1000);
  await session.closed;

  const [server, refused, served, ...more] = await receiver.spansReceived(3);
  expect(more).toEqual([]);
  expect(server).toMatchObject({
    traceId: TRACE,
    parentSpanId: PARENT,
    name: 'GET realtime',
    kind: 2,
    status: 0,
    attributes: {
      'http.request.method': 'GET',
      'http.response.status_code': 101,
      'spillway.backend': 'backend-2',
      'spillway.attempts': 2,
      'spillway.ending': 'complete',
    },
  });
  const common = { traceId: TRACE, parentSpanId: server!.spanId, kind: 3, name: 'realtime gpt-realtime' };
  expect(refused).toMatchObject({
    ...common,
    status: 2,
    attributes: { 'spillway.backend': 'backend-1', 'spillway.outcome': 'throttled', 'error.type': '429' },
  });
  expect(served).toMatchObject({
    ...common,
    status: 0,
    attributes: {
      'gen_ai.request.model': 'gpt-realtime',
      'http.response.status_code': 101,
      'spillway.backend': 'backend-2',
      'spillway.outcome': 'succeeded',
    },
  });
  expect(request.headers['traceparent']).toMatch(new RegExp(`^00-${TRACE}-${served!.spanId}-0[13]$`));
  // The refused attempt ended at once; the other lasted as long as the session.
  expect(refused!.endMs).toBeLessThanOrEqual(served!.startMs + 0.001);
  for (const { endMs } of [server!, served!]) expect(endMs).toBeGreaterThanOrEqual(endedMs - 1);
});

test('a session that its backend breaks off is an error of both spans', async () => {
  const receiver = await startHttpReceiver();
  const backend = await startSessionBackend();
  const gateway = await startTracedFor([backend.url], { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
  const begun = backend.next();
  const session = await openSession(gateway, undefined, { headers });
  (await begun).socket.terminate();
  await session.closed;
  const spans = await receiver.spansReceived(2);
  expect(spans.map(({ kind }) => kind)).toEqual([2, 3]);
  for (const span of spans)
    expect(span).toMatchObject({ status: 2, attributes: { 'error.type': 'interrupted' } });
});

test('a session that no backend takes is a span with the status that its client saw', async () => {
  const receiver = await startHttpReceiver();
  const gateway = await startTraced([{ script: 'status(500)' }], {
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
  });
  const { response } = await refusedSession(gateway, undefined, { headers });
  const [server, client] = await receiver.spansReceived(2);
  expect(server).toMatchObject({
    name: 'GET realtime',
    status: 2,
    attributes: { 'http.response.status_code': response.statusCode, 'spillway.cause': 'unavailable' },
  });
  expect(client).toMatchObject({ status: 2, attributes: { 'error.type': '500' } });
});

test('a session of the Responses API is the request that its first message makes', async () => {
  const receiver = await startHttpReceiver();
  const gateway = await startTraced([{}], { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
  const session = await openSession(gateway, '/openai/v1/responses', { headers });
  session.socket.send(
    JSON.stringify({ type: 'response.create', model: 'gpt-4o', input: 'PLANTED', store: false }),
  );
  await session.next();
  session.socket.close(1000);
  await session.closed;
  const [server, client] = await receiver.spansReceived(2);
  expect(server).toMatchObject({ name: 'GET responses', attributes: { 'spillway.backend': 'backend-1' } });
  expect(client).toMatchObject({
    name: 'chat gpt-4o',
    parentSpanId: server!.spanId,
    status: 0,
    attributes: { 'spillway.outcome': 'succeeded', 'http.request.method': 'GET' },
  });
  expect(receiver.exports.map(({ body }) => body.toString()).join('')).not.toContain('PLANTED');
});

test('a session whose trace its client has not sampled has no span', async () => {
  const receiver = await startHttpReceiver();
  const backend = await startSessionBackend();
  const gateway = await startTracedFor([backend.url], { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
  const open = async (flags: string) => {
    const begun = backend.next();
    const session = await openSession(gateway, undefined, {
      headers: { traceparent: `00-${TRACE}-${PARENT}-${flags}` },
    });
    const { request } = await begun;
    session.socket.close();
    await session.closed;
    return request.headers['traceparent'];
  };
  const passedOn = await open('00');
  await open('01');
  gateway.child.kill('SIGINT');
  await once(gateway.child, 'exit');
  expect(receiver.spans).toHaveLength(2);
  expect(passedOn).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-00$`));
});
