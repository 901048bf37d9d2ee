import { expect, test } from 'vitest';
import { headersToBackend } from './to-backend.ts';

const own = ['api-key', 'ours'];
const toBackend = (...raw: string[]) => {
  const headers = headersToBackend(raw, ['api-key', 'ours']);
  expect(headers.slice(0, 2)).toEqual(own);
  return headers.slice(2);
};

test('a request to a backend keeps order, spelling, duplicates and values as they are', () => {
  const raw = [
    'X-B',
    '2',
    'x-a',
    ' 1,2',
    'X-b',
    '',
    'Content-Type',
    'application/json; charset="é"',
    'Accept',
    '*/*',
  ];
  expect(toBackend(...raw)).toEqual(raw);
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
  'api-key',
  'authorization',
  'ocp-apim-subscription-key',
  'x-api-key',
  'apikey',
  'x-functions-key',
  'x-litellm-api-key',
  'subscription-key',
  'cookie',
  'x-ms-token-aad-access-token',
  'x-ms-client-principal',
  'x-ms-authorization-auxiliary',
  'x-forwarded-authorization',
  'x-auth-token',
  'x-api-token',
  'x-amz-security-token',
  'x-amzn-oidc-accesstoken',
  'x-amzn-oidc-data',
  'x-goog-iap-jwt-assertion',
  'cf-access-jwt-assertion',
  'cf-access-client-secret',
  'helicone-auth',
  'authentication',
  'x-http-method-override',
  'x-original-url',
  'x-rewrite-url',
  'x-litellm-master-key',
  'x-portkey-virtual-key',
  'host',
  'content-length',
  'expect',
])('a request to a backend drops %s in any spelling and as often as it comes', (name) => {
  const title = name.replace(/\b\w/g, (letter) => letter.toUpperCase());
  expect(toBackend(name, 'a', title, 'b', name.toUpperCase(), 'c', 'x-kept', 'd')).toEqual(['x-kept', 'd']);
});

test.each([
  'idempotency-key',
  'x-ms-continuation-token',
  'agent-access-token',
  'x-max-tokens',
  'x-author',
  'x-key',
  'x-ms-client-request-id',
  'x-ms-oai-image-generation-deployment',
])('a request to a backend keeps %s', (name) => {
  expect(toBackend(name, 'a')).toEqual([name, 'a']);
});

test('a request to a backend drops what Connection names, in all of its lines, and nothing that only resembles it', () => {
  const raw = [
    'Connection',
    'close, X-One',
    'X-ONE',
    '1',
    'x-one-more',
    '2',
    'x-two',
    '3',
    'connection',
    'x-two',
  ];
  expect(toBackend(...raw)).toEqual(['x-one-more', '2']);
});

test('a request to a backend has its own credential even where Connection names it', () => {
  expect(toBackend('connection', 'host, api-key, close', 'Api-Key', 'theirs', 'Host', 'gateway')).toEqual([]);
});

test('a request to a backend sends a token as what it is', () => {
  const headers = headersToBackend(['authorization', 'Bearer theirs'], ['authorization', 'Bearer ours']);
  expect(headers).toEqual(['authorization', 'Bearer ours']);
});
