import type { ExhaustedCause, Outcome, SpillCause } from '@spillway/core';
import { errors } from '../../errors.ts';
import type { Counter } from './series.ts';

/*
 * All values of the labels that do not come from the configuration. Each list is checked against its type, so that none can be
 * forgotten.
 */

export const OUTCOMES = keysOf<Outcome['kind']>({
  succeeded: 0,
  throttled: 0,
  unavailable: 0,
  unreachable: 0,
  rejected: 0,
  declined: 0,
  'not-found': 0,
  aborted: 0,
});

/** The backend refused the gateway's credential, or denied it permission; or there was no token to send. */
export const CREDENTIAL_CAUSES = ['refused', 'forbidden', 'missing'] as const;

export const SPILL_CAUSES = keysOf<SpillCause>({
  throttled: 0,
  full: 0,
  utilization: 0,
  failing: 0,
  slow: 0,
  declined: 0,
  draining: 0,
});

export const EXHAUSTED_CAUSES = keysOf<ExhaustedCause>({
  throttled: 0,
  unavailable: 0,
  overloaded: 0,
  'deployment-missing': 0,
  declined: 0,
  'not-found': 0,
  'not-repeatable': 0,
  'not-replayable': 0,
  'out-of-time': 0,
  'retries-spent': 0,
});

export const STATUSES = ['2xx', '3xx', '4xx', '429', '499', '5xx'] as const;
export const TOKEN_KINDS = ['prompt', 'completion', 'cached', 'reasoning'] as const;

/** The statuses of the gateway's own errors. */
export const REFUSALS: readonly number[] = [
  ...new Set(Object.values(errors).map(({ status }) => status)),
].sort((a, b) => a - b);

/** Returns the class of a status that a client saw. */
export function classOf(status: number): (typeof STATUSES)[number] {
  if (status === 429 || status === 499) return `${status}`;
  if (status >= 500) return '5xx';
  if (status >= 400) return '4xx';
  // A session is answered with 101.
  return status >= 300 ? '3xx' : '2xx';
}

/** Returns why a credential caused an attempt to fail; undefined if none did. */
export function credentialCauseOf(outcome: Outcome): (typeof CREDENTIAL_CAUSES)[number] | undefined {
  if (outcome.kind === 'unavailable' && outcome.cause === 'credential-refused') return 'refused';
  if (outcome.kind === 'declined' && outcome.cause !== 'unsupported') return 'forbidden';
  return outcome.kind === 'unreachable' && outcome.failure === 'credential' ? 'missing' : undefined;
}

/** One counter for each value of a label. */
export type ByKey<Key extends string> = Readonly<Record<Key, Counter>>;

export function byKey<const Key extends string>(
  keys: readonly Key[],
  make: (key: Key) => Counter,
): ByKey<Key> {
  return Object.fromEntries(keys.map((key) => [key, make(key)])) as Record<Key, Counter>;
}

function keysOf<Key extends string>(values: Readonly<Record<Key, 0>>): readonly Key[] {
  return Object.keys(values) as Key[];
}
