import type { NoteChange } from '@spillway/core';
import { describeOutcome } from './live/failover-log.ts';
import type { Log } from './log.ts';

/**
 * Creates the function that logs each state change of a backend or a deployment. A change that needs an operator is a
 * warning.
 */
export function createStateLog(log: Log): NoteChange {
  return (change) => {
    const { kind: event, backend, deployment } = change;
    const subject = { event, backend, deployment };
    if ('downMs' in change) {
      log.info({ ...subject, downMs: Math.round(change.downMs) }, 'backend state');
      return;
    }
    const { reason, outcome, durationMs } = change;
    const line = { ...subject, reason, why: describeOutcome(outcome), durationMs: Math.round(durationMs) };
    if (reason === 'throttled') log.info(line, 'backend state');
    else log.warn(line, 'backend state');
  };
}
