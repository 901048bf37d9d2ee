import { parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import type { Chart, ChartRow, Series } from './chart.ts';
import { colours } from './colours.ts';

/** The sizes of plots; a page has both, and shows the one that fits. */
const sizes = { wide: { width: 600, columns: 2 }, narrow: { width: 250, columns: 1 } } as const;

export type ChartSize = keyof typeof sizes;

/** Lines differ in their dashes too, for prints without colours. */
const dashes = [
  [1, 0],
  [6, 3],
  [2, 2],
  [8, 3, 2, 3],
];

const TITLE_PX = 12;
/** Vega's guess of a character's width, of its size, as there is no screen to measure on. */
const WIDTH_SHARE = 0.8;

const style = {
  // A page names each plot once; naming every bar would be most of its bytes.
  aria: false,
  background: 'white',
  font: 'sans-serif',
  axis: { labelFontSize: 11, titleFontSize: 11, titleFontWeight: 'normal', gridColor: '#e4e4e4' },
  legend: { labelFontSize: 11, symbolStrokeWidth: 2 },
  title: { fontSize: TITLE_PX, anchor: 'start', fontWeight: 'normal' },
} as const;

/** Renders a chart as a self-contained SVG. */
export function renderChart(chart: Chart, size: ChartSize): Promise<string> {
  const { width } = sizes[size];
  const vconcat = chart.rows.map((_, index) => specOf(chart, index, width, size));
  return renderSpec({ vconcat, spacing: 12, ...shared });
}

/** Renders charts side by side, two in a row, under one legend. */
export function renderGrid(charts: readonly Chart[]): Promise<string> {
  const concat = charts.map((chart) => ({ ...specOf(chart, 0, 320, 'wide'), title: chart.title }));
  return renderSpec({ concat, columns: sizes.wide.columns, spacing: 28, ...shared });
}

const shared = { resolve: { scale: { color: 'shared', strokeDash: 'shared' } } } as const;

async function renderSpec(spec: object): Promise<string> {
  const { spec: compiled } = compile({ ...spec, config: style } as TopLevelSpec);
  const view = new View(parse(compiled), { renderer: 'none' });
  const svg = await view.toSVG();
  view.finalize();
  return svg;
}

function specOf(chart: Chart, index: number, width: number, size: ChartSize) {
  const row = chart.rows[index] as ChartRow;
  const isLast = index === chart.rows.length - 1;
  const xs = chart.rows.flatMap(({ series }) => series.flatMap(({ points }) => points.map(([x]) => x)));
  const stepX = chart.kind === 'stacked' ? stepOf(xs) : 0;
  const x = {
    field: 'x',
    type: 'quantitative',
    title: isLast ? chart.xTitle : null,
    scale: { domain: [lowest(xs), highest(xs) + stepX], nice: false },
    axis: { grid: false, labels: isLast, tickCount: size === 'wide' ? 12 : 6 },
  };
  const y = {
    field: 'y',
    type: 'quantitative',
    title: chart.yTitle,
    scale: { domainMin: 0, domainMax: topOf(chart), nice: true },
    axis: { tickCount: chart.rows.length > 1 ? 3 : 5 },
  };
  return {
    width,
    height: chart.rows.length > 1 ? 80 : 170,
    ...(row.label !== undefined && { title: linesOf(row.label, width) }),
    layer: [...bandsOf(row), layerOf(chart, row, stepX, { x, y }, size)],
  };
}

/** A title that is wider than its plot would make the whole picture smaller. */
function linesOf(label: string, width: number): string[] {
  const longest = Math.floor(width / (TITLE_PX * WIDTH_SHARE));
  const lines = [''];
  for (const character of label) {
    const line = `${lines.at(-1)}${character}`;
    if (line.length > longest) lines.push(character);
    else lines[lines.length - 1] = line;
  }
  return lines;
}

function bandsOf({ bands = [] }: ChartRow): object[] {
  if (bands.length === 0) return [];
  const encoding = { x: { field: 'from', type: 'quantitative' }, x2: { field: 'to' } };
  return [
    { data: { values: bands }, mark: { type: 'rect', color: colours.throttled, opacity: 0.18 }, encoding },
  ];
}

function layerOf(
  { kind, rows }: Chart,
  { series }: ChartRow,
  stepX: number,
  { x, y }: { readonly x: object; readonly y: object },
  size: ChartSize,
): object {
  const all = uniqueByName(rows.flatMap((row) => row.series));
  const names = all.map(({ name }) => name);
  const values = series.flatMap(({ name, points }) =>
    points.map(([at, value]) => ({ x: at, to: at + stepX, y: value, name, rank: names.indexOf(name) })),
  );
  // The first series lies at the bottom.
  const order = { field: 'rank', type: 'quantitative' };
  const columns = size === 'narrow' ? 2 : 5;
  const symbol = kind === 'stacked' ? {} : { symbolType: 'stroke', symbolSize: 260 };
  const legend =
    names.length > 1 ? { orient: 'top', title: null, columns, labelLimit: 300, ...symbol } : null;
  const color = {
    field: 'name',
    type: 'nominal',
    scale: { domain: names, range: all.map(({ colour }) => colour) },
    legend,
  };
  if (kind === 'stacked') {
    const encoding = { x: { ...x, bin: 'binned' }, x2: { field: 'to' }, y, color, order };
    return { data: { values }, mark: { type: 'bar', binSpacing: 0 }, encoding };
  }
  const range = all.map((_, index) => dashes[index % dashes.length] as number[]);
  const strokeDash = { field: 'name', type: 'nominal', scale: { domain: names, range }, legend };
  const mark = { type: 'line', strokeWidth: 2, point: kind === 'dots' ? { size: 40 } : false };
  return { data: { values }, mark, encoding: { x, y, color, strokeDash } };
}

/** The highest value of all rows, so that they have one scale; above 0, as an axis needs a length. */
function topOf({ kind, rows }: Chart): number {
  const heights = rows.flatMap(({ series }) => (kind === 'stacked' ? sumsOf(series) : valuesOf(series)));
  return highest(heights) || 1;
}

/** There may be more numbers than a call can have arguments. */
function highest(numbers: readonly number[]): number {
  return numbers.reduce((most, number) => Math.max(most, number), 0);
}

function lowest(numbers: readonly number[]): number {
  return numbers.reduce((least, number) => Math.min(least, number), 0);
}

function valuesOf(series: readonly Series[]): number[] {
  return series.flatMap(({ points }) => points.map(([, value]) => value));
}

function sumsOf(series: readonly Series[]): number[] {
  const sums = new Map<number, number>();
  for (const { points } of series) for (const [x, y] of points) sums.set(x, (sums.get(x) ?? 0) + y);
  return [...sums.values()];
}

/** Returns the distance between points, which is the same for all. */
function stepOf(xs: readonly number[]): number {
  const sorted = [...new Set(xs)].sort((one, other) => one - other);
  return sorted.length < 2 ? 1 : (sorted[1] as number) - (sorted[0] as number);
}

function uniqueByName(series: readonly Series[]): Series[] {
  return [...new Map(series.map((one) => [one.name, one])).values()];
}
