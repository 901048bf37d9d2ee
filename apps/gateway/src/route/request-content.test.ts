import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { JsonWriter, seededRandom } from '../../test/testing/make-json.ts';
import { spellJson } from '../../test/testing/spell-json.ts';
import { RequestContent } from './request-content.ts';

function contentOf(json: string | Buffer, operation = 'responses'): RequestContent {
  return new RequestContent(operation, Buffer.from(json as string));
}

/** Returns the model of a body, and the text at its reported position. */
function modelOf(json: string | Buffer): string[] | undefined {
  const content = contentOf(json);
  const { model } = content;
  return model && [model.name, content.body.toString('utf8', model.range.start, model.range.end)];
}

/** An object whose key `model` comes after a megabyte of the same text. */
function megabyteOf(text: string): string {
  return `{"a":"${text.repeat(2 ** 20 / text.length)}","model":"x"}`;
}

test.each([
  ['a text', '{"model":"gpt-4o"}', 'gpt-4o', '"gpt-4o"'],
  ['a text after everything else', '{"a":[{"model":"no"}],"b":{"model":"no"},"model":"x"}', 'x', '"x"'],
  ['the first of two', '{"model":"x","model":"y"}', 'x', '"x"'],
  ['escaped quotes', '{"model":"a\\"b","c":1}', 'a"b', '"a\\"b"'],
  ['in a key with an escape', '{"mod\\u0065l":"x"}', 'x', '"x"'],
  ['escaped backslashes', '{"model":"a\\\\","c":"model"}', 'a\\', '"a\\\\"'],
  ['characters as escapes', '{"model":"\\u0041\\n\\ud83d\\ude42"}', 'A\n🙂', '"\\u0041\\n\\ud83d\\ude42"'],
  ['a text after one that looks like the key', '{"a":"\\"model\\":","model":"x"}', 'x', '"x"'],
  ['a text after a prompt', '{"input":[{"content":"model"}],"model":"x"}', 'x', '"x"'],
  ['white space of every kind', ' \t\r\n{ "model"\n:\t"x" \r}', 'x', '"x"'],
  ['letters beyond ASCII', '{"é":"模型","model":"模型🙂"}', '模型🙂', '"模型🙂"'],
  ['a text behind which the body is cut off', '{"model":"x"', 'x', '"x"'],
  ['a text after megabytes', megabyteOf('a'), 'x', '"x"'],
  ['a text after megabytes of escaped quotes', megabyteOf('\\"'), 'x', '"x"'],
  ['a text after megabytes of backslashes', megabyteOf('\\\\'), 'x', '"x"'],
])('the model of a body may be %s', (_, json, name, written) => {
  expect(modelOf(json)).toEqual([name, written]);
});

test.each([
  ['{"session":{"type":"realtime","model":"rt"}}', 'rt'],
  ['{"expires_after":{"seconds":60},"session":{"audio":{"model":"no"},"model":"rt","a":[{}]},"b":1}', 'rt'],
  ['{"session":{},"model":"rt"}', 'rt'],
  ['{"session":{"a":1},"b":{"model":"no"},"model":"rt"}', 'rt'],
  ['{"session":[{"model":"no"}],"model":"rt"}', 'rt'],
  ['{"session":null,"model":"rt"}', 'rt'],
  ['{"session":{"model":"rt"', 'rt'],
  ['{"session":{"audio":{"input":{"transcription":{"model":"no"}}}}}', undefined],
])('the model of an ephemeral key is that of its session: %s', (json, name) => {
  expect(contentOf(json, 'realtime/client_secrets').model?.name).toBe(name);
});

test('the model of anything else is not that of its session', () => {
  expect(modelOf('{"session":{"model":"no"},"model":"x"}')).toEqual(['x', '"x"']);
});

test.each([
  ['nothing', ''],
  ['white space', ' \n'],
  ['a list', '["model","x"]'],
  ['a text', '"model"'],
  ['a text with a colon', '"model":"x"'],
  ['an empty object', '{}'],
  ['a number', '{"model":12}'],
  ['a number before a text', '{"model":12,"model":"x"}'],
  ['null', '{"model":null,"a":1}'],
  ['an object', '{"model":{"model":"x"},"c":3}'],
  ['a list of texts', '{"model":["x"]}'],
  ['an empty text', '{"model":""}'],
  ['a wrong escape', '{"model":"\\x"}'],
  ['a line break in a text', '{"model":"line\nbreak"}'],
  ['a nested key', '{"a":{"model":"x"}}'],
  ['a value of that name', '{"a":"model"}'],
  ['longer keys', '{"model2":"x","mode":"y","Model":"z"}'],
  ['an object that ends before the value does', '{"model":"x'],
  ['an object that ends before the value', '{"model":'],
  ['a form', 'model=x'],
  ['bytes that are no text', Buffer.from([0xff, 0xfe, 0x7b, 0x22, 0x00])],
])('the model of a body is not in %s', (_, json) => {
  expect(modelOf(json)).toBeUndefined();
});

test.each([
  ['by default', '{}', true],
  ['unless its request says no', '{"store":false}', false],
  ['unless its request says no at the end', '{"input":[{"store":true}],"store": false }', false],
  ['where its request says yes', '{"store":true}', true],
  ['where its request says no as a text', '{"store":"false"}', true],
  ['where it is made in the background', '{"store":false,"background":true}', true],
  ['unless it is not made in the background', '{"background":false,"store":false}', false],
  ['where the last of several says so', '{"store":false,"background":false,"store":true}', true],
  [
    'unless the last of several says no',
    '{"store":true,"background":true,"store":false,"background":false}',
    false,
  ],
  ['where the word is cut off', '{"store":false', true],
  ['where the body is no object', '[{"store":false}]', true],
])('a response is stored %s: %s', (_, json, isStored) => {
  expect(contentOf(json).isUnstored).toBe(!isStored);
});

/** The expected result of the walk, calculated from the parsed body. */
function parse(json: string) {
  const { model, store, background } = JSON.parse(json) as Record<string, unknown>;
  return {
    model: typeof model === 'string' && model !== '' ? model : undefined,
    isUnstored: store === false && background !== true,
  };
}

test('the model and whether a response is stored are those of the parsed body, in random objects', () => {
  for (let seed = 1; seed <= 1000; seed++) {
    const json = new JsonWriter(seed).object(['model', 'store', 'background']);
    const content = contentOf(json);
    expect({ json, model: content.model?.name, isUnstored: content.isUnstored }).toEqual({
      json,
      ...parse(json),
    });
  }
});

const id = fc.constantFrom('resp_1', 'file-2', 'a b', '', 'reasoning', 'item_reference', 'x1'.repeat(150));
const anything = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 12, depthSize: 'medium' }, id, fc.boolean(), tie('object'), tie('list')),
  list: fc.array(tie('value'), { maxLength: 4 }),
  object: fc.dictionary(
    fc.constantFrom(
      'id',
      'type',
      'file_id',
      'file_ids',
      'content',
      'metadata',
      'container',
      'variables',
      'é',
    ),
    tie('value'),
    { maxKeys: 5 },
  ),
}));
const body = fc.dictionary(
  fc.constantFrom(
    'model',
    'input',
    'instructions',
    'tools',
    'conversation',
    'prompt',
    'metadata',
    'file_id',
    'previous_response_id',
    'store',
    'x',
  ),
  fc.oneof(id, anything.value),
  { maxKeys: 8 },
);

/** The expected references, calculated from the parsed body: each text with the keys that lead to it. */
function referencesIn(parsed: unknown): string[] {
  const found: string[] = [];
  const add = (text: unknown, collection: string | undefined) => {
    if (collection !== undefined && (text === 'resp_1' || text === 'file-2'))
      found.push(`${collection}/${text}`);
  };
  const visit = (value: unknown, keys: readonly string[], depth: number): void => {
    if (typeof value === 'string') return add(value, collectionAt(keys));
    if (typeof value !== 'object' || value === null || depth === 10) return;
    if (Array.isArray(value)) return value.forEach((one) => visit(one, keys, depth + 1));
    for (const [key, one] of Object.entries(value)) visit(one, [...keys, key], depth + 1);
    if (keys.join() !== 'input') return;
    const { id, type } = lastTexts(value);
    if (type === undefined || type === 'reasoning' || type === 'item_reference') add(id, 'item');
  };
  visit(parsed, [], 0);
  return found.slice(0, 100);
}

function collectionAt(keys: readonly string[]): string | undefined {
  const places: Record<string, string> = {
    previous_response_id: 'responses',
    conversation: 'conversations',
    'conversation,id': 'conversations',
    'tools,container': 'containers',
    'tools,container,file_ids': 'files',
    'input,content,file_id': 'files',
    'prompt,id': 'prompts',
    'prompt,variables,*,file_id': 'files',
  };
  const isVariable = keys[0] === 'prompt' && keys[1] === 'variables' && keys.length > 2;
  return places[(isVariable ? ['prompt', 'variables', '*', ...keys.slice(3)] : keys).join()];
}

/** The texts of an item's id and type, which may be in lists; longer ones count as none. */
function lastTexts(item: object): { id?: string; type?: string } {
  const texts = (value: unknown): string[] =>
    Array.isArray(value)
      ? value.flatMap(texts)
      : typeof value === 'string' && value.length <= 256
        ? [value]
        : [];
  const last = (key: string) => texts((item as Record<string, unknown>)[key]).at(-1);
  return JSON.parse(JSON.stringify({ id: last('id'), type: last('type') })) as { id?: string; type?: string };
}

const spell = (value: unknown, seed: number) => {
  const json = spellJson(value, seededRandom(seed));
  // Ids and keys are searched for as they are written.
  return json.includes('\\') ? JSON.stringify(value) : json;
};

test('the references are those of the parsed body, whatever is in it', () => {
  fc.assert(
    fc.property(body, fc.integer(), (value, seed) => {
      const json = spell(value, seed);
      const references = contentOf(json).references.map(
        ({ collection = 'item', id }) => `${collection}/${id}`,
      );
      expect(references).toEqual(referencesIn(JSON.parse(json)));
    }),
    { numRuns: 1000 },
  );
});

const questions = {
  model: (content: RequestContent) => content.model?.name,
  isUnstored: (content: RequestContent) => content.isUnstored,
  prompt: (content: RequestContent) => content.prompt?.estimate,
  references: (content: RequestContent) => [...content.references],
};
type Question = keyof typeof questions;

test('the answers are the same in whatever order they are asked for', () => {
  const order = fc.shuffledSubarray(Object.keys(questions) as Question[]);
  const operation = fc.constantFrom('responses', 'chat/completions', 'threads/runs', 'audio/speech');
  fc.assert(
    fc.property(body, operation, order, (value, operation, order) => {
      const json = JSON.stringify(value);
      const content = contentOf(json, operation);
      const answers = order.map((question) => [question, questions[question](content)]);
      const alone = order.map((question) => [question, questions[question](contentOf(json, operation))]);
      expect(answers).toEqual(alone);
    }),
    { numRuns: 500 },
  );
});

test('the beginning of a body names nothing that the whole body does not', () => {
  fc.assert(
    fc.property(body, fc.nat(), fc.integer(), (value, cut, seed) => {
      const bytes = Buffer.from(spell(value, seed));
      const whole = contentOf(bytes);
      const beginning = contentOf(bytes.subarray(0, cut % (bytes.length + 1)));
      expect([whole.model, undefined]).toContainEqual(beginning.model);
      expect(whole.references.slice(0, beginning.references.length)).toEqual(beginning.references);
    }),
    { numRuns: 500 },
  );
});

test('what is broken neither throws nor names what is not in the body', () => {
  for (let seed = 1; seed <= 1000; seed++) {
    const writer = new JsonWriter(seed);
    const damaged = Buffer.from(writer.object(['model', 'store', 'input', 'file_id']));
    damaged[writer.below(damaged.length)] = writer.below(256);
    const content = contentOf(damaged);
    expect(content.model?.range.end ?? 0).toBeLessThanOrEqual(damaged.length);
    for (const { id } of content.references) expect(damaged.includes(id)).toBe(true);
    expect(typeof content.isUnstored).toBe('boolean');
  }
});

test.each([
  [true, '{}'],
  [true, ' { "stream" : false } '],
  [true, '{"str\\u0065am":false}'],
  [true, '{"messages":[{"stream":true}]}'],
  [false, '{"stream":true}'],
  [false, '{"str\\u0065am":true}'],
  [false, '{"stream":null}'],
  [false, '{"stream":"false"}'],
  [false, '{"stream":false,"stream":true}'],
  [false, '{"stream":true,"str\\u0065am":false}'],
  [false, '{"stream":false'],
  [false, '{"stream":false} {"stream":true}'],
  [false, '{"stream":false/*,*/}'],
])('it is %s that a chat certainly asks for no stream: %s', (expected, body) => {
  expect(contentOf(body, 'chat/completions').asksForNoStream).toBe(expected);
});
