import { writeFileSync } from 'node:fs';
import { makeFile, makeFolder } from '../report/destinations.ts';
import { clearProgress, showProgress } from '../report/progress.ts';
import { renderGrid } from '../report/plot/render-charts.ts';
import { finishReport } from '../report/report-options.ts';
import { renderVerdicts } from '../report/verdict.ts';
import { harvestHelp } from './help.ts';
import { measureRun } from './measure-run.ts';
import { readArguments, type HarvestArguments } from './read-arguments.ts';
import { chartHarvest } from './report/harvest-charts.ts';
import type { HarvestRow } from './report/harvest-row.ts';
import { judgeTargets } from './report/judge-targets.ts';
import { renderBars } from './report/render-bars.ts';
import { renderReport } from './report/render-report.ts';
import { reportHarvest } from './report/report-harvest.ts';
import { runContestant } from './run-contestant.ts';

/** Runs the harvest that `args` ask for and prints it. Returns the exit code. */
export async function runHarvest(args: readonly string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(harvestHelp);
    return 0;
  }
  let asked: HarvestArguments;
  try {
    asked = readArguments(args);
    makeDestinations(asked);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 2;
  }
  const rows: HarvestRow[] = [];
  for (const [index, { contestant, load }] of asked.runs.entries()) {
    const observation = await runContestant(contestant, load, asked.setup, (text, share = 0) =>
      showProgress(`run ${index + 1} of ${asked.runs.length}, ${text}`, (index + share) / asked.runs.length),
    );
    rows.push({ contestant: contestant.name, load, figures: measureRun(observation) });
  }
  clearProgress();
  const verdicts = judgeTargets(rows);
  const parts = [renderReport(rows), renderBars(rows), renderVerdicts(verdicts)];
  process.stdout.write(`${parts.filter((part) => part !== '').join('\n\n')}\n`);
  if (asked.svgFile !== undefined) writeFileSync(asked.svgFile, await plotForDocs(rows));
  process.stdout.write(
    `\n${await finishReport(reportHarvest(rows, new Date().toISOString()), asked.report)}`,
  );
  return verdicts.every(({ isMet }) => isMet) ? 0 : 1;
}

/** Minutes pass before they are written. */
function makeDestinations({ report, svgFile, setup: { logFile } }: HarvestArguments): void {
  makeFolder('--report', report.folder);
  if (svgFile !== undefined) makeFile('--svg', svgFile);
  if (logFile !== undefined) makeFile('--log', logFile);
}

/** The four plots of docs/quotas.md, as a self-contained image. */
function plotForDocs(rows: readonly HarvestRow[]): Promise<string> {
  return renderGrid(chartHarvest(rows).slice(0, 4));
}
