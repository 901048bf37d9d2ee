import type { Mock } from '@spillway/mock-openai';
import { deployment } from '../harvest-setup.ts';
import { numberHeader } from '../load/drive-load.ts';
import type { BackendLedger, LedgerEntry } from './backend-ledger.ts';
import type { Rates } from './room-replay.ts';

/** Reads a mock's quota judgements and their limits, in real time. */
export function readLedger(mock: Mock): BackendLedger {
  const entries = mock.requests.flatMap(({ charge, headers, endedAfterMs }): LedgerEntry[] => {
    if (charge === undefined) return [];
    const { isAdmitted, tokens, judgedAtMs } = charge;
    return [
      { requestNumber: Number(headers[numberHeader]), isAdmitted, tokens, judgedAtMs, tookMs: endedAfterMs },
    ];
  });
  const inOrder = entries.toSorted((one, other) => one.judgedAtMs - other.judgedAtMs);
  return { name: mock.name, rates: readRates(mock), entries: inOrder };
}

function readRates({ name, quota: { timeScale, deployments } }: Mock): Rates {
  const limits = deployments[deployment]?.limits;
  if (limits?.kind !== 'rates' || limits.window !== 'rolling')
    throw new Error(`${name} has no rolling windows to replay`);
  const { tpm = Infinity, tokenWindowMs, requestsPerWindow = Infinity, requestWindowMs } = limits;
  return {
    tokens: tpm,
    tokenWindowMs: tokenWindowMs / timeScale,
    requests: requestsPerWindow,
    requestWindowMs: requestWindowMs / timeScale,
  };
}
