import type { HarvestRow } from './harvest-row.ts';
import { panels, type Panel } from './panels.ts';

const width = 440;
const height = 260;
const margin = { left: 48, right: 16, top: 36, bottom: 34 };
const colours = ['#0b6bcb', '#00897b', '#e07b00', '#8a8a8a', '#b0006d'];

/** Plots all runs as an SVG: a panel for each figure, a line for each contestant over the loads. */
export function renderSvg(rows: readonly HarvestRow[]): string {
  const names = [...new Set(rows.map(({ contestant }) => contestant))];
  const drawn = panels.map((panel, index) => {
    const at = `translate(${(index % 2) * width} ${Math.floor(index / 2) * height})`;
    return `<g transform="${at}">${renderPanel(panel, rows, names)}</g>`;
  });
  const total = { width: width * 2, height: height * Math.ceil(panels.length / 2) + 28 };
  const legend = names.map((name, index) => {
    const x = margin.left + index * 130;
    const y = total.height - 12;
    return `<circle cx="${x}" cy="${y - 4}" r="4" fill="${colourOf(index)}"/>${text(x + 10, y, name, 'start')}`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${total.width} ${total.height}" font-family="sans-serif" font-size="12">`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    ...drawn,
    ...legend,
    '</svg>\n',
  ].join('\n');
}

function renderPanel(
  { title, valueOf }: Panel,
  rows: readonly HarvestRow[],
  names: readonly string[],
): string {
  const highest = Math.max(1, ...rows.map(valueOf));
  const mostLoad = Math.max(...rows.map(({ load }) => load));
  const across = width - margin.left - margin.right;
  const down = height - margin.top - margin.bottom;
  const x = (load: number) => rounded(margin.left + (load / mostLoad) * across);
  const y = (value: number) => rounded(height - margin.bottom - (value / highest) * down);
  const grid = [0, highest / 2, highest].map((value) => {
    const line = `<path d="M${margin.left} ${y(value)}H${width - margin.right}" stroke="#ddd"/>`;
    return line + text(margin.left - 6, y(value) + 4, String(Number(value.toPrecision(3))), 'end');
  });
  const loads = [...new Set(rows.map(({ load }) => load))];
  const ticks = loads.map((load) => text(x(load), height - margin.bottom + 16, `${load}x`, 'middle'));
  const lines = names.map((name, index) => {
    const own = rows.filter(({ contestant }) => contestant === name);
    const points = own
      .toSorted((one, other) => one.load - other.load)
      .map((row) => [x(row.load), y(valueOf(row))]);
    const dots = points.map(([cx, cy]) => `<circle cx="${cx}" cy="${cy}" r="3" fill="${colourOf(index)}"/>`);
    const path = points.map((point) => point.join(' ')).join('L');
    return `<path d="M${path}" fill="none" stroke="${colourOf(index)}" stroke-width="2"/>${dots.join('')}`;
  });
  return [text(margin.left, 20, title, 'start'), ...grid, ...ticks, ...lines].join('\n');
}

function text(x: number, y: number, content: string, anchor: 'start' | 'middle' | 'end'): string {
  return `<text x="${x}" y="${y}" text-anchor="${anchor}">${content}</text>`;
}

function colourOf(index: number): string {
  return colours[index % colours.length] ?? '#000';
}

function rounded(length: number): number {
  return Math.round(length * 10) / 10;
}
