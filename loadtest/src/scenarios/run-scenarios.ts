import { parseArgs } from 'node:util';
import { makeFolder } from '../report/destinations.ts';
import { clearProgress, showProgress } from '../report/progress.ts';
import {
  finishReport,
  readReportOptions,
  reportHelp,
  reportOptions,
  type ReportWish,
} from '../report/report-options.ts';
import type { ReportRun } from '../report/report.ts';
import { renderVerdicts } from '../report/verdict.ts';
import { allThrottled } from './all-throttled.ts';
import { judgeResult } from './judge-result.ts';
import { modelSpeeds } from './model-speeds.ts';
import { normal } from './normal.ts';
import { renderTimeline } from './render-timeline.ts';
import { reportScenario } from './report-scenario.ts';
import { runScenario } from './run-scenario.ts';
import type { Scenario } from './scenario.ts';
import { throttled } from './throttled.ts';

/** The scenarios that run without being named, in their order. */
const usual: readonly Scenario[] = [normal, throttled, allThrottled];
const scenarios: readonly Scenario[] = [...usual, modelSpeeds];

const help = `Usage: pnpm loadtest [scenario ...] [options]

Drives the built gateway in front of mock backends and checks what clients and backends see.

${scenarios.map(({ name, shows }) => `  ${name.padEnd(14)} ${shows}`).join('\n')}

Options:
${reportHelp}

Without a name all but ${modelSpeeds.name} run, in about 30 s. Exit code 1 when an expectation fails.

\`pnpm loadtest harvest\` measures how much of the backends' quotas is spent, beside other policies; see its --help.
\`pnpm loadtest simulate\` compares policies at a size that one machine cannot hold, in virtual time; see its --help.
`;

/** Runs the scenarios that `args` name and writes their report. Returns the exit code. */
export async function runScenarios(args: readonly string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(help);
    return 0;
  }
  let asked: { readonly chosen: readonly Scenario[]; readonly report: ReportWish };
  try {
    asked = readArguments(args);
    makeFolder('--report', asked.report.folder);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 2;
  }
  const runs: ReportRun[] = [];
  for (const scenario of asked.chosen) runs.push(await showScenario(scenario));
  const failed = runs.filter(({ verdicts }) => verdicts.some(({ isMet }) => !isMet));
  const total = `${runs.length - failed.length} of ${runs.length} scenarios passed`;
  const names = failed.map(({ name }) => name).join(', ');
  const written = await finishReport(
    {
      version: 1,
      kind: 'scenarios',
      title: `Spillway load test: ${total}`,
      madeAt: new Date().toISOString(),
      charts: [],
      runs,
    },
    asked.report,
  );
  process.stdout.write(`${total}${failed.length === 0 ? '' : `; failed: ${names}`}\n${written}`);
  return failed.length === 0 ? 0 : 1;
}

/** Reads the command line; throws an Error that says what is wrong. */
function readArguments(args: readonly string[]) {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: reportOptions,
  });
  const unknown = positionals.find((word) => scenarios.every(({ name }) => name !== word));
  if (unknown !== undefined) {
    const names = scenarios.map(({ name }) => name).join(', ');
    throw new Error(`There is no scenario "${unknown}"; there are ${names}, harvest and simulate.`);
  }
  const chosen =
    positionals.length === 0 ? usual : scenarios.filter(({ name }) => positionals.includes(name));
  return { chosen, report: readReportOptions(values, 'scenarios') };
}

/** Runs one scenario and prints it. Returns its part of the report. */
async function showScenario(scenario: Scenario): Promise<ReportRun> {
  process.stdout.write(`${scenario.name}: ${scenario.shows}\n`);
  const result = await runScenario(scenario, showProgress);
  clearProgress();
  const verdicts = judgeResult(scenario.expectations, result);
  process.stdout.write(`\n${renderTimeline(result, scenario.durationMs)}\n\n${renderVerdicts(verdicts)}\n\n`);
  return reportScenario(scenario, result, verdicts);
}
