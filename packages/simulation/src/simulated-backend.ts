import type { Backend } from '@spillway/core';
import type { Ledger } from './ledgers/ledger.ts';

/** A backend as the core knows it, with the quota that it really has. */
export interface SimulatedBackend extends Backend {
  readonly ledger: Ledger;
}
