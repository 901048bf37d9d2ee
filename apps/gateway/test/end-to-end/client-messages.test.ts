import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { ConfigInput } from '../../src/config/schema.ts';
import { makeKey, sha256 } from '../../src/client/keys.ts';
import { callsOf, type Scene, startScene } from '../testing/start-scene.ts';
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

interface Event {
  readonly type: string;
  readonly status?: number;
  readonly response?: { readonly id: string; readonly max_output_tokens?: number };
}

/** Opens a session of responses, and returns a function that sends a message and waits for the event that ends its answer. */
async function open({ url }: Scene) {
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
  return {
    close: () => socket.close(),
    async ask(message: object): Promise<Event> {
      events.length = 0;
      socket.send(JSON.stringify({ type: 'response.create', model: 'gpt-4o', input: 'Hi', ...message }));
      for (;;) {
        const end = events.find(isEnd);
        if (end !== undefined) return end;
        await new Promise<void>((resolve) => (waiting.wake = resolve));
      }
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

test('what a session has taken is charged, and no more', async () => {
  const scene = await start({ budgets: [{ tpm: 2000 }] });
  const session = await open(scene);
  for (let count = 0; count < 10; count++)
    expect(await session.ask({ max_output_tokens: 1500 })).toMatchObject({ type: 'response.completed' });
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
