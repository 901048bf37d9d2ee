import { once } from 'node:events';
import { connect } from 'node:net';
import OpenAI, { AzureOpenAI, toFile } from 'openai';
import { OpenAIRealtimeWS } from 'openai/realtime/ws';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startMock } from '../src/start-mock.ts';
import type { ClientOptions } from 'ws';
import type { Mock } from '../src/mock.ts';

const key = 'f00dfeed';
let mock: Mock;

beforeAll(async () => {
  mock = await startMock({ name: 'eastus', apiKey: key, completionTokens: 5 });
});

afterAll(() => mock.stop());

const clients = [
  ['AzureOpenAI', () => azure()],
  ['OpenAI on v1', () => v1()],
] as const;

function azure(): AzureOpenAI {
  return new AzureOpenAI({
    endpoint: mock.url,
    apiKey: key,
    apiVersion: '2025-04-01-preview',
    maxRetries: 0,
  });
}

function v1(): OpenAI {
  return new OpenAI({ baseURL: `${mock.url}/openai/v1/`, apiKey: key, maxRetries: 0 });
}

/** A second of silence at 16 kHz. */
function recording(): Promise<File> {
  const wav = Buffer.alloc(44 + 32_000);
  wav.write('RIFF', 0);
  wav.write('WAVE', 8);
  wav.writeUInt32LE(32_000, 28);
  return toFile(wav, 'hello.wav');
}

test.each(clients)('%s transcribes a recording in every format', async (_, client) => {
  const { transcriptions } = client().audio;
  const ask = { file: await recording(), model: 'whisper' };
  expect(await transcriptions.create(ask)).toMatchObject({ text: 'Hello from eastus.' });
  expect(await transcriptions.create({ ...ask, response_format: 'text' })).toBe('Hello from eastus.\n');
  expect(await transcriptions.create({ ...ask, response_format: 'srt' })).toBe(
    '1\n00:00:00,000 --> 00:00:01,000\nHello from eastus.\n\n',
  );
  expect(await transcriptions.create({ ...ask, response_format: 'vtt' })).toBe(
    'WEBVTT\n\n00:00:00.000 --> 00:00:01.000\nHello from eastus.\n\n',
  );
  const verbose = await transcriptions.create({
    ...ask,
    language: 'de',
    response_format: 'verbose_json',
    timestamp_granularities: ['word', 'segment'],
  });
  expect(verbose).toMatchObject({
    duration: 1,
    language: 'de',
    segments: [{ start: 0, end: 1, text: 'Hello from eastus.' }],
    words: [{ word: 'Hello', start: 0 }, { word: 'from' }, { word: 'eastus.', end: 1 }],
    usage: { type: 'duration', seconds: 1 },
  });
});

test.each(clients)('the openai package as %s streams a transcription', async (_, client) => {
  const events = await client().audio.transcriptions.create({
    file: await recording(),
    model: 'gpt-4o-transcribe',
    stream: true,
  });
  const deltas: string[] = [];
  let last: unknown;
  for await (const event of events) {
    if (event.type === 'transcript.text.delta') deltas.push(event.delta);
    last = event;
  }
  expect(deltas).toEqual(['Hello', ' from', ' east', 'us', '.']);
  expect(last).toMatchObject({
    type: 'transcript.text.done',
    text: 'Hello from eastus.',
    usage: { type: 'tokens', input_tokens: 10, output_tokens: 5 },
  });
});

test.each(clients)('the openai package as %s translates a recording', async (_, client) => {
  const answer = await client().audio.translations.create({ file: await recording(), model: 'whisper' });
  expect(answer.text).toBe('Hello from eastus.');
});

test.each(clients)('%s is told what is wrong with a recording', async (_, client) => {
  const { transcriptions } = client().audio;
  const model = 'whisper';
  const text = await toFile(Buffer.from('no sound'), 'notes.txt');
  await expect(transcriptions.create({ file: text, model })).rejects.toMatchObject({
    status: 400,
    message: expect.stringContaining('Invalid file format'),
  });
  const empty = await toFile(Buffer.alloc(0), 'empty.mp3');
  await expect(transcriptions.create({ file: empty, model })).rejects.toMatchObject({
    status: 400,
    code: 'audio_too_short',
  });
  const large = await toFile(Buffer.alloc(25 * 1024 * 1024 + 1), 'large.mp3');
  await expect(transcriptions.create({ file: large, model })).rejects.toMatchObject({ status: 413 });
});

test.each(clients)('%s gets speech in the format that it asks for', async (_, client) => {
  const { speech } = client().audio;
  const ask = { model: 'tts', voice: 'alloy', input: 'Hello' };
  const mp3 = await speech.create(ask);
  expect(mp3.headers.get('content-type')).toBe('audio/mpeg');
  expect([...new Uint8Array(await mp3.arrayBuffer()).subarray(0, 2)]).toEqual([0xff, 0xfb]);

  const wav = await speech.create({ ...ask, response_format: 'wav' });
  expect(wav.headers.get('content-type')).toBe('audio/wav');
  const bytes = Buffer.from(await wav.arrayBuffer());
  expect(bytes.toString('latin1', 0, 4)).toBe('RIFF');
  // A WAV states its length twice, and its sample rate: here, for one second.
  expect(bytes.readUInt32LE(4)).toBe(bytes.length - 8);
  expect(bytes.readUInt32LE(40)).toBe(bytes.readUInt32LE(28));
});

test('speech of a long text, without a voice or in an unknown format is refused', async () => {
  const { speech } = v1().audio;
  const ask = { model: 'tts', voice: 'alloy', input: 'Hello' };
  const long = speech.create({ ...ask, input: 'a'.repeat(4097) });
  await expect(long).rejects.toMatchObject({ status: 400, param: 'input' });
  const voiceless = { model: 'tts', input: 'Hello' } as unknown as typeof ask;
  await expect(speech.create(voiceless)).rejects.toMatchObject({ status: 400, param: 'voice' });
  const odd = { ...ask, response_format: 'midi' } as unknown as typeof ask;
  await expect(speech.create(odd)).rejects.toMatchObject({ status: 400, param: 'response_format' });
});

test.each(clients)('%s gets images as base64 of a PNG, with their usage', async (_, client) => {
  const answer = await client().images.generate({
    model: 'gpt-image-1',
    prompt: 'Hello',
    n: 2,
    size: '1536x1024',
    quality: 'low',
  });
  expect(answer).toMatchObject({
    size: '1536x1024',
    usage: { input_tokens: 1, output_tokens: 816, total_tokens: 817 },
  });
  expect(answer.data).toHaveLength(2);
  const png = Buffer.from(answer.data?.[0]?.b64_json ?? '', 'base64');
  expect(png.toString('latin1', 1, 4)).toBe('PNG');
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([1536, 1024]);
});

test('an image of DALL·E is a URL unless base64 is asked for', async () => {
  const { images } = azure();
  const ask = { model: 'dall-e-3', prompt: 'A hill' };
  expect((await images.generate(ask)).data?.[0]).toMatchObject({
    url: expect.stringMatching(/^https:.*\.png\?/),
    revised_prompt: 'A hill',
    content_filter_results: { violence: { filtered: false, severity: 'safe' } },
  });
  const inWhole = await images.generate({ ...ask, response_format: 'b64_json' });
  expect(inWhole.data?.[0]?.url).toBeUndefined();
  expect(inWhole.data?.[0]?.b64_json).toMatch(/^iVBORw0KGgo/);
});

test.each(clients)('%s edits images that it uploads', async (_, client) => {
  const { data } = await client().images.generate({ model: 'gpt-image-1', prompt: 'A hill' });
  const image = await toFile(Buffer.from(data?.[0]?.b64_json ?? '', 'base64'), 'hill.png');
  for (const uploaded of [image, [image, image]]) {
    const answer = await client().images.edit({ model: 'gpt-image-1', prompt: 'Higher', image: uploaded });
    expect(answer.data?.[0]?.b64_json).toMatch(/^iVBORw0KGgo/);
  }
});

test.each([
  [{ prompt: '' }, 'prompt'],
  [{ prompt: 'A hill', n: 11 }, 'n'],
  [{ prompt: 'A hill', n: 1.5 }, 'n'],
  [{ prompt: 'A hill', size: 'large' }, 'size'],
  [{ prompt: 'A hill', size: '9999x9999' }, 'size'],
])('an image of %j is refused', async (wish, param) => {
  const asked = v1().images.generate({ model: 'gpt-image-1', ...wish });
  await expect(asked).rejects.toMatchObject({ status: 400, param });
});

test.each([
  [
    'AzureOpenAI',
    (options: ClientOptions) => OpenAIRealtimeWS.azure(azure(), { deploymentName: 'gpt-realtime', options }),
  ],
  [
    'OpenAI on v1',
    async (options: ClientOptions) => new OpenAIRealtimeWS({ model: 'gpt-realtime', options }, v1()),
  ],
])("%s's realtime client talks to the mock", async (_, open) => {
  // The client insists on TLS, which the mock does not support, so it is given a plain connection instead.
  const createConnection: ClientOptions['createConnection'] = () =>
    connect(Number(new URL(mock.url).port), '127.0.0.1');
  const realtime = await open({ createConnection });
  const problems: unknown[] = [];
  realtime.on('error', (error) => problems.push(error));
  await once(realtime.socket, 'open');
  realtime.send({ type: 'response.create', response: { output_modalities: ['text'] } });
  const text = await new Promise<string>((resolve) =>
    realtime.on('response.output_text.done', (event) => resolve(event.text)),
  );
  expect(text).toBe('Hello from eastus.');
  realtime.close();
  await once(realtime.socket, 'close');
  expect(problems).toEqual([]);
  expect(JSON.stringify(mock.requests.at(-1)?.headers)).not.toContain(key);
});
