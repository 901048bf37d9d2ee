/** Attacks the built gateway, and checks the conditions that must hold regardless: `pnpm chaos`. */
import { endIfUnwritable } from '../report/end-if-unwritable.ts';
import { clearProgress, showProgress } from '../report/progress.ts';
import type { OwnProgram, Program, RunOptions } from './programs/program.ts';
import { programs } from './programs/programs.ts';
import { optionTexts, readOptions } from './read-options.ts';
import { renderResult } from './run/render-result.ts';
import { runProgram } from './run/run-program.ts';

const help = `Usage: pnpm chaos [--option value ...]

Attacks the built gateway over loopback. Exit code 1 when an invariant is broken.

${programs.map(({ name, shows, count, unit }) => `  ${name.padEnd(10)} ${shows}: ${count.toLocaleString('en-US')} ${unit}`).join('\n')}

Options:

${Object.entries(optionTexts)
  .map(([name, text]) => `  --${name.padEnd(8)} ${text}`)
  .join('\n')}
`;

/** Runs one program and prints it. Returns whether everything held. */
async function showProgram(program: Program | OwnProgram, options: RunOptions): Promise<boolean> {
  process.stdout.write(`${program.name}: ${program.shows}, seed ${options.seed}\n`);
  const startedMs = performance.now();
  const onProgress = (done: number, total: number) => {
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(0);
    showProgress(`${program.name}: ${done} of ${total} ${program.unit}, ${seconds} s`, done / total);
  };
  const result =
    'run' in program
      ? await program.run(options, onProgress)
      : await runProgram(program, options, onProgress);
  clearProgress();
  process.stdout.write(`${renderResult(result, options)}\n\n`);
  return result.findings.kept.length === 0;
}

async function main(args: readonly string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(help);
    return 0;
  }
  const read = readOptions(args, programs);
  if (read.kind === 'wrong') {
    process.stderr.write(`${read.problems.join('\n')}\n`);
    return 2;
  }
  if (process.platform !== 'linux')
    process.stdout.write('There is no /proc here: DESCRIPTORS ARE NOT COUNTED.\n');
  try {
    let hasHeld = true;
    for (const program of read.programs) hasHeld = (await showProgram(program, read.options)) && hasHeld;
    return hasHeld ? 0 : 1;
  } catch (error) {
    clearProgress();
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

endIfUnwritable();
process.exit(await main(process.argv.slice(2)));
