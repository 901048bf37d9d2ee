import { expect, test } from 'vitest';
import { post } from '../testing/post.ts';
import { writeConfigFile } from '../testing/write-config-file.ts';
import { startHttpReceiver } from './testing/start-receiver.ts';
import { startTraced } from './testing/start-traced.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const sampled = { headers: { traceparent: `00-${TRACE}-00f067aa0ba902b7-01` } };

/** Scripts of two backends; the second is tried when the first has been silent for 50 ms. */
async function startHedged(first: string, second: string) {
  const receiver = await startHttpReceiver();
  const gateway = await startTraced([{ script: first }, { script: second }], {
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    SPILLWAY_CONFIG: writeConfigFile('hedge: { afterMs: 50 }'),
  });
  return { receiver, gateway };
}

test('a hedged request has a span for each of both attempts, which overlap, and says which of them has won', async () => {
  const { receiver, gateway } = await startHedged('hang', 'ok');
  const response = await post(gateway, undefined, undefined, sampled);
  await response.text();
  expect(response.headers.get('x-spillway-backend')).toBe('backend-2');
  const [server, lost, won, ...more] = await receiver.spansReceived(3);
  expect(more).toEqual([]);
  expect(server).toMatchObject({
    status: 0,
    attributes: { 'spillway.attempts': 2, 'spillway.backend': 'backend-2', 'http.response.status_code': 200 },
  });
  // No backend failed: it was cancelled because the other was first.
  expect(lost).toMatchObject({
    parentSpanId: server!.spanId,
    kind: 3,
    status: 0,
    attributes: { 'spillway.backend': 'backend-1', 'spillway.outcome': 'aborted' },
  });
  expect(lost!.attributes).not.toHaveProperty('error.type');
  expect(won).toMatchObject({
    parentSpanId: server!.spanId,
    kind: 3,
    status: 0,
    attributes: {
      'spillway.backend': 'backend-2',
      'spillway.outcome': 'succeeded',
      'http.request.resend_count': 1,
      'gen_ai.usage.input_tokens': 8,
    },
  });
  expect(won!.startMs - lost!.startMs).toBeGreaterThanOrEqual(49);
  expect(lost!.endMs).toBeGreaterThan(won!.startMs);
});

test('a hedge that loses is told as one, and the first attempt has its tokens', async () => {
  const { receiver, gateway } = await startHedged('slow(delay=300ms, chunks=1, chunk-delay=1ms)', 'hang');
  await (await post(gateway, undefined, undefined, sampled)).text();
  const spans = await receiver.spansReceived(3);
  const of = (backend: string) =>
    spans.find(({ kind, attributes }) => kind === 3 && attributes['spillway.backend'] === backend);
  expect(spans[0]).toMatchObject({ kind: 2, attributes: { 'spillway.backend': 'backend-1' } });
  expect(of('backend-1')).toMatchObject({
    status: 0,
    attributes: { 'spillway.outcome': 'succeeded', 'gen_ai.usage.output_tokens': 1 },
  });
  expect(of('backend-2')).toMatchObject({
    status: 0,
    attributes: { 'spillway.outcome': 'aborted', 'http.request.resend_count': 1 },
  });
});
