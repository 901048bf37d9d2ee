import { expect, test } from 'vitest';
import { startMock } from '../src/start-mock.ts';
import { chatBody, chatPath, post, readEvents } from './testing/post.ts';
import { start } from './testing/start.ts';
import type { Mock } from '../src/mock.ts';

const timing = /^(retry-after|x-ratelimit|x-rate-limit|policy-id|azure-openai-deployment)/;

/** The status, the headers about limits, and the text of an answer. */
async function told(mock: Mock, body: object = chatBody, path = chatPath) {
  const response = await post(mock, path, body);
  const headers = Object.fromEntries([...response.headers].filter(([name]) => timing.test(name)));
  const json = (await response.json()) as { error?: { code: string; message: string } };
  return { status: response.status, headers, text: json.error?.message };
}

/** A call that takes all of 1,000 tokens: 2 for the prompt and the rest for the answer. */
const wholeCall = { ...chatBody, max_tokens: 998 };
const wholeQuota = { kind: 'standard', tpm: 1000, rpm: 600 } as const;
const exceeded = (what: string) =>
  `Requests to the ChatCompletions_Create Operation under Azure OpenAI API version 2024-10-21 have exceeded ${what} rate limit of your current OpenAI S0 pricing tier. Please retry after`;
const increase =
  'Please go here: https://aka.ms/oai/quotaincrease if you would like to further increase the default rate limit.';

test('without a quota nothing is limited', async () => {
  const mock = await start({});
  for (let count = 0; count < 5; count += 1) expect((await told(mock, wholeCall)).status).toBe(200);
  expect(mock.quota).toMatchObject({ quotas: {}, deployments: {} });
});

test('classic: tokens run out, and the 429 has Retry-After and whole seconds', async () => {
  const mock = await start({ quota: { 'gpt-4o': wholeQuota } });
  const rates = {
    'x-ratelimit-limit-requests': '600',
    'x-ratelimit-limit-tokens': '1000',
    'x-ratelimit-remaining-requests': '599',
    'x-ratelimit-remaining-tokens': '0',
  };
  expect(await told(mock, wholeCall)).toEqual({ status: 200, headers: rates, text: undefined });
  expect(await told(mock, wholeCall)).toEqual({
    status: 429,
    headers: {
      ...rates,
      'retry-after': '60',
      'x-ratelimit-reset-tokens': '60',
      'policy-id': 'DeploymentRatelimit-Token',
    },
    text: `${exceeded('token')} 60 seconds. ${increase}`,
  });
});

test('classic: requests run out, within their own window', async () => {
  const quota = 'standard(rpm=6, reported-window=10s, retry-after-ms=true)';
  const mock = await start({ quota });
  await told(mock);
  expect(await told(mock)).toEqual({
    status: 429,
    headers: {
      'retry-after': '10',
      'retry-after-ms': expect.stringMatching(/^(9\d{3}|10000)$/),
      'x-ratelimit-reset-requests': '10',
      'x-ratelimit-limit-requests': '1',
      'x-ratelimit-remaining-requests': '0',
      'policy-id': 'DeploymentRatelimit-Call',
    },
    text: `${exceeded('call')} 10 seconds. ${increase}`,
  });
});

test('2023: tokens have a header spelt x-rate-limit, and there is no Retry-After', async () => {
  const mock = await start({ quota: { '*': { ...wholeQuota, headers: '2023' } } });
  expect((await told(mock, wholeCall)).headers).toEqual({
    'x-ratelimit-remaining-requests': '599',
    'x-ratelimit-remaining-tokens': '0',
  });
  expect(await told(mock, wholeCall)).toEqual({
    status: 429,
    headers: {
      'x-rate-limit-reset-tokens': '60',
      'x-ratelimit-remaining-requests': '599',
      'policy-id': 'DeploymentRatelimit-Token',
    },
    text: `${exceeded('token')} 60 seconds. ${increase}`,
  });
});

test('2023: calls have the short text and x-ratelimit-reset-requests alone', async () => {
  const mock = await start({ quota: 'standard(rpm=6, headers=2023)' });
  await told(mock);
  expect(await told(mock)).toEqual({
    status: 429,
    headers: { 'x-ratelimit-reset-requests': '10', 'policy-id': 'DeploymentRatelimit-Call' },
    text: 'Rate limit is exceeded. Try again in 10 seconds.',
  });
});

test('responses: what is left is -1 and 0, before and after it has run out', async () => {
  const mock = await start({
    region: 'Sweden Central',
    quota: { '*': { ...wholeQuota, headers: 'responses' } },
  });
  const unknown = {
    'x-ratelimit-limit-tokens': '-1',
    'x-ratelimit-remaining-tokens': '-1',
    'x-ratelimit-reset-tokens': '0',
  };
  const path = '/openai/v1/chat/completions';
  const body = { ...wholeCall, model: 'gpt-4.1-nano' };
  expect((await told(mock, body, path)).headers).toEqual(unknown);
  expect(await told(mock, body, path)).toEqual({
    status: 429,
    headers: { ...unknown, 'policy-id': 'DeploymentRatelimit-Token' },
    text: 'Your requests to gpt-4.1-nano for gpt-4.1-nano in Sweden Central have exceeded the token rate limit for your current AIServices S0 pricing tier. This request was for ChatCompletions_Create under Azure OpenAI API version v1. Please retry after 60 seconds.',
  });
});

test('none: nothing is told of the limits, and a refusal tells Retry-After alone', async () => {
  const mock = await start({ quota: { '*': { ...wholeQuota, headers: 'none' } } });
  expect(await told(mock, wholeCall)).toMatchObject({ status: 200, headers: {} });
  const refusal = await told(mock, wholeCall);
  expect(refusal.status).toBe(429);
  expect(refusal.headers).toEqual({ 'retry-after': '60' });
});

test('86400: a day is told, whatever the wait is', async () => {
  const mock = await start({ quota: { '*': { ...wholeQuota, headers: '86400' } } });
  await told(mock, wholeCall);
  expect(await told(mock, wholeCall)).toMatchObject({
    status: 429,
    headers: { 'retry-after': '86400' },
    text: expect.stringMatching(
      /AIServices S0 pricing tier\. Please retry after 86400 seconds\. Please contact Azure support service/,
    ),
  });
});

test('any of the texts can be chosen', async () => {
  const mock = await start({ quota: { '*': { ...wholeQuota, text: 'high-demand' } } });
  await told(mock, wholeCall);
  expect((await told(mock, wholeCall)).text).toMatch(/^The system is currently experiencing high demand/);
});

test('ptu: utilization is charged on arrival and corrected when the answer is over', async () => {
  const mock = await start({ completionTokens: 10, quota: 'ptu(units=10, family=gpt-4.1, bucket=60s)' });
  // 30,000 tokens fill it; an output token weighs four.
  const first = await told(mock, { ...chatBody, max_tokens: 750 });
  expect(first).toEqual({
    status: 200,
    headers: { 'azure-openai-deployment-utilization': '10.0%' },
    text: undefined,
  });
  await mock.idle();
  expect(mock.quota.deployments['gpt-4o']).toMatchObject({ tokens: 2 + 4 * 10, admitted: 1 });
});

test('ptu: past 100 % a 429 has both retry-after-ms and retry-after, and its text can be set', async () => {
  const message = 'Full for {seconds} s.';
  const quota = { kind: 'ptu', units: 1, family: 'gpt-4o', message } as const;
  const mock = await start({ quota: { 'gpt-4o': quota }, completionTokens: 4998 });
  await told(mock, { ...chatBody, max_tokens: 4998 });
  const refused = await told(mock);
  const waitMs = Number(refused.headers['retry-after-ms']);
  // It drains while the first answer is written, however long that takes.
  const seconds = String(Math.ceil(waitMs / 1000));
  expect(refused).toEqual({
    status: 429,
    headers: {
      'retry-after': seconds,
      'retry-after-ms': expect.stringMatching(/^\d+$/),
      'azure-openai-deployment-utilization': expect.stringMatching(/^\d{3}\.\d%$/),
      'policy-id': 'DeploymentRatelimit-Token',
    },
    text: `Full for ${seconds} s.`,
  });
  const utilization = Number.parseFloat(refused.headers['azure-openai-deployment-utilization'] ?? '');
  expect(utilization).toBeCloseTo(100 + waitMs / 600, 0);
  const plain = await start({ script: 'throttle(text=ptu, retry-after-ms=300)' });
  expect((await told(plain)).text).toBe(
    'The provisioned throughput of deployment gpt-4o is fully used. Please retry after 1 seconds.',
  );
});

test('at a time scale of 60 a client that waits as long as it is told is let in again', async () => {
  const mock = await start({ timeScale: 60, quota: { '*': { ...wholeQuota, hasRetryAfterMs: true } } });
  const both = await Promise.all([told(mock, wholeCall), told(mock, wholeCall)]);
  const [refused] = both.filter(({ status }) => status === 429);
  if (refused === undefined) throw new Error('both are let in');
  const waitMs = Number(refused.headers['retry-after-ms']);
  expect(refused).toMatchObject({ status: 429, headers: { 'retry-after': '1' } });
  expect(waitMs).toBeGreaterThan(0);
  expect(waitMs).toBeLessThanOrEqual(1000);
  const again = async () => (await told(mock, wholeCall)).status;
  await expect.poll(again, { interval: waitMs + 1 }).toBe(200);
});

test('a script step other than ok wins, and is not charged', async () => {
  const mock = await start({
    quota: { '*': wholeQuota },
    script: '1x status(503), 1x slow(chunk-delay=0ms)',
  });
  expect((await told(mock, wholeCall)).status).toBe(503);
  expect((await told(mock, wholeCall)).status).toBe(200);
  expect(mock.quota.deployments).toEqual({});
  expect([(await told(mock, wholeCall)).status, (await told(mock, wholeCall)).status]).toEqual([200, 429]);
});

test.each([
  ['an unknown path', '/openai/nothing', chatBody, 404],
  ['an unknown deployment', chatPath.replace('gpt-4o', 'gone'), chatBody, 404],
  ['a broken body', chatPath, '{', 400],
  ['a wrong key', chatPath, chatBody, 401],
])('%s is answered as ever, and not charged', async (_, path, body, status) => {
  const mock = await start({
    quota: { '*': wholeQuota },
    deployments: ['gpt-4o'],
    ...(status === 401 && { apiKey: 'k' }),
  });
  expect((await post(mock, path, body)).status).toBe(status);
  expect(mock.quota.deployments).toEqual({});
});

test('a deployment without a quota is not limited beside one that has one', async () => {
  const mock = await start({ quota: { other: wholeQuota } });
  for (let count = 0; count < 3; count += 1) expect((await told(mock, wholeCall)).status).toBe(200);
});

test('streams and embeddings are within the same quota', async () => {
  const mock = await start({ quota: { '*': { ...wholeQuota, rpm: false } }, latency: '1ms' });
  const stream = await post(mock, chatPath, { ...chatBody, stream: true, max_tokens: 498 });
  expect(stream.headers.get('x-ratelimit-remaining-tokens')).toBe('500');
  expect((await readEvents(stream)).at(-1)).toBe('[DONE]');
  const path = '/openai/deployments/gpt-4o/embeddings?api-version=2024-10-21';
  const answer = await told(mock, { input: ['x'.repeat(1200), 'x'.repeat(800)] }, path);
  expect(answer).toMatchObject({ status: 200, headers: { 'x-ratelimit-remaining-tokens': '0' } });
  expect((await told(mock, { input: 'x' }, path)).text).toContain('Embeddings_Create');
});

test('a cut lowers the limit that is told and enforced', async () => {
  const mock = await start({ quota: { '*': wholeQuota } });
  mock.cutQuota({ factor: 0.5, forMs: 60_000 });
  const refused = await told(mock, { ...chatBody, max_tokens: 600 });
  expect(refused).toMatchObject({ status: 429, headers: { 'x-ratelimit-limit-tokens': '500' } });
  expect(() => mock.cutQuota({ factor: 2, forMs: 1 })).toThrow('cut.factor: 2 is not a number from 0 to 1');
});

test('reset gives everything back and starts the first quotas again', async () => {
  const mock = await start({ quota: { '*': wholeQuota } });
  await told(mock, wholeCall);
  mock.setQuota('standard(tpm=1)');
  expect((await told(mock, wholeCall)).status).toBe(429);
  mock.reset();
  expect(mock.quota).toMatchObject({ quotas: { '*': wholeQuota }, deployments: {} });
  expect((await told(mock, wholeCall)).status).toBe(200);
  mock.setQuota({});
  for (let count = 0; count < 3; count += 1) expect((await told(mock, wholeCall)).status).toBe(200);
  expect(() => mock.setQuota('nap')).toThrow('1:1: "nap" is not a quota');
});

test('a mock with a wrong quota does not start', async () => {
  await expect(startMock({ quota: 'ptu()' })).rejects.toThrow('["*"].units: is missing');
});
