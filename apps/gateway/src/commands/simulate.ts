import { runWhatIf } from '../what-if/run-what-if.ts';

/**
 * Reports what would have happened with another configuration. Returns 0; 1 if that cannot be determined; or 2 if the
 * command line is wrong.
 */
export function run(args: readonly string[]): Promise<number> {
  return runWhatIf(args, { folder: process.cwd(), showProgress });
}

/** Shows a changing progress line on a terminal; stdout has only the result. */
function showProgress(text = ''): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[2K${text}`);
}
