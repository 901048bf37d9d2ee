import type { AttemptRecord, Backend, Outcome } from '@spillway/core';
import { expect, test } from 'vitest';
import { errors } from '../errors.ts';
import { exhaustedError, type Exhaustion } from './exhausted-error.ts';

const backend = (name: string, priority: number): Backend => ({ name, priority, weight: 1 });
const eu = backend('eu', 1);
const us = backend('us', 1);
const spare = backend('spare', 2);
const backends = [spare, eu, us];

const attempt = (of: Backend, outcome: Outcome): AttemptRecord => ({
  number: 1,
  startedMs: 0,
  backend: of,
  deployment: 'gpt-4o',
  outcome,
  durationMs: 1,
});
const throttled: Outcome = { kind: 'throttled', status: 429, retryAfterMs: 1000 };
const unreachable: Outcome = { kind: 'unreachable', failure: 'refused', wasSent: false };
const missing: Outcome = {
  kind: 'unavailable',
  status: 404,
  cause: 'deployment-missing',
  retryAfterMs: undefined,
};

function errorFor(exhaustion: Partial<Exhaustion>, deployment = 'gpt-4o') {
  const whole = { cause: 'throttled', recoveryMs: 0, attempts: [], ...exhaustion } as const;
  const { error, message, headers } = exhaustedError(whole, deployment, backends);
  return { status: errors[error].status, code: errors[error].code, message, headers };
}

const available = (of: Backend) => ({ backend: of, availability: 'available', isBusy: false }) as const;
const full = (of: Backend, isBusy = false) => ({ backend: of, availability: 'full', isBusy }) as const;
const throttledAt = (of: Backend) => ({ backend: of, availability: 'throttled', isBusy: false }) as const;
const told = (
  exhaustion: Partial<Exhaustion>,
  ...bystanders: Parameters<typeof exhaustedError>[3] & object
) =>
  exhaustedError(
    { cause: 'throttled', recoveryMs: 900, attempts: [], ...exhaustion },
    'gpt-4o',
    backends,
    bystanders,
  ).message;

test.each([
  [[attempt(eu, throttled)], 'throttled'],
  [[], 'in a cooldown, not tried'],
])(
  'when the one backend that has the object is throttled, the client is told of that one alone',
  (attempts, outcome) => {
    expect(errorFor({ owner: 'eu', recoveryMs: 2500, attempts }, '')).toMatchObject({
      status: 429,
      message: `The backend has no quota left. Only backend "eu" can serve it: ${outcome}. It recovers in 3 seconds.`,
      headers: { 'retry-after': '3', 'retry-after-ms': '2500' },
    });
  },
);

test('when quota is spent, the client is told the groups, their outcomes and when to come back', () => {
  const attempts = [attempt(eu, throttled), attempt(us, unreachable)];
  expect(errorFor({ recoveryMs: 2500, attempts })).toEqual({
    status: 429,
    code: '429',
    message:
      'No backend has quota left for deployment "gpt-4o". Priority group 1: throttled, unreachable; group 2: in a cooldown, not tried. The first recovers in 3 seconds.',
    headers: { 'retry-after': '3', 'retry-after-ms': '2500' },
  });
});

test('when nothing could serve, the client is told so', () => {
  expect(errorFor({ cause: 'unavailable', attempts: [attempt(spare, unreachable)] })).toEqual({
    status: 503,
    code: 'ServiceUnavailable',
    message:
      'No backend could serve the request for deployment "gpt-4o". Priority group 1: in a cooldown, not tried; group 2: unreachable.',
    headers: {},
  });
});

test('when nobody has the deployment, the client is told so', () => {
  const attempts = backends.map((each) => attempt(each, missing));
  expect(errorFor({ cause: 'deployment-missing', attempts })).toEqual({
    status: 404,
    code: 'DeploymentNotFound',
    message:
      'No backend has the deployment "gpt-4o". Priority group 1: unavailable, unavailable; group 2: unavailable.',
    headers: {},
  });
});

test('when the request may have been acted on, the client is told so', () => {
  expect(errorFor({ cause: 'not-repeatable' })).toMatchObject({ status: 502, code: 'BadGateway' });
});

test('the client is told no deployment where there is none', () => {
  const { message } = errorFor({ cause: 'unavailable' }, '');
  expect(message).toMatch(/^No backend could serve the request\. Priority/);
});

test('of what was not tried a client is told why that it was well, where only time was missing', () => {
  const message = told(
    { cause: 'out-of-time', attempts: [attempt(eu, unreachable)] },
    available(us),
    available(spare),
  );
  expect(message).toMatch(/group 1: unreachable, others not tried; group 2: not tried\.$/);
});

test('of what was not tried a client is told why that all have as many requests under way as they may', () => {
  expect(told({}, full(eu, true), full(us, true), full(spare, true))).toBe(
    'Every backend is at its limit of requests under way for deployment "gpt-4o". ' +
      'Priority group 1: at its limit of requests under way, not tried; ' +
      'group 2: at its limit of requests under way, not tried. The first recovers in 1 second.',
  );
  expect(told({ owner: 'eu' }, full(eu, true), available(us))).toMatch(
    /^The backend is at its limit of requests under way for .*eu" can serve it: at its limit/,
  );
});

test('of what was not tried a client is told why that some rest, and others have no quota left or are busy', () => {
  expect(told({}, throttledAt(eu), full(us), full(spare, true))).toMatch(
    /^Every backend is out of quota, or at its limit of requests under way for .*group 1: in a cooldown, not tried or no quota left, not tried; group 2: at its limit/,
  );
  expect(told({ attempts: [attempt(eu, throttled)] }, throttledAt(us), available(spare))).toMatch(
    /^No backend has quota left for .*group 1: throttled, others in a cooldown, not tried; group 2: no quota left, not tried\./,
  );
});

test.each([
  [0, '1', '1', '1 second'],
  [0.2, '1', '1', '1 second'],
  [1, '1', '1', '1 second'],
  [999.1, '1', '1000', '1 second'],
  [1000, '1', '1000', '1 second'],
  [1000.01, '2', '1001', '2 seconds'],
  [58_001, '59', '58001', '59 seconds'],
  [59_000, '59', '59000', '59 seconds'],
  [59_001, '59', '59000', '60 seconds'],
  [300_000, '59', '59000', '300 seconds'],
])('Retry-After of %s ms is %s s and %s ms, and the message says %s', (recoveryMs, seconds, ms, text) => {
  const { headers, message } = errorFor({ recoveryMs });
  expect(headers).toEqual({ 'retry-after': seconds, 'retry-after-ms': ms });
  expect(message).toMatch(new RegExp(`recovers in ${text}\\.$`));
});

test('a backend that an operator has taken out lacks no quota, and the client is told why it was not tried', () => {
  const drained = { backend: eu, availability: 'draining', isBusy: false } as const;
  expect(told({ cause: 'unavailable' }, drained, full(us, true))).toContain(
    'group 1: taken out by an operator, not tried or at its limit of requests under way, not tried',
  );
  expect(told({}, drained, full(us, true), full(spare, true))).toMatch(/^Every backend is at its limit/);
});
