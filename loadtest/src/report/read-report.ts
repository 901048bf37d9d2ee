import { readFileSync } from 'node:fs';
import type { Report, ReportKind } from './report.ts';

const KINDS: ReadonlySet<unknown> = new Set<ReportKind>(['scenarios', 'harvest', 'what-if']);

/**
 * Reads an earlier report.
 *
 * @throws Error that says what the file is instead
 */
export function readReport(file: string, kind: ReportKind): Report {
  const allowed = `allowed: a report.json of ${kind === 'harvest' ? '`pnpm loadtest harvest`' : '`pnpm loadtest`'}`;
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new Error(`--compare: "${file}" cannot be read (${code}); ${allowed}`, { cause: error });
  }
  const report = parse(text);
  if (report === undefined || report.version !== 1 || !Array.isArray(report.runs))
    throw new Error(`--compare: "${file}" is no report; ${allowed}`);
  const problem = findProblem(report.madeAt, report.runs);
  if (problem !== undefined)
    throw new Error(`--compare: "${file}" is a damaged report: ${problem}; ${allowed}`);
  if (!KINDS.has(report.kind))
    throw new Error(
      `--compare: "${file}" is a damaged report: it does not say of what it is (\`kind\`); ${allowed}`,
    );
  if (report.kind !== kind) throw new Error(`--compare: "${file}" is of ${report.kind}; ${allowed}`);
  return report as Report;
}

/** Checked before anything is run, as a run takes minutes. */
function findProblem(madeAt: unknown, runs: readonly unknown[]): string | undefined {
  if (typeof madeAt !== 'string') return 'it does not say when it was made (`madeAt`)';
  for (const [place, run] of runs.entries()) {
    const { name, figures, verdicts } = fieldsOf(run);
    const where = `\`runs[${place}]\``;
    if (typeof name !== 'string') return `${where} has no name`;
    if (!Array.isArray(figures) || !figures.every(isFigure)) return `${where} has no \`figures\``;
    if (!Array.isArray(verdicts) || !verdicts.every(isVerdict)) return `${where} has no \`verdicts\``;
  }
  return undefined;
}

function isFigure(figure: unknown): boolean {
  const { name, value, unit } = fieldsOf(figure);
  const isValue = value === null || typeof value === 'number';
  return typeof name === 'string' && isValue && typeof unit === 'string';
}

function isVerdict(verdict: unknown): boolean {
  const { claim, isMet, found } = fieldsOf(verdict);
  return typeof claim === 'string' && typeof isMet === 'boolean' && typeof found === 'string';
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function parse(text: string): Partial<Report> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
