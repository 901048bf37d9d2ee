import type { ConfigProblem } from '../config/config-error.ts';

/** The reason for a gateway to read its configuration again. */
export type ReloadTrigger = 'change' | 'SIGHUP' | 'operator';

/** The result of a reload. */
export interface ReloadReport {
  /** The file; undefined if everything comes from the environment, so there is nothing to read again. */
  readonly file: string | undefined;
  /** `started`: nothing was reloaded yet. `refused`: the previous configuration stays in effect. */
  readonly result: 'started' | 'applied' | 'refused';
  /** The reason for the last reload; undefined if there was none. */
  readonly trigger: ReloadTrigger | undefined;
  /** By the wall clock, in ms: of the last time, and of the configuration in effect. */
  readonly atMs: number;
  readonly lastSuccessMs: number;
  /** All problems of the configuration that was read last. */
  readonly problems: readonly ConfigProblem[];
  /** Probable mistakes in the configuration in effect. */
  readonly warnings: readonly ConfigProblem[];
  /** Keys that the file has changed since the start, and that take effect only after a restart. */
  readonly needsRestart: readonly string[];
  /** How often since the start. */
  readonly applied: number;
  readonly refused: number;
}
