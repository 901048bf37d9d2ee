import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { classifyRoute } from '../route/classify-route.ts';
import { capOutput } from './cap-output.ts';

const chat = '/openai/deployments/a/chat/completions?api-version=';
const path = {
  chat: `${chat}2024-10-21`,
  old: `${chat}2024-06-01`,
  v1: '/openai/v1/chat/completions',
  models: '/models/chat/completions?api-version=2024-05-01-preview',
  extensions: '/openai/deployments/a/extensions/chat/completions?api-version=2023-08-01-preview',
  completions: '/openai/v1/completions',
  responses: '/openai/v1/responses',
  messages: '/anthropic/v1/messages',
  embeddings: '/openai/v1/embeddings',
};

/** Caps a request's body at 100 tokens. */
function cap(url: string, body: string, more: object = {}, maxTokens = 100) {
  const bytes = Buffer.from(body);
  const request = { rawHeaders: [] as string[], body: bytes, ...more };
  return capOutput(request, classifyRoute('POST', url, bytes), maxTokens);
}

test.each([
  [path.chat, '{"max_tokens":4096}', '{"max_tokens":100}'],
  [path.chat, '{"max_completion_tokens": 101 , "n": null}', '{"max_completion_tokens": 100 , "n": null}'],
  [
    path.chat,
    '{"max_tokens":500,"max_completion_tokens":1e999}',
    '{"max_tokens":100,"max_completion_tokens":100}',
  ],
  [
    path.chat,
    '{"max_tokens":50,"max_completion_tokens":100.5}',
    '{"max_tokens":50,"max_completion_tokens":100}',
  ],
  [path.chat, '{"max_tok\\u0065ns":4096}', '{"max_tok\\u0065ns":100}'],
  [path.chat, '{"max_tokens":100}', '{"max_tokens":100}'],
  [path.chat.replace('chat', 'ch%61t'), '{"max_tokens":4096}', '{"max_tokens":100}'],
  [path.extensions, '{"stream":true}', '{"stream":true,"max_tokens":100}'],
  [path.chat, '{"max_tokens":1e1}', '{"max_tokens":1e1}'],
  [path.chat, '{"max_tokens":-5}', '{"max_tokens":100}'],
  [path.chat, '{"max_tokens":0}', '{"max_tokens":0}'],
  [
    path.chat,
    '{"max_tokens":5,"max_completion_tokens":[4096]}',
    '{"max_tokens":5,"max_completion_tokens":100}',
  ],
  [path.responses, '{"max_output_tokens":true}', '{"max_output_tokens":100}'],
  [path.messages, '{"max_tokens":"4096"}', '{"max_tokens":100}'],
  [path.chat, '{"max_tokens":"4096"}', '{"max_tokens":100}'],
  [path.chat, '{"max_tokens":null}', '{"max_tokens":100}'],
  [
    path.chat,
    '{"max_tokens":null,"max_completion_tokens":null}',
    '{"max_tokens":null,"max_completion_tokens":100}',
  ],
  [
    path.chat,
    '{"max_tokens":null,"max_completion_tokens":5}',
    '{"max_tokens":null,"max_completion_tokens":5}',
  ],
  [path.chat, '{"a":{"max_tokens":4096}}', '{"a":{"max_tokens":4096},"max_completion_tokens":100}'],
  [path.chat, '{}', '{"max_completion_tokens":100}'],
  [path.v1, ' {"model":"x" }\n', ' {"model":"x" ,"max_completion_tokens":100}\n'],
  [path.old, '{"n":1}', '{"n":1,"max_tokens":100}'],
  [path.models, '{"n":1}', '{"n":1,"max_tokens":100}'],
  [path.chat, '{"n":3,"max_tokens":4096}', '{"n":3,"max_tokens":33}'],
  [path.chat, '{"n":1000,"max_tokens":4096}', '{"n":1000,"max_tokens":1}'],
  [path.completions, '{"n":2,"best_of":4}', '{"n":2,"best_of":4}'],
  [path.completions, '{"n":2,"best_of":10}', '{"n":2,"best_of":10,"max_tokens":10}'],
  [path.completions, '{"max_tokens":null}', '{"max_tokens":null}'],
  [path.completions, '{"max_tokens":null,"n":7}', '{"max_tokens":14,"n":7}'],
  [path.completions, '{"max_completion_tokens":4096}', '{"max_completion_tokens":4096}'],
  [path.completions, '{"prompt":["a","b"],"max_tokens":80}', '{"prompt":["a","b"],"max_tokens":50}'],
  [
    path.completions,
    '{"prompt":[[1],[2]],"n":5,"max_tokens":80}',
    '{"prompt":[[1],[2]],"n":5,"max_tokens":10}',
  ],
  [path.completions, '{"prompt":[1,2,3],"max_tokens":80}', '{"prompt":[1,2,3],"max_tokens":80}'],
  [path.chat, '{"prompt":["a","b"],"max_tokens":80}', '{"prompt":["a","b"],"max_tokens":80}'],
  [path.responses, '{"max_output_tokens":4096,"n":5}', '{"max_output_tokens":100,"n":5}'],
  [path.responses, '{"input":"x"}', '{"input":"x","max_output_tokens":100}'],
  [path.messages, '{"max_tokens":4096}', '{"max_tokens":100}'],
  [path.messages, '{"model":"claude"}', '{"model":"claude"}'],
  [path.embeddings, '{"max_tokens":4096}', '{"max_tokens":4096}'],
])('the output of a request is limited: %s %s', (url, body, expected) => {
  const { request, isCapped } = cap(url, body);
  expect({ body: request.body.toString(), isCapped }).toEqual({ body: expected, isCapped: true });
});

test.each([
  ['a limit that is named twice', '{"max_tokens":1,"max_tokens":4096}', {}],
  ['one whose second name is escaped', '{"max_tokens":1,"max_tok\\u0065ns":4096}', {}],
  ['a broken body', '{"max_tokens":4096', {}],
  ['no object', '[]', {}],
  ['a number of answers that is none', '{"max_tokens":100,"n":"9"}', {}],
  ['an upload', '{"max_tokens":4096}', { upload: {} }],
  ['one that is packed in an unknown way', 'x', { rawHeaders: ['Content-Encoding', 'x'] }],
])('a request whose limit cannot be read is as it was, and said to be: %s', (_, body, more) => {
  const { request, isCapped } = cap(path.chat, body, more);
  expect({ body: request.body.toString(), isCapped }).toEqual({ body, isCapped: false });
});

const thinking = (maxTokens: unknown, budget: unknown) =>
  JSON.stringify({ max_tokens: maxTokens, thinking: { type: 'enabled', budget_tokens: budget } });

test.each([
  ['it thinks more than its answers may have', 2000, 4000, 2000, 'Lower "budget_tokens" of "thinking"'],
  ['it thinks much more', 2000, 4000, 3999, 'which is 3999, to less than that'],
  ['its answers are too short to think', 1000, 4000, 2000, 'Leave out "thinking"'],
])('a request to Claude that a lower limit would break says so: %s', (_, maxTokens, asked, budget, words) => {
  const capped = () => cap(path.messages, thinking(asked, budget), {}, maxTokens);
  expect(capped).toThrow(`answers may have ${maxTokens} tokens at most (maxOutputTokens)`);
  expect(capped).toThrow(words);
});

test.each([
  ['it thinks less', thinking(4000, 1500), thinking(2000, 1500)],
  ['it was broken before', thinking(4000, 5000), thinking(2000, 5000)],
  ['it says no number', thinking(4000, '3000'), thinking(2000, '3000')],
  ['it need not be lowered', thinking(2000, 1999), thinking(2000, 1999)],
  ['it thinks as it likes', '{"max_tokens":4000,"thinking":null}', '{"max_tokens":2000,"thinking":null}'],
])('a request to Claude that a lower limit does not break is limited: %s', (_, body, expected) => {
  expect(cap(path.messages, body, {}, 2000).request.body.toString()).toBe(expected);
});

test.each([
  ['{"max_tokens":9,"fallbacks":[{"model":"a","max_tokens":4096}]}', '4096', '100'],
  ['{"max_tokens":9,"fallbacks":[ {"max_tokens":7} , {"max_tok\\u0065ns":-1}]}', '-1', '100'],
  ['{"fallbacks":[{"max_tokens":500}],"max_tokens":500}', /500/g, '100'],
  ['{"max_tokens":9,"fallbacks":[{"model":"a"},{"max_tokens":null},{"max_tokens":100}]}', '', ''],
  ['{"max_tokens":9,"fallbacks":"default"}', '', ''],
  ['{"max_tokens":9,"fallbacks":[]}', '', ''],
])('the models that Claude may answer with instead are limited as well: %s', (body, large, lowered) => {
  const { request, isCapped } = cap(path.messages, body);
  expect({ body: request.body.toString(), isCapped }).toEqual({
    body: body.replace(large, lowered),
    isCapped: true,
  });
});

test.each([
  '{"max_tokens":9,"fallbacks":[{"max_tokens":4096,"max_tokens":1}]}',
  '{"max_tokens":9,"fallbacks":[{"max_tokens":4096}],"fallbacks":[]}',
  '{"max_tokens":9,"fallbacks":["a"]}',
])('limits of further models that cannot be read are not taken for limited: %s', (body) => {
  expect(cap(path.messages, body).isCapped).toBe(false);
});

test('a packed body is limited, and not packed any more', () => {
  const unpacked = Buffer.from('{"max_tokens":4096}');
  const request = {
    rawHeaders: ['Content-Encoding', 'gzip', 'X-A', 'b'],
    body: gzipSync(unpacked),
    unpacked: unpacked as Buffer | undefined,
  };
  const capped = capOutput(request, classifyRoute('POST', path.chat, unpacked), 100);
  expect(capped.request).toEqual({
    rawHeaders: ['X-A', 'b'],
    body: Buffer.from('{"max_tokens":100}'),
    unpacked: undefined,
  });
});

test('the deployment is found where it then stands, and less is reckoned with', () => {
  const { request, route } = cap(
    path.responses,
    '{"max_output_tokens":4096000,"input":"x","model":"gpt-4o"}',
  );
  const { start, end } = route.deploymentPlace!.range;
  expect(request.body.toString('utf8', start, end)).toBe('"gpt-4o"');
  expect(route.content?.prompt?.estimate.outputTokens).toBe(100);
});

test('further messages of a session are limited too', () => {
  const { request } = cap(path.responses, '{"type":"response.create","model":"a"}', { session: {} });
  const edit = (message: string) => request.editMessage?.(Buffer.from(message)).toString();
  expect(request.body.toString()).toContain('"max_output_tokens":100');
  expect(edit('{"type":"response.create","max_output_tokens":500}')).toBe(
    '{"type":"response.create","max_output_tokens":100}',
  );
  expect(edit('{"type":"response.cancel"}')).toBe('{"type":"response.cancel"}');
  expect(edit('no JSON')).toBe('no JSON');
  for (const hidden of [
    '"response\\u002ecreate"',
    '" Response.Create "',
    'tru',
    '["response.create"]',
    '"response.new","model":"a"',
    '"response.create","max_output_tokens":1',
    '"response.create","type":"x"',
  ])
    expect(edit(`{"type":${hidden},"max_output_tokens":500}`)).toMatch(/"max_output_tokens":100}$/);
  expect(edit('{"max_output_tokens":500}')).toBe('{"max_output_tokens":100}');
});

test('whatever a body says, no limit in it is above the cap, and all else is as it was', () => {
  const number = fc.oneof(
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constant(null),
  );
  const limits = fc.record({ max_tokens: number, max_completion_tokens: number }, { requiredKeys: [] });
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), limits, fc.nat(3), (other, limits, space) => {
      const { max_tokens: _, max_completion_tokens: __, n: ___, best_of: ____, ...rest } = other;
      const body = JSON.stringify({ ...rest, ...limits }, undefined, space);
      const { request } = cap(path.chat, body);
      const { max_tokens, max_completion_tokens, ...left } = JSON.parse(request.body.toString());
      expect(left).toEqual(JSON.parse(JSON.stringify(rest)));
      const set = [max_tokens, max_completion_tokens].filter((one) => one !== undefined && one !== null);
      expect(set.length).toBeGreaterThan(0);
      expect(set.every((one) => one <= 100)).toBe(true);
    }),
  );
});
