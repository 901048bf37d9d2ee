import { expect, test } from 'vitest';
import { GatewayError } from '../errors.ts';
import { RequestContent } from '../route/request-content.ts';
import { ClientObjects, type ReferringRequest } from './client-objects.ts';
import { EmbeddedOwners } from './owner-store.ts';

const NAMES = ['east', 'west'];

/** A store of two clients' objects, and of some whose creator is unknown. */
function makeStore() {
  const store = new EmbeddedOwners({ maxEntries: 100, ttlMs: 1000 }, () => 0);
  const a = new ClientObjects(store, { name: 'a', allObjects: false }, NAMES);
  const b = new ClientObjects(store, { name: 'b', allObjects: false }, NAMES);
  const operator = new ClientObjects(store, { name: 'operator', allObjects: true }, NAMES);
  a.remember('file-a1', 'east');
  b.remember('file-b1', 'west');
  store.remember('file-old1', 'east');
  return { store, a, b, operator };
}

const nothing: ReferringRequest = { contentType: undefined, headers: {}, body: undefined };
const json = (value: unknown): ReferringRequest => ({
  contentType: 'application/json',
  headers: {},
  body: Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)),
});
const route = (operation: string, query = '') => ({ operation, path: `/openai/v1/${operation}${query}` });

/** Checks a client's request as the request pipeline does. */
function check(client: ClientObjects, request: ReferringRequest, asked: ReturnType<typeof route>) {
  if (!client.concerns(request, asked)) return Promise.resolve();
  const content = request.body && new RequestContent(asked.operation, request.body);
  return client.check(request, { ...asked, content });
}

test('a client knows the backend of its own objects only', async () => {
  const { a, operator } = makeStore();
  expect(await a.ownerOf('file-a1')).toBe('east');
  expect(await a.ownerOf('file-b1')).toBeUndefined();
  expect(await a.ownerOf('file-old1')).toBeUndefined();
  expect(await operator.ownerOf('file-b1')).toBe('west');
  expect(await operator.ownerOf('file-old1')).toBe('east');
});

test('an object stays that of the client that has made it, whoever claims it later', async () => {
  const { a, b } = makeStore();
  b.remember('file-a1', 'west');
  expect(await a.ownerOf('file-a1')).toBe('east');
  expect(await b.ownerOf('file-a1')).toBeUndefined();
});

test('a client makes nobody forget an object of another', async () => {
  const { a, b } = makeStore();
  await b.forget('file-a1');
  expect(await a.ownerOf('file-a1')).toBe('east');
  await a.forget('file-a1');
  expect(await a.ownerOf('file-a1')).toBeUndefined();
});

test('a client makes nobody forget an object at a backend that it may not use, which was not asked for it', async () => {
  const { store, a } = makeStore();
  const narrow = new ClientObjects(store, { name: 'a', allObjects: false }, ['west']);
  await narrow.forget('file-a1');
  expect(await a.ownerOf('file-a1')).toBe('east');
});

test.each<[string, ReferringRequest, ReturnType<typeof route>]>([
  ['a list', nothing, route('files')],
  ['its own object', nothing, route('files/file-a1')],
  ['something below it', nothing, route('files/file-a1/content')],
  ['an operation of a collection', json({}), route('responses/compact')],
  ['a page behind its own object', nothing, route('files', '?after=file-a1&limit=2')],
  ['its own object in a body', json({ input_file_id: 'file-a1' }), route('batches')],
  ['an item that is in no store', json({ input: [{ type: 'reasoning', id: 'rs_1' }] }), route('responses')],
  [
    'another’s object where users write what they like',
    json({ metadata: { id: 'file-b1' } }),
    route('responses'),
  ],
  [
    'a form',
    {
      ...nothing,
      contentType: 'multipart/form-data; boundary=x',
      body: Buffer.from('--x\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nvision\r\n--x--\r\n'),
    },
    route('files'),
  ],
])('a client may ask for %s', async (_, request, asked) => {
  await expect(check(makeStore().a, request, asked)).resolves.toBeUndefined();
});

test.each<[string, ReferringRequest, ReturnType<typeof route>]>([
  ['another’s object', nothing, route('files/file-b1')],
  ['an object that nobody is known to have made', nothing, route('files/file-unknown1')],
  ['an object from before clients were told apart', nothing, route('files/file-old1')],
  ['another’s object with an escape', nothing, route('files/file%2Db1')],
  ['another’s object with a space', nothing, route('files/file-b1%20')],
  ['another’s object below its own', nothing, route('vector_stores/file-a1/files/file-b1')],
  ['a page behind another’s object', nothing, route('files', '?after=file-b1')],
  ['a page behind both', nothing, route('files', '?after=file-a1&after=file-b1')],
  ['another’s call', nothing, route('realtime', '?call_id=rtc_1')],
  ['another’s object in a body', json({ input_file_id: 'file-b1' }), route('batches')],
  ['another’s object in an escaped key', json('{"input_file\\u005fid":"file-b1"}'), route('batches')],
  [
    'another’s object in a second key',
    json('{"input_file_id":"file-a1","input_file_id":"file-b1"}'),
    route('batches'),
  ],
  [
    'another’s object in a first key',
    json('{"input_file_id":"file-b1","input_file_id":"file-a1"}'),
    route('batches'),
  ],
  ['an unknown response', json({ previous_response_id: 'resp_unknown1' }), route('responses')],
])('a client that asks for %s is told that it does not exist', async (_, request, asked) => {
  await expect(check(makeStore().a, request, asked)).rejects.toMatchObject({ error: 'not-found' });
});

test.each<[string, ReferringRequest]>([
  ['packed in an unknown way', { ...json('xyz'), headers: { 'content-encoding': 'zstd' } }],
  ['that is no JSON', json('{input_file_id: "file-b1"}')],
  ['that is too large to be read', { ...json('{"input'), upload: { replayBytes: 8 } }],
])('a client is refused a body %s, as nobody could tell what it refers to', async (_, request) => {
  await expect(check(makeStore().a, request, route('batches'))).rejects.toBeInstanceOf(GatewayError);
});
