import { expect, test } from 'vitest';
import type { Outcome, UnavailableCause } from '../outcome.ts';
import { decideNextStep, type NextStep } from './decide-next-step.ts';

const retryAfterMs = undefined;
const unavailable = (cause: UnavailableCause): Outcome => ({
  kind: 'unavailable',
  status: 500,
  cause,
  retryAfterMs,
});
const unreachable = (
  failure: Extract<Outcome, { kind: 'unreachable' }>['failure'],
  wasSent: boolean,
): Outcome => ({ kind: 'unreachable', failure, wasSent });

/** The next step for a request that may be repeated, and for one that creates an object on the backend. */
test.each<[string, Outcome, NextStep, NextStep]>([
  ['a success', { kind: 'succeeded', status: 200 }, 'relay', 'relay'],
  ['a rejection', { kind: 'rejected', status: 400 }, 'relay', 'relay'],
  ['an object that is not there', { kind: 'not-found', status: 404 }, 'relay', 'relay'],
  ['throttling', { kind: 'throttled', status: 429, retryAfterMs }, 'retry', 'retry'],
  ['a server error', unavailable('server-error'), 'retry', 'relay'],
  ['a failure that has made nothing', unavailable('nothing-made'), 'retry', 'retry'],
  ['a refusal', { kind: 'declined', status: 403, cause: 'forbidden' }, 'retry', 'retry'],
  ['a refused credential', unavailable('credential-refused'), 'retry', 'retry'],
  ['a missing deployment', unavailable('deployment-missing'), 'retry', 'retry'],
  ['a refused connection', unreachable('refused', false), 'retry', 'retry'],
  ['a failed name look-up', unreachable('dns', false), 'retry', 'retry'],
  ['a failed TLS handshake', unreachable('tls', false), 'retry', 'retry'],
  ['a connection that took too long', unreachable('connect-timeout', false), 'retry', 'retry'],
  ['a credential the gateway could not get', unreachable('credential', false), 'retry', 'retry'],
  ['a reset before anything was sent', unreachable('reset', false), 'retry', 'retry'],
  ['a reset after something was sent', unreachable('reset', true), 'retry', 'give-up'],
  ['no response head in time', unreachable('header-timeout', true), 'retry', 'give-up'],
  ['a response that is not HTTP', unreachable('malformed', true), 'retry', 'give-up'],
  ['a client that went away', { kind: 'aborted' }, 'abandon', 'abandon'],
])(
  'after %s: what follows for a repeatable and for a creating request',
  (_, outcome, repeatable, creating) => {
    expect(decideNextStep(outcome, { createsObject: false })).toBe(repeatable);
    expect(decideNextStep(outcome, { createsObject: true })).toBe(creating);
  },
);

test('an object that is not there is looked for elsewhere when any backend may have it', () => {
  const lookup = { createsObject: false, isLookup: true };
  expect(decideNextStep({ kind: 'not-found', status: 404 }, lookup)).toBe('retry');
  expect(decideNextStep({ kind: 'rejected', status: 400 }, lookup)).toBe('relay');
});

test.each<[string, Outcome, NextStep]>([
  ['throttling is passed on', { kind: 'throttled', status: 429, retryAfterMs }, 'relay'],
  ['a server error is passed on', unavailable('server-error'), 'relay'],
  ['a refused credential is passed on', unavailable('credential-refused'), 'relay'],
  ['a success is passed on', { kind: 'succeeded', status: 200 }, 'relay'],
  ['a reset is the end', unreachable('reset', true), 'give-up'],
  ['a silence is the end', unreachable('header-timeout', true), 'give-up'],
  ['a client that went away is gone', { kind: 'aborted' }, 'abandon'],
])('once the request’s body cannot be sent again, %s', (_, outcome, expected) => {
  expect(decideNextStep(outcome, { createsObject: false }, true)).toBe(expected);
});
