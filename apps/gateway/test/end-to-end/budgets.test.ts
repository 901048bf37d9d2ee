import OpenAI from 'openai';
import { expect, test } from 'vitest';
import type { ConfigInput } from '../../src/config/schema.ts';
import { makeKey, sha256 } from '../../src/client/keys.ts';
import { chatBody, chatPath, errorOf, post } from '../testing/post.ts';
import { connectRaw, parseAnswer, rawRequest } from '../testing/raw-client.ts';
import { startHttpBackend } from '../testing/start-backend.ts';
import { usedOf } from '../testing/used-of.ts';
import {
  callsOf,
  type Scene,
  type SceneBackend,
  startGatewayFor,
  startScene,
} from '../testing/start-scene.ts';

type Client = NonNullable<ConfigInput['clients']>[number];

const KEY = makeKey();

/** Starts a scene with one client that has budgets. */
function startWith(
  budgets: Client['budgets'],
  {
    backends = [{}],
    client = {},
    ...config
  }: { backends?: SceneBackend[]; client?: Partial<Client> } & Omit<Partial<ConfigInput>, 'backends'> = {},
): Promise<Scene> {
  const clients = [{ name: 'chat', keys: [{ sha256: sha256(KEY) }], budgets, ...client }];
  return startScene(backends, { clients, ...config });
}

const ask = (scene: Pick<Scene, 'url'>, body: unknown = chatBody, path = chatPath) =>
  post(scene, path, body, { headers: { 'api-key': KEY } });

const asking = (maxTokens: number, content = 'Hi') => ({
  messages: [{ role: 'user', content }],
  max_tokens: maxTokens,
});

/** Starts a gateway with one client, in front of a backend that does not answer until it is released. */
async function startHeld(budgets: Client['budgets'], client: Partial<Client> = {}) {
  const held: (() => void)[] = [];
  let isHeld = true;
  const { url } = await startHttpBackend((_, res) => {
    const answer = () => {
      res.setHeader('content-type', 'application/json');
      res.end('{"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1}}');
    };
    if (isHeld) held.push(answer);
    else answer();
  });
  const clients = [{ name: 'chat', keys: [{ sha256: sha256(KEY) }], budgets, ...client }];
  const release = () => {
    isHeld = false;
    for (const answer of held.splice(0)) answer();
  };
  return { scene: await startGatewayFor([{ name: 'a', url, apiKey: 'x' }], { clients }), release };
}

/** Sends requests at once and counts their statuses. The backend answers after this many refusals. */
async function askUntilRefused(
  scene: Pick<Scene, 'url'>,
  count: number,
  refusals: number,
  body: unknown,
  release: () => void,
  path?: string,
): Promise<Record<number, number>> {
  const counts: Record<number, number> = {};
  const one = async () => {
    const { status } = await ask(scene, body, path);
    counts[status] = (counts[status] ?? 0) + 1;
    if (counts[429] === refusals) release();
  };
  await Promise.all(Array.from({ length: count }, one));
  return counts;
}

/** Sends requests at once, and counts their statuses. */
async function askAtOnce(scene: Scene, count: number, body: unknown): Promise<Record<number, number>> {
  const counts: Record<number, number> = {};
  const answers = await Promise.all(Array.from({ length: count }, () => ask(scene, body)));
  for (const answer of answers) {
    counts[answer.status] = (counts[answer.status] ?? 0) + 1;
    await answer.arrayBuffer();
  }
  return counts;
}

test('of 200 requests at once, a budget of 50 requests per minute admits exactly 50', async () => {
  const scene = await startWith([{ rpm: 50 }]);
  expect(await askAtOnce(scene, 200, chatBody)).toEqual({ 200: 50, 429: 150 });
  expect(callsOf(scene)).toEqual([50]);
});

test('of 200 requests at once, a budget of tokens admits as many as it has room for', async () => {
  // A prompt of one token, and an answer of at most 99.
  const { scene, release } = await startHeld([{ tpm: 3000 }]);
  expect(await askUntilRefused(scene, 200, 170, asking(99), release)).toEqual({ 200: 30, 429: 170 });
});

test('a request for several answers is charged all of them', async () => {
  const { scene, release } = await startHeld([{ tpm: 3000 }]);
  const body = { ...asking(99), n: 10 };
  expect(await askUntilRefused(scene, 20, 17, body, release)).toEqual({ 200: 3, 429: 17 });
});

test('a completion is charged an answer for each of its prompts', async () => {
  const { scene, release } = await startHeld([{ tpm: 3000 }]);
  const body = { prompt: Array.from({ length: 10 }, () => 'x'), max_tokens: 99 };
  const path = chatPath.replace('chat/', '');
  expect(await askUntilRefused(scene, 20, 17, body, release, path)).toEqual({ 200: 3, 429: 17 });
});

test('images are charged before anything tells what they take', async () => {
  const { scene, release } = await startHeld([{ tpm: 10_000 }]);
  const body = { model: 'gpt-image-1', prompt: 'A house', n: 3 };
  const path = '/openai/v1/images/generations';
  expect(await askUntilRefused(scene, 20, 17, body, release, path)).toEqual({ 200: 3, 429: 17 });
});

test.each([
  ['responses/compact', { model: 'gpt-4o', input: 'x'.repeat(3936) }],
  ['images/embeddings', { model: 'gpt-4o', input: 'x'.repeat(3968) }],
  [
    'threads/runs',
    { assistant_id: 'asst_1', thread: { messages: [{ role: 'user', content: 'x'.repeat(3917) }] } },
  ],
])(
  'what is asked in JSON is charged by its length before anything tells what it takes: %s',
  async (operation, body) => {
    const { scene, release } = await startHeld([{ tpm: 3000 }], { allOperations: true, allObjects: true });
    const path = `/openai/v1/${operation}`;
    expect(await askUntilRefused(scene, 20, 17, body, release, path)).toEqual({ 200: 3, 429: 17 });
  },
);

test('what an answer did not take is given back', async () => {
  const scene = await startWith([{ tpm: 3000 }]);
  for (let count = 0; count < 40; count++) expect((await ask(scene, asking(99))).status).toBe(200);
});

test('a stream gives back what it did not take when it ends', async () => {
  const scene = await startWith([{ tpm: 1000 }]);
  for (let count = 0; count < 4; count++) {
    const answer = await ask(scene, {
      ...asking(900),
      stream: true,
      stream_options: { include_usage: true },
    });
    expect(answer.status).toBe(200);
    await answer.text();
    await scene.log.request(count + 1);
  }
});

test('a spent budget of a minute is a 429 in Azure’s shape, and says when to come back', async () => {
  const scene = await startWith([{ rpm: 1 }]);
  await ask(scene);
  const refused = await ask(scene);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(59);
  expect(Number(refused.headers.get('retry-after-ms'))).toBeGreaterThan(0);
  expect(refused.headers.get('x-ratelimit-remaining-requests')).toBe('0');
  const error = await errorOf(refused);
  expect(error).toMatchObject({ status: 429, code: '429' });
  expect(error.message).toContain('1 requests per minute');
  expect(callsOf(scene)).toEqual([1]);
});

test('a spent quota of a day is a 403 that says when it resets, and that trying again is no use', async () => {
  const scene = await startWith([{ tokensPerDay: 60 }]);
  let refused = await ask(scene, asking(20));
  for (let count = 0; count < 20 && refused.status === 200; count++) refused = await ask(scene, asking(20));
  expect(refused.headers.get('x-should-retry')).toBe('false');
  const error = await errorOf(refused);
  expect(error).toMatchObject({ status: 403, code: 'quota_exceeded' });
  expect(error.message).toMatch(/60 tokens per day.* resets at \d{4}-\d\d-\d\dT00:00:00/);
});

test('a request that is larger than what is left of a day is told to come back on the next, not in a second', async () => {
  const scene = await startWith([{ tokensPerDay: 1000 }]);
  expect((await ask(scene, asking(1, 'word '.repeat(400)))).status).toBe(200);
  const refused = await ask(scene, asking(1, 'word '.repeat(600)));
  expect(refused.headers.get('x-should-retry')).toBe('false');
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(await errorOf(refused)).toMatchObject({ status: 403, code: 'quota_exceeded' });
});

test('a request whose text is larger than the whole budget is a 400 with both numbers', async () => {
  const scene = await startWith([{ tpm: 100 }]);
  const error = await errorOf(await ask(scene, asking(1, 'word '.repeat(1000))));
  expect(error).toMatchObject({ status: 400 });
  expect(error.message).toMatch(/about 12\d\d tokens.* 100 tokens/);
});

test('as many requests as are allowed at once run at once', async () => {
  const { scene, release } = await startHeld([{ concurrent: 3 }]);
  expect(await askUntilRefused(scene, 20, 17, chatBody, release)).toEqual({ 200: 3, 429: 17 });
  expect((await ask(scene)).status).toBe(200);
});

test('whatever a request comes to, nothing of it is left in a budget when it is over', async () => {
  const scene = await startWith([{ concurrent: 1 }], {
    backends: [{ script: '1x status(500), 1x status(400), 1x reset, 1x truncate, 1x throttle(1)' }],
    cooldown: { defaultMs: 1, floorMs: 1, ceilingMs: 1 },
  });
  for (let count = 0; count < 5; count++) {
    const answer = await ask(scene);
    await answer.text().catch(() => {});
    await scene.log.request(count + 1);
  }
  const aborter = new AbortController();
  const left = fetch(scene.url + chatPath, {
    method: 'POST',
    signal: aborter.signal,
    headers: { 'api-key': KEY },
    body: JSON.stringify({ ...chatBody, stream: true }),
  });
  aborter.abort();
  await left.catch(() => {});
  await expect.poll(async () => (await ask(scene)).status).toBe(200);
});

test.each([
  ['an answer', chatPath, asking(300), { tokens: 301, requests: 1, day: 301 }],
  ['a stream', chatPath, { ...asking(300), stream: true }, { tokens: 301, requests: 1, day: 301 }],
  ['an answer of any length', chatPath, chatBody, { tokens: 18, requests: 1, day: 1002 }],
  ['embeddings', '/openai/v1/embeddings', { model: 'a', input: 'Hi' }, { tokens: 1, requests: 1, day: 1 }],
])(
  'a client that leaves before anything is answered is charged what was expected, as its backend may go on: %s',
  async (_, path, body, expected) => {
    let arrived: (() => void) | undefined;
    const hasArrived = new Promise<void>((resolve) => (arrived = resolve));
    const { url } = await startHttpBackend((req) => void req.resume().once('end', () => arrived?.()));
    const budgets = [{ tpm: 9000, rpm: 9, tokensPerDay: 9000 }];
    const clients = [{ name: 'chat', keys: [{ sha256: sha256(KEY) }], budgets }];
    const scene = await startGatewayFor([{ name: 'a', url, apiKey: 'x' }], { clients });
    const aborting = new AbortController();
    const answer = post(scene, path, body, { headers: { 'api-key': KEY }, signal: aborting.signal });
    await hasArrived;
    aborting.abort();
    await expect(answer).rejects.toThrow('aborted');
    await scene.log.request();
    expect(await usedOf(scene)).toEqual(expected);
  },
);

/** Begins a request that is too large to be kept, to a backend that never answers. */
async function startUpload(operation: string, length: string) {
  let arrived: (() => void) | undefined;
  const hasArrived = new Promise<void>((resolve) => (arrived = resolve));
  const { url } = await startHttpBackend((req) => void req.resume().once('data', () => arrived?.()));
  const budgets = [{ rpm: 9, tokensPerDay: 90_000 }];
  const clients = [{ name: 'chat', keys: [{ sha256: sha256(KEY) }], budgets, allObjects: true }];
  const limits = { replayBytes: 1000, bodyBytes: 10_000 };
  const scene = await startGatewayFor([{ name: 'a', url, apiKey: 'x' }], { clients, limits });
  const client = await connectRaw(scene);
  const path = `/openai/deployments/a/${operation}?api-version=2024-10-21`;
  client.send(rawRequest('POST', path, ['Content-Type: application/json', `api-key: ${KEY}`, length]));
  return { scene, client, hasArrived };
}

test.each(['chat/completions', 'images/generations', 'audio/speech', 'audio/transcriptions'])(
  'a client is not charged what the gateway breaks off before anything is answered: %s',
  async (operation) => {
    const { scene, client, hasArrived } = await startUpload(operation, 'Transfer-Encoding: chunked');
    client.send(`1388\r\n{"prompt":"${'x'.repeat(4989)}\r\n`);
    await hasArrived;
    client.send(`2710\r\n${'x'.repeat(10_000)}\r\n`);
    expect(parseAnswer(await client.untilEnd()).status).toBe(413);
    await scene.log.request();
    expect(await usedOf(scene)).toEqual({ requests: 1, day: 0 });
  },
);

test.each(['chat/completions', 'audio/transcriptions'])(
  'a client that leaves before it has sent all of a request is charged no tokens, as no backend can answer it: %s',
  async (operation) => {
    const { scene, client, hasArrived } = await startUpload(operation, 'Content-Length: 9000');
    client.send(`{"prompt":"${'x'.repeat(5000)}`);
    await hasArrived;
    client.socket.destroy();
    await scene.log.request();
    expect(await usedOf(scene)).toEqual({ requests: 1, day: 0 });
  },
);

test('what is not read of a request that is too large to be kept may be its prompt, until its usage is told', async () => {
  let isTold = false;
  const { url } = await startHttpBackend((req, res) => {
    req.resume();
    res.setHeader('content-type', 'text/event-stream');
    const told = '{"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":1}}';
    req.once('end', () => res.end(`data: {"choices":[]}\n\ndata: ${isTold ? told : '[DONE]'}\n\n`));
  });
  const budgets = [{ tokensPerDay: 90_000 }];
  const clients = [{ name: 'chat', keys: [{ sha256: sha256(KEY) }], budgets, allObjects: true }];
  const limits = { replayBytes: 2000 };
  const scene = await startGatewayFor([{ name: 'a', url, apiKey: 'x' }], { clients, limits });
  const body = `{"stream":true,${' '.repeat(19_000)}"messages":[{"role":"user","content":"${'x'.repeat(968)}"}]}`;
  const unread = Math.ceil(body.length / 4);
  for (const used of [unread, unread + 6]) {
    await (await ask(scene, body)).text();
    expect(await usedOf(scene)).toEqual({ day: used });
    isTold = true;
  }
});

test('the limits in an answer’s headers are those of the client, not of the backend', async () => {
  const scene = await startWith([{ tpm: 5000, rpm: 10 }], {
    backends: [{ quota: 'gpt-4o=standard(tpm=100000, rpm=600)' }],
  });
  const { headers } = await ask(scene, asking(50));
  expect(headers.get('x-ratelimit-limit-tokens')).toBe('5000');
  expect(headers.get('x-ratelimit-limit-requests')).toBe('10');
  expect(headers.get('x-ratelimit-remaining-requests')).toBe('9');
  expect(Number(headers.get('x-ratelimit-remaining-tokens'))).toBeLessThan(5000);
});

test('an SDK waits for a spent budget as long as it is told, and then goes on', async () => {
  const scene = await startWith([{ concurrent: 1 }], { backends: [{ script: '1x slow(delay=300ms)' }] });
  const sdk = new OpenAI({ baseURL: `${scene.url}/openai/v1`, apiKey: KEY, maxRetries: 5 });
  const create = () =>
    sdk.chat.completions.create({ model: 'gpt-4o', messages: [{ role: 'user', content: 'Hi' }] });
  const answers = await Promise.all([create(), create()]);
  expect(answers.map(({ object }) => object)).toEqual(['chat.completion', 'chat.completion']);
});

const FALLBACKS = [{ deployment: 'gpt-4o', whenSpent: 'gpt-4o-mini', whenTooLong: 'gpt-4.1' }];

test('where a budget is spent the fallback serves, admitted and charged like any request, and the answer says so', async () => {
  const budgets = [
    { deployments: ['gpt-4o'], rpm: 1 },
    { deployments: ['gpt-4o-mini'], rpm: 1 },
  ];
  const scene = await startWith(budgets, { fallbacks: FALLBACKS });
  expect((await ask(scene)).headers.get('x-spillway-fallback')).toBeNull();
  const second = await ask(scene);
  expect(second.status).toBe(200);
  expect(second.headers.get('x-spillway-fallback')).toBe('gpt-4o-mini');
  expect(await scene.log.request(2)).toMatchObject({ deployment: 'gpt-4o-mini', fallbackFrom: 'gpt-4o' });
  expect((await ask(scene)).status).toBe(429);
});

test('a fallback that serves at once has its log line, though plain successes have none', async () => {
  const fallback = { fallbacks: FALLBACKS, logSuccesses: 0 };
  const scene = await startWith([{ deployments: ['gpt-4o'], rpm: 1 }], fallback);
  for (let sent = 0; sent < 2; sent++) await (await ask(scene)).text();
  await scene.gateway.stop();
  expect(scene.log.requests).toMatchObject([{ fallbackFrom: 'gpt-4o', attempts: [{ backend: 'a' }] }]);
});

test('a fallback serves whatever the capitals in which a client writes the name of the first', async () => {
  const scene = await startWith([{ deployments: ['gpt-4o'], rpm: 1 }], { fallbacks: FALLBACKS });
  await ask(scene);
  for (const name of ['GPT-4O', 'Gpt-4o']) {
    const answer = await ask(scene, chatBody, chatPath.replace('gpt-4o', name));
    expect([answer.status, answer.headers.get('x-spillway-fallback')]).toEqual([200, 'gpt-4o-mini']);
  }
});

test('a client never falls back to a deployment that it may not use', async () => {
  const scene = await startWith([{ rpm: 1 }], { fallbacks: FALLBACKS, client: { deployments: ['gpt-4o'] } });
  await ask(scene);
  expect((await ask(scene)).status).toBe(429);
});

test('where every backend of a deployment is spent, the fallback serves', async () => {
  const scene = await startWith([{ rpm: 100 }], {
    fallbacks: FALLBACKS,
    backends: [{ script: '1x throttle(60)' }],
  });
  const answer = await ask(scene);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('x-spillway-fallback')).toBe('gpt-4o-mini');
});

test('a request that another deployment serves is still one request, and needs room for no more', async () => {
  const scene = await startWith([{ rpm: 2 }], {
    fallbacks: FALLBACKS,
    backends: [{ script: '1x throttle(60)' }],
  });
  for (const left of ['1', '0']) {
    const answer = await ask(scene);
    expect(answer.headers.get('x-spillway-fallback')).toBe('gpt-4o-mini');
    expect(answer.headers.get('x-ratelimit-remaining-requests')).toBe(left);
  }
  expect((await ask(scene)).status).toBe(429);
});

test('a refusal speaks of the budget that refuses, though the fallback was asked too', async () => {
  const budgets = [
    { deployments: ['gpt-4o'], rpm: 1 },
    { deployments: ['gpt-4o-mini'], rpm: 2 },
  ];
  const scene = await startWith(budgets, { fallbacks: FALLBACKS });
  for (let count = 0; count < 3; count++) expect((await ask(scene)).status).toBe(200);
  const refused = await ask(scene);
  expect(refused.headers.get('x-ratelimit-limit-requests')).toBe('1');
  expect((await errorOf(refused)).message).toContain('1 requests per minute for "gpt-4o"');
});

test('a request that a backend has got counts where it was asked, if the fallback has no room', async () => {
  const budgets = [
    { deployments: ['gpt-4o'], rpm: 5 },
    { deployments: ['gpt-4o-mini'], rpm: 1 },
  ];
  const scene = await startWith(budgets, {
    fallbacks: [{ deployment: 'gpt-4o', whenTooLong: 'gpt-4o-mini' }],
    backends: [{ script: '9x status(400, code=context_length_exceeded)' }],
  });
  await ask(scene, chatBody, chatPath.replace('gpt-4o', 'gpt-4o-mini'));
  const refused = await ask(scene);
  expect(refused.status).toBe(400);
  expect(refused.headers.get('x-ratelimit-limit-requests')).toBe('5');
  expect(refused.headers.get('x-ratelimit-remaining-requests')).toBe('4');
});

test('a fallback whose streams cannot be asked for their usage is remembered by its own name', async () => {
  const asked: string[] = [];
  const { url } = await startHttpBackend(async (req, res) => {
    let body = '';
    for await (const chunk of req) body += String(chunk);
    const name = /deployments\/([^/]+)/.exec(req.url ?? '')?.[1] ?? '';
    const isAsked = body.includes('stream_options');
    asked.push(isAsked ? `${name} asked` : name);
    const refuses = name === 'gpt-4o-mini' && isAsked;
    res.writeHead(refuses ? 400 : 200, {
      'content-type': refuses ? 'application/json' : 'text/event-stream',
    });
    const stream = 'data: {"choices":[{"index":0,"delta":{"content":"Hi"}}]}\n\ndata: [DONE]\n\n';
    res.end(refuses ? '{"error":{"message":"stream_options?"}}' : stream);
  });
  const budgets = [{ deployments: ['gpt-4o'], rpm: 1 }, { tpm: 10_000 }];
  const clients = [{ name: 'chat', keys: [{ sha256: sha256(KEY) }], budgets }];
  const scene = await startGatewayFor([{ name: 'a', url, apiKey: 'x' }], { clients, fallbacks: FALLBACKS });
  const mini = chatPath.replace('gpt-4o', 'gpt-4o-mini');
  for (const path of [chatPath, chatPath, mini])
    await (await ask(scene, { ...chatBody, stream: true }, path)).text();
  expect(asked).toEqual(['gpt-4o asked', 'gpt-4o-mini asked', 'gpt-4o-mini', 'gpt-4o-mini']);
});

test('a prompt that is too long for a deployment goes to the one that is for such, and other refusals do not', async () => {
  const scene = await startWith([{ rpm: 100 }], {
    fallbacks: FALLBACKS,
    backends: [
      { script: '1x status(400, code=context_length_exceeded), 1x ok, 1x status(400, code=content_filter)' },
    ],
  });
  const long = await ask(scene);
  expect(long.status).toBe(200);
  expect(long.headers.get('x-spillway-fallback')).toBe('gpt-4.1');
  expect((await ask(scene)).status).toBe(400);
});

test('a prompt that is too long for a deployment goes to a fallback at a backend that takes one request at a time', async () => {
  const backend = { maxInFlight: 1 };
  const backends = [{ backend, script: '1x status(400, code=context_length_exceeded), 2x ok' }];
  const scene = await startWith([{ rpm: 100 }], { fallbacks: FALLBACKS, backends });
  expect((await ask(scene)).headers.get('x-spillway-fallback')).toBe('gpt-4.1');
  expect((await ask(scene)).status).toBe(200);
});

test('where the fallback can do no better, the client gets the first refusal', async () => {
  const scene = await startWith([{ rpm: 100 }], {
    fallbacks: FALLBACKS,
    backends: [{ script: '2x status(400, code=context_length_exceeded)' }],
  });
  const refused = await ask(scene);
  expect(refused.headers.get('x-spillway-fallback')).toBeNull();
  expect(await errorOf(refused)).toMatchObject({ status: 400, code: 'context_length_exceeded' });
});

test('where a budget is spent and no backend has the fallback, the client gets the refusal of its budget', async () => {
  const missing = 'status(404, code=DeploymentNotFound)';
  const budgets = [{ deployments: ['gpt-4o'], rpm: 1 }];
  const scene = await startWith(budgets, {
    fallbacks: FALLBACKS,
    backends: [{ script: `1x ok, 1x ${missing}` }],
  });
  await ask(scene);
  const refused = await ask(scene);
  expect(refused.status).toBe(429);
  expect(refused.headers.get('retry-after')).not.toBeNull();
  expect(refused.headers.get('x-ratelimit-limit-requests')).toBe('1');
  expect(refused.headers.get('x-spillway-fallback')).toBeNull();
  expect(await scene.log.request(2)).toMatchObject({ status: 429, attempts: [{ status: 404 }] });
});

test('embeddings never fall back', async () => {
  const scene = await startWith([{ rpm: 1 }], { fallbacks: FALLBACKS });
  const embed = () => ask(scene, { model: 'gpt-4o', input: 'Hi' }, '/openai/v1/embeddings');
  expect((await embed()).status).toBe(200);
  expect((await embed()).status).toBe(429);
});

test('a stream that says twice that it is one is refused, as it could not be asked for its usage', async () => {
  const scene = await startWith([{ tpm: 1000, concurrent: 1 }]);
  const twice = JSON.stringify({ ...asking(10), stream: true }).replace('{', '{"stream":true,');
  for (let count = 0; count < 3; count++) expect((await ask(scene, twice)).status).toBe(400);
  expect(callsOf(scene)).toEqual([0]);
  expect((await ask(scene, asking(10))).status).toBe(200);
});

test('a budget of a deployment holds whatever its name at a backend, and whichever of the names a client writes', async () => {
  const scene = await startWith([{ deployments: ['gpt-4o'], rpm: 1 }], {
    backends: [{ backend: { deployments: { 'gpt-4o': 'prod-4o' } } }],
  });
  const statuses = [];
  for (const name of ['prod-4o', 'gpt-4o', 'PROD-4o', 'o3'])
    statuses.push((await ask(scene, chatBody, chatPath.replace('gpt-4o', name))).status);
  expect(statuses).toEqual([200, 429, 429, 200]);
});
