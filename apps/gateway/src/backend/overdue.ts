import type { Overdue, Progress } from '@spillway/core';

/** An attempt that is under way. */
interface PendingAttempt {
  startTimer(ms: number): void;
  giveUp(): void;
}

/** Makes what is told of an attempt that has not come to anything in the time it was given. `later` is what it will come to. */
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
