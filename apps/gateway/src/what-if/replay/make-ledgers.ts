import type { Config } from '../../config/schema.ts';
import { type Ledger, ProvisionedLedger, StandardLedger } from '@spillway/simulation';
import type { Quotas } from '../quotas/find-quotas.ts';

/** Creates the ledger of each quota, with nothing spent yet, by its name. */
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
