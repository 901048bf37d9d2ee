import type { Contestant } from './contestant.ts';
import type { Pinning } from './pin-processes.ts';

/** What every part of the benchmark works with. */
export interface BenchSetup {
  readonly pinning: Pinning;
  readonly backend: { readonly pid: number; readonly url: string };
  readonly contestants: readonly Contestant[];
}
