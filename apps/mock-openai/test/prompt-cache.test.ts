import { expect, test } from 'vitest';
import { chatPath, post, readEvents } from './testing/post.ts';
import { start } from './testing/start.ts';
import type { Mock } from '../src/mock.ts';

interface Counts {
  readonly prompt: number;
  readonly cached: number;
}

const responsesPath = '/openai/v1/responses';
const rules = 'Answer politely, in one sentence, and name your sources. '.repeat(200);
const asked = (question: string, system = rules) => ({
  messages: [
    { role: 'system', content: system },
    { role: 'user', content: question },
  ],
});

async function chat(mock: Mock, body: object, path = chatPath): Promise<Counts> {
  const { usage } = (await (await post(mock, path, body)).json()) as { usage: ChatUsage };
  return { prompt: usage.prompt_tokens, cached: usage.prompt_tokens_details.cached_tokens };
}

interface ChatUsage {
  readonly prompt_tokens: number;
  readonly prompt_tokens_details: { readonly cached_tokens: number };
}

interface ResponseBody {
  readonly id: string;
  readonly usage: {
    readonly input_tokens: number;
    readonly input_tokens_details: { readonly cached_tokens: number };
  };
}

async function respond(mock: Mock, body: object): Promise<Counts & { readonly id: string }> {
  const { id, usage } = (await (
    await post(mock, responsesPath, { model: 'gpt-4o', ...body })
  ).json()) as ResponseBody;
  return { id, prompt: usage.input_tokens, cached: usage.input_tokens_details.cached_tokens };
}

test('a long prompt that comes again is cached up to the last 128 tokens', async () => {
  const mock = await start();
  const first = await chat(mock, asked('Who are you?'));
  const second = await chat(mock, asked('Who are you?'));
  expect(first.prompt).toBeGreaterThan(2048);
  expect(first.cached).toBe(0);
  expect(second).toEqual({ prompt: first.prompt, cached: Math.floor(first.prompt / 128) * 128 });
});

test('of a prompt that shares only its first half, the first half is cached', async () => {
  const mock = await start();
  const shared = await chat(mock, asked(''));
  await chat(mock, asked('One. '.repeat(2000)));
  const other = await chat(mock, asked('Two, '.repeat(2000)));
  expect(other.cached).toBeGreaterThanOrEqual(1024);
  expect(other.cached % 128).toBe(0);
  expect(other.cached).toBeLessThanOrEqual(shared.prompt);
  expect(other.cached).toBeGreaterThan(shared.prompt - 64 - 128);
});

test('a difference in the first characters is a miss', async () => {
  const mock = await start();
  await chat(mock, asked('Who are you?', `Monday. ${rules}`));
  expect((await chat(mock, asked('Who are you?', `Tuesday. ${rules}`))).cached).toBe(0);
});

const tools = (name: string) => [{ type: 'function', function: { name, parameters: {} } }];

test('so is a difference in the tools or in the schema of the answer, which stand before the messages', async () => {
  const mock = await start();
  await chat(mock, { ...asked('Who?'), tools: tools('find') });
  expect((await chat(mock, { ...asked('Who?'), tools: tools('look') })).cached).toBe(0);
  expect((await chat(mock, { ...asked('Who?'), tools: tools('find') })).cached).toBeGreaterThan(1024);
  const format = { type: 'json_object' };
  const schemaFirst = { ...asked('Who?'), tools: tools('find'), response_format: format };
  expect((await chat(mock, schemaFirst)).cached).toBe(0);
  expect((await chat(mock, schemaFirst)).cached).toBeGreaterThan(1024);
});

test('a short prompt is never cached', async () => {
  const mock = await start();
  const short = { messages: [{ role: 'user', content: 'again '.repeat(1000) }] };
  const both = [await chat(mock, short), await chat(mock, short)];
  expect(both).toEqual([
    { prompt: expect.any(Number), cached: 0 },
    { prompt: expect.any(Number), cached: 0 },
  ]);
  expect(both[0]?.prompt).toBeLessThan(1024);
  expect(mock.cache['gpt-4o']).toMatchObject({ requests: 2, hits: 0 });
});

test('neither another deployment nor another mock has it; the same one has it under every path', async () => {
  const mock = await start();
  const body = { ...asked('Who are you?'), model: 'gpt-4o' };
  await chat(mock, body);
  expect((await chat(mock, body, chatPath.replace('gpt-4o', 'gpt-4.1'))).cached).toBe(0);
  expect((await chat(await start(), body)).cached).toBe(0);
  expect((await chat(mock, body, '/openai/v1/chat/completions')).cached).toBeGreaterThan(1024);
});

test('a stream tells it in the chunk that has the usage', async () => {
  const mock = await start();
  const body = { ...asked('Who are you?'), stream: true, stream_options: { include_usage: true } };
  const cachedOf = async () => {
    const events = await readEvents(await post(mock, chatPath, body));
    return (events.at(-2) as { usage: ChatUsage }).usage.prompt_tokens_details.cached_tokens;
  };
  expect(await cachedOf()).toBe(0);
  expect(await cachedOf()).toBeGreaterThan(1024);
});

test('a response tells it, plain and streamed', async () => {
  const mock = await start();
  const body = { instructions: rules, input: 'Who are you?' };
  const first = await respond(mock, body);
  const second = await respond(mock, body);
  expect([first.cached, second.cached]).toEqual([0, Math.floor(first.prompt / 128) * 128]);
  const stream = await post(mock, responsesPath, { model: 'gpt-4o', ...body, stream: true });
  const last = (await stream.text()).trim().split('\ndata: ').at(-1) ?? '';
  const { response } = JSON.parse(last) as { response: ResponseBody };
  expect(response.usage.input_tokens_details.cached_tokens).toBe(second.cached);
});

test('a response that follows others has all of them before it, in their order', async () => {
  const mock = await start();
  const first = await respond(mock, { input: rules });
  const second = await respond(mock, { input: 'And then? '.repeat(500), previous_response_id: first.id });
  const third = await respond(mock, { input: 'And after that?', previous_response_id: second.id });
  for (const [earlier, later] of [
    [first, second],
    [second, third],
  ] as const) {
    expect(later.prompt).toBeGreaterThan(earlier.prompt);
    expect(later.cached).toBeGreaterThan(earlier.prompt - 64 - 128);
    expect(later.cached % 128).toBe(0);
  }
});

test('items of an input that come again are cached, though the mock numbers them anew', async () => {
  const mock = await start();
  const input = [1, 2, 3, 4].map((turn) => ({ role: 'user', content: `${turn}: ${rules}` }));
  const first = await respond(mock, { input });
  const second = await respond(mock, { input });
  expect([first.cached, second.cached]).toEqual([0, Math.floor(first.prompt / 128) * 128]);
});

test('a provisioned deployment does not charge what is cached, a standard one does', async () => {
  const body = { ...asked('Who are you?'), max_tokens: 16 };
  const provisioned = await start({ quota: 'ptu(units=15, family=gpt-4o)' });
  const counts = [await chat(provisioned, body), await chat(provisioned, body)];
  const [first, second] = provisioned.requests.map(({ charge }) => charge?.tokens ?? 0);
  expect(second).toBe((first ?? 0) - (counts[1]?.cached ?? 0));
  expect(second).toBeLessThan((first ?? 0) / 2);
  await provisioned.idle();
  expect(provisioned.quota.deployments['gpt-4o']).toMatchObject({ tokens: (first ?? 0) + (second ?? 0) });

  const standard = await start({ quota: 'standard(tpm=100000)' });
  await chat(standard, body);
  expect((await chat(standard, body)).cached).toBeGreaterThan(1024);
  const charged = standard.requests.map(({ charge }) => charge?.tokens);
  expect(charged).toEqual([first, first]);
});

test('the utilization that is told is lower for a prompt that is cached', async () => {
  const mock = await start({ quota: 'ptu(units=15, family=gpt-4o, bucket=60m)' });
  const utilization = async () => {
    const response = await post(mock, chatPath, { ...asked('Who are you?'), max_tokens: 16 });
    await response.text();
    const usage = mock.quota.deployments['gpt-4o']?.usage;
    return usage?.kind === 'utilization' ? usage.utilization : NaN;
  };
  const first = await utilization();
  const second = (await utilization()) - first;
  expect(second).toBeLessThan(first / 2);
});

test('a refused request caches nothing', async () => {
  const mock = await start({ quota: 'standard(tpm=100)' });
  expect((await post(mock, chatPath, asked('Who are you?'))).status).toBe(429);
  mock.setQuota({});
  expect((await chat(mock, asked('Who are you?'))).cached).toBe(0);
});

test('after five minutes of the scaled time it is forgotten', async () => {
  const mock = await start({ timeScale: 60_000 });
  await chat(mock, asked('Who are you?'));
  await expect.poll(async () => (await chat(mock, asked('Who are you?'))).cached).toBe(0);
});

test('the prompt cache of a mock can be switched off', async () => {
  const mock = await start({ promptCache: false });
  await chat(mock, asked('Who are you?'));
  expect((await chat(mock, asked('Who are you?'))).cached).toBe(0);
});
