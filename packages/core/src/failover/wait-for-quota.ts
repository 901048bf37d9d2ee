import type { Backend } from '../backend.ts';
import { latestWaitMs, type Timing } from './deadline.ts';
import type { FailoverRun } from './failover-run.ts';
import { QuotaWait, type WaitEnding } from './quota-wait.ts';
import type { Waiting } from './transport.ts';
import type { Exhausted } from './verdict.ts';

/**
 * Lets a request wait that has found no backend, if it was for lack of quota alone and there will be some in time. Answers
 * the attempt that has begun in the end, or how the request ends without one.
 */
export function waitInRoom<B extends Backend, Body>(
  run: FailoverRun<B, Body>,
  refusal: Exhausted<B>,
  waiting: Waiting,
  timing: Timing,
  nowMs: () => number,
): Promise<WaitEnding<B, Body>> {
  const { room, client } = waiting;
  if (client.hasLeft) return Promise.resolve({ kind: 'abandoned', attempts: run.attempts });
  if (refusal.cause !== 'throttled') return Promise.resolve(refusal);
  const sinceMs = (client.waitsSinceMs ??= nowMs());
  const untilMs = Math.min(sinceMs + room.maxWaitMs, latestWaitMs(timing));
  if (untilMs <= nowMs()) return Promise.resolve(refusal);

  run.prepareToWait();
  return new Promise((end) => {
    const stay = new QuotaWait({ run, waiting, refusal, sinceMs, untilMs, nowMs, end });
    if (!stay.look(room.makeWay(run.routing).reservations)) return;
    if (room.enter(stay)) client.current = stay;
    else stay.dismiss();
  });
}
