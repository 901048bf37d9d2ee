import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { chatPath, post } from '../testing/post.ts';
import { startHttpBackend } from '../testing/start-backend.ts';
import { startGatewayFor } from '../testing/start-scene.ts';

const V1 = '/openai/v1';
const model = 'gpt-4o';

interface Backend {
  readonly url: string;
  /** Its requests, in order. */
  readonly asked: string[];
}

/** Starts a backend that has the objects that match `has`, creates them on request, and does not know any other. */
async function startOwner(has: RegExp, answer: (body: string) => string): Promise<Backend> {
  const asked: string[] = [];
  const { url } = await startHttpBackend(async (req, res) => {
    const body = await text(req);
    asked.push(`${req.method} ${req.url}`);
    const named = /(?:file|audio|container|voice|skill)[-_]\w?\d/.exec(`${req.url} ${body}`)?.[0];
    if (named !== undefined && !has.test(named)) refuse(res, named);
    else serve(req, res, answer(body));
  });
  return { url, asked };
}

function refuse(res: ServerResponse, named: string): void {
  res.writeHead(404, { 'content-type': 'application/json' });
  res.end(JSON.stringify({ error: { code: null, message: `No such File object: ${named}` } }));
}

function serve(req: IncomingMessage, res: ServerResponse, answer: string): void {
  const isStream = answer.startsWith('data:');
  res.setHeader('content-type', isStream ? 'text/event-stream' : 'application/json');
  res.end(req.method === 'GET' ? '{"object":"file"}' : answer);
}

/**
 * Starts `b`, which has and creates all objects of the test, and `a`, which is asked first where the backend makes no
 * difference.
 */
async function startPair(answer: string | ((body: string) => string) = '{"id":"file-b1"}') {
  const answerOf = typeof answer === 'string' ? () => answer : answer;
  const a = await startOwner(/^$/, answerOf);
  const b = await startOwner(/./, answerOf);
  const pinned = { headers: { 'x-spillway-backend': 'b' } };
  const gateway = await startGatewayFor(
    [
      { name: 'a', url: a.url, apiKey: 'x', priority: 1 },
      { name: 'b', url: b.url, apiKey: 'x', priority: 2 },
    ],
    { allowBackendPin: true },
  );
  /** Creates something on `b`, without mentioning existing objects. */
  const make = async (path: string, body: unknown) => {
    await (await post(gateway, path, body, pinned)).text();
    a.asked.length = 0;
    b.asked.length = 0;
  };
  const ask = async (path: string, body: unknown) => {
    const response = await post(gateway, path, body);
    await response.text();
    const { headers, status } = response;
    return [status, headers.get('x-spillway-backend'), headers.get('x-spillway-attempts')];
  };
  return { a, b, gateway, make, ask };
}

const shown = [{ role: 'user', content: [{ type: 'file', file: { file_id: 'file-b1' } }] }];
const toClaude = [
  { role: 'user', content: [{ type: 'document', source: { type: 'file', file_id: 'file-b1' } }] },
];

const SHOWING: readonly [string, string, object][] = [
  ['a chat', `${V1}/chat/completions`, { model, messages: shown }],
  ['a chat of a classic path', chatPath, { messages: shown }],
  ['a chat that is kept', `${V1}/chat/completions`, { model, messages: shown, store: true }],
  ['Claude', '/anthropic/v1/messages', { model, max_tokens: 1, messages: toClaude }],
  [
    'an edit of images in JSON',
    `${V1}/images/edits`,
    { model, prompt: 'x', images: [{ file_id: 'file-b1' }] },
  ],
];

test.each(SHOWING)('a file that is shown to %s is looked for at its owner at once', async (_, path, body) => {
  const { a, b, make, ask } = await startPair();
  await make(`${V1}/files`, {});
  expect(await ask(path, body)).toEqual([200, 'b', '1']);
  expect([a.asked, b.asked]).toEqual([[], [`POST ${path}`]]);
});

test.each(SHOWING)(
  'a file that is shown to %s is asked for where nobody is known to have it',
  async (_, path, body) => {
    const { a, b, ask } = await startPair();
    expect(await ask(path, body)).toEqual([200, 'b', '1']);
    expect([a.asked, b.asked]).toEqual([
      [expect.stringContaining('GET')],
      [expect.stringContaining('GET'), `POST ${path}`],
    ]);
  },
);

const earlier = [{ role: 'assistant', audio: { id: 'audio_b1' } }];
const sound = '{"choices":[{"message":{"audio":{"id":"audio_b1","data":""}}}]}';
const spoken = { modalities: ['text', 'audio'], audio: { voice: 'alloy', format: 'wav' } };
const toRun = { tools: [{ type: 'code_execution_20250825', name: 'code_execution' }] };
const run = '{"id":"msg_1","content":[],"container":{"id":"container_b1"}}';
const inStream = (...events: readonly object[]) =>
  `${events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('')}data: [DONE]\n\n`;

const ranCode = { type: 'code_interpreter_call', id: 'ci_1', code: 'x', container_id: 'container_b1' };
const ranIn = { id: 'resp_1', object: 'response', status: 'completed', output: [ranCode] };

test.each([
  ['a sound', sound, `${V1}/chat/completions`, spoken, { messages: earlier }],
  [
    'what code ran in',
    JSON.stringify(ranIn),
    `${V1}/responses`,
    { store: false },
    { store: false, input: [ranCode] },
  ],
  [
    'what code ran in, in a stream',
    inStream({ type: 'response.output_item.done', item: ranCode }),
    `${V1}/responses`,
    { store: false, stream: true },
    { store: false, tools: [{ type: 'code_interpreter', container: 'container_b1' }] },
  ],
  [
    'a sound in a stream',
    inStream({ choices: [{ delta: { audio: { id: 'audio_b1' } } }] }),
    chatPath,
    { ...spoken, stream: true },
    { messages: earlier },
  ],
  ['what Claude’s code ran in', run, '/anthropic/v1/messages', toRun, { container: 'container_b1' }],
  [
    'what Claude’s code ran in, in a stream',
    inStream(
      { type: 'message_start', message: { container: { id: 'container_b1' } } },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Done.' } },
      { type: 'message_stop' },
    ),
    '/anthropic/v1/messages',
    { ...toRun, stream: true },
    { container: { id: 'container_b1', skills: [] } },
  ],
])('%s that an answer told of is looked for at its owner at once', async (_, answer, path, first, next) => {
  const { a, b, make, ask } = await startPair(answer);
  await make(path, { model, messages: [], ...first });
  expect(await ask(path, { model, messages: [], ...next })).toEqual([200, 'b', '1']);
  expect([a.asked, b.asked]).toEqual([[], [`POST ${path}`]]);
});

test('the files of what code ran in are asked for where it ran', async () => {
  const { a, gateway, make } = await startPair(JSON.stringify(ranIn));
  await make(`${V1}/responses`, { model, input: 'x', store: false });
  const response = await fetch(`${gateway.url}${V1}/containers/container_b1/files/cfile_1/content`);
  await response.text();
  expect([response.headers.get('x-spillway-backend'), a.asked]).toEqual(['b', []]);
});

test('a prompt that a backend turns out to have is looked for there from then on', async () => {
  const { a, ask } = await startPrompts();
  const body = { model, prompt: { id: 'pmpt_b1' }, store: false };
  expect(await ask(body)).toEqual([200, 'b', '2']);
  expect(await ask(body)).toEqual([200, 'b', '1']);
  expect(await ask({ model, input: 'x', store: false })).toEqual([200, 'a', '1']);
  expect(a.asked).toHaveLength(2);
});

/** Starts `a`, which knows no prompt, and `b`, which has all. */
async function startPrompts() {
  const answer = '{"id":"resp_1","output":[{}]}';
  const asked: string[] = [];
  const a = await startHttpBackend(async (req, res) => {
    const isMissing = (await text(req)).includes('pmpt_b1');
    asked.push(`${req.method} ${req.url}`);
    res.writeHead(isMissing ? 404 : 200, { 'content-type': 'application/json' });
    res.end(isMissing ? `{"error":{"message":"Prompt with id 'pmpt_b1' not found.","code":null}}` : answer);
  });
  const b = await startHttpBackend((req, res) => {
    req.resume();
    res.setHeader('content-type', 'application/json').end(answer);
  });
  const gateway = await startGatewayFor([
    { name: 'a', url: a.url, apiKey: 'x', priority: 1 },
    { name: 'b', url: b.url, apiKey: 'x', priority: 2 },
  ]);
  const ask = async (body: unknown) => {
    const { headers, status } = await post(gateway, `${V1}/responses`, body);
    return [status, headers.get('x-spillway-backend'), headers.get('x-spillway-attempts')];
  };
  return { a: { asked }, ask };
}

test('a voice that was made is looked for at its owner at once', async () => {
  const { make, ask } = await startPair('{"id":"voice_b1"}');
  await make(`${V1}/audio/voices`, {});
  const body = { model: 'tts', input: 'Hi', voice: { id: 'voice_b1' } };
  expect(await ask(`${V1}/audio/speech`, body)).toEqual([200, 'b', '1']);
});

test('a container is made where the skills are that it is to have', async () => {
  const { a, make, ask } = await startPair('{"id":"skill_b1"}');
  await make(`${V1}/skills`, {});
  const skills = [{ type: 'skill_reference', skill_id: 'skill_b1' }];
  expect(await ask(`${V1}/containers`, { name: 'x', skills })).toEqual([200, 'b', '1']);
  expect(a.asked).toEqual([]);
});

test.each([
  ['a sound', `${V1}/chat/completions`, { messages: earlier }],
  ['what Claude’s code ran in', '/anthropic/v1/messages', { messages: [], container: 'container_b1' }],
  ['a voice', `${V1}/audio/speech`, { input: 'Hi', voice: { id: 'voice_b1' } }],
])(
  '%s that nobody is known to have is tried elsewhere where the first has not got it',
  async (_, path, body) => {
    const { a, b, ask } = await startPair();
    expect(await ask(path, { model, ...body })).toEqual([200, 'b', '2']);
    expect([a.asked, b.asked]).toEqual([[`POST ${path}`], [`POST ${path}`]]);
  },
);

test('a chat that shows a file is sent again where its owner fails, as any other', async () => {
  let calls = 0;
  const { url } = await startHttpBackend((req, res) => {
    req.resume();
    if (req.url?.endsWith('/completions') && ++calls === 1) res.writeHead(500).end();
    else res.setHeader('content-type', 'application/json').end('{"id":"file-b1"}');
  });
  const gateway = await startGatewayFor(['a', 'b'].map((name) => ({ name, url, apiKey: 'x' })));
  await (await post(gateway, `${V1}/files`, {})).text();
  const response = await post(gateway, `${V1}/chat/completions`, { model, messages: shown });
  expect([response.status, response.headers.get('x-spillway-attempts')]).toEqual([200, '2']);
});

test('a chat that shows a file and is not kept can be asked for nowhere, so that its id is not remembered', async () => {
  const { a, gateway, make } = await startPair('{"id":"chatcmpl-b1","choices":[]}');
  await make(`${V1}/chat/completions`, { model, messages: shown });
  await (await fetch(`${gateway.url}${V1}/chat/completions/chatcmpl-b1`)).text();
  expect(a.asked).toEqual([`GET ${V1}/chat/completions/chatcmpl-b1`]);
});
