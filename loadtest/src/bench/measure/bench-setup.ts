import type { Pinning } from '../../process/pin-processes.ts';
import type { Contestant } from '../contestants/contestant.ts';

/** The shared setup of every part of the benchmark. */
export interface BenchSetup {
  readonly pinning: Pinning;
  readonly backend: { readonly pid: number; readonly url: string };
  readonly contestants: readonly Contestant[];
}
