import type { Attempt } from '@spillway/core';
import { startMock } from '@spillway/mock-openai';
import * as fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { type AzureBackend, createBackend } from '../backend/azure-backend.ts';
import { apiKeyCredential } from '../backend/credentials/credential.ts';
import type { BackendBody } from '../backend/backend-body.ts';
import { forwardAttempt } from '../backend/forward-attempt.ts';
import { configSchema } from '../config/schema.ts';
import { type ReadableBody, WatchedBody } from '../ownership/watched-body.ts';
import { BodyTail } from './body-tail.ts';

test('the end of a body that is whole is enough, wherever its bytes are cut', () => {
  const usage = '"usage":{"prompt_tokens":100,"completion_tokens":25}';
  const lengths = fc.array(fc.integer({ min: 1, max: 5000 }), { maxLength: 60 });
  fc.assert(
    fc.property(fc.nat(60_000), fc.nat(8000), lengths, (before, after, lengths) => {
      const bytes = Buffer.from(`{"a":"${'x'.repeat(before)}",${usage},"b":"${'y'.repeat(after)}"}`);
      const tail = new BodyTail('json');
      let at = 0;
      for (const length of [...lengths, bytes.length]) {
        if (at < bytes.length) tail.push(bytes.subarray(at, at + length));
        at += length;
      }
      expect(tail.usage()).toBeUndefined();
      tail.isWhole = true;
      expect(tail.usage()).toMatchObject({ promptTokens: 100, outputTokens: 25, cachedTokens: 0 });
    }),
  );
});

test('what stands too far from the end is not kept', () => {
  const tail = new BodyTail('json');
  tail.push(Buffer.from('{"usage":{"prompt_tokens":100},'));
  for (let count = 0; count < 100; count++) tail.push(Buffer.from(`"${count}":"${'x'.repeat(100)}",`));
  tail.push(Buffer.from('"end":1}'));
  tail.isWhole = true;
  expect(tail.usage()).toBeUndefined();
});

const claude = (events: number, last: string) =>
  'event: message_start\ndata: {"type":"message_start","message":{"usage":{"input_tokens":25,"cache_read_input_tokens":5,"output_tokens":1}}}\n\n' +
  'event: content_block_delta\ndata: {"type":"content_block_delta","delta":{"text":"Hello, how are you?"}}\n\n'.repeat(
    events,
  ) +
  last;
const lastOfClaude =
  'event: message_delta\ndata: {"type":"message_delta","usage":{"output_tokens":1500}}\n\n';

test('the first and the last events of a stream tell its usage together, however long it is, wherever it is cut', () => {
  const lengths = fc.array(fc.integer({ min: 1, max: 12_000 }), { maxLength: 60 });
  fc.assert(
    fc.property(fc.nat(200), lengths, fc.boolean(), (events, lengths, hasEnded) => {
      const bytes = Buffer.from(claude(events, hasEnded ? lastOfClaude : ''));
      const tail = new BodyTail('events');
      let at = 0;
      for (const length of [...lengths, bytes.length]) {
        if (at < bytes.length) tail.push(bytes.subarray(at, at + length));
        at += length;
      }
      const outputTokens = hasEnded ? 1500 : 1;
      expect(tail.usage()).toMatchObject({ promptTokens: 30, outputTokens, cachedTokens: 5 });
    }),
  );
});

test('a stream whose first usage is what its client has made up does not begin with that', () => {
  const usage = '"usage":{"input_tokens":999,"output_tokens":999}';
  const created = `data: {"response":{"tools":[{"parameters":{${usage}}}],"usage":null}}\n\n`;
  const tail = new BodyTail('events');
  tail.push(Buffer.from(created));
  for (let count = 0; count < 100; count++)
    tail.push(Buffer.from(`data: {"delta":"${'x'.repeat(100)}"}\n\n`));
  expect(tail.usage()).toBeUndefined();
  tail.push(Buffer.from('data: {"response":{"usage":{"input_tokens":7,"output_tokens":5}}}\n\n'));
  expect(tail.usage()).toMatchObject({ promptTokens: 7, outputTokens: 5 });
});

const classic = (operation: string) => `/openai/deployments/gpt-4o/${operation}?api-version=2024-10-21`;

const watch = (body: BackendBody) => new WatchedBody(body, { write() {} });

const messages = [{ role: 'user', content: 'Hello' }];
const stream_options = { include_usage: true };

test.each<[string, string, object]>([
  ['a chat completion', classic('chat/completions'), { messages }],
  ['a stream', classic('chat/completions'), { messages, stream: true, stream_options }],
  ['a completion', classic('completions'), { prompt: 'Hello' }],
  ['embeddings', classic('embeddings'), { input: 'Hello' }],
  ['a response', '/openai/v1/responses', { model: 'gpt-4o', input: 'Hello', store: false }],
  ['a stream of a response', '/openai/v1/responses', { model: 'gpt-4o', input: 'Hello', stream: true }],
])('an answer of a backend tells its usage at the end: %s', async (_, path, body) => {
  const { usage, text } = await ask(path, body);
  const [, prompt] = /"(?:prompt|input)_tokens":(\d+)/.exec(text) ?? [];
  const [, output = '0'] = /"(?:completion|output)_tokens":(\d+)/.exec(text) ?? [];
  expect(usage).toEqual({
    promptTokens: Number(prompt),
    outputTokens: Number(output),
    cachedTokens: expect.any(Number),
    reasoningTokens: expect.any(Number),
  });
});

test('an answer of a backend tells none in a stream that was not asked for it', async () => {
  const { usage, text } = await ask(classic('chat/completions'), { messages, stream: true });
  expect([usage, text.endsWith('[DONE]\n\n')]).toEqual([undefined, true]);
});

test('an answer of a backend tells its usage though somebody watches it pass', async () => {
  const { usage, text } = await ask(classic('chat/completions'), { messages }, watch);
  expect(text).toContain(`"prompt_tokens":${usage?.promptTokens},"completion_tokens":${usage?.outputTokens}`);
});

/** Requests an answer from a mock, and returns it with the part of it that was kept. */
async function ask(path: string, body: object, bodyOf = (body: BackendBody): ReadableBody => body) {
  const mock = await startMock({ name: 'a', apiKey: 'key-a', latency: '1ms' });
  onTestFinished(() => mock.stop());
  const config = configSchema.parse({ backends: [{ name: 'a', url: mock.url, apiKey: 'key-a' }] });
  const credentials = { of: () => apiKeyCredential('key-a') };
  const backend = createBackend(config.backends[0]!, config.timeouts, credentials, () => {});
  onTestFinished(() => backend.dispatcher.close());
  const attempt: Attempt<AzureBackend> = { number: 1, backend, deployment: 'gpt-4o' };
  const request = {
    method: 'POST',
    rawHeaders: ['content-type', 'application/json'],
    body: Buffer.from(JSON.stringify(body)),
    client: { hasLeft: false, current: undefined },
  };
  const result = await forwardAttempt(attempt, 5000, request, { path, deployment: 'gpt-4o' });
  if (result.kind !== 'answered' || result.status !== 200)
    throw new Error(`no answer: ${JSON.stringify(result)}`);
  const answer = bodyOf(result.body.body);
  const tail = answer.keepTail(JSON.stringify(body).includes('"stream":true') ? 'events' : 'json');
  return { text: await read(answer), usage: tail.usage() };
}

function read(body: ReadableBody): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    body.readBy({
      write(chunk) {
        text += chunk.toString('latin1');
        return true;
      },
      end: (lastChunk) => resolve(text + (lastChunk?.toString('latin1') ?? '')),
      fail: () => reject(new Error('broken off')),
    });
  });
}
