import { expect, test } from 'vitest';
import { makeKey, sha256 } from '../../src/client/keys.ts';
import { chatBody, chatPath, post } from '../testing/post.ts';
import { startRecorder } from '../testing/start-backend.ts';
import { startGatewayFor, startScene } from '../testing/start-scene.ts';

const KEY = makeKey();
const CHARGED = makeKey();
const clients = [
  { name: 'narrow', keys: [{ sha256: sha256(KEY) }], deployments: ['gpt-4o', 'gpt-realtime'] },
  { name: 'charged', keys: [{ sha256: sha256(CHARGED) }], budgets: [{ deployments: ['o3'], rpm: 1 }] },
];
const headers = { 'api-key': KEY };

async function startNarrow() {
  const recorder = await startRecorder();
  const scene = await startGatewayFor([{ name: 'a', url: recorder.url, apiKey: 'k' }], { clients });
  return { scene, requests: recorder.requests };
}

const part = (head: string, value: string) => `--x\r\n${head}\r\n\r\n${value}\r\n`;
const named = (name: string, value: string) => part(`Content-Disposition: form-data; name="${name}"`, value);
const form = (...parts: string[]) => `${named('model', 'gpt-4o')}${parts.join('')}--x--\r\n`;
const multipart = { ...headers, 'content-type': 'multipart/form-data; boundary=x' };

test.each([
  [
    'with ends of lines that some readers take',
    '--x\nContent-Disposition: form-data; name="model"\n\no3\r\n',
  ],
  ['with a space before its colon', part('Content-Disposition : form-data; name="model"', 'o3')],
  ['in single quotes', part(`Content-Disposition: form-data; name='model'`, 'o3')],
  ['in pieces', part('Content-Disposition: form-data; name*0="mo"; name*1="del"', 'o3')],
  ['in an encoded word', part('Content-Disposition: form-data; name="=?utf-8?q?model?="', 'o3')],
  ['twice in a head', part('Content-Disposition: form-data; name="a"; name="model"', 'o3')],
  [
    'in a second head',
    part('Content-Disposition: form-data; name="a"\r\nContent-Disposition: form-data; name="model"', 'o3'),
  ],
  [
    'behind a long header',
    part(`X: ${'y'.repeat(9000)}\r\nContent-Disposition: form-data; name="model"`, 'o3'),
  ],
  [
    'in a file',
    part(
      'Content-Disposition: form-data; name="f"; filename="f"',
      '\n--x\nContent-Disposition: form-data; name="model"\n\no3',
    ),
  ],
  [
    'in a value that is to be decoded',
    part('Content-Disposition: form-data; name="a"\r\nContent-Transfer-Encoding: quoted-printable', 'o3'),
  ],
  ['behind the end', `--x--\r\n${named('model', 'o3')}`],
])(
  'a form that names another deployment %s reaches no backend, whether that is forbidden or charged otherwise',
  async (_, hidden) => {
    const { scene, requests } = await startNarrow();
    for (const key of [KEY, CHARGED]) {
      const sent = { headers: { ...multipart, 'api-key': key } };
      const response = await post(scene, '/openai/v1/images/edits', form(hidden), sent);
      expect([response.status, requests.length]).toEqual([400, 0]);
    }
  },
);

test.each([
  [
    'quoted names',
    form(
      part(
        'Content-Disposition: form-data; name="image[]"; filename="a b.png"\r\nContent-Type: image/png',
        '\r\n\r\n\0',
      ),
    ),
  ],
  [
    'names without quotes',
    form(
      part(
        `Content-Transfer-Encoding: 8bit\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Disposition: form-data; name=prompt`,
        'x',
      ),
    ),
  ],
  [
    'encoded names of files',
    form(part(`Content-Disposition: form-data; name="image"; filename="a.png"; filename*=utf-8''a.png`, 'x')),
  ],
  ['a field without a value', form(named('prompt', ''))],
  ['no last line', form(named('prompt', 'x')).trimEnd()],
])('a form with %s is served, as clients write it', async (_, body) => {
  const { scene, requests } = await startNarrow();
  const response = await post(scene, '/openai/v1/images/edits', body, { headers: multipart });
  expect([response.status, requests.length]).toEqual([200, 1]);
});

test('a form of the platform’s own is served', async () => {
  const { scene, requests } = await startNarrow();
  const body = new FormData();
  body.set('model', 'gpt-4o');
  body.set('file', new File(['sound'], 'ü "x".wav', { type: 'audio/wav' }));
  const response = await fetch(`${scene.url}/openai/v1/audio/transcriptions`, {
    method: 'POST',
    headers,
    body,
  });
  expect([response.status, requests.length]).toEqual([200, 1]);
});

const vectors = (key: string) =>
  `{"messages":[],"data_sources":[{"parameters":{"embedding_dependency":{"type":"deployment_name",${key}:"o3"}}}]}`;

test.each<[string, string, string]>([
  ['for vectors of a chat', chatPath, vectors('"deployment_name"')],
  ['for vectors of a chat, spelt otherwise', chatPath, vectors('"deployment\\u005fname"')],
  ['for vectors of a chat, in capitals', chatPath, vectors('"Deployment_Name"')],
  [
    'for a transcription',
    '/openai/v1/realtime/transcription_sessions',
    '{"model":"gpt-4o","input_audio_transcription":{"model":"o3"}}',
  ],
  [
    'for a session that transcribes',
    '/openai/v1/realtime/client_secrets',
    '{"session":{"type":"transcription","model":"gpt-4o","audio":{"input":{"transcription":{"model":"o3"}}}}}',
  ],
  ['beside a path of another kind', '/openai/deployments/gpt-4o/assistants', '{"model":"o3"}'],
])('another deployment that a body names %s is refused', async (_, path, body) => {
  const { scene, requests } = await startNarrow();
  expect((await post(scene, path, body, { headers })).status).toBe(403);
  expect(requests).toEqual([]);
});

test.each<[string, string, string]>([
  ['for vectors of a chat', chatPath, vectors('"deployment_name"').replace('o3', 'gpt-4o')],
  [
    'for a transcription beside a conversation',
    '/openai/v1/realtime/client_secrets',
    '{"session":{"type":"realtime","model":"gpt-realtime","audio":{"input":{"transcription":{"model":"whisper-1"}}}}}',
  ],
])('a deployment that a body names %s is no reason to refuse it', async (_, path, body) => {
  const { scene } = await startNarrow();
  expect((await post(scene, path, body, { headers })).status).toBe(200);
});

test('a body that is packed in an unknown way is refused, as nobody knows what it names', async () => {
  const { scene, requests } = await startNarrow();
  const body = { model: 'gpt-4o', ...chatBody };
  const packed = { ...headers, 'content-encoding': 'unknown' };
  expect((await post(scene, '/openai/v1/chat/completions', body, { headers: packed })).status).toBe(400);
  expect(requests).toEqual([]);
});

test('nothing falls back to a deployment that the client may not use, whether it has budgets or not', async () => {
  const wide = makeKey();
  const all = [...clients, { name: 'wide', keys: [{ sha256: sha256(wide) }] }];
  const fallbacks = [{ deployment: 'gpt-4o', whenSpent: 'gpt-4o-mini' }];
  const scene = await startScene([{ script: '1x throttle(retry-after=60)' }], { clients: all, fallbacks });
  expect((await post(scene, chatPath, chatBody, { headers })).status).toBe(429);
  const other = await post(scene, chatPath, chatBody, { headers: { 'api-key': wide } });
  expect([other.status, other.headers.get('x-spillway-fallback')]).toEqual([200, 'gpt-4o-mini']);
});
