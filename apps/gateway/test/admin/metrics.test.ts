import { startMock } from '@spillway/mock-openai';
import { expect, onTestFinished, test } from 'vitest';
import { askAdmin, writeAdmin } from '../testing/ask-admin.ts';
import { chatBody, chatPath, post, streamBody } from '../testing/post.ts';
import { connectRaw, rawRequest } from '../testing/raw-client.ts';
import { startHttpBackend } from '../testing/start-backend.ts';
import { startGatewayFor, startScene } from '../testing/start-scene.ts';
import { SPILL_CAUSES } from '../../src/telemetry/metrics/label-values.ts';
import { Scraped } from './scraped.ts';

const openmetrics = { headers: { accept: 'application/openmetrics-text;version=1.0.0' } };

test('metrics have the exact content type of the format that is asked for, and its end', async () => {
  const scene = await startScene([{}]);
  const plain = await askAdmin(scene, '/metrics');
  expect(plain.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(plain.text).toContain('# TYPE spillway_requests_total counter\n');
  expect(plain.text).not.toContain('# EOF');
  const open = await askAdmin(scene, '/metrics', openmetrics);
  expect(open.headers['content-type']).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
  expect(open.text).toContain('# TYPE spillway_requests counter\n');
  expect(open.text).toMatch(/\n# EOF\n$/);
  expect(open.text.match(/# EOF/g)).toHaveLength(1);
  expect(plain.headers['content-length']).toBe(String(Buffer.byteLength(plain.text)));
});

test('a request is counted by who served it, what was tried before, why, and what it took', async () => {
  const scene = await startScene([
    { script: 'always throttle(retry-after=30)' },
    { quota: 'gpt-4o=standard(tpm=100000, rpm=600)' },
  ]);
  const response = await post(scene, chatPath, { ...chatBody, max_tokens: 40 });
  const { usage } = (await response.json()) as { usage: Record<string, number> };
  await scene.log.request();
  const scraped = await Scraped.of(scene);
  expect(scraped.counted('spillway_requests_total')).toEqual({ 'gpt-4o b 2xx': 1 });
  expect(scraped.counted('spillway_attempts_total')).toEqual({
    'other a throttled': 1,
    'gpt-4o b succeeded': 1,
  });
  expect(scraped.counted('spillway_spills_total')).toEqual({ '1 2 throttled': 1 });
  expect(scraped.counted('spillway_tokens_total')).toEqual({
    'gpt-4o b prompt': usage['prompt_tokens'],
    'gpt-4o b completion': usage['completion_tokens'],
  });
  expect(scraped.value('spillway_estimated_tokens_total', { deployment: 'gpt-4o', kind: 'completion' })).toBe(
    40,
  );
  for (const name of ['request_duration', 'time_to_first_byte'])
    expect(scraped.value(`spillway_${name}_seconds_count`, { deployment: 'gpt-4o' })).toBe(1);
  expect(scraped.value('spillway_attempt_duration_seconds_count', { backend: 'b' })).toBe(1);
  expect(scraped.value('spillway_overhead_seconds_count')).toBe(1);
  expect(scraped.value('spillway_overhead_seconds_sum')).toBeGreaterThan(0);
  expect(scraped.value('spillway_backend_state', { backend: 'a', priority: '1', state: 'throttled' })).toBe(
    1,
  );
  expect(scraped.value('spillway_backend_state', { backend: 'a', priority: '1', state: 'available' })).toBe(
    0,
  );
  const endS = scraped.value('spillway_backend_cooldown_end_timestamp_seconds', { backend: 'a' });
  expect(endS).toBeGreaterThan(Date.now() / 1000);
  expect(endS).toBeLessThan(Date.now() / 1000 + 31);
  const at = { backend: 'b', deployment: 'gpt-4o' };
  expect(scraped.value('spillway_limit_tokens', at)).toBe(100_000);
  expect(scraped.value('spillway_remaining_tokens', at)).toBeLessThan(100_000);
  expect(scraped.value('spillway_headroom_ratio', at)).toBeLessThan(1);
  expect(scraped.value('spillway_deployment_cooldown_end_timestamp_seconds', at)).toBe(0);
});

test.each([
  ['full', { backend: { tpm: 100 } }, { ...chatBody, max_tokens: 90 }, 2],
  ['failing', { script: 'always status(500)' }, chatBody, 1],
  ['failing', { script: 'always reset' }, chatBody, 1],
  ['declined', { script: 'always status(410)' }, chatBody, 1],
])(
  'a request that spills because the first group is %s is counted so',
  async (cause, first, body, requests) => {
    const scene = await startScene([first, {}]);
    for (let count = 0; count < requests; count++) await (await post(scene, chatPath, body)).text();
    await scene.log.request(requests);
    expect((await Scraped.of(scene)).counted('spillway_spills_total')).toEqual({ [`1 2 ${cause}`]: 1 });
  },
);

test('a request that spills because an operator has drained the first group is counted so', async () => {
  const scene = await startScene([{}, {}]);
  await writeAdmin(scene, '/admin/backends/a/drain');
  await (await post(scene)).text();
  await scene.log.request();
  const scraped = await Scraped.of(scene);
  expect(scraped.counted('spillway_spills_total')).toEqual({ '1 2 draining': 1 });
  expect(scraped.value('spillway_backend_state', { backend: 'a', priority: '1', state: 'draining' })).toBe(1);
});

test('a stream’s tokens are counted if it tells them, and otherwise that it did not', async () => {
  const scene = await startScene([{}]);
  const told = await post(scene, chatPath, { ...streamBody, stream_options: { include_usage: true } });
  const [, prompt, completion] =
    /"prompt_tokens":(\d+),"completion_tokens":(\d+)/.exec(await told.text()) ?? [];
  await (await post(scene, chatPath, streamBody)).text();
  await scene.log.request(2);
  const scraped = await Scraped.of(scene);
  expect(scraped.counted('spillway_tokens_total')).toEqual({
    'gpt-4o a prompt': Number(prompt),
    'gpt-4o a completion': Number(completion),
  });
  expect(scraped.counted('spillway_answers_without_usage_total')).toEqual({ 'gpt-4o': 1 });
});

test('what no backend served is counted by its cause, and what never was a request as refused', async () => {
  const scene = await startScene([{ script: 'always throttle(retry-after=30)' }]);
  await post(scene);
  await post(scene, '/nowhere');
  const client = await connectRaw(scene);
  client.send(`${rawRequest('GET', '/x', ['X: y'.repeat(9000)])}`);
  await client.untilEnd();
  await scene.log.request(3);
  const scraped = await Scraped.of(scene);
  expect(scraped.counted('spillway_exhausted_total')).toEqual({ throttled: 1 });
  expect(scraped.counted('spillway_refusals_total')).toEqual({ 404: 1, 431: 1 });
  expect(scraped.counted('spillway_requests_total')).toEqual({ 'other none 429': 1, 'none none 4xx': 2 });
  expect(scraped.value('spillway_overhead_seconds_count')).toBe(1);
});

test.each([
  ['refused', 'key', { apiKey: 'its-key', backend: { apiKey: 'another-key' } }],
  ['refused', 'address', { script: 'always status(403)' }],
  ['forbidden', 'role', { script: 'always status(401, code=PermissionDenied)' }],
])('an attempt is counted as %s if the backend refuses the gateway’s %s', async (cause, _, backend) => {
  const scene = await startScene([backend, {}]);
  expect((await Scraped.of(scene)).counted('spillway_credential_failures_total')).toEqual({});
  expect((await post(scene)).status).toBe(200);
  await scene.log.request();
  expect((await Scraped.of(scene)).counted('spillway_credential_failures_total')).toEqual({
    [`a ${cause}`]: 1,
  });
});

test.each(['status(400)', 'status(404)', 'status(410)', 'status(500)', 'throttle', 'reset', 'ok'])(
  'an attempt that ends with %s is no failure of a credential',
  async (step) => {
    const scene = await startScene([{ script: `always ${step}` }, {}]);
    await (await post(scene)).text();
    await scene.log.request();
    expect(scene.mocks[0]?.counters.total).toBe(1);
    expect((await Scraped.of(scene)).counted('spillway_credential_failures_total')).toEqual({});
  },
);

test('a client that leaves is counted, and so is how long requests waited for quota', async () => {
  const scene = await startScene([{ script: '1x throttle(retry-after-ms=1000), hang' }], {
    waitingRoom: { maxWaitMs: 5000 },
    strategy: 'round-robin',
  });
  const client = await connectRaw(scene);
  client.send(rawRequest('POST', chatPath, ['content-type: application/json'], JSON.stringify(chatBody)));
  await expect.poll(() => scene.gateway.waiting().standard).toBe(1);
  expect((await Scraped.of(scene)).counted('spillway_waiting_requests')).toEqual({ standard: 1 });
  await expect.poll(() => scene.mocks[0]!.counters.total).toBe(2);
  client.socket.destroy();
  await scene.log.request();
  const scraped = await Scraped.of(scene);
  expect(scraped.counted('spillway_broken_responses_total')).toEqual({ abandoned: 1 });
  expect(scraped.counted('spillway_requests_total')).toEqual({ 'other none 499': 1 });
  expect(scraped.value('spillway_quota_wait_seconds_count')).toBe(1);
  expect(scraped.value('spillway_quota_wait_seconds_sum')).toBeGreaterThan(0.1);
});

test('a client that leaves before its request is whole counts as one that left, not as refused', async () => {
  const scene = await startScene([{}]);
  const client = await connectRaw(scene);
  client.send(`${rawRequest('POST', chatPath, ['Content-Length: 100'])}{`);
  await expect.poll(() => scene.gateway.inFlight()).toBe(1);
  client.socket.destroy();
  await scene.log.request();
  const scraped = await Scraped.of(scene);
  expect(scraped.counted('spillway_requests_total')).toEqual({ 'none none 499': 1 });
  expect(scraped.counted('spillway_refusals_total')).toEqual({});
});

/** Returns the series that are counted rather than read. */
function countedSeries({ series }: Scraped): string[] {
  return [...series].filter((one) => /_total|_seconds_(?:bucket|sum|count)/.test(one)).sort();
}

test('every series that traffic makes is there from the start, at zero, if the configuration names deployments', async () => {
  const backend = { deployments: { 'gpt-4o': 'gpt-4o-eu' } };
  const scene = await startScene([
    { backend, script: '1x throttle(retry-after-ms=1), always ok' },
    { backend },
  ]);
  const before = await Scraped.of(scene);
  expect(before.value('spillway_requests_total', { deployment: 'gpt-4o', backend: 'a', status: '2xx' })).toBe(
    0,
  );
  expect(
    before.value('spillway_attempts_total', { deployment: 'gpt-4o-eu', backend: 'b', outcome: 'throttled' }),
  ).toBe(0);
  for (const name of before.names.filter((one) => one.startsWith('spillway_') && one.endsWith('_total')))
    expect(before.counted(name)).toEqual({});
  for (let count = 0; count < 3; count++) await (await post(scene)).text();
  await scene.log.request(3);
  expect(countedSeries(await Scraped.of(scene))).toEqual(countedSeries(before));
});

test('the state and the limits of deployments that the configuration names are there before the first request', async () => {
  const scene = await startScene([
    { backend: { quotas: { 'gpt-4o': { tpm: 30_000 }, 'gpt-5': {} } } },
    { backend: { deployments: { 'gpt-4o': 'gpt-4o-eu' } } },
  ]);
  const scraped = await Scraped.of(scene);
  const at = { backend: 'a', deployment: 'gpt-4o' };
  expect(scraped.value('spillway_limit_tokens', at)).toBe(30_000);
  expect(scraped.value('spillway_headroom_ratio', at)).toBe(1);
  for (const labels of [at, { backend: 'b', deployment: 'gpt-4o-eu' }]) {
    expect(scraped.value('spillway_deployment_state', { ...labels, state: 'available' })).toBe(1);
    expect(scraped.value('spillway_deployment_state', { ...labels, state: 'throttled' })).toBe(0);
    expect(scraped.value('spillway_deployment_cooldown_end_timestamp_seconds', labels)).toBe(0);
  }
});

test('of very many backends and deployments what concerns all of them is told, whatever is left out', async () => {
  const names = Array.from({ length: 20 }, (_, at) => `d${at}`);
  const deployments = Object.fromEntries(names.map((name) => [name, name]));
  const backends = Array.from({ length: 60 }, (_, at) => ({
    name: `b${at}`,
    url: 'http://127.0.0.1:1',
    apiKey: 'key',
    deployments,
    priority: 1 + (at % 3),
  }));
  const scene = await startGatewayFor(backends);
  const { text } = await askAdmin(scene, '/metrics');
  const countOf = (start: string) => text.split(`\n${start}`).length - 1;
  expect(countOf('spillway_overhead_seconds_count ')).toBe(1);
  expect(countOf('spillway_request_duration_seconds_count{')).toBe(names.length + 2);
  expect(countOf('spillway_attempt_duration_seconds_count{')).toBe(backends.length);
  expect(countOf('spillway_spills_total{')).toBe(2 * SPILL_CAUSES.length);
  expect(text).not.toContain('spillway_dropped_series_total 0\n');
});

test('where there are too many deployments to read all, those that have had requests are told', async () => {
  const mock = await startMock();
  onTestFinished(() => mock.stop());
  const names = Array.from({ length: 50 }, (_, at) => `d${at}`);
  const deployments = Object.fromEntries(names.map((name) => [name, name]));
  const backends = Array.from({ length: 60 }, (_, at) => ({
    name: `b${at}`,
    url: mock.url,
    apiKey: 'key',
    deployments,
    priority: 1 + at,
  }));
  const scene = await startGatewayFor(backends);
  const read = async () =>
    (await askAdmin(scene, '/metrics')).text.match(/^spillway_deployment_state\{.*/gm) ?? [];
  expect(await read()).toEqual([]);
  await (await post(scene, chatPath.replace('gpt-4o', 'd49'))).text();
  const states = await read();
  expect(states).toHaveLength(6);
  expect(states[0]).toBe('spillway_deployment_state{backend="b0",deployment="d49",state="available"} 1');
});

test('spills are at zero from the start for the first group that has traffic of its own', async () => {
  const scene = await startScene([{ backend: { weight: 0 } }, {}, {}]);
  const { text } = await askAdmin(scene, '/metrics');
  const spills = text.match(/^spillway_spills_total\{from_priority="\d",to_priority="\d"/gm);
  expect(new Set(spills)).toEqual(new Set(['spillway_spills_total{from_priority="2",to_priority="3"']));
});

const JUNK = [
  '%22%7D%0Aspillway_x%201',
  '..%2F..%2Fetc',
  '%F0%9F%92%A9',
  'x'.repeat(300),
  'other',
  'none',
  '%5C',
];

test('no path, model or method that clients make up makes a series, under load', async () => {
  const deployments = ['gpt-4o'];
  const scene = await startScene([{ deployments }, { deployments }]);
  await (await post(scene)).text();
  await scene.log.request();
  const before = await Scraped.of(scene);
  const send = async (number: number) => {
    const name = JUNK[number] ?? `model-${number}`;
    const paths = [
      chatPath.replace('gpt-4o', name),
      `/${name}`,
      `/openai/v1/${name}`,
      `/openai/deployments/${name}`,
    ];
    for (const path of paths) await (await post(scene, path)).text();
    await (
      await post(scene, '/openai/v1/chat/completions', { ...chatBody, model: decodeURIComponent(name) })
    ).text();
    await (await fetch(`${scene.url}/openai/v1/files/${name}`)).text();
  };
  for (let number = 0; number < 100; number += 10) {
    await Promise.all(Array.from({ length: 10 }, (_, at) => send(number + at)));
    await Scraped.of(scene);
  }
  await scene.log.request(601);
  const after = await Scraped.of(scene);
  expect([...after.series].filter((series) => !before.series.has(series))).toEqual([]);
  expect(after.value('spillway_dropped_series_total')).toBe(0);
});

test('however many deployments backends serve, no more than fifty are told apart', async () => {
  const scene = await startScene([{}]);
  for (let number = 0; number < 60; number++)
    await (await post(scene, chatPath.replace('gpt-4o', `model-${number}`))).text();
  await scene.log.request(60);
  const scraped = await Scraped.of(scene);
  const requests = scraped.counted('spillway_requests_total');
  expect(Object.keys(requests)).toHaveLength(51);
  expect(requests['other a 2xx']).toBe(10);
});

test.each(['say "x"', 'curly}', 'a,b="c"', 'modèle-💩'])(
  'a deployment that is really called %j is one label, whatever is in it',
  async (model) => {
    const scene = await startScene([{}]);
    const response = await post(scene, '/openai/v1/chat/completions', { ...chatBody, model });
    expect(response.status).toBe(200);
    await scene.log.request();
    const { text } = await askAdmin(scene, '/metrics');
    const escaped = model.replaceAll('"', '\\"');
    expect(text).toContain(`spillway_requests_total{deployment="${escaped}",backend="a",status="2xx"} 1\n`);
    expect(text).not.toMatch(/^(?!#|\w+(?:\{.*\})? \S+$)./m);
  },
);

test('names that are written alike are one series, as a page with two alike is refused', async () => {
  const backend = await startHttpBackend((_, res) => {
    res.setHeader('content-type', 'application/json').end('{}');
  });
  const scene = await startGatewayFor([{ name: 'a', url: backend.url, apiKey: 'key' }]);
  for (const half of ['\\ud800', '\\ud801', '\\udfff'])
    await post(scene, '/openai/v1/chat/completions', `{"model":"${half}","messages":[]}`);
  await scene.log.request(3);
  const lines = (await askAdmin(scene, '/metrics')).text.split('\n').filter((line) => /^\w+\{/.test(line));
  const series = lines.map((line) => line.slice(0, line.lastIndexOf(' ')));
  expect(series.filter((one, place) => series.indexOf(one) !== place)).toEqual([]);
  expect((await Scraped.of(scene)).counted('spillway_requests_total')).toEqual({ 'other a 2xx': 3 });
});

test('however a deployment was spelled first, its state is told of all spellings', async () => {
  const scene = await startScene([{ script: '1x ok, always throttle(retry-after=30)' }]);
  await (await post(scene, chatPath.replace('gpt-4o', 'GPT-4o'))).text();
  await (await post(scene)).text();
  const scraped = await Scraped.of(scene);
  const states = scraped.labelsOf('spillway_deployment_state');
  expect(new Set(states.map(({ deployment }) => deployment))).toEqual(new Set(['GPT-4o']));
  const throttled = { deployment: 'GPT-4o', backend: 'a', state: 'throttled' };
  expect(scraped.value('spillway_deployment_state', throttled)).toBe(1);
  const { backends } = JSON.parse((await askAdmin(scene, '/admin/state')).text) as {
    backends: { deployments: { name: string; rpm: number }[] }[];
  };
  expect(backends[0]?.deployments).toMatchObject([{ name: 'GPT-4o', rpm: 2 }]);
});

test('no key, prompt or header is in the metrics', async () => {
  const scene = await startScene([{ apiKey: 'SECRET-backend', backend: { apiKey: 'SECRET-backend' } }]);
  const body = { messages: [{ role: 'user', content: 'SECRET-prompt' }], user: 'SECRET-user' };
  await (
    await post(scene, `${chatPath}&x=SECRET-query`, body, { headers: { 'api-key': 'SECRET-client' } })
  ).text();
  await scene.log.request();
  const { text } = await askAdmin(scene, '/metrics', openmetrics);
  expect(text).not.toContain('SECRET');
});

test('a gateway whose backends are gone has its metrics all the same', async () => {
  const scene = await startGatewayFor([{ name: 'a', url: 'http://127.0.0.1:1', apiKey: 'key' }]);
  expect((await post(scene)).status).toBe(503);
  await scene.log.request();
  const scraped = await Scraped.of(scene);
  expect(scraped.counted('spillway_attempts_total')).toEqual({ 'other a unreachable': 1 });
  expect(scraped.counted('spillway_exhausted_total')).toEqual({ unavailable: 1 });
  expect(scraped.value('spillway_retry_budget_remaining')).toBeGreaterThan(0);
});

test.each(['-5', '1e999', '1e300', '0.5e-400'])(
  'a backend that says it has taken %s tokens does not spoil the counts',
  async (tokens) => {
    const answers = [`{"usage":{"prompt_tokens":${tokens},"completion_tokens":${tokens}}}`];
    const backend = await startHttpBackend((_, res) => {
      res.setHeader('content-type', 'application/json');
      res.end(answers.shift() ?? '{"usage":{"prompt_tokens":7,"completion_tokens":3}}');
    });
    const scene = await startGatewayFor([{ name: 'a', url: backend.url, apiKey: 'key' }]);
    for (let count = 0; count < 2; count++) await (await post(scene)).text();
    await scene.log.request(2);
    expect((await Scraped.of(scene)).counted('spillway_tokens_total')).toEqual({
      'gpt-4o a prompt': 7,
      'gpt-4o a completion': 3,
    });
    const { text } = await askAdmin(scene, '/admin/state');
    expect(JSON.parse(text)).toMatchObject({ totals: { tokensPerMinute: 10 } });
  },
);
