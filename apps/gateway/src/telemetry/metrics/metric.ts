/** What a metric is called and means. Its name is a contract with whoever has built on it. */
export interface Metric {
  /** Of a counter without its `_total`. */
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** One sentence. */
  readonly help: string;
  readonly labels: readonly string[];
  /** Of a histogram, the upper bounds of its buckets, in ascending order. */
  readonly buckets?: readonly number[];
}

/** The values of a metric's labels, in the order of the metric. */
export type LabelValues = readonly string[];

/** Renders labels as all formats have them, without braces. */
export function renderLabels(names: readonly string[], values: LabelValues): string {
  return names.map((name, place) => `${name}="${escapeLabel(values[place] ?? '')}"`).join(',');
}

/** Returns the labels that have been rendered, by their names. */
export function parseLabels(rendered: string): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const [, name = '', value = ''] of rendered.matchAll(LABEL))
    labels[name] = value.replace(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
  return labels;
}

const LABEL = /([^=,"]+)="((?:[^"\\]|\\.)*)"/g;

const UNUSUAL = /[\\\n"]/;

function escapeLabel(value: string): string {
  if (!UNUSUAL.test(value)) return value;
  return value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
}
