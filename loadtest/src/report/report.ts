import type { Chart } from './plot/chart.ts';
import type { Verdict } from './verdict.ts';

/** One number of a run, so that it can be compared with the same of another. */
export interface Figure {
  readonly name: string;
  /** `null` where there was nothing to measure. */
  readonly value: number | null;
  readonly unit: string;
  /** Whether a higher or a lower one is better; absent where neither is. */
  readonly better?: 'higher' | 'lower' | undefined;
}

/** One run: a scenario, or a contestant at a load. */
export interface ReportRun {
  readonly name: string;
  readonly shows: string;
  readonly figures: readonly Figure[];
  readonly verdicts: readonly Verdict[];
  readonly charts: readonly Chart[];
}

/** All that a page shows, and what `report.json` holds. */
export interface Report {
  readonly version: 1;
  readonly kind: ReportKind;
  readonly title: string;
  /** When it was made, as in ISO 8601. */
  readonly madeAt: string;
  /** What has to be known of all of it, a sentence each. */
  readonly notes?: readonly string[];
  /** Of all runs together. */
  readonly charts: readonly Chart[];
  readonly runs: readonly ReportRun[];
}

/** Reports of one kind can be compared. */
export type ReportKind = 'scenarios' | 'harvest' | 'what-if';

/** Returns a figure as people read it. */
export function showFigure({ value, unit }: Pick<Figure, 'value' | 'unit'>): string {
  if (value === null) return '–';
  const digits = Number.isInteger(value) ? 0 : Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  const number = value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return unit === '' ? number : `${number} ${unit}`;
}
