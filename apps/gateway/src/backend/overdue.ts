import type { Overdue, Progress } from '@spillway/core';

/** An attempt that is under way. */
interface PendingAttempt {
  startTimer(ms: number): void;
  giveUp(): void;
}

/** Returns the report for an attempt without a result in the time that it was given. `later` is its eventual result. */
export function overdue<Body>(
  attempt: PendingAttempt,
  later: Promise<Progress<Body>>,
  wasSent: boolean,
  isAnswering: boolean,
): Overdue<Body> {
  return {
    kind: 'overdue',
    wasSent,
    isAnswering,
    waitFor: (ms) => {
      attempt.startTimer(ms);
      return later;
    },
    giveUp: () => {
      attempt.giveUp();
      return later;
    },
  };
}
