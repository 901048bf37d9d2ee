import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { readFailedAnswer, readStreamError, readTold } from './stream-error.ts';

const read = (data: unknown, name = '') =>
  readStreamError({ name, data: typeof data === 'string' ? data : JSON.stringify(data) });
const fields = { message: 'It broke.', type: 'server_error', param: null, code: null };

test.each<[string, unknown, string, object]>([
  ['nested', { error: fields }, '', { codes: [], type: 'server_error', message: 'It broke.' }],
  ['nested and named', { error: fields }, 'error', { codes: [], type: 'server_error', message: 'It broke.' }],
  ['flat', fields, '', { codes: [], type: 'server_error', message: 'It broke.' }],
  ['flat and named', fields, 'error', { codes: [], type: 'server_error', message: 'It broke.' }],
  [
    'with a code and a status',
    { error: { code: 'x', status: 400 } },
    '',
    { codes: ['x', '400'], message: '' },
  ],
  [
    'with a field at fault',
    { error: { code: null, param: 'model' } },
    '',
    { codes: [], message: '', param: 'model' },
  ],
  ['that is a text', { error: 'overloaded' }, '', { codes: [], message: 'overloaded' }],
  ['that only says that there is one', { error: true, message: 'No.' }, '', { codes: [], message: 'No.' }],
  ['that is a number', { error: 503 }, '', { codes: ['503'], message: '' }],
  ['as the only one of a list', [{ error: { code: 503, message: 'Later.' } }], '', { codes: ['503'] }],
  [
    'by which every choice has ended',
    { choices: [{ index: 0, delta: { content: '' }, finish_reason: 'error', error: { code: 502 } }] },
    '',
    { codes: ['502'] },
  ],
  [
    'of a response that has failed, whatever the event is called',
    { type: 'response.completed', response: { status: 'failed', error: { code: 'server_error' } } },
    'response.completed',
    { codes: ['server_error'] },
  ],
  [
    'that calls itself an object',
    { object: 'error', message: 'It broke.', type: 'BadGatewayError', code: 502 },
    '',
    { codes: ['502'], type: 'BadGatewayError', message: 'It broke.' },
  ],
  ['of API Management', { statusCode: 429, message: 'Later.' }, '', { codes: ['429'], message: 'Later.' }],
  ['of FastAPI', { detail: 'It broke.' }, '', { codes: [], message: 'It broke.' }],
  [
    'in a list',
    { errors: [{ code: 500, message: 'It broke.' }] },
    '',
    { codes: ['500'], message: 'It broke.' },
  ],
  ['in a list of texts', { errors: ['It broke.'] }, '', { codes: [], message: 'It broke.' }],
  ['named, of no JSON', 'overloaded', 'error', { codes: [], message: 'overloaded' }],
  ['named, that says nothing', {}, 'error', { codes: [], message: '' }],
  [
    'of the Responses API',
    { type: 'error', code: 'server_error', message: 'It broke.', sequence_number: 1 },
    'error',
    { codes: ['server_error'], type: 'error', message: 'It broke.' },
  ],
  ['of the Responses API without a name', { type: 'error' }, '', { codes: [], type: 'error', message: '' }],
  [
    'as a response that failed',
    { type: 'response.failed', response: { error: { code: 'rate_limit_exceeded', message: 'Later.' } } },
    'response.failed',
    { codes: ['rate_limit_exceeded'], message: 'Later.' },
  ],
  [
    'as a response that failed for no reason',
    { response: { error: null } },
    'response.failed',
    { codes: [], message: '' },
  ],
])('an error event %s is read', (_, data, name, expected) => {
  expect(read(data, name)).toMatchObject(expected);
});

test.each<[string, unknown, string]>([
  ['a chunk', { id: 'x', object: 'chat.completion.chunk', choices: [{ delta: { content: 'Hi' } }] }, ''],
  ['a chunk whose error is null', { choices: [], error: null }, ''],
  ['the end', '[DONE]', ''],
  ['a response’s beginning', { type: 'response.created', response: { error: null } }, 'response.created'],
  ['a response’s text', { type: 'response.output_text.delta', delta: 'error' }, 'response.output_text.delta'],
  ['a thread’s message', { object: 'thread.message', type: 'x', message: 'y' }, 'thread.message.created'],
  ['a message alone', { message: 'Hi' }, ''],
  ['no error', { error: false, message: 'Hi' }, ''],
  [
    'a choice that has failed behind its content',
    { choices: [{ delta: { content: 'Hi' }, finish_reason: 'error' }] },
    '',
  ],
  [
    'one of two choices that has failed',
    { choices: [{ finish_reason: 'error' }, { delta: { content: 'Hi' } }] },
    '',
  ],
  ['a list of what is no error', [{ id: 1 }], ''],
  ['a detail of an event', { type: 'response.x', detail: 'low' }, ''],
  ['no detail', { detail: null }, ''],
  ['no errors', { errors: [] }, ''],
])('an event is no error: %s', (_, data, name) => {
  expect(read(data, name)).toBeUndefined();
});

test('no event makes the reader of stream errors throw', () => {
  const name = fc.constantFrom('', 'error', 'response.failed');
  fc.assert(
    fc.property(name, fc.json(), (name, data) => {
      expect(typeof (readStreamError({ name, data })?.message ?? '')).toBe('string');
    }),
  );
});

test.each([
  '{"error":true,"message":"No."}',
  '{"error":503}',
  '[{"error":{"message":"No."}}]',
  '{"id":"x","choices":[{"index":0,"message":{"role":"assistant","content":null},"finish_reason":"error"}]}',
])('a body is an error although its status says otherwise: %s', (body) => {
  expect(readFailedAnswer(body)).toBeDefined();
});

test.each([
  '{"choices":[{"message":{"content":"No."},"finish_reason":"error"}]}',
  '{"error":false,"choices":[]}',
  '{"choices":[{"message":{"content":"\\"error\\":true"}}]}',
])('a body is no error: %s', (body) => {
  expect(readFailedAnswer(body)).toBeUndefined();
});

test.each([
  ['{"message":"Internal server error"}', 'Internal server error'],
  ['{"Message":"No."}', 'No.'],
  ['{"code":500,"msg":"busy"}', 'busy'],
  ['{"success":false}', ''],
])('where every answer is JSON of its own, %s is none', (body, message) => {
  expect(readTold(body)).toMatchObject({ message });
});

test.each([
  '{}',
  '{"id":"x","message":"Hi"}',
  '{"object":"list","message":"Hi"}',
  '{"success":true}',
  '[]',
  'No.',
])('what may be an answer is not told for an error: %s', (body) => expect(readTold(body)).toBeUndefined());
