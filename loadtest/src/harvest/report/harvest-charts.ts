import type { Chart } from '../../report/plot/chart.ts';
import { colourOf } from '../../report/plot/colours.ts';
import type { HarvestRow } from './harvest-row.ts';
import { panels, type Panel } from './panels.ts';

/** Returns a plot for each panel: a line for each contestant over the loads. */
export function chartHarvest(rows: readonly HarvestRow[]): Chart[] {
  return panels.map((panel) => chartPanel(panel, rows));
}

function chartPanel({ title, yTitle, valueOf }: Panel, rows: readonly HarvestRow[]): Chart {
  const names = [...new Set(rows.map(({ contestant }) => contestant))];
  const series = names.map((name) => ({
    name,
    colour: colourOf(name),
    points: rows
      .filter((row) => row.contestant === name && !Number.isNaN(valueOf(row)))
      .toSorted((one, other) => one.load - other.load)
      .map((row) => [row.load, valueOf(row)] as const),
  }));
  const says = 'Over the load, as a multiple of the tokens that the quotas allow.';
  return { title, says, xTitle: 'load, x the quotas', yTitle, kind: 'dots', rows: [{ series }] };
}
