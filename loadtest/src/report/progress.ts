/** Shows what is going on: one line that changes on a terminal, a line each time elsewhere. */
export function showProgress(text: string): void {
  process.stdout.write(process.stdout.isTTY ? `\r\u001B[2K${text}` : `${text}\n`);
}

/** Takes the changing line away again, before a table is printed. */
export function clearProgress(): void {
  if (process.stdout.isTTY) process.stdout.write('\r\u001B[2K');
}
