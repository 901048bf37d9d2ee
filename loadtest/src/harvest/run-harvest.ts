import { writeFileSync } from 'node:fs';
import { clearProgress, showProgress } from '../report/progress.ts';
import { renderVerdicts } from '../report/verdict.ts';
import { harvestHelp } from './help.ts';
import { measureRun } from './measure-run.ts';
import { readArguments, type HarvestArguments } from './read-arguments.ts';
import type { HarvestRow } from './report/harvest-row.ts';
import { judgeTargets } from './report/judge-targets.ts';
import { renderBars } from './report/render-bars.ts';
import { renderReport } from './report/render-report.ts';
import { renderSvg } from './report/render-svg.ts';
import { runContestant } from './run-contestant.ts';

/** Runs the harvest that `args` ask for, prints it and answers the exit code. */
export async function runHarvest(args: readonly string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(harvestHelp);
    return 0;
  }
  let asked: HarvestArguments;
  try {
    asked = readArguments(args);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 2;
  }
  const rows: HarvestRow[] = [];
  for (const { contestant, load } of asked.runs) {
    const observation = await runContestant(contestant, load, asked.setup, showProgress);
    rows.push({ contestant: contestant.name, load, figures: measureRun(observation) });
  }
  clearProgress();
  const verdicts = judgeTargets(rows);
  const parts = [renderReport(rows), renderBars(rows), renderVerdicts(verdicts)];
  process.stdout.write(`${parts.filter((part) => part !== '').join('\n\n')}\n`);
  if (asked.svgFile !== undefined) writeFileSync(asked.svgFile, renderSvg(rows));
  return verdicts.every(({ isMet }) => isMet) ? 0 : 1;
}
