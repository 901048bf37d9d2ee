import { showProgress } from '../../report/progress.ts';
import type { BenchSetup } from './bench-setup.ts';
import { disturbedFrom, watchDisturbance } from './watch-disturbance.ts';

/** The number of rounds taken and of those that stayed disturbed; each part has its own counts. */
export interface RoundCount {
  rounds: number;
  disturbed: number;
  /** How many more repetitions are allowed. */
  repetitionsLeft: number;
}

/** Measures a round, again if other programs disturb it. Returns the least disturbed one. */
export async function takeSteadyRound<Round>(
  setup: BenchSetup,
  proxyPids: readonly number[],
  count: RoundCount,
  measure: () => Promise<Round>,
): Promise<Round> {
  let best: Round | undefined;
  let least = Infinity;
  count.rounds += 1;
  for (;;) {
    const watch = watchDisturbance(setup.pinning, [...proxyPids, setup.backend.pid]);
    const round = await measure();
    const disturbance = watch();
    if (best === undefined || disturbance < least) {
      best = round;
      least = disturbance;
    }
    if (least < disturbedFrom) return best;
    if (count.repetitionsLeft === 0) break;
    count.repetitionsLeft -= 1;
    showProgress(`other programs took ${(disturbance * 100).toFixed(0)} % of a core: once more`);
  }
  count.disturbed += 1;
  return best;
}
