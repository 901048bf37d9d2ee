import OpenAI from 'openai';
import { expect, test } from 'vitest';
import { start } from './testing/start.ts';
import type { ResponseInputItem, ResponseReasoningItem } from 'openai/resources/responses/responses';
import type { Mock } from '../src/mock.ts';

const model = 'gpt-5';
const clientOf = ({ url }: Mock) => new OpenAI({ apiKey: 'any', baseURL: `${url}/openai/v1`, maxRetries: 0 });
const sealed = { include: ['reasoning.encrypted_content' as const], store: false };

/** Makes a mock think. Returns the reasoning item. */
async function think(mock: Mock, rest: object = sealed): Promise<ResponseReasoningItem> {
  const reasoning = { effort: 'low' as const, summary: 'auto' as const };
  const { output } = await clientOf(mock).responses.create({ model, input: 'Hello', reasoning, ...rest });
  const item = output.find(({ type }) => type === 'reasoning');
  if (item?.type !== 'reasoning') throw new Error('There is no reasoning.');
  return item;
}

const continued = (mock: Mock, ...items: readonly unknown[]) =>
  clientOf(mock).responses.create({
    model,
    store: false,
    input: [...(items as ResponseInputItem[]), { role: 'user', content: 'And?' }],
  });

test('reasoning comes before the message, sealed where that is asked for, and counts as output', async () => {
  const mock = await start({ completionTokens: 4 });
  const { output, usage } = await clientOf(mock).responses.create({ model, input: 'Hello', ...sealed });
  expect(output.map(({ type }) => type)).toEqual(['reasoning', 'message']);
  expect(output[0]).toMatchObject({ encrypted_content: expect.stringMatching(/^gAAAA/), summary: [] });
  expect(usage).toMatchObject({ output_tokens: 36, output_tokens_details: { reasoning_tokens: 32 } });
  const plain = await think(mock, { reasoning: { effort: 'low' } });
  expect(plain.encrypted_content).toBeUndefined();
});

test('only the mock that sealed it opens it, with its id or without', async () => {
  const [mine, other] = [await start({ name: 'a' }), await start({ name: 'b' })];
  const item = await think(mine);
  const { id: _, ...nameless } = item;
  expect((await continued(mine, item)).status).toBe('completed');
  expect((await continued(mine, nameless)).status).toBe('completed');
  mine.reset();
  expect((await continued(mine, item)).status).toBe('completed');
  for (const one of [item, nameless]) {
    await expect(continued(other, one)).rejects.toMatchObject({
      status: 400,
      code: 'invalid_encrypted_content',
      type: 'invalid_request_error',
      message: expect.stringMatching(/The encrypted content gAAA\.\.\.\S+ could not be verified\./),
    });
  }
});

test('what was sealed for another item, or changed, is refused too', async () => {
  const mock = await start();
  const item = await think(mock);
  const refused = { status: 400, code: 'invalid_encrypted_content' };
  await expect(continued(mock, { ...item, id: 'rs_other' })).rejects.toMatchObject(refused);
  await expect(continued(mock, { ...item, encrypted_content: 'Hello' })).rejects.toMatchObject(refused);
});

test('reasoning that is neither stored nor sealed is a 404', async () => {
  const mock = await start();
  const stored = await think(mock, {});
  expect((await continued(mock, stored)).status).toBe('completed');
  const lost = await think(mock, { store: false });
  await expect(continued(mock, lost)).rejects.toMatchObject({
    status: 404,
    message: expect.stringContaining('Items are not persisted when `store` is set to false'),
  });
});

test('a stream tells the summary in deltas, and the sealed content with the item', async () => {
  const { responses } = clientOf(await start());
  const stream = responses.stream({ model, input: 'Hello', reasoning: { summary: 'auto' }, ...sealed });
  const types: string[] = [];
  let summary = '';
  for await (const event of stream) {
    types.push(event.type);
    if (event.type === 'response.reasoning_summary_text.delta') summary += event.delta;
  }
  expect(types.slice(2, 5)).toEqual([
    'response.output_item.added',
    'response.reasoning_summary_part.added',
    'response.reasoning_summary_text.delta',
  ]);
  const [item] = (await stream.finalResponse()).output;
  expect(item).toMatchObject({ summary: [{ text: summary }], encrypted_content: expect.any(String) });
});

test('a long conversation is compacted into what the user said and an item that only this mock opens', async () => {
  const [mine, other] = [await start({ name: 'a' }), await start({ name: 'b' })];
  const input: ResponseInputItem[] = [
    { role: 'user', content: 'Hello' },
    { role: 'assistant', content: 'Hello to you' },
    { role: 'user', content: 'And?' },
  ];
  const { object, output, usage } = await clientOf(mine).responses.compact({ model, input });
  expect(object).toBe('response.compaction');
  expect(output.map(({ type }) => type)).toEqual(['message', 'message', 'compaction']);
  expect(usage.input_tokens).toBeGreaterThan(0);
  expect((await continued(mine, ...output)).status).toBe('completed');
  await expect(continued(other, ...output)).rejects.toMatchObject({ code: 'invalid_encrypted_content' });
});

test('compacting continues a stored response', async () => {
  const mock = await start();
  const { responses } = clientOf(mock);
  const first = await responses.create({ model, input: 'Hello' });
  const { output } = await responses.compact({ model, previous_response_id: first.id });
  expect(output.map(({ type }) => type)).toEqual(['message', 'compaction']);
});

test('input tokens are counted as the response itself counts them', async () => {
  const { responses } = clientOf(await start());
  const ask = { model, input: 'How many tokens are these?', instructions: 'Be brief.' };
  const { input_tokens: counted } = await responses.inputTokens.count(ask);
  expect((await responses.create(ask)).usage?.input_tokens).toBe(counted);
});
