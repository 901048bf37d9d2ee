import type { Config } from '@spillway/gateway/config';
import type { Ledger } from '../../simulation/backends/ledger.ts';
import { ProvisionedLedger } from '../../simulation/backends/provisioned-ledger.ts';
import { StandardLedger } from '../../simulation/backends/standard-ledger.ts';
import type { Quotas } from '../quotas/find-quotas.ts';

/** Makes the ledger of each quota, with nothing spent yet, by its name. */
export function makeLedgers(quotas: Quotas, windows: Config['quota']): Map<string, Ledger> {
  return new Map(
    [...quotas].map(([name, { tpm, rpm, isProvisioned }]): [string, Ledger] => [
      name,
      isProvisioned && Number.isFinite(tpm)
        ? new ProvisionedLedger(tpm, windows.tokenWindowMs)
        : new StandardLedger({ tpm, rpm, ...windows }),
    ]),
  );
}
