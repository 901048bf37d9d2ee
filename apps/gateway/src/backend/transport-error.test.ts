import { errors } from 'undici';
import { expect, test } from 'vitest';
import { classifyTransportError } from './transport-error.ts';

test.each([
  ['ECONNREFUSED', 'refused'],
  ['EHOSTUNREACH', 'refused'],
  ['ENETUNREACH', 'refused'],
  ['ECONNRESET', 'reset'],
  ['EPIPE', 'reset'],
  ['UND_ERR_SOCKET', 'reset'],
  ['UND_ERR_BODY_TIMEOUT', 'reset'],
  ['ENOTFOUND', 'dns'],
  ['EAI_AGAIN', 'dns'],
  ['ETIMEDOUT', 'connect-timeout'],
  ['UND_ERR_CONNECT_TIMEOUT', 'connect-timeout'],
  ['UND_ERR_HEADERS_TIMEOUT', 'header-timeout'],
  ['UND_ERR_HEADERS_OVERFLOW', 'malformed'],
  ['HPE_INVALID_CONSTANT', 'malformed'],
  ['CERT_HAS_EXPIRED', 'tls'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'tls'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'tls'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'tls'],
  ['EPROTO', 'tls'],
  ['EMFILE', 'no-descriptors'],
  ['ENFILE', 'no-descriptors'],
  ['ENOBUFS', 'no-descriptors'],
  ['EADDRNOTAVAIL', 'no-descriptors'],
  ['SOMETHING_NEW', 'reset'],
  ['constructor', 'reset'],
  ['__proto__', 'reset'],
])('a transport error of %s is %s', (code, failure) => {
  expect(classifyTransportError(Object.assign(new Error('failed'), { code }))).toBe(failure);
});

test.each([
  [new errors.ConnectTimeoutError(), 'connect-timeout'],
  [new errors.HeadersTimeoutError(), 'header-timeout'],
  [new errors.BodyTimeoutError(), 'reset'],
  [new errors.SocketError('other side closed'), 'reset'],
  [new errors.HTTPParserError('bad'), 'malformed'],
  [new Error('no code'), 'reset'],
])('the error %s of undici is %s', (error, failure) => {
  expect(classifyTransportError(error)).toBe(failure);
});

test('several addresses that all failed are judged by their common code', () => {
  const attempts = ['::1', '127.0.0.1'].map((address) =>
    Object.assign(new Error(address), { code: 'ECONNREFUSED' }),
  );
  const error = Object.assign(new AggregateError(attempts), { code: 'ECONNREFUSED' });
  expect(classifyTransportError(error)).toBe('refused');
});
