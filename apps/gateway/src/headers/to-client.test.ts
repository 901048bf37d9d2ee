import { expect, test } from 'vitest';
import { headersToClient } from './to-client.ts';

test('a response to a client passes the backend’s headers on, each of several, and adds the gateway’s', () => {
  const headers = {
    'content-type': 'text/event-stream',
    'set-cookie': ['a=1', 'b=2'],
    'x-empty': '',
    gone: undefined,
  };
  expect(headersToClient(headers, ['x-spillway-backend', 'a'])).toEqual([
    'content-type',
    'text/event-stream',
    'set-cookie',
    'a=1',
    'set-cookie',
    'b=2',
    'x-empty',
    '',
    'x-spillway-backend',
    'a',
  ]);
});

test('a response to a client keeps the body’s length and encoding, and everything that Azure says of its limits', () => {
  const kept = {
    'content-length': '2',
    'content-encoding': 'gzip',
    'retry-after': '1',
    'apim-request-id': 'x',
    'x-ratelimit-remaining-tokens': '9',
  };
  expect(headersToClient(kept, [])).toEqual(Object.entries(kept).flat());
});

test.each([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'alt-svc',
  'x-spillway-backend',
  'x-spillway-attempts',
  'x-spillway-request-id',
])('the header %s is dropped on its way to the client', (name) => {
  expect(headersToClient({ [name]: 'a', 'x-kept': 'b' }, [])).toEqual(['x-kept', 'b']);
});

test.each([['close, X-Gone'], [['x-gone', 'close']]])(
  'a response to a client drops what Connection names: %j',
  (connection) => {
    expect(headersToClient({ connection, 'x-gone': 'a', 'x-kept': 'b' }, [])).toEqual(['x-kept', 'b']);
  },
);
