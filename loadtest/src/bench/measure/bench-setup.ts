import type { Pinning } from '../../process/pin-processes.ts';
import type { Contestant } from '../contestants/contestant.ts';

/** What every part of the benchmark works with. */
export interface BenchSetup {
  readonly pinning: Pinning;
  readonly backend: { readonly pid: number; readonly url: string };
  readonly contestants: readonly Contestant[];
}
