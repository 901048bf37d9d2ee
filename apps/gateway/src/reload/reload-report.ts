import type { ConfigProblem } from '../config/config-error.ts';

/** What makes a gateway read its configuration again. */
export type ReloadTrigger = 'change' | 'SIGHUP' | 'operator';

/** What has come of reading the configuration again. */
export interface ReloadReport {
  /** The file; undefined if all comes from the environment, and there is nothing to read again. */
  readonly file: string | undefined;
  /** `started`: nothing was read again yet. `refused`: the configuration before stays in effect. */
  readonly result: 'started' | 'applied' | 'refused';
  /** Why it was read; undefined if nothing was. */
  readonly trigger: ReloadTrigger | undefined;
  /** By the wall clock, in ms: of the last time, and of the configuration in effect. */
  readonly atMs: number;
  readonly lastSuccessMs: number;
  /** Everything that is wrong with what was read last. */
  readonly problems: readonly ConfigProblem[];
  /** What is probably a mistake in the configuration in effect. */
  readonly warnings: readonly ConfigProblem[];
  /** Keys that the file has changed since the start, and that only a restart lets take effect. */
  readonly needsRestart: readonly string[];
  /** How often since the start. */
  readonly applied: number;
  readonly refused: number;
}
