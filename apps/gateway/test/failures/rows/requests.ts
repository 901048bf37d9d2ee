import { chatBody, chatPath } from '../../testing/post.ts';
import { rawRequest } from '../../testing/raw-client.ts';
import { posts, rawChat, sends } from '../clients.ts';
import { echoServer } from '../echo-server.ts';
import type { FailureRow, RowClient } from '../failure-row.ts';
import { refused } from '../refused-row.ts';

const BODY = JSON.stringify(chatBody);
const CLOSE = 'Connection: close';
const bad = (target: string) => sends(rawRequest('POST', target, [CLOSE], BODY));
const chatOf = (deployment: string) =>
  `/openai/deployments/${deployment}/chat/completions?api-version=2024-10-21`;
const ALLOW = 'allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS';
const limits = { limits: { bodyBytes: 100 } };

/** Faults of requests, real or only apparent. */
export const requests: readonly FailureRow[] = [
  {
    ...refused(
      'a body over `limits.bodyBytes`',
      posts(chatPath, 'x'.repeat(101)),
      '413 error RequestEntityTooLarge',
    ),
    config: limits,
  },
  {
    ...refused(
      'a chunked body over `limits.bodyBytes`',
      sends(
        `${rawRequest('POST', chatPath, [CLOSE, 'Transfer-Encoding: chunked'])}65\r\n${'x'.repeat(101)}\r\n0\r\n\r\n`,
      ),
      '413 error RequestEntityTooLarge',
    ),
    config: limits,
  },
  judgedByBackend(
    'broken JSON for a deployment in the path',
    posts(chatPath, '{"messages":'),
    '400 error invalid_request_error',
  ),
  judgedByBackend(
    'broken JSON on v1, with no model',
    posts('/openai/v1/chat/completions', '{"messages":'),
    '400 error invalid_request_error',
  ),
  judgedByBackend(
    'a body on v1 without a model',
    posts('/openai/v1/chat/completions', {}),
    '400 error invalid_request_error',
  ),
  unparsed(
    'both `Content-Length` and `Transfer-Encoding`',
    `POST ${chatPath} HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  ),
  unparsed('two lengths', rawRequest('POST', chatPath, ['Content-Length: 1', 'Content-Length: 2'])),
  unparsed('a negative length', rawRequest('POST', chatPath, ['Content-Length: -1'])),
  unparsed(
    'a transfer encoding that is not chunked',
    rawRequest('POST', chatPath, ['Transfer-Encoding: gzip']),
  ),
  unparsed(
    'a chunk without a valid length',
    `${rawRequest('POST', chatPath, ['Transfer-Encoding: chunked'])}xyz\r\n`,
  ),
  unparsed('a line feed alone within a header', rawChat('X-A: b\nX-Injected: c')),
  unparsed('a carriage return alone within a header', rawChat('X-A: b\rX-Injected: c')),
  unparsed('a NUL within a header', rawChat('X-A: b\0c')),
  unparsed('a header folded over two lines', rawChat('X-A: b\r\n c')),
  unparsed('a space within a header’s name', rawChat('X A: b')),
  unparsed('an unknown method', rawRequest('FETCH', chatPath)),
  unparsed('no HTTP', 'hello\r\n\r\n'),
  unparsed('the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  refused(
    'headers over `limits.headerBytes`',
    sends(rawChat(`X-Long: ${'x'.repeat(20_000)}`)),
    '431 error RequestHeaderFieldsTooLarge',
  ),
  refused(
    'the method PROPFIND',
    sends(rawRequest('PROPFIND', chatPath, [CLOSE])),
    `405 error MethodNotAllowed, ${ALLOW}`,
  ),
  refused(
    'the method TRACE',
    sends(rawRequest('TRACE', chatPath, [CLOSE])),
    `405 error MethodNotAllowed, ${ALLOW}`,
  ),
  refused('the method CONNECT', sends(rawRequest('CONNECT', 'elsewhere:443')), '405 error MethodNotAllowed'),
  refused('an absolute URL', bad(`http://elsewhere${chatPath}`), '400 error BadRequest'),
  refused('`*` as its path', sends(rawRequest('OPTIONS', '*', [CLOSE])), '400 error BadRequest'),
  refused('a path outside the API', bad('/metrics'), '404 error 404'),
  refused('a path with `..`', bad('/openai/deployments/../../admin'), '400 error BadRequest'),
  refused('a path with an encoded `..`', bad('/openai/v1/%2e%2e/files'), '400 error BadRequest'),
  refused('`..%2f` in a deployment’s name', bad(chatOf('..%2fadmin')), '400 error BadRequest'),
  refused('`..%5c` in a deployment’s name', bad(chatOf('..%5cadmin')), '400 error BadRequest'),
  refused('an encoded slash in a deployment’s name', bad(chatOf('gpt%2f4o')), '400 error BadRequest'),
  refused(
    'an encoded line break in a deployment’s name',
    bad(chatOf('gpt%0d%0aX-Injected:%20c')),
    '400 error BadRequest',
  ),
  refused('a deployment’s name that is not UTF-8', bad(chatOf('%ff')), '400 error BadRequest'),
  refused('a deployment’s name of 300 letters', bad(chatOf('x'.repeat(300))), '400 error BadRequest'),
  refused(
    'a slash in the model of its body',
    posts('/openai/v1/chat/completions', { model: '../admin' }),
    '400 error BadRequest',
  ),
  passedOn(
    '`%252f` in a deployment’s name, which is not a slash',
    bad(chatOf('gpt%252f4o')),
    '/openai/deployments/gpt%252f4o/chat/completions',
  ),
  passedOn(
    'headers that `Connection` declares as its own',
    sends(rawChat('X-Kept: 1', 'Connection: X-Mine', 'X-Mine: 2')),
    '/openai/deployments/gpt-4o/chat/completions x-kept',
  ),
  passedOn(
    '`Expect: something-else`',
    sends(rawChat('Expect: something-else')),
    '/openai/deployments/gpt-4o/chat/completions',
  ),
  passedOn(
    'no `Host`',
    sends(rawChat().replace('Host: gateway\r\n', '')),
    '/openai/deployments/gpt-4o/chat/completions',
  ),
];

/** Returns the row of bytes that never become a request, or become invalid within one. */
function unparsed(what: string, bytes: string): FailureRow {
  return refused(what, sends(bytes), '400 error BadRequest');
}

/** Returns the row of a request whose faults are the backend's to find. */
function judgedByBackend(what: string, client: RowClient, sees: string): FailureRow {
  const logged = `${sees.slice(0, 3)} complete, a rejected (${sees.slice(0, 3)})`;
  return { ...refused(what, client, `${sees}, from a, 1 attempt`), logged };
}

/** Returns the row of a request that a backend gets, and describes in its answer. */
function passedOn(what: string, client: RowClient, got: string): FailureRow {
  return {
    ...refused(what, client, `200 ${got}, from a, 1 attempt`),
    backends: [echoServer],
    logged: '200 complete, a succeeded (200)',
  };
}
