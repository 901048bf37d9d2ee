/**
 * Ends this process with a line of explanation when its output cannot be written: its reader may leave, as `head` does,
 * and a disk may be full. What it has started ends with it.
 */
export function endIfUnwritable(): void {
  process.stderr.on('error', () => {});
  process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
    process.stderr.write(`The output could not be written (${code}).\n`);
    process.exit(1);
  });
}
