import { expect, test } from 'vitest';
import { judgeOutcome } from './judge-outcome.ts';
import { readSessionClose, readSessionRefusal } from './session-refusal.ts';

const error = (event: object) => JSON.stringify({ type: 'error', ...event });

test.each<[string, string, object]>([
  [
    'throttled, with its headers in any case',
    error({ status: 429, error: { code: '429', message: 'Slow down.' }, headers: { 'Retry-After': 20 } }),
    { kind: 'throttled', status: 429, retryAfterMs: 20_000 },
  ],
  [
    'throttled, with a time in its message alone',
    error({ status: 429, error: { message: 'Please retry after 7 seconds.' } }),
    { kind: 'throttled', status: 429, retryAfterMs: 7000 },
  ],
  [
    'a deployment that is missing',
    error({ status: 404, error: { code: 'DeploymentNotFound', message: 'It does not exist.' } }),
    { kind: 'unavailable', status: 404, cause: 'deployment-missing' },
  ],
  [
    'the client’s own mistake',
    error({ status: 400, error: { code: 'invalid_value', type: 'invalid_request_error', message: 'No.' } }),
    { kind: 'rejected', status: 400 },
  ],
  [
    'a failure, of which nothing has come',
    error({ status: 500, error: { message: 'The server had an error.' } }),
    { kind: 'unavailable', status: 500, cause: 'nothing-made' },
  ],
])('an event of a session is judged as the answer that it stands for: %s', (_, data, outcome) => {
  const refusal = readSessionRefusal(data)!;
  expect(judgeOutcome({ kind: 'answered', ...refusal, hasMadeNothing: true, body: undefined })).toMatchObject(
    outcome,
  );
});

test.each<[string, string]>([
  ['no status', error({ error: { code: 'server_error', message: 'No.' } })],
  ['a status that is no error', error({ status: 200, error: { message: 'No.' } })],
  ['a status that is a text', error({ status: '429', error: { message: 'No.' } })],
  ['a status with a fraction', error({ status: 429.5, error: { message: 'No.' } })],
  ['another event', '{"type":"response.created","status":429}'],
  ['no JSON', 'error'],
  ['a list', '[429]'],
])('an event of a session is no refusal with %s', (_, data) => {
  expect(readSessionRefusal(data)).toBeUndefined();
});

test.each([1012, 1013])(
  'a session that is closed with %i and has said nothing is one that made nothing',
  (code) => {
    const refusal = readSessionClose(code)!;
    expect(
      judgeOutcome({ kind: 'answered', ...refusal, hasMadeNothing: true, body: undefined }),
    ).toMatchObject({
      kind: 'unavailable',
      status: 503,
      cause: 'nothing-made',
    });
  },
);

test.each([1000, 1005, 1006, 1008, 1011, 4429])(
  'a session that is closed with %i refuses nothing',
  (code) => {
    expect(readSessionClose(code)).toBeUndefined();
  },
);

test('an event of a session with headers that are none has none', () => {
  expect(readSessionRefusal(error({ status: 429, headers: ['x'] }))?.header('retry-after')).toBeUndefined();
  expect(
    readSessionRefusal(error({ status: 429, headers: { 'retry-after': {} } }))?.header('retry-after'),
  ).toBeUndefined();
});
