import type { LatencyPreset, Speed } from './presets.ts';

/** How fast a deployment answers; values left out come from the preset, else are 0 or unlimited. */
export interface Latency extends Partial<Speed> {
  /** The model whose speed it has; `by-name` is the one that the deployment's name begins with, else `gpt-4o`. */
  readonly preset?: LatencyPreset | 'by-name';
}

/** Latencies by deployment; `*` is every deployment that is not listed. */
export type Latencies = Readonly<Record<string, Latency>>;
