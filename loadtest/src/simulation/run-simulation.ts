import { clearProgress, showProgress } from '../report/progress.ts';
import { backendKinds } from './backends/backend-kinds.ts';
import { numberOptions, readOptions } from './read-options.ts';
import { policies, type MakeReplica } from './replicas/policies.ts';
import { reckonFigures } from './result/figures.ts';
import { type PolicyReport, renderFigures, renderSettings } from './result/report.ts';
import type { SimulationSettings } from './result/simulation-result.ts';
import { simulate } from './simulate.ts';

const help = `Usage: pnpm loadtest simulate [option ...]

Compares policies before the same clients, backends and quotas, in virtual time and without a socket: every
strategy of the core, and the policy of Azure's sample.

${Object.entries(numberOptions)
  .map(([name, { usual, says }]) => `  --${name.padEnd(9)} ${says} (${usual})`)
  .join('\n')}
  --kind      the kind of backends (azure):
${[...backendKinds].map(([name, { says }]) => `    ${name.padEnd(19)} ${says}`).join('\n')}
  --policy    one policy, or several with commas between (all of ${[...policies.keys()].join(', ')})
`;

/** Runs `pnpm loadtest simulate`. Returns its exit code: 2 if the options are invalid. */
export async function runSimulation(args: readonly string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(help);
    return 0;
  }
  const options = readOptions(args);
  if (options.kind === 'wrong') {
    process.stderr.write(`${options.problems.join('\n')}\n`);
    return 2;
  }
  process.stdout.write(`${renderSettings(options.settings)}\n`);
  const reports: PolicyReport[] = [];
  for (const [index, name] of options.policies.entries()) {
    showProgress(`${name} ...`, index / options.policies.length);
    reports.push(await runPolicy(name, options.settings));
  }
  clearProgress();
  process.stdout.write(`\n${renderFigures(reports)}\n`);
  return 0;
}

async function runPolicy(policy: string, settings: SimulationSettings): Promise<PolicyReport> {
  const makeReplica = policies.get(policy) as MakeReplica;
  const [startedMs, startedCpu] = [performance.now(), process.cpuUsage()];
  const result = await simulate(settings, makeReplica);
  const { user, system } = process.cpuUsage(startedCpu);
  return {
    policy,
    figures: reckonFigures(result),
    wallSeconds: (performance.now() - startedMs) / 1000,
    cpuSeconds: (user + system) / 1_000_000,
  };
}
