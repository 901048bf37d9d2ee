import type { HeaderLookup } from '../attempt.ts';
import { isCallRefusal, readRateReport } from '../azure/quota-headers.ts';
import { costsNothing, type Outcome } from '../outcome.ts';
import type { Lease } from './lease.ts';

/** Corrects what is known of a quota by the outcome of an attempt that drew on it, and by what its answer tells. */
export function settleQuota(
  { quota, charge }: Pick<Lease, 'quota' | 'charge'>,
  outcome: Outcome,
  header: HeaderLookup | undefined,
  nowMs: number,
): void {
  const wasRefused = outcome.kind === 'throttled';
  if (wasRefused || outcome.kind === 'succeeded') quota.judgeProbe(charge, wasRefused);
  if (costsNothing(outcome)) quota.refund(charge, nowMs);
  else quota.refundAbsurd(charge);
  if (header === undefined || !(wasRefused || quota.isReportDue(nowMs))) return;
  const report = readRateReport(header);
  quota.observe(charge, report, nowMs);
  if (wasRefused && isCallRefusal(header)) quota.observeCallRefusal(report);
}
