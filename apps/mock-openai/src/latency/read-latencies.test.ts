import { expect, test } from 'vitest';
import { parseLatencies, readLatencies } from './read-latencies.ts';

const forms: [unknown, object][] = [
  ['', {}],
  ['40ms', { '*': { ttftMs: 40 } }],
  ['gpt-5', { '*': { preset: 'gpt-5' } }],
  ['by-name', { '*': { preset: 'by-name' } }],
  [
    'chat=gpt-4o(ttft=1s, tokens-per-second=none), *=gpt-4.1-nano',
    { chat: { preset: 'gpt-4o', ttftMs: 1000, tokensPerSecond: false }, '*': { preset: 'gpt-4.1-nano' } },
  ],
  [
    'custom(ttft=250ms, ttft-sigma=0.3, ms-per-prompt-token=0.2, tokens-per-second=25, token-sigma=0.25)',
    {
      '*': { ttftMs: 250, ttftSigma: 0.3, msPerPromptToken: 0.2, tokensPerSecond: 25, tokenSigma: 0.25 },
    },
  ],
  ['{"gpt-4o":{"preset":"gpt-4o"}}', { 'gpt-4o': { preset: 'gpt-4o' } }],
  [{ '*': { ttftMs: 5 } }, { '*': { ttftMs: 5 } }],
];

test.each(forms)('a latency is read from %j', (input, latencies) => {
  expect(readLatencies(input)).toEqual({ kind: 'latencies', latencies });
});

const names =
  'gpt-4o, gpt-4o-mini, gpt-4.1, gpt-4.1-mini, gpt-4.1-nano, gpt-5, gpt-4-ptu, gpt-35-turbo, gpt-35-turbo-instruct, text-embedding, by-name';
const errors: [unknown, string[]][] = [
  ['fast', [`1:1: "fast" is not a time, custom, or one of ${names}`]],
  ['?!', [`1:1: "?!" is not a time, custom, or one of ${names}`]],
  ['40ms,, gpt-5', ['1:6: a latency is missing before the comma', '1:8: "*" is said twice']],
  [
    'custom(ttft=soon, speed=1, 7, tokens-per-second=0)',
    [
      '1:8: "soon" is not a time such as 250ms, 10s or 2m (in JSON: milliseconds, at least 0)',
      '1:19: "speed" is not an argument of a latency (it has ttft, ttft-sigma, ms-per-prompt-token, tokens-per-second, token-sigma)',
      '1:28: "7" is not an argument of a latency (it has ttft, ttft-sigma, ms-per-prompt-token, tokens-per-second, token-sigma)',
      '1:31: "0" is not a number of at least 0.001, or none (in JSON: false)',
    ],
  ],
  ['custom(ttft=1s, ttft=2s)', ['1:17: "ttft" is said twice']],
  ['custom(', ['1:1: a bracket is opened and never closed']],
  [7, ['7 is not an object of latencies by deployment']],
  [{ a: 7 }, ['["a"]: 7 is not a latency']],
  [
    { a: { preset: 'x', speed: 1 } },
    [
      `["a"].preset: "x" is not one of ${names}`,
      '["a"].speed: a latency has no such field (it has preset, ttftMs, ttftSigma, msPerPromptToken, tokensPerSecond, tokenSigma)',
    ],
  ],
];

test.each(errors)('the reader of latencies names every problem of %j with its place', (input, problems) => {
  expect(readLatencies(input)).toEqual({ kind: 'wrong', problems });
});

test('the reader of latencies says why JSON cannot be read', () => {
  expect(() => parseLatencies('{')).toThrow(/^The latency is wrong:\n {2}not JSON: /);
});
