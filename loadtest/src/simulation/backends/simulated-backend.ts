import {
  ProvisionedLedger,
  type SimulatedBackend,
  StandardLedger,
  type StandardQuota,
} from '@spillway/simulation';

/** Tokens per minute that each backend serves. */
export const TPM = 30_000;
const RPM = 180;
/** One backend in this many has provisioned throughput, which is used before pay-as-you-go. */
const PROVISIONED_EVERY = 5;

/** Returns this many unused backends, every fifth of them provisioned and in the first group. */
export function makeBackends(count: number): SimulatedBackend[] {
  const quota = { tpm: TPM, rpm: RPM };
  return Array.from({ length: count }, (_, index) => {
    const name = nameOf(index);
    return index % PROVISIONED_EVERY === 0
      ? { name, priority: 1, weight: 1, quota: { tpm: TPM }, ledger: new ProvisionedLedger(TPM) }
      : { name, priority: 2, weight: 1, quota, ledger: new StandardLedger(quota) };
  });
}

/** Returns this many unused backends of one group, without configured limits. */
export function makeUnknownBackends(count: number, quota: StandardQuota): SimulatedBackend[] {
  return Array.from({ length: count }, (_, index) => ({
    name: nameOf(index),
    priority: 1,
    weight: 1,
    ledger: new StandardLedger(quota),
  }));
}

/** The tokens that this many backends can serve in a minute. */
export function tokensPerMinute(count: number): number {
  return count * TPM;
}

function nameOf(index: number): string {
  return `backend-${index + 1}`;
}
