import { expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import { makeKey, sha256 } from '../../src/client/keys.ts';
import type { ConfigInput } from '../../src/config/schema.ts';
import { openSession } from '../testing/open-session.ts';
import { startGatewayFor } from '../testing/start-scene.ts';
import { startSessionBackend } from '../testing/start-session-backend.ts';
import { usedOf } from '../testing/used-of.ts';

const KEY = makeKey();
const FIRST = '{"type":"response.create","model":"gpt-4o","input":"x","store":false,"max_output_tokens":9}';
const LAST = '{"type":"response.cancel","response_id":"resp_own"}';

/** Opens a session of a restricted client, and returns it with the messages that its backend gets. */
async function start(different: Partial<NonNullable<ConfigInput['clients']>[number]>) {
  const backend = await startSessionBackend();
  const clients = [{ name: 'narrow', keys: [{ sha256: sha256(KEY) }], ...different }];
  const scene = await startGatewayFor([{ name: 'a', url: backend.url, apiKey: 'k' }], { clients });
  const opened = backend.next();
  const session = await openSession(scene, '/openai/v1/responses', { headers: { 'api-key': KEY } });
  session.socket.send(FIRST);
  const { socket } = await opened;
  const told: string[] = [];
  socket.on('message', (data) => told.push(String(data)));
  await until(socket, told, FIRST);
  socket.send('{"type":"response.created","response":{"id":"resp_own","status":"in_progress","output":[]}}');
  socket.send('{"type":"response.output_text.delta","delta":"x"}');
  await session.next();
  return { scene, session, socket, told };
}

async function until(socket: WebSocket, told: readonly string[], text: string): Promise<void> {
  while (!told.includes(text)) await new Promise((resolve) => socket.once('message', resolve));
}

const UNNAMED = [
  '{"type":"response.create","input":"x"}',
  '{"type":"response.create","Model":"o3","input":"x"}',
  '{"type":"response.create","response":{"model":"o3","input":"x"}}',
  '{"type":"response.create","model":["o3"],"input":"x"}',
  '{"type":"response.cancel","type":"response.create","input":"x"}',
  '{"type":"response.create","type":"response.cancel","input":"x"}',
  String.raw`{"typ\u0065":"response\u002ecreate","input":"x"}`,
  '{"Type":"response.create","input":"x"}',
];

test.each(UNNAMED)(
  'a later message that asks without a name all can read ends a session of few deployments: %s',
  async (message) => {
    const { session, told } = await start({ deployments: ['gpt-4o'], allObjects: true });
    session.socket.send(message);
    expect((await session.closed).code).toBe(1008);
    expect(told).toEqual([FIRST]);
  },
);

test.each(UNNAMED)(
  'a later message that asks without a name all can read is refused to a client with budgets: %s',
  async (message) => {
    const { session, socket, told } = await start({ budgets: [{ tpm: 100_000 }], allObjects: true });
    session.socket.send(message);
    session.socket.send(LAST);
    await until(socket, told, LAST);
    expect(told).toEqual([FIRST, LAST]);
  },
);

test('a later message in which a lenient reader finds another model is refused to a client with budgets', async () => {
  const budgets = [{ deployments: ['o3'], tpm: 100_000 }];
  const { session, socket, told } = await start({ budgets, allObjects: true });
  session.socket.send(`{"type":"response.create","model":"gpt-4o","y":['"'],'model':'o3','z':['"']}`);
  session.socket.send(LAST);
  await until(socket, told, LAST);
  expect(told).toEqual([FIRST, LAST]);
});

test.each([
  [
    'that refers to an object of another',
    '{"type":"response.create","model":"gpt-4o","previous_response_id":"resp_b1"}',
    {},
  ],
  ['that is beyond its budget', FIRST, { budgets: [{ rpm: 1 }] }],
])('a message %s is refused in bytes as it is in text', async (_, message, different) => {
  const { session, socket, told } = await start(different);
  session.socket.send(Buffer.from(message), { binary: true });
  session.socket.send(LAST);
  await until(socket, told, LAST);
  expect(told).toEqual([FIRST, LAST]);
});

test.each(['"type":"Response.Create",', '"type":" response.create",', '', '"type":"response.new",'])(
  'a later message that names a model is limited however it says that it asks for a response: %s',
  async (type) => {
    const { session, socket, told } = await start({ maxOutputTokens: 100 });
    session.socket.send(`{${type}"model":"gpt-4o","input":"x","max_output_tokens":5000}`);
    const limited = `{${type}"model":"gpt-4o","input":"x","max_output_tokens":100}`;
    await until(socket, told, limited);
    expect(told).toContain(limited);
  },
);

test('what comes with the message that ends a session is not passed on, and not charged', async () => {
  const budgets = [{ tokensPerDay: 100_000 }];
  const { scene, session, socket, told } = await start({ deployments: ['gpt-4o'], budgets });
  const usage = '{"input_tokens":3,"output_tokens":4}';
  socket.send(`{"type":"response.completed","response":{"id":"resp_own","usage":${usage}}}`);
  await session.next();
  await session.next();
  for (const message of [UNNAMED[0] as string, FIRST, FIRST]) session.socket.send(message);
  expect((await session.closed).code).toBe(1008);
  await scene.log.line('request');
  expect(told).toEqual([FIRST]);
  expect(await usedOf(scene)).toMatchObject({ day: 7 });
});
