import { expect, test } from 'vitest';
import { hasAnswered, mayHaveAccepted, type Outcome } from './outcome.ts';

const retryAfterMs = undefined;

test.each<[string, Outcome, boolean]>([
  ['succeeded', { kind: 'succeeded', status: 200 }, false],
  ['throttled', { kind: 'throttled', status: 429, retryAfterMs }, false],
  ['server-error', { kind: 'unavailable', status: 500, cause: 'server-error', retryAfterMs }, true],
  [
    'credential-refused',
    { kind: 'unavailable', status: 401, cause: 'credential-refused', retryAfterMs },
    false,
  ],
  [
    'deployment-missing',
    { kind: 'unavailable', status: 404, cause: 'deployment-missing', retryAfterMs },
    false,
  ],
  ['reset after sending', { kind: 'unreachable', failure: 'reset', wasSent: true }, true],
  ['header-timeout after sending', { kind: 'unreachable', failure: 'header-timeout', wasSent: true }, true],
  ['reset before sending', { kind: 'unreachable', failure: 'reset', wasSent: false }, false],
  ['refused', { kind: 'unreachable', failure: 'refused', wasSent: false }, false],
  ['rejected', { kind: 'rejected', status: 400 }, false],
  ['an object not found', { kind: 'not-found', status: 404 }, false],
  ['aborted', { kind: 'aborted' }, false],
])('whether the backend may have acted on the request after %s', (_, outcome, expected) => {
  expect(mayHaveAccepted(outcome)).toBe(expected);
});

test.each<[string, Outcome, boolean]>([
  ['succeeded', { kind: 'succeeded', status: 200 }, true],
  ['throttled', { kind: 'throttled', status: 429, retryAfterMs }, true],
  ['unavailable', { kind: 'unavailable', status: 500, cause: 'server-error', retryAfterMs }, true],
  ['rejected', { kind: 'rejected', status: 400 }, true],
  ['an object not found', { kind: 'not-found', status: 404 }, true],
  ['unreachable', { kind: 'unreachable', failure: 'reset', wasSent: true }, false],
  ['silent', { kind: 'unreachable', failure: 'header-timeout', wasSent: true }, false],
  ['aborted', { kind: 'aborted' }, false],
])('whether the backend has answered when %s', (_, outcome, expected) => {
  expect(hasAnswered(outcome)).toBe(expected);
});
