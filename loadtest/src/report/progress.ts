/** Shows the present activity and, where it is known, its finished share, from 0 to 1. */
export type ShowProgress = (text: string, share?: number) => void;

const BAR_WIDTH = 20;

/** Shows a bar and a text: one changing line on a terminal, a new line each time elsewhere. */
export const showProgress: ShowProgress = (text, share) => {
  const line = share === undefined ? text : `${renderBar(share)} ${text}`;
  process.stdout.write(process.stdout.isTTY ? `\r\u001B[2K${line}` : `${line}\n`);
};

/** Renders a bar whose filled part is the finished share. */
export function renderBar(share: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, share)) * BAR_WIDTH);
  const percent = String(Math.floor(Math.min(1, Math.max(0, share)) * 100)).padStart(3);
  return `${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)} ${percent} %`;
}

/** Removes the changing line, before a table is printed. */
export function clearProgress(): void {
  if (process.stdout.isTTY) process.stdout.write('\r\u001B[2K');
}
