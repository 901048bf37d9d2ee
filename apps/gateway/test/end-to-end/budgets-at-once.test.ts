import { brotliCompressSync, gzipSync } from 'node:zlib';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { makeKey, sha256 } from '../../src/client/keys.ts';
import type { ConfigInput } from '../../src/config/schema.ts';
import { realtimePath } from '../testing/open-session.ts';
import { chatPath, post } from '../testing/post.ts';
import { startHttpBackend } from '../testing/start-backend.ts';
import { startSessionBackend } from '../testing/start-session-backend.ts';
import { type Scene, startGatewayFor } from '../testing/start-scene.ts';

type Budgets = NonNullable<ConfigInput['clients']>[number]['budgets'];

const KEY = makeKey();
const AT_ONCE = 200;
/** A prompt of one token, and an answer of at most 99. */
const ESTIMATE = 100;
/** The usage that the backend reports for an answer. */
const TAKEN = 10;
const USAGE = { prompt_tokens: 1, completion_tokens: 9, total_tokens: TAKEN };

/** A way to ask a backend: the clients' body, and the answer. */
interface Way {
  readonly stream: boolean;
  readonly coding?: 'gzip' | 'br';
}

const pack = { gzip: gzipSync, br: brotliCompressSync };

function answer(response: ServerResponse, { stream, coding }: Way): void {
  const chunk = { choices: [{ index: 0, delta: { content: 'Hi' } }] };
  const text = stream
    ? `data: ${JSON.stringify(chunk)}\n\ndata: ${JSON.stringify({ choices: [], usage: USAGE })}\n\ndata: [DONE]\n\n`
    : JSON.stringify({ choices: [], usage: USAGE });
  response.writeHead(200, {
    'content-type': stream ? 'text/event-stream' : 'application/json',
    ...(coding && { 'content-encoding': coding }),
  });
  response.end(coding === undefined ? text : pack[coding](text));
}

/** The answers that a backend holds back. */
class HeldAnswers {
  #responses: ServerResponse[] = [];
  onPush = () => {};

  get length(): number {
    return this.#responses.length;
  }

  add(response: ServerResponse): void {
    this.#responses.push(response);
    this.onPush();
  }

  take(): ServerResponse[] {
    return this.#responses.splice(0);
  }
}

/** Starts a gateway with one client, in front of a backend that answers on demand. */
async function startHeld(budgets: Budgets, way: Way, more: Partial<ConfigInput> = {}) {
  const held = new HeldAnswers();
  const deployments: (string | undefined)[] = [];
  const { url } = await startHttpBackend((request: IncomingMessage, response) => {
    deployments.push(/deployments\/([^/]+)/.exec(request.url ?? '')?.[1]);
    request.resume();
    held.add(response);
  });
  const release = () => {
    for (const response of held.take()) answer(response, way);
  };
  const clients = [{ name: 'chat', keys: [{ sha256: sha256(KEY) }], budgets }];
  const scene = await startGatewayFor([{ name: 'a', url, apiKey: 'x' }], {
    clients,
    hedge: { afterMs: 'never' },
    ...more,
  });
  return { scene, held, release, deployments };
}

function ask(scene: Pick<Scene, 'url'>, { stream }: Pick<Way, 'stream'>, signal?: AbortSignal) {
  const body = { messages: [{ role: 'user', content: 'Hi' }], max_tokens: ESTIMATE - 1, stream };
  return post(scene, chatPath, body, { headers: { 'api-key': KEY }, ...(signal && { signal }) });
}

/**
 * Sends requests at once. The admitted ones are under way until all others are refused, and then end.
 *
 * @param end ends the requests under way; by default, sends the backend's answers
 */
async function askAtOnce(
  { scene, held, release }: Awaited<ReturnType<typeof startHeld>>,
  way: Pick<Way, 'stream'>,
  end: () => void = release,
  signal?: AbortSignal,
): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  const linesBefore = scene.log.requests.length;
  let refused = 0;
  const endIfAllAreIn = () => {
    if (held.length + refused === AT_ONCE) end();
  };
  held.onPush = endIfAllAreIn;
  const one = async () => {
    const response = await ask(scene, way, signal).catch(() => undefined);
    const what = response?.status ?? 'left';
    counts[what] = (counts[what] ?? 0) + 1;
    if (response === undefined || response.status === 200) return void (await response?.text());
    refused++;
    endIfAllAreIn();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
  await scene.log.request(linesBefore + AT_ONCE);
  return counts;
}

test.each<[string, Way]>([
  ['answers', { stream: false }],
  ['packed answers', { stream: false, coding: 'br' }],
  ['streams', { stream: true }],
  ['packed streams', { stream: true, coding: 'gzip' }],
])('of 200 %s at once as many are admitted as fit, and again when their usage is known', async (_, way) => {
  const held = await startHeld([{ tpm: 3000 }], way);
  // First the estimates fill the budget, then the part that the reported usages leave free.
  for (const admitted of [30, 27, 24])
    expect(await askAtOnce(held, way)).toEqual({
      200: admitted,
      429: AT_ONCE - admitted,
    });
});

test('of requests whose clients leave before the answer the whole estimate stays charged, as backends may finish them', async () => {
  const held = await startHeld([{ tpm: 3000 }], { stream: true });
  const aborter = new AbortController();
  const left = await askAtOnce(
    held,
    { stream: true },
    () => {
      held.held.take();
      aborter.abort();
    },
    aborter.signal,
  );
  expect(left).toEqual({ left: 30, 429: 170 });
  expect(await askAtOnce(held, { stream: true })).toEqual({ 429: AT_ONCE });
});

test('a day is spent to the last estimate and no further, by 200 streams at once', async () => {
  const held = await startHeld([{ tokensPerDay: 3000 }], { stream: true });
  // The reservations of requests under way may be freed in a moment, so the others are told to come back then.
  expect(await askAtOnce(held, { stream: true })).toEqual({ 200: 30, 429: 170 });
  let admitted = 30;
  let counts: Record<string, number> = {};
  // By now answers are known to be short.
  while ((counts[403] ?? 0) < AT_ONCE) {
    counts = await askAtOnce(held, { stream: true });
    admitted += counts[200] ?? 0;
  }
  expect(admitted * TAKEN).toBeGreaterThan(3000 - 2 * TAKEN);
  expect(admitted * TAKEN).toBeLessThanOrEqual(3000 + TAKEN);
});

test('of 200 streams at once as many run as may, and as many again', async () => {
  const held = await startHeld([{ concurrent: 25, rpm: 60 }], { stream: true });
  // Refused requests do not count towards the requests per minute, of which ten are left in the end.
  for (const admitted of [25, 25, 10])
    expect(await askAtOnce(held, { stream: true })).toEqual({
      200: admitted,
      429: AT_ONCE - admitted,
    });
});

test('of 200 requests at once those that a budget refuses fill that of the fallback, and no more', async () => {
  const budgets = [
    { deployments: ['gpt-4o'], tpm: 3000 },
    { deployments: ['gpt-4o-mini'], tpm: 1000 },
  ];
  const fallbacks = [{ deployment: 'gpt-4o', whenSpent: 'gpt-4o-mini' }];
  const way = { stream: true };
  const held = await startHeld(budgets, way, { fallbacks });
  expect(await askAtOnce(held, way)).toEqual({ 200: 40, 429: 160 });
  const asked = (name: string) => held.deployments.filter((deployment) => deployment === name).length;
  expect([asked('gpt-4o'), asked('gpt-4o-mini')]).toEqual([30, 10]);
  // 2,700 and 900 tokens are left.
  expect(await askAtOnce(held, way)).toEqual({ 200: 36, 429: 164 });
  expect([asked('gpt-4o'), asked('gpt-4o-mini')]).toEqual([57, 19]);
});

test('of 200 sessions at once as many open as may, and as many again when they are over', async () => {
  const backend = await startSessionBackend();
  const clients = [{ name: 'chat', keys: [{ sha256: sha256(KEY) }], budgets: [{ concurrent: 20 }] }];
  const scene = await startGatewayFor([{ name: 'a', url: backend.url, apiKey: 'x' }], { clients });
  for (const round of [1, 2]) {
    const sockets = await Promise.all(Array.from({ length: AT_ONCE }, () => open(scene)));
    const opened = sockets.filter((socket) => typeof socket !== 'number');
    expect(opened.length).toBe(20);
    expect(sockets.filter((status) => status === 429).length).toBe(AT_ONCE - 20);
    for (const socket of opened) socket.close(1000);
    await scene.log.request(round * AT_ONCE);
  }
});

/** Opens a session. Resolves with its socket, or with the status of its refusal. */
function open({ url }: Pick<Scene, 'url'>): Promise<WebSocket | number> {
  const socket = new WebSocket(url.replace('http', 'ws') + realtimePath, { headers: { 'api-key': KEY } });
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(socket));
    socket.once('unexpected-response', (_, response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    socket.once('error', reject);
  });
}
