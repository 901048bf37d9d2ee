import { expect, test } from 'vitest';
import { makeKey, sha256 } from '../../src/client/keys.ts';
import { askAdmin } from '../testing/ask-admin.ts';
import { freePort } from '../testing/free-port.ts';
import { chatBody, chatPath, post, streamBody } from '../testing/post.ts';
import { startHttpBackend, startRecorder } from '../testing/start-backend.ts';
import { writeConfigFile } from '../testing/write-config-file.ts';
import { startGrpcReceiver, startHttpReceiver } from './testing/start-receiver.ts';
import { startTraced, startTracedFor } from './testing/start-traced.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = '00f067aa0ba902b7';
const sampled = { headers: { traceparent: `00-${TRACE}-${PARENT}-01` } };

test.each([
  ['grpc', startGrpcReceiver],
  ['http/protobuf', startHttpReceiver],
  ['http/json', startHttpReceiver],
])(
  'a request that spilled is a span with one for each attempt below it, sent by %s from the bundle alone',
  async (protocol, start) => {
    const receiver = await start();
    const gateway = await startTraced([{ script: 'throttle(retry-after=60)' }, {}], {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
      OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=PLANTED-tenant',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
      OTEL_SERVICE_NAME: 'edge',
    });
    await (await post(gateway, undefined, undefined, sampled)).text();
    const [server, refused, served, ...more] = await receiver.spansReceived(3);
    expect(more).toEqual([]);
    expect(server).toMatchObject({
      traceId: TRACE,
      parentSpanId: PARENT,
      name: 'POST chat/completions',
      kind: 2,
      status: 0,
      attributes: {
        'http.request.method': 'POST',
        'http.response.status_code': 200,
        'spillway.backend': 'backend-2',
        'spillway.attempts': 2,
        'spillway.spill.cause': 'throttled',
      },
      resource: { 'service.name': 'edge', 'deployment.environment.name': 'test' },
    });
    const common = { traceId: TRACE, parentSpanId: server!.spanId, kind: 3, name: 'chat gpt-4o' };
    expect(refused).toMatchObject({
      ...common,
      status: 2,
      attributes: {
        'spillway.backend': 'backend-1',
        'spillway.outcome': 'throttled',
        'http.response.status_code': 429,
        'error.type': '429',
      },
    });
    expect(served).toMatchObject({
      ...common,
      status: 0,
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': 'azure.ai.openai',
        'gen_ai.request.model': 'gpt-4o',
        'gen_ai.usage.input_tokens': 8,
        'gen_ai.usage.output_tokens': 16,
        'http.request.resend_count': 1,
        'spillway.backend': 'backend-2',
      },
    });
    expect(refused!.startMs).toBeGreaterThanOrEqual(server!.startMs);
    expect(served!.startMs).toBeGreaterThanOrEqual(refused!.endMs - 0.001);
    expect(served!.endMs).toBeLessThanOrEqual(server!.endMs + 0.001);
    expect(Math.abs(Date.now() - server!.endMs)).toBeLessThan(3_600_000);
    const { headers } = receiver.exports[0]!;
    expect(headers['x-tenant']).toBe('PLANTED-tenant');
    expect(gateway.log.text).not.toContain('PLANTED');
  },
);

test('a stream that is sent again without asking for its usage has a span that is marked as sent again', async () => {
  const receiver = await startHttpReceiver();
  const { url } = await startHttpBackend(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    if (body.includes('stream_options'))
      return void response.writeHead(400).end('{"error":{"message":"Unrecognized: stream_options"}}');
    response.setHeader('content-type', 'text/event-stream');
    response.end('data: {"choices":[{"index":0,"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n');
  });
  const key = makeKey();
  const client = `{ name: chat, keys: [{ sha256: ${sha256(key)} }], budgets: [{ tpm: 100000 }] }`;
  const gateway = await startTracedFor([url], {
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    SPILLWAY_CONFIG: writeConfigFile(`clients: [${client}]`),
  });
  const headers = { ...sampled.headers, 'api-key': key };
  await (await post(gateway, chatPath, streamBody, { headers })).text();
  const [, refused, served] = await receiver.spansReceived(3);
  expect(refused!.attributes).not.toHaveProperty('http.request.resend_count');
  expect(served!.attributes).toMatchObject({ 'http.request.resend_count': 1 });
});

test('a receiver of gRPC may be named by its address and port alone', async () => {
  const receiver = await startGrpcReceiver();
  const gateway = await startTraced([{}], {
    OTEL_EXPORTER_OTLP_ENDPOINT: new URL(receiver.url).host,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    OTEL_EXPORTER_OTLP_INSECURE: 'true',
  });
  await (await post(gateway, undefined, undefined, sampled)).text();
  expect(await receiver.spansReceived(2)).toHaveLength(2);
});

test('spaces and quotes around variables, as env files leave them, count for nothing', async () => {
  const receiver = await startHttpReceiver();
  const gateway = await startTraced([{}], {
    OTEL_EXPORTER_OTLP_ENDPOINT: `${receiver.url} `,
    OTEL_EXPORTER_OTLP_HEADERS: '"x-tenant=a,x-team=b"',
    OTEL_EXPORTER_OTLP_COMPRESSION: "'gzip'",
    OTEL_SERVICE_NAME: 'edge\r',
    OTEL_TRACES_SAMPLER: '"always_on"',
  });
  await (await post(gateway)).text();
  const [server] = await receiver.spansReceived(2);
  expect(server!.resource).toMatchObject({ 'service.name': 'edge' });
  const { headers } = receiver.exports[0]!;
  expect(headers).toMatchObject({ 'x-tenant': 'a', 'x-team': 'b', 'content-encoding': 'gzip' });
  expect(gateway.log.lines.filter(({ level }) => Number(level) > 30)).toEqual([]);
});

test('each attempt is sent with the client’s trace and a span of its own', async () => {
  const receiver = await startHttpReceiver();
  const recorder = await startRecorder();
  const otel = { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${receiver.url}/v1/traces` };
  const gateway = await startTracedFor([recorder.url], otel);
  const headers = { traceparent: `00-${TRACE}-${PARENT}-03`, tracestate: 'a=1' };
  await (await post(gateway, chatPath, chatBody, { headers })).text();
  const [, client] = await receiver.spansReceived(2);
  const sent = headersOf(recorder.requests[0]!);
  expect(sent).toMatchObject({ traceparent: `00-${TRACE}-${client!.spanId}-03`, tracestate: 'a=1' });
  expect(await gateway.log.request()).toMatchObject({ traceId: TRACE });
});

test('a client that has not sampled its trace is followed: no span, and the decision goes on', async () => {
  const receiver = await startHttpReceiver();
  const recorder = await startRecorder();
  const gateway = await startTracedFor([recorder.url], { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
  const headers = { traceparent: `00-${TRACE}-${PARENT}-00` };
  await (await post(gateway, chatPath, chatBody, { headers })).text();
  await (await post(gateway, chatPath, chatBody, sampled)).text();
  const spans = await receiver.spansReceived(2);
  expect(spans.filter(({ kind }) => kind === 2)).toHaveLength(1);
  expect(headersOf(recorder.requests[0]!)['traceparent']).toMatch(
    new RegExp(`^00-${TRACE}-[0-9a-f]{16}-00$`),
  );
});

test.each([
  ['none', undefined],
  ['a malformed one', `00-${TRACE.toUpperCase()}-${PARENT}-01`],
  ['one that means nothing', 'PLANTED-trace'],
])('with %s as its traceparent a request begins a trace, which is in the log too', async (_, traceparent) => {
  const receiver = await startHttpReceiver();
  const recorder = await startRecorder();
  const gateway = await startTracedFor([recorder.url], {
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_TRACES_SAMPLER: 'Always_On',
  });
  const headers = { tracestate: 'a=1', ...(traceparent === undefined ? {} : { traceparent }) };
  await (await post(gateway, chatPath, chatBody, { headers })).text();
  const [server, client] = await receiver.spansReceived(2);
  expect(server).toMatchObject({ parentSpanId: '' });
  expect(server!.traceId).not.toBe(TRACE);
  const sent = headersOf(recorder.requests[0]!);
  expect(sent['traceparent']).toBe(`00-${server!.traceId}-${client!.spanId}-03`);
  expect(sent['tracestate']).toBeUndefined();
  expect(await gateway.log.request()).toMatchObject({ traceId: server!.traceId });
  expect(gateway.log.text).not.toContain('PLANTED');
});

test('one in ten traces is sampled unless something else is said', async () => {
  const receiver = await startHttpReceiver();
  const gateway = await startTraced([{}], { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
  const COUNT = 300;
  for (let sent = 0; sent < COUNT; sent++) await (await post(gateway)).text();
  gateway.child.kill('SIGINT');
  await gateway.ended;
  const roots = receiver.spans.filter(({ kind }) => kind === 2).length;
  // Nine standard deviations around 30: by chance not once in the age of the universe.
  expect(roots).toBeGreaterThan(0);
  expect(roots).toBeLessThan(80);
});

test('no key, prompt, query, header or answer is in a span', async () => {
  const receiver = await startHttpReceiver();
  const script =
    '1x status(400, body=PLANTED), 1x status(500, body=PLANTED), 1x reset, 1x throttle(header.x-note=PLANTED)';
  const gateway = await startTraced([{ script }, { script: '4x status(503)' }], {
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_TRACES_SAMPLER: 'always_on',
  });
  const headers = {
    'api-key': 'PLANTED-key',
    authorization: 'Bearer PLANTED',
    cookie: 'a=PLANTED',
    'user-agent': 'PLANTED',
    baggage: 'a=PLANTED',
    tracestate: 'a=PLANTED',
  };
  const body = { messages: [{ role: 'user', content: 'PLANTED-prompt' }], user: 'PLANTED-user' };
  for (let sent = 0; sent < 6; sent++)
    await (await post(gateway, `${chatPath}&code=PLANTED`, body, { headers })).text().catch(() => {});
  await (await post(gateway, '/PLANTED/nowhere?key=PLANTED', body, { headers })).text();
  await (await post(gateway, '/openai/v1/responses/PLANTED/cancel', '{}', { headers })).text();
  gateway.child.kill('SIGINT');
  await gateway.ended;
  const sent = receiver.exports.map((one) => one.body.toString()).join('\n');
  expect(receiver.spans.filter(({ kind }) => kind === 2)).toHaveLength(8);
  expect(sent).toContain('responses/{id}/cancel');
  expect(sent).not.toContain('PLANTED');
});

test.each(['1e999', '1e300', '-5', '0.5'])(
  'a backend that reports %s cached tokens spoils no export: the span is without them',
  async (cached) => {
    const receiver = await startHttpReceiver();
    const usage = `{"prompt_tokens":9,"completion_tokens":3,"prompt_tokens_details":{"cached_tokens":${cached}}}`;
    const backend = await startHttpBackend((_, res) =>
      res.writeHead(200, { 'content-type': 'application/json' }).end(`{"usage":${usage}}`),
    );
    const gateway = await startTracedFor([backend.url], {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    });
    await (await post(gateway, undefined, undefined, sampled)).text();
    const [, client] = await receiver.spansReceived(2);
    expect(client!.attributes).toMatchObject({ 'gen_ai.usage.input_tokens': 9 });
    expect(client!.attributes).not.toHaveProperty('gen_ai.usage.cache_read.input_tokens');
    // Neither can be read as a number of its type.
    expect(receiver.exports[0]!.body.toString()).not.toMatch(/"doubleValue":null|"intValue":\d+e/);
  },
);

test('a receiver that hangs and recovers gets the spans that follow, and what it missed is counted and told once', async () => {
  const receiver = await startHttpReceiver();
  receiver.isHanging = true;
  const gateway = await startTraced([{}], {
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_EXPORTER_OTLP_TIMEOUT: '100',
  });
  for (let sent = 1; sent <= 3; sent++) {
    await (await post(gateway, undefined, undefined, sampled)).text();
    await receiver.until(({ hung }) => hung >= sent);
  }
  await gateway.log.line('the OTLP receiver does not accept what is sent');
  receiver.isHanging = false;
  const isTaken = async () => {
    await (await post(gateway, undefined, undefined, sampled)).text();
    return gateway.log.lines.some(({ msg }) => msg === 'the OTLP receiver accepts it again');
  };
  // On a busy machine an answer may miss its time limit.
  await expect.poll(isTaken, { interval: 200 }).toBe(true);
  await receiver.spansReceived(2);
  const complaints = gateway.log.lines.filter(({ level }) => Number(level) > 30);
  expect(complaints.map(({ msg }) => msg)).toEqual(['the OTLP receiver does not accept what is sent']);
  const { text } = await askAdmin(gateway, '/metrics');
  expect(Number(/^spillway_dropped_spans_total (\d+)$/m.exec(text)?.[1])).toBeGreaterThanOrEqual(2);
});

test.each([
  ['that is overloaded', 503, 'it is overloaded or unavailable'],
  ['that throttles', 429, 'it is overloaded or unavailable'],
  ['that refuses what is too large', 413, '413'],
  ['that says nothing', undefined, 'no answer in time'],
])('of a receiver %s the log says why, without what it answered', async (_, status, reason) => {
  const receiver = await startHttpBackend((request, response) => {
    request.resume();
    if (status !== undefined) response.writeHead(status).end('SECRET');
  });
  const gateway = await startTraced([{}], {
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_EXPORTER_OTLP_TIMEOUT: '300',
  });
  await (await post(gateway, undefined, undefined, sampled)).text();
  const complaint = await gateway.log.line('the OTLP receiver does not accept what is sent');
  expect(complaint).toMatchObject({ signal: 'traces', reason });
  expect(gateway.log.text).not.toContain('SECRET');
});

test('of a receiver of gRPC that is not there the log says so by the name of the status', async () => {
  const gateway = await startTraced([{}], {
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${await freePort()}`,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
  });
  await (await post(gateway, undefined, undefined, sampled)).text();
  const { reason } = await gateway.log.line('the OTLP receiver does not accept what is sent');
  expect(reason).toMatch(/^(UNAVAILABLE|DEADLINE_EXCEEDED)$/);
});

test.each(['grpc', 'http/protobuf', 'http/json'])(
  'by %s, what a receiver rejects of what it otherwise takes is counted, and told once',
  async (protocol) => {
    const receiver = protocol === 'grpc' ? await startGrpcReceiver() : await startHttpReceiver();
    receiver.rejected = 1;
    const gateway = await startTraced([{}], {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
    });
    await (await post(gateway, undefined, undefined, sampled)).text();
    const complaint = await gateway.log.line('the OTLP receiver does not accept what is sent');
    expect(complaint).toMatchObject({ signal: 'traces', reason: 'a part is rejected' });
    const { text } = await askAdmin(gateway, '/metrics');
    const dropped = Number(/^spillway_dropped_spans_total (\d+)$/m.exec(text)?.[1]);
    expect(dropped).toBeGreaterThanOrEqual(1);
    expect(dropped).toBeLessThanOrEqual(receiver.exports.length);
    receiver.rejected = 0;
    await (await post(gateway, undefined, undefined, sampled)).text();
    await gateway.log.line('the OTLP receiver accepts it again');
  },
);

test.each([
  ['grpc', 'is down'],
  ['http/protobuf', 'is down'],
  ['http/json', 'is down'],
  ['grpc', 'hangs'],
  ['http/protobuf', 'hangs'],
])(
  'by %s, a receiver that %s disturbs no request, and the process still ends with 0 when it is told to',
  async (protocol, trouble) => {
    const receiver = protocol === 'grpc' ? await startGrpcReceiver() : await startHttpReceiver();
    receiver.isHanging = true;
    const endpoint = trouble === 'hangs' ? receiver.url : `http://127.0.0.1:${await freePort()}`;
    const gateway = await startTraced([{}], {
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
      OTEL_TRACES_SAMPLER: 'always_on',
    });
    for (let sent = 0; sent < 20; sent++) expect((await post(gateway)).status).toBe(200);
    gateway.child.kill('SIGTERM');
    expect(await gateway.ended).toEqual({ code: 0, stderr: '' });
    expect(gateway.log.requests).toHaveLength(20);
    expect(await gateway.log.line('stopped')).toBeDefined();
  },
);

test.each([
  ['no endpoint', {}],
  ['the SDK disabled', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', OTEL_SDK_DISABLED: 'true' }],
  ['no exporter', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', OTEL_TRACES_EXPORTER: 'none' }],
])(
  'with %s a request’s trace context passes on untouched, and nothing is said of OpenTelemetry',
  async (_, otel) => {
    const recorder = await startRecorder();
    const gateway = await startTracedFor([recorder.url], otel as Record<string, string>);
    const headers = { traceparent: `00-${TRACE}-${PARENT}-01`, tracestate: 'a=1' };
    await (await post(gateway, chatPath, chatBody, { headers })).text();
    expect(headersOf(recorder.requests[0]!)).toMatchObject(headers);
    await gateway.log.request();
    expect(gateway.log.text).not.toMatch(/otlp|telemetry/i);
  },
);

test('settings of OpenTelemetry that make no sense are told of without their values, and requests are served', async () => {
  const gateway = await startTraced([{}], {
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'PLANTED not a URL',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
  });
  expect((await post(gateway)).status).toBe(200);
  await gateway.log.request();
  expect(gateway.log.text).toContain('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is not a URL');
  expect(gateway.log.text).not.toContain('OpenTelemetry is sent by OTLP');
  expect(gateway.log.text).not.toContain('PLANTED');
});

test.each([
  ['OTEL_METRIC_EXPORT_INTERVAL', '0'],
  ['OTEL_METRIC_EXPORT_TIMEOUT', '-1'],
  ['OTEL_BSP_MAX_EXPORT_BATCH_SIZE', '0'],
  ['OTEL_BSP_MAX_EXPORT_BATCH_SIZE', '-1'],
  ['OTEL_BSP_MAX_QUEUE_SIZE', '0'],
  ['OTEL_TRACES_SAMPLER_ARG', 'abc'],
])('%s=%s is told of, requests are served, their spans sent, and the process ends', async (name, value) => {
  const receiver = await startHttpReceiver();
  const gateway = await startTraced([{}], {
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_METRICS_EXPORTER: 'otlp',
    [name]: value,
  });
  await (await post(gateway, undefined, undefined, sampled)).text();
  await receiver.spansReceived(2);
  gateway.child.kill('SIGINT');
  expect(await gateway.ended).toEqual({ code: 0, stderr: '' });
  expect(receiver.spans).toHaveLength(2);
  const told = gateway.log.lines.filter(({ level }) => Number(level) > 30).map(({ msg }) => String(msg));
  expect(told).toEqual([expect.stringContaining(`"${value}" is ignored`)]);
  expect(told[0]).toContain(name);
});

test('metrics that cannot be sent keep nobody from being served', async () => {
  const gateway = await startTraced([{}], {
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    OTEL_TRACES_EXPORTER: 'none',
    OTEL_METRICS_EXPORTER: 'otlp',
    OTEL_EXPORTER_OTLP_HEADERS: 'a b=PLANTED',
  });
  expect((await post(gateway)).status).toBe(200);
  await gateway.log.line('no metrics are sent by OTLP: OpenTelemetry cannot be started');
  expect(gateway.log.text).not.toContain('PLANTED');
});

function headersOf({ rawHeaders }: { readonly rawHeaders: readonly string[] }): Record<string, string> {
  const headers: Record<string, string> = {};
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] as string).toLowerCase();
    // Twice would be worse than never.
    headers[name] =
      name in headers ? `${headers[name]}, ${rawHeaders[i + 1]}` : (rawHeaders[i + 1] as string);
  }
  return headers;
}
