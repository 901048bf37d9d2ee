import { readFileSync } from 'node:fs';
import type { Report, ReportKind } from './report.ts';

/**
 * Reads a report that was written before.
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
  if (report.kind !== kind) throw new Error(`--compare: "${file}" is of ${report.kind}; ${allowed}`);
  return report as Report;
}

function parse(text: string): Partial<Report> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
