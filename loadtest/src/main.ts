/** Runs the load test: `pnpm loadtest`, `pnpm loadtest normal` for one scenario, or `pnpm loadtest harvest`. */
import { runHarvest } from './harvest/run-harvest.ts';
import { clearProgress, showProgress } from './report/progress.ts';
import { renderVerdicts } from './report/verdict.ts';
import { allThrottled } from './scenarios/all-throttled.ts';
import { judgeResult } from './scenarios/judge-result.ts';
import { normal } from './scenarios/normal.ts';
import { renderTimeline } from './scenarios/render-timeline.ts';
import { runScenario } from './scenarios/run-scenario.ts';
import type { Scenario } from './scenarios/scenario.ts';
import { throttled } from './scenarios/throttled.ts';
import { runSimulation } from './simulation/run-simulation.ts';

/** All scenarios, in the order in which they run. */
const scenarios: readonly Scenario[] = [normal, throttled, allThrottled];

const help = `Usage: pnpm loadtest [scenario ...]

Drives the built gateway before mock backends and checks what clients and backends see.

${scenarios.map(({ name, shows }) => `  ${name.padEnd(14)} ${shows}`).join('\n')}

Without a name all of them run, in about half a minute. Exit code 1 when an expectation fails.

\`pnpm loadtest harvest\` measures how much of the backends' quotas is spent, beside other policies; see its --help.
\`pnpm loadtest simulate\` compares policies on paper, past one machine: no sockets, virtual time; see its --help.
`;

/** Runs one scenario, prints it and answers whether all expectations were met. */
async function showScenario(scenario: Scenario): Promise<boolean> {
  process.stdout.write(`${scenario.name}: ${scenario.shows}\n`);
  const result = await runScenario(scenario, showProgress);
  clearProgress();
  const verdicts = judgeResult(scenario.expectations, result);
  process.stdout.write(`\n${renderTimeline(result, scenario.durationMs)}\n\n${renderVerdicts(verdicts)}\n\n`);
  return verdicts.every(({ isMet }) => isMet);
}

async function runNamed(names: readonly string[]): Promise<number> {
  const chosen = scenarios.filter(({ name }) => names.length === 0 || names.includes(name));
  const failed: string[] = [];
  for (const scenario of chosen) if (!(await showScenario(scenario))) failed.push(scenario.name);
  const total = `${chosen.length - failed.length} of ${chosen.length} scenarios passed`;
  process.stdout.write(failed.length === 0 ? `${total}\n` : `${total}; failed: ${failed.join(', ')}\n`);
  return failed.length === 0 ? 0 : 1;
}

async function main(args: readonly string[]): Promise<number> {
  if (args[0] === 'harvest') return reportErrors(() => runHarvest(args.slice(1)));
  if (args[0] === 'simulate') return reportErrors(() => runSimulation(args.slice(1)));
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(help);
    return 0;
  }
  const unknown = args.find((arg) => scenarios.every(({ name }) => name !== arg));
  if (unknown !== undefined) {
    const names = scenarios.map(({ name }) => name).join(', ');
    process.stderr.write(`There is no scenario "${unknown}"; there are ${names}, harvest and simulate.\n`);
    return 2;
  }
  return reportErrors(() => runNamed(args));
}

async function reportErrors(run: () => Promise<number>): Promise<number> {
  try {
    return await run();
  } catch (error) {
    clearProgress();
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

process.exit(await main(process.argv.slice(2)));
