import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { AnswerMeter } from './answer-meter.ts';

/** Meters a text in chunks that end at the given places. */
function meter(
  kind: 'json' | 'events' | 'session',
  text: string,
  cuts: readonly number[] = [],
  saysAll = false,
) {
  const bytes = Buffer.from(text);
  const answer = new AnswerMeter(kind, { saysAll });
  let start = 0;
  for (const cut of [...new Set(cuts.map((cut) => cut % bytes.length)), bytes.length].sort((a, b) => a - b)) {
    answer.write(bytes.subarray(start, cut));
    start = cut;
  }
  answer.walk.endEvent();
  const { usage, saidTokens, heardTokens, walk } = answer;
  return { usage, saidTokens, heardTokens, images: walk.images, id: walk.id, status: walk.status };
}

const usage = (promptTokens: number, outputTokens: number, cachedTokens = 0, reasoningTokens = 0) => ({
  promptTokens,
  outputTokens,
  cachedTokens,
  reasoningTokens,
});
const events = (...all: object[]) => all.map((one) => `data: ${JSON.stringify(one)}\n\n`).join('');
const forged = { usage: { prompt_tokens: 0, input_tokens: 0, completion_tokens: 0 } };

const drawn = { image_gen: { input_tokens: 10, output_tokens: 7000, total_tokens: 7010 }, web_search: null };
const made = { input_tokens: 20, output_tokens: 5, total_tokens: 25 };
const compacted = {
  input_tokens: 3,
  output_tokens: 4,
  iterations: [
    { type: 'compaction', input_tokens: 180, cache_read_input_tokens: 20, output_tokens: 35 },
    { type: 'message', input_tokens: 3, output_tokens: 4 },
  ],
};

const answers: [string, 'json' | 'events', string, object][] = [
  [
    'a response with pictures, which are told before the rest',
    'json',
    JSON.stringify({ output: [], tool_usage: drawn, usage: made, tools: [{ x: { tool_usage: drawn } }] }),
    { usage: usage(30, 7005) },
  ],
  [
    'a response with pictures, which are told behind the rest',
    'json',
    JSON.stringify({ usage: made, metadata: { tool_usage: drawn }, tool_usage: drawn }),
    { usage: usage(30, 7005) },
  ],
  [
    'a stream of a response with pictures',
    'events',
    events(
      { type: 'response.created', response: { usage: null, tool_usage: null } },
      { type: 'response.completed', response: { tool_usage: drawn, usage: made, user: null } },
    ),
    { usage: usage(30, 7005) },
  ],
  [
    'a message whose context was made compact',
    'json',
    JSON.stringify({ type: 'message', content: [], usage: compacted }),
    { usage: usage(203, 39, 20) },
  ],
  [
    'a stream of a message whose context was made compact',
    'events',
    events(
      { type: 'message_start', message: { usage: { input_tokens: 3, output_tokens: 1 } } },
      { type: 'message_delta', usage: compacted },
    ),
    { usage: usage(203, 39, 20) },
  ],
  [
    'a chat completion',
    'json',
    JSON.stringify({
      id: 'a',
      usage: { prompt_tokens: 5, completion_tokens: 2 },
      choices: [{ message: { content: 'Hello ü' } }],
    }),
    { usage: usage(5, 2), saidTokens: 2, id: 'a' },
  ],
  [
    'a response that repeats what its client has made up',
    'json',
    JSON.stringify({
      output: [{ content: [{ text: JSON.stringify(forged) }] }],
      usage: { input_tokens: 7, output_tokens: 3, input_tokens_details: { cached_tokens: 2 } },
      tools: [{ parameters: { properties: forged } }],
      text: { format: { schema: forged } },
      metadata: { usage: JSON.stringify(forged), x: 'y'.repeat(10_000) },
      error: null,
    }),
    { usage: usage(7, 3, 2) },
  ],
  [
    'images, whose usage stands before them',
    'json',
    JSON.stringify({
      usage: { input_tokens: 9, output_tokens: 4160 },
      data: [{ b64_json: 'x'.repeat(50_000) }, { url: 'x' }],
    }),
    { usage: usage(9, 4160), images: 2 },
  ],
  [
    'an answer that is spoken, and breaks off',
    'json',
    `{"choices":[{"message":{"audio":{"id":"a","data":"${'x'.repeat(6400)}`,
    { usage: undefined, saidTokens: 2 },
  ],
  [
    'a transcription in tokens',
    'json',
    '{"text":"Hi","usage":{"type":"tokens","input_tokens":4,"input_token_details":{"audio_tokens":4},"output_tokens":2}}',
    { usage: usage(4, 2) },
  ],
  [
    'a transcription in seconds',
    'json',
    '{"text":"Hi","usage":{"type":"duration","seconds":7}}',
    { usage: undefined, heardTokens: 70 },
  ],
  [
    'seconds that nothing can last',
    'json',
    '{"text":"Hi","usage":{"type":"duration","seconds":1e15}}',
    { usage: undefined, heardTokens: 0 },
  ],
  [
    'an output without the input that it was made of',
    'json',
    '{"usage":{"input_tokens":-10,"output_tokens":5}}',
    { usage: undefined },
  ],
  [
    'a stream of a message',
    'events',
    `event: message_start\n${events(
      {
        type: 'message_start',
        message: { id: 'msg', usage: { input_tokens: 3, cache_read_input_tokens: 10, output_tokens: 1 } },
      },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hello' } },
      { type: 'content_block_delta', index: 1, delta: { type: 'input_json_delta', partial_json: '{"a":' } },
      {
        type: 'message_delta',
        delta: { stop_reason: 'end_turn' },
        usage: { output_tokens: 12, input_tokens: 3 },
      },
    )}`,
    { usage: usage(13, 12, 10), saidTokens: 3 },
  ],
  [
    'a stream of a response',
    'events',
    events(
      {
        type: 'response.created',
        response: { id: 'resp', status: 'in_progress', usage: null, instructions: 'x' },
      },
      { type: 'response.output_text.delta', item_id: 'm', delta: 'Hello, you' },
      { delta: '{"a":1}', type: 'response.function_call_arguments.delta' },
      { type: 'response.output_text.done', text: 'Hello, you' },
      {
        type: 'response.completed',
        response: {
          id: 'resp',
          status: 'completed',
          output: [{ content: [{ text: 'Hello, you' }] }],
          usage: { input_tokens: 6, output_tokens: 5, output_tokens_details: { reasoning_tokens: 2 } },
          metadata: { x: 'y'.repeat(10_000) },
        },
      },
    ),
    { usage: usage(6, 5, 0, 2), saidTokens: 5, id: 'resp', status: 'completed' },
  ],
  [
    'a stream of a picture that is shown while it is made',
    'events',
    events(
      { type: 'image_generation.partial_image', partial_image_index: 0, b64_json: 'x'.repeat(9000) },
      { type: 'image_generation.partial_image', partial_image_index: 1, b64_json: 'x'.repeat(9000) },
    ),
    { usage: undefined, images: 2, saidTokens: 0 },
  ],
  [
    'a stream of a response whose tool draws',
    'events',
    events(
      { type: 'response.image_generation_call.partial_image', partial_image_b64: 'x' },
      { type: 'response.output_item.done', item: { type: 'image_generation_call', result: 'x' } },
    ),
    { usage: undefined, images: 2, saidTokens: 0 },
  ],
  [
    'a stream with several lines of data and other line ends',
    'events',
    ': hi\r\nevent: x\r\ndata: {"choices":[],\r\ndata:"usage":\r\ndata: {"prompt_tokens":1,"completion_tokens":2}}\r\n\r\ndata: [DONE]\r\n\r\n',
    { usage: usage(1, 2) },
  ],
  [
    'a stream that tells none',
    'events',
    events(
      { choices: [{ delta: { content: 'Hello' } }], usage: null },
      { choices: [{ delta: { content: ' World' } }] },
    ),
    { usage: undefined, saidTokens: 3 },
  ],
  [
    'speech in a stream',
    'events',
    events(
      { type: 'speech.audio.delta', delta: 'x'.repeat(6400) },
      { type: 'speech.audio.done', usage: { input_tokens: 1, output_tokens: 2 } },
    ),
    { usage: usage(1, 2), saidTokens: 2 },
  ],
];

test.each(answers)(
  'the usage and what was said are read wherever the bytes are cut: %s',
  (_, kind, text, expected) => {
    const whole = meter(kind, text);
    expect(whole).toMatchObject(expected);
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 20 }), (cuts) => {
        expect(meter(kind, text, cuts)).toEqual(whole);
      }),
      { numRuns: 50 },
    );
  },
);

test('of an answer of any kind all texts are said, but pictures and what it is called by', () => {
  const answer = {
    id: 'ocr_1',
    status: 'done',
    pages: [{ markdown: 'x'.repeat(400), images: [{ image_base64: 'x'.repeat(9000) }] }],
    message: { content: [{ type: 'text', text: 'x'.repeat(36) }] },
  };
  const expected = { usage: undefined, images: 1, saidTokens: 110 };
  expect(meter('json', JSON.stringify(answer), [7], true)).toMatchObject(expected);
});

test('the usage is that of the answer, whatever its text says', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      fc.nat(),
      fc.jsonValue({ maxDepth: 3 }),
      (content, tokens, value) => {
        const text = JSON.stringify({
          a: content,
          choices: [value, forged],
          usage: { prompt_tokens: tokens },
          [`${content}a`]: [content],
        });
        expect(meter('json', text).usage?.promptTokens).toBe(tokens);
      },
    ),
  );
});

test('the usages of a session are added up, and what was said since is counted', () => {
  const told: unknown[] = [];
  const session = new AnswerMeter('session', { onUsage: (one) => void told.push(one) });
  const say = (event: object) => {
    session.write(Buffer.from(JSON.stringify(event)));
    session.walk.endEvent();
  };
  const done = { type: 'response.done', response: { usage: { input_tokens: 5, output_tokens: 2 } } };
  say({ type: 'response.output_text.delta', delta: 'Hello' });
  say(done);
  expect([session.usage, session.saidTokens]).toEqual([usage(5, 2), 0]);
  say(done);
  say({ type: 'response.output_audio.delta', delta: 'x'.repeat(3200) });
  expect([session.usage, session.saidTokens, told.length]).toEqual([usage(10, 4), 1, 2]);
});

test('pictures in a session are told with the answer that they were made for', () => {
  const told: unknown[] = [];
  const session = new AnswerMeter('session', { onUsage: (one) => void told.push(one) });
  for (const response of [
    { tool_usage: drawn, usage: made },
    { usage: made, tool_usage: drawn },
  ]) {
    session.write(Buffer.from(JSON.stringify({ type: 'response.completed', response })));
    session.walk.endEvent();
  }
  expect(told).toEqual([usage(30, 7005), usage(30, 7005)]);
});

test('seconds in a session are told as ten tokens of a prompt each, and added to what was told before', () => {
  const told: unknown[] = [];
  const session = new AnswerMeter('session', { onUsage: (one) => void told.push(one) });
  for (const one of [
    { input_tokens: 5, output_tokens: 2 },
    { type: 'duration', seconds: 60.05 },
    { seconds: 1e15 },
  ]) {
    session.write(Buffer.from(JSON.stringify({ type: 'transcription.completed', usage: one })));
    session.walk.endEvent();
  }
  expect(told).toEqual([usage(5, 2), usage(601, 0)]);
  expect([session.usage, session.heardTokens, session.saidTokens]).toEqual([usage(606, 2), 0, 0]);
});

test('what is no JSON is walked over too', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('{', '}', '[', ']', '"', '\\', ',', ':', '"usage":{', '1')),
      (pieces) => {
        expect(() => meter('json', pieces.join(''))).not.toThrow();
      },
    ),
  );
});
