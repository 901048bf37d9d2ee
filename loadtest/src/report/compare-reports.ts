import { type Figure, showFigure } from '@spillway/simulation';
import type { Report, ReportRun } from './report.ts';

/** One difference between two reports. */
export interface Difference {
  readonly run: string;
  readonly name: string;
  readonly before: string;
  readonly now: string;
}

/** All differences between two reports. */
export interface Comparison {
  readonly since: string;
  readonly better: readonly Difference[];
  readonly worse: readonly Difference[];
  /** What cannot be compared: runs, expectations and figures that only one of them has, or that are in other units. */
  readonly unmatched: readonly string[];
}

/** Runs differ by less than this share anyway. */
export const NOISE_SHARE = 0.1;

/** Compares a report with an older one: the verdicts that changed, and the figures that moved by more than noise. */
export function compareReports(old: Report, now: Report): Comparison {
  const better: Difference[] = [];
  const worse: Difference[] = [];
  for (const run of now.runs) {
    const before = old.runs.find(({ name }) => name === run.name);
    if (before === undefined) continue;
    for (const { isBetter, difference } of [...compareVerdicts(before, run), ...compareFigures(before, run)])
      (isBetter ? better : worse).push(difference);
  }
  return { since: old.madeAt, better, worse, unmatched: findUnmatched(old, now) };
}

interface Judged {
  readonly isBetter: boolean;
  readonly difference: Difference;
}

function compareVerdicts(before: ReportRun, now: ReportRun): Judged[] {
  return now.verdicts.flatMap((verdict) => {
    const earlier = before.verdicts.find(({ claim }) => claim === verdict.claim);
    if (earlier === undefined || earlier.isMet === verdict.isMet) return [];
    const show = ({ isMet, found }: typeof verdict) => `${isMet ? 'met' : 'failed'} (${found})`;
    const difference = { run: now.name, name: verdict.claim, before: show(earlier), now: show(verdict) };
    return [{ isBetter: verdict.isMet, difference }];
  });
}

function compareFigures(before: ReportRun, now: ReportRun): Judged[] {
  return now.figures.flatMap((figure) => {
    const earlier = before.figures.find(({ name }) => name === figure.name);
    if (earlier === undefined || !hasMoved(earlier, figure)) return [];
    const isHigher = (figure.value ?? 0) > (earlier.value ?? 0);
    const difference = {
      run: now.name,
      name: figure.name,
      before: showFigure(earlier),
      now: showFigure(figure),
    };
    return [{ isBetter: isHigher === (figure.better === 'higher'), difference }];
  });
}

function hasMoved(before: Figure, now: Figure): boolean {
  if (now.better === undefined || before.value === null || now.value === null) return false;
  if (before.unit !== now.unit) return false;
  const larger = Math.max(Math.abs(before.value), Math.abs(now.value));
  return Math.abs(now.value - before.value) > NOISE_SHARE * larger;
}

function findUnmatched(old: Report, now: Report): string[] {
  const both = now.runs.flatMap((run) => {
    const before = old.runs.find(({ name }) => name === run.name);
    if (before === undefined) return [];
    const claims = namesInOne(before.verdicts.map(claimOf), run.verdicts.map(claimOf));
    const figures = namesInOne(before.figures.map(nameOf), run.figures.map(nameOf));
    return [...claims, ...figures, ...unlikeFigures(before, run)].map((one) => `${run.name}, ${one}`);
  });
  return [...namesInOne(old.runs.map(nameOf), now.runs.map(nameOf)), ...both];
}

const nameOf = ({ name }: { readonly name: string }) => name;
const claimOf = ({ claim }: { readonly claim: string }) => claim;

function namesInOne(before: readonly string[], now: readonly string[]): string[] {
  const added = now.filter((name) => !before.includes(name));
  const gone = before.filter((name) => !now.includes(name));
  return [...added.map((name) => `${name} (new)`), ...gone.map((name) => `${name} (only before)`)];
}

/** Figures that were measured in one report alone, or in another unit. */
function unlikeFigures(before: ReportRun, now: ReportRun): string[] {
  return now.figures.flatMap((figure) => {
    const earlier = before.figures.find(({ name }) => name === figure.name);
    if (earlier === undefined || figure.better === undefined) return [];
    const isLike = (earlier.value === null) === (figure.value === null) && earlier.unit === figure.unit;
    return isLike ? [] : [`${figure.name} (${showFigure(earlier)} -> ${showFigure(figure)})`];
  });
}

/** Renders a comparison for a terminal. */
export function renderComparison({ since, better, worse, unmatched }: Comparison): string {
  const others = unmatched.length === 0 ? [] : [`not compared: ${unmatched.join(', ')}`];
  const lists = [...renderDifferences('worse', worse), ...renderDifferences('better', better)];
  return [`compared with ${since}`, ...lists, ...others].join('\n');
}

function renderDifferences(title: string, differences: readonly Difference[]): string[] {
  const none = differences.length === 0 ? ' nothing' : '';
  const lines = differences.map(({ run, name, before, now }) => `  ${run}, ${name}: ${before} -> ${now}`);
  return [`${title}:${none}`, ...lines];
}
