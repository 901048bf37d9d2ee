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
  const { isTTY, columns } = process.stderr;
  // Of a line that a terminal wraps, only the last row can be erased; a dumb one erases nothing.
  if (isTTY && process.env['TERM'] !== 'dumb')
    process.stderr.write(`\r\u001B[2K${columns > 0 ? text.slice(0, columns - 1) : text}`);
}
