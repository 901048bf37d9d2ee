import { post } from '../../testing/post.ts';
import { startHttpBackend } from '../../testing/start-backend.ts';
import { startSealingBackend } from '../../testing/start-sealing-backend.ts';
import { read } from '../clients.ts';
import type { FailureRow, RowClient } from '../failure-row.ts';
import { moves } from '../misbehaving-server.ts';

const MADE = '200 response, from b, 2 attempts';
const MADE_LINE = '200 complete, a throttled (429), b succeeded (200)';

/** Requests that only one backend can serve, as only it has their objects. */
export const storedObjects: readonly FailureRow[] = [
  madeByB('and a has recovered', 'ok', '200 response, from b, 1 attempt', '200 complete, b succeeded (200)'),
  madeByB(
    'and b is throttled when it is asked for',
    '1x ok, throttle(20)',
    '429 error 429, 1 attempt, retry-after: 20',
    '429 complete (throttled), b throttled (429)',
    'requests without a deployment at b, throttled, 20 s',
  ),
  madeByB(
    'and b answers 500 when it is asked for',
    '1x ok, status(500)',
    '503 error ServiceUnavailable, 1 attempt',
    '503 complete (unavailable), b unavailable (500)',
    'requests without a deployment at b, cooling, 10 s',
  ),
  {
    title: 'the client asks for a response that no backend has',
    backends: ['ok', 'ok'],
    deployment: '',
    client: async (scene) => [await read(fetch(`${scene.url}/openai/v1/responses/resp_unknown`))],
    sees: '404 error 404, 2 attempts',
    cooldowns: 'nobody',
    logged: '404 complete (not-found), a not-found (404), b not-found (404)',
  },
  {
    title: 'the client asks for a response that no backend has, and a is throttled',
    backends: ['throttle(30)', 'ok'],
    deployment: '',
    client: async (scene) => [await read(fetch(`${scene.url}/openai/v1/responses/resp_unknown`))],
    sees: '429 error 429, 2 attempts, retry-after: 30',
    cooldowns: 'requests without a deployment at a, throttled, 30 s',
    logged: '429 complete (throttled), a throttled (429), b not-found (404)',
  },
  insteadOfObject('a page of what stands before it', 'text/html', '<html><title>Sign in</title></html>'),
  insteadOfObject('an error in JSON', 'application/json', '{"error":{"code":"server_error","message":"x"}}'),
  {
    title: 'the client refers to a response that nobody knows, and a is throttled',
    backends: ['throttle(30)', () => startSealingBackend('b')],
    client: (scene) => asks(scene, { input: 'And?', previous_response_id: 'resp_unknown' }),
    sees: '200 response, from b, 2 attempts',
    cooldowns: 'gpt-4o at a, throttled, 30 s',
    logged: '200 complete, a throttled (429), b succeeded (200)',
  },
  {
    title: 'b has a file that the client shows in a chat, and a has recovered',
    backends: ['1x throttle(retry-after-ms=1)', 'ok'],
    config: { cooldown: { floorMs: 1 } },
    client: showsFile,
    sees: ['200 file, from b, 2 attempts', '200 chat.completion, from b, 1 attempt'],
    cooldowns: 'nobody',
    logged: ['200 complete, a throttled (429), b succeeded (200)', '200 complete, b succeeded (200)'],
  },
  {
    title: 'a client’s own metadata has what looks like a thread’s id, and a answers 500',
    backends: ['status(500)', 'ok'],
    client: (scene) => asks(scene, { input: 'Hi', store: false, client_metadata: { thread_id: 'thread_1' } }),
    sees: '200 response, from b, 2 attempts',
    cooldowns: 'gpt-4o at a, cooling, 10 s',
    logged: '200 complete, a unavailable (500), b succeeded (200)',
  },
  {
    title: 'the client lists its files, and b answers 500',
    backends: ['ok', 'status(500)'],
    deployment: '',
    client: async (scene) => [await read(fetch(`${scene.url}/openai/v1/files`))],
    sees: '200 list, from a, 2 attempts, x-spillway-missing: b',
    cooldowns: 'requests without a deployment at b, cooling, 10 s',
    logged: '200 complete, a succeeded (200), b unavailable (500)',
  },
  {
    title: 'the client lists its files, and b stops within its list',
    backends: [
      'ok',
      moves('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{"data":['),
    ],
    deployment: '',
    config: { timeouts: { overallMs: 2000 } },
    client: async (scene) => [await read(fetch(`${scene.url}/openai/v1/files`))],
    sees: '200 list, from a, 2 attempts, x-spillway-missing: b',
    cooldowns: 'nobody',
    logged: '200 complete, a succeeded (200), b unavailable (200)',
  },
  listing(
    'a does not know the path, and b answers 500',
    [
      sends(404, 'application/json', '{"error":{"code":"404","message":"Resource not found"}}'),
      'status(500)',
    ],
    '503 error ServiceUnavailable, 2 attempts',
    '503 complete (unavailable), a declined (404), b unavailable (500)',
    'requests without a deployment at b, cooling, 10 s',
  ),
  listing(
    'a answers 200 with a page, and b is throttled',
    [sends(200, 'text/html', '<p>Hello'), 'throttle(20)'],
    '429 error 429, 2 attempts, retry-after: 20',
    '429 complete (throttled), a unavailable (200), b throttled (429)',
    'requests without a deployment at b, throttled, 20 s',
  ),
  {
    title: 'the client lists its files, and every backend is throttled',
    backends: ['throttle(30)', 'throttle(20)'],
    deployment: '',
    client: async (scene) => [await read(fetch(`${scene.url}/openai/v1/files`))],
    sees: '429 error 429, 2 attempts, retry-after: 20',
    cooldowns:
      'requests without a deployment at a, throttled, 30 s; requests without a deployment at b, throttled, 20 s',
    logged: '429 complete (throttled), a throttled (429), b throttled (429)',
  },
  {
    title: 'the client adds a part to an upload that nobody is known to have, and b has it',
    backends: ['404', '200'].map((status) => () => startUploadBackend(Number(status))),
    deployment: '',
    client: async (scene) => [
      await read(post(scene, '/openai/v1/uploads/upload_1/complete', { part_ids: [] })),
    ],
    sees: '200 upload, from b, 2 attempts',
    cooldowns: 'nobody',
    logged: '200 complete, a not-found (404), b succeeded (200)',
  },
  sealedBy('b', '200 response, from b, 2 attempts', '200 complete, a rejected (400), b succeeded (200)'),
  sealedBy(
    'nobody',
    '400 error invalid_encrypted_content, from a, 2 attempts',
    '400 complete, a rejected (400), b rejected (400)',
  ),
];

/** Returns the row of a list of files that no backend has a part of. */
function listing(
  what: string,
  backends: FailureRow['backends'],
  sees: string,
  logged: string,
  cooldowns: string,
): FailureRow {
  return {
    title: `the client lists its files, ${what}`,
    backends,
    deployment: '',
    client: async (scene) => [await read(fetch(`${scene.url}/openai/v1/files`))],
    sees,
    cooldowns,
    logged,
  };
}

/** Returns a function that starts a backend with the same answer for every request. */
function sends(status: number, type: string, text: string) {
  return () => startHttpBackend((_, res) => void res.writeHead(status, { 'content-type': type }).end(text));
}

/** Returns the row of reasoning that was sealed by a backend unknown to the gateway. */
function sealedBy(name: string, sees: string, logged: string): FailureRow {
  const input = [{ type: 'reasoning', summary: [], encrypted_content: `${name}-gAAA` }];
  return {
    title: `the request has reasoning that ${name} can read, with \`store: false\``,
    backends: [() => startSealingBackend('a'), () => startSealingBackend('b')],
    client: (scene) => asks(scene, { input, store: false }),
    sees,
    cooldowns: 'nobody',
    logged,
  };
}

/** Returns the row of a response that `b` has, and for which `a` answers something else with a 200. */
function insteadOfObject(what: string, type: string, body: string): FailureRow {
  return {
    title: `the client asks for a response that b has, and a answers 200 with ${what}`,
    backends: [
      () => startAnswering(type, body),
      () => startAnswering('application/json', '{"id":"resp_1","object":"response"}'),
    ],
    deployment: '',
    client: async (scene) => [await read(fetch(`${scene.url}/openai/v1/responses/resp_1`))],
    sees: '200 response, from b, 2 attempts',
    cooldowns: 'requests without a deployment at a, cooling, 10 s',
    logged: '200 complete, a unavailable (200), b succeeded (200)',
  };
}

/** Starts a backend that gives every request the same answer with a 200. */
function startAnswering(type: string, body: string) {
  return startHttpBackend((req, res) => {
    req.resume();
    res.setHeader('content-type', type).end(body);
  });
}

/** Starts a backend that answers every POST with one status; a GET of an upload is not found. */
function startUploadBackend(status: number) {
  return startHttpBackend((req, res) => {
    req.resume();
    const isHere = status === 200 && req.method === 'POST';
    res.writeHead(isHere ? 200 : 404, { 'content-type': 'application/json' });
    res.end(isHere ? '{"id":"upload_1","object":"upload"}' : '{"error":{"code":"404"}}');
  });
}

async function asks(scene: { readonly url: string }, body: object) {
  return [await read(post(scene, '/openai/v1/responses', { model: 'gpt-4o', ...body }))];
}

/** Returns the row of a response that `b` created, as `a` was throttled at first, and that is read afterwards. */
function madeByB(what: string, b: string, sees: string, logged: string, cooldowns = 'nobody'): FailureRow {
  return {
    title: `b has made a response, ${what}`,
    backends: ['1x throttle(retry-after-ms=1)', b],
    config: { cooldown: { floorMs: 1 } },
    deployment: '',
    client: (scene) => makesAndAsks(scene),
    sees: [MADE, sees],
    cooldowns,
    logged: [MADE_LINE, logged],
  };
}

/** Creates a file, and uses it in a chat. */
async function showsFile({ url }: { readonly url: string }) {
  const form = new FormData();
  form.set('purpose', 'user_data');
  form.set('file', new Blob(['%PDF-1.7']), 'a.pdf');
  const made = await read(fetch(`${url}/openai/v1/files`, { method: 'POST', body: form }));
  const { id } = JSON.parse(made.body) as { id: string };
  const messages = [{ role: 'user', content: [{ type: 'file', file: { file_id: id } }] }];
  return [made, await read(post({ url }, '/openai/v1/chat/completions', { model: 'gpt-4o', messages }))];
}

const makesAndAsks: RowClient = async (scene) => {
  const made = await read(post(scene, '/openai/v1/responses', { model: 'gpt-4o', input: 'Hello' }));
  const { id } = JSON.parse(made.body) as { id: string };
  return [made, await read(fetch(`${scene.url}/openai/v1/responses/${id}`))];
};
