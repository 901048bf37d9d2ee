import { compareReports, renderComparison } from './compare-reports.ts';
import { readReport } from './read-report.ts';
import type { Report, ReportKind } from './report.ts';
import { fromCaller, writeReport } from './write-report.ts';

/** The options of every command with a report, for `parseArgs`. */
export const reportOptions = {
  report: { type: 'string' },
  compare: { type: 'string' },
} as const;

/** Their description in a command's help. */
export const reportHelp = `  --report folder where index.html and report.json are written (report)
  --compare file  an older report.json: says what got better and worse since`;

/** The report's destination, and the report to compare it with. */
export interface ReportWish {
  readonly folder: string;
  readonly old: Report | undefined;
}

/**
 * Reads the options before anything runs, so that nobody waits minutes to learn that a file is missing.
 *
 * @throws Error if no folder is named, or the report to compare with cannot be read
 */
export function readReportOptions(
  { report = 'report', compare }: { readonly report?: string; readonly compare?: string },
  kind: ReportKind,
): ReportWish {
  // As of a variable that is not set: the files would land in the current folder.
  if (report === '') throw new Error('--report is empty; say a folder');
  return {
    folder: fromCaller(report),
    old: compare === undefined ? undefined : readReport(fromCaller(compare), kind),
  };
}

/** Writes the report as requested. Returns the text to print about it. */
export async function finishReport(report: Report, { folder, old }: ReportWish): Promise<string> {
  const comparison = old && compareReports(old, report);
  const page = await writeReport(folder, report, comparison);
  const compared = comparison === undefined ? '' : `${renderComparison(comparison)}\n\n`;
  return `${compared}report: ${page}\n`;
}
