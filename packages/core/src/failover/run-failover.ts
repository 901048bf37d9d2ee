import type { Backend } from '../backend.ts';
import type { BackendPool } from '../pool/backend-pool.ts';
import type { FailoverRequest } from './decide-next-step.ts';
import { FailoverRun } from './failover-run.ts';
import { waitInRoom } from './quota-wait.ts';
import { forward, Race } from './race.ts';
import type { Transport } from './transport.ts';
import type { Trial } from './trial.ts';
import type { Verdict } from './verdict.ts';

/**
 * Tries one backend after another, without a pause and never the same one twice, until one answers with something the
 * client may see, nothing is left to try, the time or the retry budget is spent, or the client has gone. A request that
 * may wait for quota waits when everything that could serve it is throttled; then a backend that throttled it may be
 * tried again. So may a silent one be, if the request has no effect and nobody else can answer it.
 *
 * @param nowMs a monotonic clock in milliseconds
 */
export async function runFailover<B extends Backend, Body>(
  pool: BackendPool<B>,
  request: FailoverRequest,
  transport: Transport<B, Body>,
  nowMs: () => number,
): Promise<Verdict<B, Body>> {
  const run = new FailoverRun(pool, request, transport, nowMs);

  for (;;) {
    const selection = run.select();
    let trial: Trial<B>;
    if (selection.kind === 'selected') {
      trial = run.begin(selection.backend);
    } else {
      const { waiting, timing } = transport;
      if (waiting === undefined || selection.kind === 'relay') return selection;
      const wait = waitInRoom(run, selection, waiting, timing, nowMs);
      // It has its place in the queue by now, so that none of those behind it takes what it waits for.
      run.letOthersLook();
      const ending = await wait;
      if (ending.kind !== 'begun') return ending;
      ({ trial } = ending);
    }
    const result = await forward(run, trial);
    const verdict =
      result.kind === 'overdue' ? await new Race(run, trial, result).run() : run.end(trial, result);
    if (verdict !== undefined) return verdict;
  }
}
