import type { HeaderLookup } from '../attempt.ts';
import { readRateReport, readRefusalPolicy } from '../azure/quota-headers.ts';
import { costsNothing, type Outcome } from '../outcome.ts';
import type { Charge } from './charge.ts';
import type { Quota } from './quota.ts';

/**
 * Corrects the known state of a quota by the outcome of a charged attempt. Returns whether the attempt was refused and
 * the quota explains it, having no room.
 *
 * @param header the answer's headers, if there was one
 */
export function settleCharge(
  quota: Quota,
  charge: Charge,
  outcome: Outcome,
  header: HeaderLookup | undefined,
  nowMs: number,
): boolean {
  const wasRefused = outcome.kind === 'throttled';
  const wasTaken = outcome.kind === 'succeeded';
  // Once it was served, the limit that makes it absurd may be forgotten.
  if (!costsNothing(outcome)) quota.refundAbsurd(charge);
  if (wasRefused || wasTaken) quota.judgeProbe(charge, wasRefused, nowMs);
  if (wasTaken) quota.noteTaken(charge, nowMs);
  if (costsNothing(outcome)) quota.refund(charge, nowMs);
  const policy = wasRefused && header !== undefined ? readRefusalPolicy(header) : undefined;
  if (header !== undefined && (wasRefused || quota.isReportDue(nowMs)))
    quota.observe(charge, readRateReport(header), nowMs, policy);
  // A large request may be refused where smaller ones still fit: the known quota already says everything.
  return (
    wasRefused && (quota.noteRefused(charge, policy, nowMs) || quota.explainsRefusal(charge.estimate, nowMs))
  );
}
