import type { Backend } from '@spillway/core';
import type { Ledger } from './ledger.ts';
import { ProvisionedLedger } from './provisioned-ledger.ts';
import { StandardLedger } from './standard-ledger.ts';

/** A backend as the core knows it, with the quota that it really has. */
export interface SimulatedBackend extends Backend {
  readonly ledger: Ledger;
}

const TPM = 30_000;
const RPM = 180;
/** Every so many backends one has provisioned throughput, which is spent before what is paid for as it is used. */
const PROVISIONED_EVERY = 5;

/** Answers so many backends with nothing spent yet, every fifth of them provisioned and in the group before the others. */
export function makeBackends(count: number): SimulatedBackend[] {
  return Array.from({ length: count }, (_, index) => {
    const name = `backend-${index + 1}`;
    return index % PROVISIONED_EVERY === 0
      ? { name, priority: 1, weight: 1, quota: { tpm: TPM }, ledger: new ProvisionedLedger(TPM) }
      : { name, priority: 2, weight: 1, quota: { tpm: TPM, rpm: RPM }, ledger: new StandardLedger(TPM, RPM) };
  });
}

/** The tokens that so many backends can serve in a minute. */
export function tokensPerMinute(count: number): number {
  return count * TPM;
}
