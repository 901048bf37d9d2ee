/** Unusual or invalid status lines. */
export const statusLines: readonly string[] = [
  'HTTP/1.0 200 OK',
  'HTTP/1.1 200',
  'HTTP/1.1 200 ',
  'HTTP/1.1 200 \xe4\xf6\xfc',
  'HTTP/1.1 200 a\tb',
  `HTTP/1.1 200 ${'long '.repeat(500)}`,
  'HTTP/1.1 299 Odd',
  'HTTP/1.1 600 Odd',
  'HTTP/1.1 999 Odd',
  'HTTP/1.1 099 Odd',
  'HTTP/1.1 2000 Odd',
  'HTTP/1.1 20 Odd',
  'HTTP/1.1 -200 OK',
  'HTTP/1.1 abc OK',
  'HTTP/2 200 OK',
  'HTTP/1.2 200 OK',
  'HTTP/11 200 OK',
  'ICY 200 OK',
  'http/1.1 200 OK',
  ' HTTP/1.1 200 OK',
  '\r\nHTTP/1.1 200 OK',
];

/** Headers that change nothing, however a careless program reads their names. */
export const harmlessHeaders: readonly string[] = [
  '__proto__: x',
  'constructor: x',
  'toString: x',
  'hasOwnProperty: x',
  'Set-Cookie: a=1\r\nSet-Cookie: b=2',
  'x-empty:',
  'x-latin: \xe4\xf6\xfc\xff',
  'x-tab: a\tb',
  'Date: never',
  'Server: x\r\nVia: 1.1 x',
  'Keep-Alive: timeout=0',
  'Keep-Alive: timeout=-1, max=x',
  'x-spillway-request-id: stolen\r\nx-spillway-backend: stolen',
  'x-ratelimit-remaining-tokens: -1\r\nx-ratelimit-limit-tokens: x',
  'x-ratelimit-remaining-requests: 1e309\r\nx-ratelimit-limit-requests: 0',
  'azure-openai-deployment-utilization: 1e9%',
  'Trailer: x-a',
];

/** Headers that change the meaning of an answer, or are invalid. */
export const oddHeaders: readonly string[] = [
  'Connection: x-chaos-echo, content-type',
  'Connection: upgrade\r\nUpgrade: h2c',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: identity',
  'Transfer-Encoding: gzip, chunked',
  'Content-Length: 3',
  'x a: 1',
  'x-a : 1',
  'x-a: 1\nx-b: 2',
  'x-a: 1\rx-b: 2',
  'x-a: 1\r\n folded',
  'x-a: \0',
  'x-a: \x01\x02',
  ': 1',
  'no colon',
  'x-\xe4: 1',
  `x-long: ${'y'.repeat(20_000)}`,
  `x-longer: ${'y'.repeat(100_000)}`,
];

/** Values of `Content-Encoding` that match no body. */
export const encodings: readonly string[] = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'br',
  'gzip, gzip',
  'zstd',
  'GZIP',
  ',',
  'identity',
  'deflate',
];

/** Headers instead of a `Content-Type`. */
export const contentTypes: readonly string[] = [
  'x-no: type',
  'Content-Type:',
  'Content-Type: ;;;',
  'Content-Type: text/event-stream',
  'Content-Type: text/event-stream; charset=utf-8',
  'Content-Type: TEXT/EVENT-STREAM',
  'Content-Type: application/json; charset=__proto__',
  'Content-Type: multipart/form-data; boundary=',
  `Content-Type: ${'a/'.repeat(2000)}`,
  'Content-Type: text/event-stream\r\nContent-Type: application/json',
];

/** Values of `Content-Length` that are invalid, or double. */
export const oddLengths: readonly string[] = [
  'x',
  '-1',
  '+5',
  '0x10',
  '1e3',
  '5, 5',
  '5\r\nContent-Length: 6',
  '99999999999999999999999',
  '',
  '5 5',
];

/** Bodies with invalid chunks. */
export const oddChunks: readonly string[] = [
  'SIZE\r\nBODY\r\n',
  'SIZE\r\nBODY\r\n0',
  'SIZE\r\nBODY\r\n0\r\n',
  'SIZE\r\nBODY0\r\n\r\n',
  'SIZE\nBODY\n0\n\n',
  'g\r\nBODY\r\n0\r\n\r\n',
  '-1\r\nBODY\r\n0\r\n\r\n',
  'ffffffffffffffffff\r\nBODY\r\n0\r\n\r\n',
  'SIZE;a=b;c\r\nBODY\r\n0;x\r\nx-trailer: 1\r\n\r\n',
  '000000SIZE\r\nBODY\r\n000\r\n\r\n',
  '0\r\n\r\n',
  'SIZE\r\nBODY\r\n0\r\nbroken trailer\r\n\r\n',
  '1\r\nBODY',
];

const error = (code: string, message = 'no') => JSON.stringify({ error: { code, message } });

/** Statuses of failures, and their bodies. */
export const errors: readonly (readonly [status: string, body: string])[] = [
  ['429 Too Many Requests', error('429', 'Please retry after 1 seconds.')],
  ['429 Too Many Requests', error('429', `Please retry after ${'9'.repeat(400)} seconds.`)],
  ['429 Too Many Requests', ''],
  ['500 Internal Server Error', error('server_error')],
  ['500 Internal Server Error', '<html>'],
  ['503 Service Unavailable', '{"error":'],
  ['401 Unauthorized', error('401')],
  ['403 Forbidden', 'x'.repeat(40_000)],
  ['404 Not Found', error('DeploymentNotFound')],
  ['404 Not Found', error('404')],
  ['404 Not Found', '{"error":{"code":"DeploymentNotFound"'],
  ['400 Bad Request', error('unknown_model')],
  ['400 Bad Request', error('__proto__')],
  ['400 Bad Request', 'null'],
  ['408 Request Timeout', '[]'],
  ['409 Conflict', error('409')],
  ['301 Moved Permanently', ''],
];

/** How long a failure says it will last. */
export const pauses: readonly string[] = [
  'retry-after-ms: 5',
  'retry-after-ms: -5',
  'retry-after-ms: x',
  'retry-after-ms: 1e309',
  'Retry-After: 0',
  'Retry-After: -1',
  'Retry-After: 1e309',
  'Retry-After: Thu, 01 Jan 1970 00:00:00 GMT',
  'Retry-After: Fri, 31 Dec 9999 23:59:59 GMT',
  'Retry-After: soon',
];
