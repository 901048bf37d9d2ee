import type { Figure } from '@spillway/simulation';
import type { Chart } from './plot/chart.ts';
import type { Verdict } from './verdict.ts';

/** One run: a scenario, or a contestant at a load. */
export interface ReportRun {
  readonly name: string;
  readonly shows: string;
  readonly figures: readonly Figure[];
  readonly verdicts: readonly Verdict[];
  readonly charts: readonly Chart[];
}

/** Everything that a page shows, and the content of `report.json`. */
export interface Report {
  readonly version: 1;
  readonly kind: ReportKind;
  readonly title: string;
  /** When it was made, in ISO 8601. */
  readonly madeAt: string;
  /** Remarks on all of it, a sentence each. */
  readonly notes?: readonly string[];
  /** Of all runs together. */
  readonly charts: readonly Chart[];
  readonly runs: readonly ReportRun[];
}

/** Only reports of the same kind can be compared. */
export type ReportKind = 'scenarios' | 'harvest' | 'what-if';
