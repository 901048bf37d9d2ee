import { runWhatIf } from '../what-if/run-what-if.ts';

/** Says what would have happened with another configuration, and returns 0, 1 if that cannot be told, or 2 if it was not said what to ask. */
export function run(args: readonly string[]): Promise<number> {
  return runWhatIf(args, { folder: process.cwd(), showProgress });
}

/** Shows a line that changes, to whoever watches; the answer alone is on stdout. */
function showProgress(text = ''): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[2K${text}`);
}
