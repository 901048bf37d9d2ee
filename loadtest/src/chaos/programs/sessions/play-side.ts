import { setTimeout as sleep } from 'node:timers/promises';
import { CLOSE_FRAME, type Pattern } from './pattern.ts';
import type { SidePlan } from './plan-session.ts';

/** The connection that a side has. */
export interface Side {
  readonly isOpen: () => boolean;
  write(bytes: Buffer): void;
  end(how: 'fin' | 'reset'): void;
}

/** Sends one side's bytes, then ends the session if it is meant to. Resolves with how, or with `wait`. */
export async function playSide(side: Side, plan: SidePlan, pattern: Pattern): Promise<SidePlan['ending']> {
  for (const { bytes, pauseMs } of plan.sends) {
    if (pauseMs > 0) await sleep(pauseMs);
    if (!side.isOpen()) return 'wait';
    side.write(pattern.next(bytes));
  }
  if (plan.ending === 'close-frame') side.write(CLOSE_FRAME);
  if (plan.ending !== 'wait') side.end(plan.ending === 'reset' ? 'reset' : 'fin');
  return plan.ending;
}
