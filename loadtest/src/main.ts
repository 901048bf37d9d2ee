/** Runs the load test: `pnpm loadtest`, `pnpm loadtest normal` for one scenario, or `pnpm loadtest harvest`. */
import { runHarvest } from './harvest/run-harvest.ts';
import { endIfUnwritable } from './report/end-if-unwritable.ts';
import { clearProgress } from './report/progress.ts';
import { runScenarios } from './scenarios/run-scenarios.ts';
import { runSimulation } from './simulation/run-simulation.ts';

const commands: Readonly<Record<string, (args: readonly string[]) => Promise<number>>> = {
  harvest: runHarvest,
  simulate: runSimulation,
};

async function main([first = '', ...rest]: readonly string[]): Promise<number> {
  const command = Object.hasOwn(commands, first) ? commands[first] : undefined;
  try {
    return command === undefined ? await runScenarios(process.argv.slice(2)) : await command(rest);
  } catch (error) {
    clearProgress();
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

endIfUnwritable();
process.exit(await main(process.argv.slice(2)));
