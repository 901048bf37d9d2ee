import type { Backend } from '@spillway/core';
import type { Ledger } from './ledgers/ledger.ts';

/** A backend as the core knows it, with its real quota. */
export interface SimulatedBackend extends Backend {
  readonly ledger: Ledger;
}
