import type { NoteChange } from '@spillway/core';
import { describeOutcome } from './live/failover-log.ts';
import type { Log } from './log.ts';

/** Makes what writes a line for each change of how a backend or a deployment stands. What asks for somebody is a warning. */
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
