/** Shows the present activity and, where it is known, its finished share, from 0 to 1. */
export type ShowProgress = (text: string, share?: number) => void;

const BAR_WIDTH = 20;

/** Shows a bar and a text: one changing line on a terminal that can erase it, a new line each time elsewhere. */
export const showProgress: ShowProgress = (text, share) => {
  const line = share === undefined ? text : `${renderBar(share)} ${text}`;
  process.stdout.write(canErase() ? `\r\u001B[2K${cutToWidth(line, process.stdout.columns)}` : `${line}\n`);
};

/** Cuts a line so that a terminal of so many columns does not wrap it: only its last row could be erased. */
export function cutToWidth(line: string, columns: number): string {
  return columns > 0 ? line.slice(0, columns - 1) : line;
}

function canErase(): boolean {
  return process.stdout.isTTY && process.env['TERM'] !== 'dumb';
}

/** Renders a bar whose filled part is the finished share. */
export function renderBar(share: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, share)) * BAR_WIDTH);
  const percent = String(Math.floor(Math.min(1, Math.max(0, share)) * 100)).padStart(3);
  return `${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)} ${percent} %`;
}

/** Removes the changing line, before a table is printed. */
export function clearProgress(): void {
  if (canErase()) process.stdout.write('\r\u001B[2K');
}
