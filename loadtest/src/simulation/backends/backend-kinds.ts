import type { SimulatedBackend, StandardQuota } from '@spillway/simulation';
import { MEAN_TOKENS } from '../traffic/traffic.ts';
import { makeBackends, makeUnknownBackends, TPM } from './simulated-backend.ts';

/** Backends that differ in their limits, and in their reports about them. */
export interface BackendKind {
  readonly says: string;
  readonly make: (count: number) => SimulatedBackend[];
}

const MINUTE_MS = 60_000;
const SECOND_MS = 1000;
/** At each such interval the limits change, and halfway to the next change they are restored. */
const CHANGE_EVERY_MS = 20 * MINUTE_MS;
const SILENT: StandardQuota = { tpm: TPM, rpm: 180, isTold: false };

/** Every kind of backends that can be simulated, by its name. The gateway knows the limits of the first kind only. */
export const backendKinds: ReadonlyMap<string, BackendKind> = new Map([
  ['azure', { says: 'every fifth provisioned; limits reported and configured', make: makeBackends }],
  kind('told', 'limits and what is left of them are reported', { tpm: TPM, rpm: 180 }),
  kind('retry-after', 'nothing is reported but Retry-After', SILENT),
  kind('one-second', 'reported, and requests counted in any one second', {
    tpm: TPM,
    rpm: 180,
    requestWindowMs: SECOND_MS,
  }),
  kind('one-second-of-ten', 'the same, but the limit of ten seconds is reported', {
    tpm: TPM,
    rpm: 180,
    requestWindowMs: SECOND_MS,
    toldWindowMs: 10 * SECOND_MS,
  }),
  kind('one-second-of-one', 'the same, but the limit of one second is reported', {
    tpm: TPM,
    rpm: 180,
    requestWindowMs: SECOND_MS,
    toldWindowMs: SECOND_MS,
  }),
  kind('ten-seconds-of-one', 'the limit of one second is reported, requests counted in ten', {
    tpm: TPM,
    rpm: 180,
    toldWindowMs: SECOND_MS,
  }),
  kind('silent-one-second', 'Retry-After alone; requests counted in any one second', {
    ...SILENT,
    requestWindowMs: SECOND_MS,
  }),
  kind('raised', 'Retry-After alone; twice the limits in every second ten minutes', {
    ...SILENT,
    factorAt: (nowMs) => (nowMs % CHANGE_EVERY_MS < CHANGE_EVERY_MS / 2 ? 1 : 2),
  }),
  kind('lowered', 'Retry-After alone; half of the limits in every second ten minutes', {
    ...SILENT,
    factorAt: (nowMs) => (nowMs % CHANGE_EVERY_MS < CHANGE_EVERY_MS / 2 ? 1 : 0.5),
  }),
  kind('shared', 'Retry-After alone; another client takes half all the time', {
    ...SILENT,
    othersShare: 0.5,
  }),
  kind('tokens-only', 'Retry-After alone; requests are not limited', { tpm: TPM, isTold: false }),
  kind('requests-only', 'Retry-After alone; tokens are not limited', {
    rpm: 84,
    tokensPerCall: MEAN_TOKENS,
    isTold: false,
  }),
  kind('fixed', 'Retry-After alone; all tokens come back at the minute', { ...SILENT, isFixed: true }),
  kind('no-wait', 'refusals report nothing at all', { ...SILENT, tellWait: () => undefined }),
  kind('zero-wait', 'Retry-After is always 0', { ...SILENT, tellWait: () => 0 }),
  kind('day-wait', 'Retry-After is always a day', { ...SILENT, tellWait: () => 86_400 }),
  kind('outage', 'Retry-After alone; all is refused in every tenth minute', {
    ...SILENT,
    isOutAt: (nowMs) => Math.floor(nowMs / MINUTE_MS) % 10 === 9,
  }),
  kind('short-outages', 'the same for two of every twenty seconds', {
    ...SILENT,
    isOutAt: (nowMs) => nowMs % (20 * SECOND_MS) >= 18 * SECOND_MS,
  }),
  kind('parallel', 'Retry-After alone; at most five answers under way', { ...SILENT, maxInFlight: 5 }),
]);

function kind(name: string, says: string, quota: StandardQuota): readonly [string, BackendKind] {
  return [name, { says, make: (count) => makeUnknownBackends(count, quota) }];
}
