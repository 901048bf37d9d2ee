import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { askAdmin } from '../testing/ask-admin.ts';
import { chatPath, post, streamBody } from '../testing/post.ts';
import { writeConfigFile } from '../testing/write-config-file.ts';
import { startGrpcReceiver, startHttpReceiver } from './testing/start-receiver.ts';
import { startTraced } from './testing/start-traced.ts';

const OFTEN = {
  OTEL_METRICS_EXPORTER: 'otlp',
  OTEL_TRACES_EXPORTER: 'none',
  OTEL_METRIC_EXPORT_INTERVAL: '100',
};

test.each([
  ['grpc', startGrpcReceiver],
  ['http/protobuf', startHttpReceiver],
  ['http/json', startHttpReceiver],
])(
  'the same numbers as at /metrics are sent by %s, and those of the conventions',
  async (protocol, start) => {
    const receiver = await start();
    const gateway = await startTraced([{ script: 'throttle(retry-after=60)' }, {}], {
      ...OFTEN,
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
      OTEL_SERVICE_NAME: 'edge',
    });
    for (let sent = 0; sent < 3; sent++) await (await post(gateway)).text();
    await receiver.until(
      (one) => one.sumOf('spillway_requests', { backend: 'backend-2', status: '2xx' }) === 3,
    );
    expect(receiver.sumOf('spillway_attempts', { backend: 'backend-1', outcome: 'throttled' })).toBe(1);
    expect(receiver.sumOf('spillway_backend_state', { backend: 'backend-1', state: 'throttled' })).toBe(1);
    expect(receiver.sumOf('spillway_request_duration_seconds', { deployment: 'gpt-4o' })).toBe(3);
    const model = { 'gen_ai.request.model': 'gpt-4o', 'gen_ai.operation.name': 'chat' };
    expect(receiver.sumOf('gen_ai.client.inference.duration', { ...model, 'error.type': undefined })).toBe(3);
    expect(receiver.sumOf('gen_ai.client.inference.duration', { 'error.type': '429' })).toBe(1);
    expect(receiver.sumOf('gen_ai.client.inference.usage.output_tokens', model)).toBe(48);
    // The status is a number, as the conventions want it and the spans have it.
    const served = { 'http.route': '/chat/completions', 'http.response.status_code': 200 };
    expect(receiver.sumOf('http.server.request.duration', served)).toBe(3);
    const { text } = await askAdmin(gateway, '/metrics');
    expect(text).toContain(
      'spillway_requests_total{deployment="gpt-4o",backend="backend-2",status="2xx"} 3\n',
    );
    expect(text).not.toContain('gen_ai');
    const [point] = receiver.points;
    expect(point!.resource).toMatchObject({
      'service.name': 'edge',
      'service.instance.id': expect.stringMatching(/./),
    });
  },
);

test('by the names of the conventions, an answer that breaks off is an error, and a hedge that lost is none', async () => {
  const receiver = await startHttpReceiver();
  const gateway = await startTraced([{ script: '1x hang' }, { script: '1x ok, reset(after-chunks=3)' }], {
    ...OFTEN,
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    SPILLWAY_CONFIG: writeConfigFile('hedge: { afterMs: 50 }\nallowBackendPin: true'),
  });
  await (await post(gateway)).text();
  const pinned = { headers: { 'x-spillway-backend': 'backend-2' } };
  const broken = await post(gateway, undefined, streamBody, pinned);
  await expect(broken.text()).rejects.toThrow('terminated');
  await receiver.until((one) => one.sumOf('http.server.request.duration') === 2);
  const requests = 'http.server.request.duration';
  const attempts = 'gen_ai.client.inference.duration';
  expect(receiver.sumOf(requests, { 'http.response.status_code': 200, 'error.type': undefined })).toBe(1);
  expect(receiver.sumOf(requests, { 'http.response.status_code': 200, 'error.type': 'interrupted' })).toBe(1);
  expect(receiver.sumOf(attempts, { 'error.type': undefined })).toBe(2);
  expect(receiver.sumOf(attempts, { 'error.type': 'interrupted' })).toBe(1);
});

test('a deployment that only clients are configured with has its name in all metrics, before any backend has served it', async () => {
  const receiver = await startHttpReceiver();
  const sha256 = createHash('sha256').update('client-key').digest('hex');
  const clients = [{ name: 'batch', keys: [{ sha256 }], deployments: ['o3'] }];
  const gateway = await startTraced([{ script: 'status(500)' }], {
    ...OFTEN,
    SPILLWAY_CONFIG: writeConfigFile(JSON.stringify({ clients })),
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
  });
  await (await post(gateway, chatPath.replace('gpt-4o', 'o3'))).text();
  await receiver.until((one) => one.sumOf('spillway_requests', { deployment: 'o3' }) === 1);
  const failed = { 'gen_ai.request.model': 'o3', 'error.type': '500' };
  expect(receiver.sumOf('gen_ai.client.inference.duration', failed)).toBe(1);
});

test('what two processes send adds up, as each has an id of its own', async () => {
  const receivers = await Promise.all([startHttpReceiver(), startHttpReceiver()]);
  const started = receivers.map(({ url }) =>
    startTraced([{}], { ...OFTEN, OTEL_EXPORTER_OTLP_ENDPOINT: url }),
  );
  const gateways = await Promise.all(started);
  for (const [at, gateway] of gateways.entries())
    for (let sent = 0; sent <= at; sent++) await (await post(gateway)).text();
  const counts = { backend: 'backend-1', status: '2xx' };
  await Promise.all(
    receivers.map((receiver, at) =>
      receiver.until((one) => one.sumOf('spillway_requests', counts) === at + 1),
    ),
  );
  const ids = receivers.map(({ points }) => points[0]!.resource['service.instance.id']);
  expect(new Set(ids).size).toBe(2);
});

test('metrics are sent without the listener for operators too, and the last of them when the process ends', async () => {
  const receiver = await startHttpReceiver();
  const gateway = await startTraced([{}], {
    ...OFTEN,
    OTEL_METRIC_EXPORT_INTERVAL: '3600000',
    SPILLWAY_CONFIG: writeConfigFile('admin: false'),
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
  });
  expect(gateway.adminUrl).toBe('undefined');
  await (await post(gateway)).text();
  gateway.child.kill('SIGINT');
  expect(await gateway.ended).toEqual({ code: 0, stderr: '' });
  expect(receiver.sumOf('spillway_requests', { status: '2xx' })).toBe(1);
});

test('a receiver that hangs and recovers gets all numbers, those of the time in between included', async () => {
  const receiver = await startHttpReceiver();
  receiver.isHanging = true;
  const gateway = await startTraced([{}], {
    ...OFTEN,
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_EXPORTER_OTLP_TIMEOUT: '100',
  });
  await (await post(gateway)).text();
  await receiver.until(({ hung }) => hung >= 2);
  await gateway.log.line('the OTLP receiver does not accept what is sent');
  receiver.isHanging = false;
  await receiver.until((one) => one.sumOf('spillway_requests', { status: '2xx' }) === 1);
  expect(await gateway.log.line('the OTLP receiver accepts it again')).toMatchObject({ signal: 'metrics' });
});
