import { nameOf, type HarvestRow } from './harvest-row.ts';
import { panels } from './panels.ts';

const barWidth = 50;

/** Plots all runs for a terminal: a bar each, one figure below the other. */
export function renderBars(rows: readonly HarvestRow[]): string {
  const labelWidth = Math.max(...rows.map((row) => nameOf(row).length));
  const plots = panels.map(({ title, valueOf }) => {
    const most = Math.max(...rows.map(valueOf));
    const bars = rows.map((row) => {
      const length = most === 0 ? 0 : Math.round((valueOf(row) / most) * barWidth);
      return `  ${nameOf(row).padEnd(labelWidth)} ${'█'.repeat(length)} ${valueOf(row).toFixed(1)}`;
    });
    return [title, ...bars].join('\n');
  });
  return plots.join('\n\n');
}
