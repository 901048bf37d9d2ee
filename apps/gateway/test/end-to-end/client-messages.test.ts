import { once } from 'node:events';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { ConfigInput } from '../../src/config/schema.ts';
import { makeKey, sha256 } from '../../src/client/keys.ts';
import { askAdmin } from '../testing/ask-admin.ts';
import { startSessionBackend } from '../testing/start-session-backend.ts';
import { callsOf, type Scene, startGatewayFor, startScene } from '../testing/start-scene.ts';
import { openSession, realtimePath } from '../testing/open-session.ts';
import { post } from '../testing/post.ts';

type Client = NonNullable<ConfigInput['clients']>[number];

const KEYS = { a: makeKey(), b: makeKey() };
const start = (different: Partial<Client> = {}) =>
  startScene([{}, {}], {
    clients: [
      { name: 'a', keys: [{ sha256: sha256(KEYS.a) }], ...different },
      { name: 'b', keys: [{ sha256: sha256(KEYS.b) }] },
    ],
  });

/** Starts a gateway whose client has a budget, in front of a backend that gives these answers, one after another. */
async function startAnswering(budget: object, answers: readonly object[][], more: Partial<Client> = {}) {
  const { url, next } = await startSessionBackend();
  const clients = [{ name: 'a', keys: [{ sha256: sha256(KEYS.a) }], budgets: [budget], ...more }];
  const left = [...answers];
  const listen = async () => {
    const { socket, request } = await next();
    const connection = request.socket;
    socket.on('message', () => {
      connection.cork();
      for (const event of left.shift() ?? []) socket.send(JSON.stringify(event));
      connection.uncork();
    });
  };
  void listen();
  return startGatewayFor([{ name: 'a', url, apiKey: 'x' }], { clients });
}

async function usedOf(scene: Pick<Scene, 'adminUrl'>): Promise<Record<string, number>> {
  const { clients } = JSON.parse((await askAdmin(scene, '/admin/clients')).text) as {
    clients: { budgets: { limits: { limit: string; used: number }[] }[] }[];
  };
  const limits = clients[0]?.budgets[0]?.limits ?? [];
  return Object.fromEntries(limits.map(({ limit, used }) => [limit, used]));
}

const done = (tokens: number) => ({
  type: 'response.completed',
  response: { id: 'resp_1', usage: { input_tokens: tokens, output_tokens: tokens } },
});
const heard = {
  type: 'conversation.item.input_audio_transcription.completed',
  usage: { input_tokens: 5, output_tokens: 1 },
};
const told = { type: 'response.done', response: { usage: { input_tokens: 3, output_tokens: 4 } } };
const refused = { type: 'error', status: 400, error: { code: 'invalid_prompt', message: 'No.' } };

interface Event {
  readonly type: string;
  readonly status?: number;
  readonly response?: { readonly id: string; readonly max_output_tokens?: number };
}

async function openRealtime({ url }: Pick<Scene, 'url'>): Promise<WebSocket> {
  const socket = new WebSocket(url.replace('http', 'ws') + realtimePath, {
    headers: { 'api-key': KEYS.a },
  });
  await once(socket, 'open');
  return socket;
}

/** Opens a session of responses, and returns a function that sends a message and waits for the event that ends its answer. */
async function open({ url }: Pick<Scene, 'url'>) {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/openai/v1/responses`, {
    headers: { 'api-key': KEYS.a },
  });
  const events: Event[] = [];
  const waiting: { wake?: () => void } = {};
  socket.on('message', (data: Buffer) => {
    events.push(JSON.parse(data.toString()) as Event);
    waiting.wake?.();
  });
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  const isEnd = ({ type }: Event) =>
    type === 'error' || /^response\.(?:completed|failed|incomplete)$/.test(type);
  const wait = async (isIt: (event: Event) => boolean) => {
    for (;;) {
      const found = events.find(isIt);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => (waiting.wake = resolve));
    }
  };
  return {
    close: () => socket.close(),
    said: (type: string) => wait((event) => event.type === type),
    async ask(message: object): Promise<Event> {
      events.length = 0;
      socket.send(JSON.stringify({ type: 'response.create', model: 'gpt-4o', input: 'Hi', ...message }));
      return wait(isEnd);
    },
  };
}

async function makeOf(scene: Scene, name: keyof typeof KEYS): Promise<string> {
  const made = await post(
    scene,
    '/openai/v1/responses',
    { model: 'gpt-4o', input: 'Hi' },
    { headers: { 'api-key': KEYS[name] } },
  );
  return ((await made.json()) as { id: string }).id;
}

test('a later message of a session reaches no object of another client, and its own', async () => {
  const scene = await start();
  const [own, others] = [await makeOf(scene, 'a'), await makeOf(scene, 'b')];
  const session = await open(scene);
  expect(await session.ask({})).toMatchObject({ type: 'response.completed' });
  expect(await session.ask({ previous_response_id: others })).toMatchObject({ type: 'error', status: 404 });
  expect(await session.ask({ previous_response_id: own })).toMatchObject({ type: 'response.completed' });
  session.close();
});

test('each message of a session is admitted and charged by itself, and a refused one ends nothing', async () => {
  const scene = await start({ budgets: [{ rpm: 3 }] });
  const session = await open(scene);
  for (let count = 0; count < 3; count++)
    expect(await session.ask({})).toMatchObject({ type: 'response.completed' });
  expect(await session.ask({})).toMatchObject({ type: 'error', status: 429 });
  expect(await session.ask({})).toMatchObject({ type: 'error', status: 429 });
  expect(callsOf(scene).reduce((sum, calls) => sum + calls, 0)).toBeLessThanOrEqual(3);
  session.close();
  await scene.log.request();
});

test('a message of a session is charged the answer that its client may have, not the one that it asks for', async () => {
  const limits = { tpm: 1000, concurrent: 2 };
  const scene = await startAnswering(limits, [[done(100)], [done(1)]], { maxOutputTokens: 50 });
  const session = await open(scene);
  for (const max_output_tokens of [50, 900])
    expect(await session.ask({ max_output_tokens })).toMatchObject({ type: 'response.completed' });
  expect(await usedOf(scene)).toEqual({ tokens: 202, concurrent: 0 });
  session.close();
});

test('what a session has taken is charged, and no more', async () => {
  const scene = await start({ budgets: [{ tpm: 2000 }] });
  const session = await open(scene);
  for (let count = 0; count < 10; count++)
    expect(await session.ask({ max_output_tokens: 1500 })).toMatchObject({ type: 'response.completed' });
  session.close();
});

test('a message that the backend refuses in a session takes no tokens, and makes room for the next', async () => {
  const answers = [[done(1)], ...Array.from({ length: 5 }, () => [refused]), [done(2)]];
  const scene = await startAnswering({ tpm: 3000, concurrent: 1 }, answers);
  const session = await open(scene);
  expect(await session.ask({})).toMatchObject({ type: 'response.completed' });
  for (let count = 0; count < 5; count++)
    expect(await session.ask({ max_output_tokens: 900 })).toMatchObject({ type: 'error', status: 400 });
  expect(await usedOf(scene)).toEqual({ tokens: 2, concurrent: 0 });
  expect(await session.ask({})).toMatchObject({ type: 'response.completed' });
  expect(await usedOf(scene)).toEqual({ tokens: 6, concurrent: 0 });
  session.close();
});

test('an answer in a session that fails without a usage takes the prompt and what it has said', async () => {
  const failing = [
    { type: 'response.created', response: { id: 'resp_2' } },
    { type: 'response.output_text.delta', delta: 'x'.repeat(40) },
    { type: 'response.failed', response: { id: 'resp_2', status: 'failed', usage: null } },
  ];
  const scene = await startAnswering({ tpm: 3000, concurrent: 1 }, [[done(1)], failing, [done(2)]]);
  const session = await open(scene);
  await session.ask({});
  expect(await session.ask({ max_output_tokens: 900 })).toMatchObject({ type: 'response.failed' });
  expect(await usedOf(scene)).toEqual({ tokens: 2 + 1 + 10, concurrent: 0 });
  await session.ask({});
  session.close();
  await scene.log.request();
  expect(await usedOf(scene)).toEqual({ tokens: 17, concurrent: 0 });
});

test('a realtime session is as many requests as it was given answers, and one until then', async () => {
  const scene = await startAnswering({ rpm: 9, tpm: 3000, concurrent: 1 }, [[told], [told]]);
  const socket = await openRealtime(scene);
  expect(await usedOf(scene)).toEqual({ tokens: 0, requests: 1, concurrent: 1 });
  for (const _ of [1, 2]) {
    socket.send('{"type":"response.create"}');
    await once(socket, 'message');
  }
  socket.close();
  await scene.log.request();
  expect(await usedOf(scene)).toEqual({ tokens: 14, requests: 2, concurrent: 0 });
});

test('what is heard in a realtime session is charged, but is no request of its own', async () => {
  const scene = await startAnswering({ rpm: 3, tpm: 3000, concurrent: 1 }, [[heard], [heard, told], [told]]);
  const socket = await openRealtime(scene);
  for (const tokens of [6, 19, 26]) {
    socket.send('{"type":"response.create"}');
    await expect.poll(async () => (await usedOf(scene))['tokens']).toBe(tokens);
    const requests = tokens === 6 ? 1 : tokens === 19 ? 2 : 3;
    expect(await usedOf(scene)).toEqual({ tokens, requests, concurrent: 1 });
  }
  socket.close();
  await scene.log.request();
  expect(await usedOf(scene)).toEqual({ tokens: 26, requests: 2, concurrent: 0 });
});

test('a realtime session in which only something was heard is one request', async () => {
  const scene = await startAnswering({ rpm: 1, tpm: 3000 }, [[heard, heard, heard]]);
  const socket = await openRealtime(scene);
  socket.send('{"type":"input_audio_buffer.commit"}');
  await expect.poll(() => usedOf(scene)).toEqual({ tokens: 18, requests: 1 });
  socket.close();
  await scene.log.request();
  expect(await usedOf(scene)).toEqual({ tokens: 18, requests: 1 });
});

test('what is heard in a realtime session without its usage being told is no request of its own either', async () => {
  const delta = { type: 'conversation.item.input_audio_transcription.delta', delta: 'Hello there' };
  const scene = await startAnswering({ rpm: 9, tpm: 3000 }, [[delta, told]]);
  const socket = await openRealtime(scene);
  socket.send('{"type":"response.create"}');
  await expect.poll(() => usedOf(scene)).toEqual({ tokens: 7, requests: 2 });
  socket.close();
  await scene.log.request();
  expect(await usedOf(scene)).toEqual({ tokens: 7, requests: 1 });
});

test('what a realtime session is told with what has spent its budget is charged too', async () => {
  const scene = await startAnswering({ tpm: 5, concurrent: 1 }, [[told, told]]);
  const socket = await openRealtime(scene);
  socket.send('{"type":"response.create"}');
  await once(socket, 'close');
  await scene.log.request();
  expect(await usedOf(scene)).toEqual({ tokens: 14, concurrent: 0 });
});

test('an answer that its client leaves in a session is charged as far as it came, whatever others have told', async () => {
  const begun = [
    { type: 'response.created', response: { id: 'resp_2' } },
    { type: 'response.output_text.delta', delta: 'x'.repeat(40) },
  ];
  const scene = await startAnswering({ tpm: 9000, concurrent: 1 }, [[done(500)], begun]);
  const session = await open(scene);
  await session.ask({});
  void session.ask({ max_output_tokens: 900, input: 'Hello you' });
  await session.said('response.output_text.delta');
  session.close();
  await scene.log.request();
  expect(await usedOf(scene)).toEqual({ tokens: 1000 + 3 + 10, concurrent: 0 });
});

test('an answer that its client leaves in a realtime session is charged, although what was heard was told meanwhile', async () => {
  const events = [
    { type: 'response.created', response: { id: 'resp_1', usage: null } },
    { type: 'response.output_text.delta', delta: 'x'.repeat(400) },
    { type: 'conversation.item.input_audio_transcription.delta', delta: 'Hello' },
    { ...heard, transcript: 'Hello' },
  ];
  const scene = await startAnswering({ tpm: 3000 }, [events]);
  const socket = await openRealtime(scene);
  socket.send('{"type":"response.create"}');
  await expect.poll(() => usedOf(scene)).toEqual({ tokens: 6 });
  socket.close();
  await scene.log.request();
  expect(await usedOf(scene)).toEqual({ tokens: 6 + 100 });
});

test('an error about another message saves nobody what an answer has taken', async () => {
  const scene = await startAnswering({ tpm: 3000, concurrent: 2 }, [[done(1)], [refused, done(300)]]);
  const session = await open(scene);
  await session.ask({});
  await session.ask({});
  await expect.poll(() => usedOf(scene)).toEqual({ tokens: 602, concurrent: 0 });
  session.close();
});

test('answers are no longer than the client’s may be, in requests and in every message of a session', async () => {
  const scene = await start({ maxOutputTokens: 7 });
  const body = { model: 'gpt-4o', input: 'Hi', max_output_tokens: 900 };
  const answer = await post(scene, '/openai/v1/responses', body, { headers: { 'api-key': KEYS.a } });
  expect(await answer.json()).toMatchObject({ max_output_tokens: 7 });
  const session = await open(scene);
  for (const message of [{}, { max_output_tokens: 900 }])
    expect((await session.ask(message)).response?.max_output_tokens).toBe(7);
  session.close();
});

test('a client that does not read why its messages are refused is read no further', async () => {
  const scene = await startAnswering({ rpm: 1000 }, [[done(1)]]);
  const headers = { 'api-key': KEYS.a };
  const session = await openSession(scene, '/openai/v1/responses', { headers });
  session.socket.send(JSON.stringify({ type: 'response.create', model: 'gpt-4o', input: 'Hi' }));
  await session.next();
  session.socket.pause();
  const { socket } = session.response;
  // Masked frames without a byte of content, let alone a model.
  socket.write(Buffer.alloc(32 * 1024 * 1024, Buffer.from([0x81, 0x80, 0, 0, 0, 0])));
  const keptBytes = async () => {
    const { process } = JSON.parse((await askAdmin(scene, '/admin/backends')).text) as {
      process: { keptBytes: number };
    };
    return process.keptBytes;
  };
  await expect.poll(keptBytes).toBeGreaterThanOrEqual(262_144);
  expect(socket.writableLength).toBeGreaterThan(0);
  session.socket.terminate();
  await expect.poll(keptBytes).toBe(0);
});
