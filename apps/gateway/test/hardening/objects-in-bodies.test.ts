import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { makeKey, sha256 } from '../../src/client/keys.ts';
import { startMakingBackend } from '../testing/start-making-backend.ts';
import { startGatewayFor } from '../testing/start-scene.ts';

const KEYS = { a: makeKey(), b: makeKey() };
const clients = (['a', 'b'] as const).map((name) => ({ name, keys: [{ sha256: sha256(KEYS[name]) }] }));
type Body = NonNullable<RequestInit['body']>;

const JSON_TYPE = 'application/json';
const FORM = 'multipart/form-data; boundary=x';

/**
 * Starts a gateway in front of a backend that creates objects on request; `a` has created most of them, `b` a
 * container.
 */
async function startOwned(limits: object = {}) {
  const { url, asked } = await startMakingBackend();
  const { url: gateway } = await startGatewayFor([{ name: 'x', url, apiKey: 'k' }], { clients, limits });
  const send = async (key: keyof typeof KEYS, path: string, body: Body, headers: object) => {
    const init = { method: 'POST', body, headers: { 'api-key': KEYS[key], ...headers } };
    return (await fetch(gateway + path, init)).status;
  };
  for (const [key, path, id] of [
    ['a', 'files', 'file-a1'],
    ['a', 'skills', 'skill_a1'],
    ['a', 'videos', 'video_a1'],
    ['a', 'containers', 'cntr_a1'],
    ['a', 'audio/voices', 'voice_a1'],
    ['b', 'containers', 'cntr_b1'],
  ] as const)
    await send(key, `/openai/v1/${path}`, '{"model":"m"}', { 'content-type': JSON_TYPE, 'x-made': id });
  asked.length = 0;
  return { asked, send };
}

const field = (name: string, value: string) =>
  `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n--x--\r\n`;
const chat = `{"model":"m","messages":[{"role":"user","content":[{"type":"file","file":{"file_id":"file-a1"}}]}]}`;
const skills = '[{"type":"skill_reference","skill_id":"skill_a1"}]';

test.each<[string, string, Body, string]>([
  ['a field of a form', 'containers/cntr_b1/files', field('file_id', 'file-a1'), FORM],
  ['a list in a form', 'containers/cntr_b1/files', field('file_ids[]', 'file-a1'), FORM],
  ['a nested field of a form', 'videos/edits', field('video[id]', 'video_a1'), FORM],
  ['a field of another name', 'videos', field('like', 'video_a1'), FORM],
  ['a field in JSON', 'videos', field('input_reference', '{"file_id":"file-a1"}'), FORM],
  ['a field of a stateless operation', 'images/edits', field('image[file_id]', 'file-a1'), FORM],
  [
    'a skill of a shell',
    'responses',
    `{"model":"m","tools":[{"environment":{"skills":${skills}}}]}`,
    JSON_TYPE,
  ],
  ['an operation that is not known', 'datasets', '{"from":{"source":"file-a1"}}', JSON_TYPE],
  ['a query of any name', 'datasets?source_file=file-a1', '{}', JSON_TYPE],
])('%s leads to no object of another client, and to one’s own', async (_, path, body, type) => {
  const { asked, send } = await startOwned();
  const headers = { 'content-type': type };
  expect(await send('b', `/openai/v1/${path}`, body, headers)).toBe(404);
  expect(asked).toEqual([]);
  expect(await send('a', `/openai/v1/${path.replace('_b1', '_a1')}`, body, headers)).toBe(200);
});

test.each<[string, string]>([
  ['a file', '{"messages":[{"content":[{"source":{"type":"file","file_id":"file-a1"}}]}]}'],
  [
    'a file that a tool answered with',
    '{"messages":[{"content":[{"content":[{"source":{"file_id":"file-a1"}}]}]}]}',
  ],
  ['a skill', `{"messages":[],"container":{"skills":${skills}}}`],
])('Claude is shown %s only to whom it belongs', async (_, body) => {
  const { asked, send } = await startOwned();
  const ask = (key: 'a' | 'b') => send(key, '/anthropic/v1/messages', body, { 'content-type': JSON_TYPE });
  expect([await ask('b'), asked]).toEqual([404, []]);
  expect(await ask('a')).toBe(200);
});

test('a voice speaks only for whom it belongs to', async () => {
  const { asked, send } = await startOwned();
  const ask = (key: 'a' | 'b', voice: string) =>
    send(key, '/openai/v1/audio/speech', `{"model":"m","voice":${voice}}`, { 'content-type': JSON_TYPE });
  expect([await ask('b', '{"id":"voice_a1"}'), asked]).toEqual([404, []]);
  expect(await ask('a', '{"id":"voice_a1"}')).toBe(200);
  expect(await ask('b', '"alloy"')).toBe(200);
});

test.each<[string, Body, object, number]>([
  ['in UTF-16', Buffer.from(chat, 'utf16le'), { 'content-type': JSON_TYPE }, 400],
  [
    'in UTF-16 that says to be no text',
    Buffer.from(chat, 'utf16le'),
    { 'content-type': 'application/octet-stream' },
    400,
  ],
  ['in a charset that hides ASCII', chat, { 'content-type': 'application/json; charset=utf-7' }, 400],
  [
    'packed twice',
    gzipSync(gzipSync(chat)),
    { 'content-type': JSON_TYPE, 'content-encoding': 'gzip, gzip' },
    400,
  ],
  [
    'behind what is kept',
    `{"x":"${'x'.repeat(3_000_000)}",${chat.slice(1)}`,
    { 'content-type': JSON_TYPE },
    413,
  ],
])('a chat shows no file of another client %s', async (_, body, headers, status) => {
  const { asked, send } = await startOwned({ replayBytes: 100_000 });
  expect([await send('b', '/openai/deployments/m/chat/completions', body, headers), asked]).toEqual([
    status,
    [],
  ]);
});

test.each<[string, string, Body, string]>([
  ['a form that brings a file', 'containers/cntr_b1/files', field('file', 'file-a1\n'), FORM],
  [
    'a text in another charset, which hides nothing',
    'chat/completions',
    '{"model":"m"}',
    'application/json; charset=ISO-8859-1',
  ],
  ['a query without ids', 'datasets?api-version=2025-04-01-preview', '{"name":"file-of-mine-1"}', JSON_TYPE],
])('%s is served', async (_, path, body, type) => {
  const { send } = await startOwned();
  expect(
    await send('b', `/openai/v1/${path}`, String(body).replace('file-a1', 'text'), { 'content-type': type }),
  ).toBe(200);
});

/** More keys and values than are parsed while everybody waits. */
const MANY = '[],'.repeat(250_000);

test('JSON of too many values to be searched for objects is refused, and one of nearly as many passes', async () => {
  const { asked, send } = await startOwned();
  const headers = { 'content-type': JSON_TYPE };
  const ask = (values: string) =>
    send('b', '/openai/v1/responses', `{"model":"m","x":[${values}0]}`, headers);
  expect([await ask(MANY), asked]).toEqual([413, []]);
  expect(await ask(MANY.slice(30))).toBe(200);
  expect(await ask(`"${MANY}",`)).toBe(200);
});

test('a form of too many fields to be searched for objects is refused, and one of nearly as many passes', async () => {
  const { asked, send } = await startOwned();
  const ask = (fields: number) => {
    const one = '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n';
    return send('b', '/openai/v1/containers', `${one.repeat(fields)}--x--\r\n`, { 'content-type': FORM });
  };
  expect([await ask(1001), asked]).toEqual([400, []]);
  expect(await ask(1000)).toBe(200);
});
