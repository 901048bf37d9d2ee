import { describe, expect, test } from 'vitest';
import { callsOf, startScene } from '../testing/start-scene.ts';
import { openaiClients, recording } from './openai-clients.ts';

const throttled = [{ script: 'throttle(retry-after=30)' }, {}];
const model = 'gpt-4o';
const messages = [{ role: 'user' as const, content: 'Hello' }];

/** The answer of `b` to every request. */
const reply = 'Hello from b.';
const config = throttled.map((mock) => ({ ...mock, completionTokens: 4 }));

describe.each(openaiClients)('%s', (_, connect) => {
  test('while the first backend is throttled, the openai SDK completes a prompt, and streams it', async () => {
    const scene = await startScene(config);
    const { completions } = connect(scene);
    const whole = await completions.create({ model, prompt: 'Hello' });
    expect(whole.choices[0]?.text).toBe(reply);
    let text = '';
    for await (const chunk of await completions.create({ model, prompt: 'Hello', stream: true })) {
      text += chunk.choices[0]?.text ?? '';
    }
    expect(text).toBe(reply);
    expect(callsOf(scene)).toEqual([1, 2]);
  });

  test('while the first backend is throttled, the openai SDK streams a chat through its helper, to its end', async () => {
    const scene = await startScene(config);
    const stream = connect(scene).chat.completions.stream({ model, messages });
    const deltas: string[] = [];
    stream.on('content', (delta) => deltas.push(delta));
    const completion = await stream.finalChatCompletion();
    expect(completion.choices[0]).toMatchObject({ message: { content: reply }, finish_reason: 'stop' });
    expect(deltas.join('')).toBe(reply);
    expect(deltas.length).toBeGreaterThan(1);
    expect(callsOf(scene)).toEqual([1, 1]);
  });

  test('while the first backend is throttled, the openai SDK has embeddings made as numbers', async () => {
    const scene = await startScene(config);
    const { data } = await connect(scene).embeddings.create({
      model,
      input: 'one',
      encoding_format: 'float',
    });
    expect(data[0]?.embedding[0]).toEqual(expect.any(Number));
    expect(callsOf(scene)).toEqual([1, 1]);
  });

  test('while the first backend is throttled, the openai SDK gets a response that is not stored, and streams one', async () => {
    const scene = await startScene(config);
    const { responses } = connect(scene);
    const response = await responses.create({ model, input: 'Hello', store: false });
    expect(response).toMatchObject({ status: 'completed', output_text: reply });
    const types: string[] = [];
    for await (const event of await responses.create({ model, input: 'Hello', store: false, stream: true })) {
      types.push(event.type);
    }
    expect(types[0]).toBe('response.created');
    expect(types.at(-1)).toBe('response.completed');
    expect(callsOf(scene)).toEqual([1, 2]);
  });

  test('while the first backend is throttled, the openai SDK has an image made, and another one edited', async () => {
    const scene = await startScene(config);
    const { images } = connect(scene);
    const ask = { model: 'gpt-image-1', prompt: 'nothing' };
    const made = Buffer.from((await images.generate(ask)).data?.[0]?.b64_json ?? '', 'base64');
    expect(made.toString('latin1', 1, 4)).toBe('PNG');
    const image = new File([made], 'made.png', { type: 'image/png' });
    const edited = Buffer.from((await images.edit({ ...ask, image })).data?.[0]?.b64_json ?? '', 'base64');
    expect(edited.toString('latin1', 1, 4)).toBe('PNG');
    expect(callsOf(scene)).toEqual([1, 2]);
  });

  test('while the first backend is throttled, the openai SDK has a recording transcribed and translated, from a form', async () => {
    const scene = await startScene(config);
    const { transcriptions, translations } = connect(scene).audio;
    const ask = { file: await recording(), model: 'whisper' };
    expect((await transcriptions.create(ask)).text).toBe(reply);
    expect(await transcriptions.create({ ...ask, response_format: 'text' })).toBe(`${reply}\n`);
    expect((await translations.create(ask)).text).toBe(reply);
    expect(scene.mocks.map(({ requests }) => new Set(requests.map(({ body }) => body)).size)).toEqual([1, 3]);
    expect(callsOf(scene)).toEqual([1, 3]);
  });

  test('while the first backend is throttled, the openai SDK gets speech, byte for byte what the backend said', async () => {
    const scene = await startScene(config);
    const ask = { model: 'tts', voice: 'alloy', input: 'Hello', response_format: 'wav' } as const;
    const relayed = await connect(scene).audio.speech.create(ask);
    expect(relayed.headers.get('content-type')).toBe('audio/wav');
    const direct = await fetch(`${scene.mocks[1]?.url}/openai/v1/audio/speech`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'api-key': 'key-b' },
      body: JSON.stringify(ask),
    });
    const bytes = Buffer.from(await relayed.arrayBuffer());
    expect(bytes.equals(Buffer.from(await direct.arrayBuffer()))).toBe(true);
    expect(bytes.length).toBeGreaterThan(1000);
  });

  test('while the first backend is throttled, the openai SDK lists the models', async () => {
    const scene = await startScene(config);
    const ids: string[] = [];
    for await (const { id } of connect(scene).models.list()) ids.push(id);
    expect(ids.length).toBeGreaterThan(0);
    expect(callsOf(scene)).toEqual([1, 1]);
  });
});
