/** A metric's name and meaning. The name is a contract with everyone who has built on it. */
export interface Metric {
  /** A counter's name is without its `_total`. */
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** One sentence. */
  readonly help: string;
  readonly labels: readonly string[];
  /** Those of the labels whose values are numbers, where that matters: OTLP tells them from texts. */
  readonly numbers?: readonly string[];
  /** The upper bounds of a histogram's buckets, in ascending order. */
  readonly buckets?: readonly number[];
}

/** The values of a metric's labels, in the order of the metric. */
export type LabelValues = readonly string[];

/** Renders labels in the form that all formats share, without braces. */
export function renderLabels(names: readonly string[], values: LabelValues): string {
  return names.map((name, place) => `${name}="${escapeLabel(values[place] ?? '')}"`).join(',');
}

/** Parses rendered labels into an object by their names. */
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
