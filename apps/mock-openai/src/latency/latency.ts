import type { LatencyPreset } from './presets.ts';

/** How fast a deployment answers; what is left out is the preset's, else 0 or without a limit. */
export interface Latency {
  /** The model whose speed it has; `by-name` is the one that the deployment's name begins with, else `gpt-4o`. */
  readonly preset?: LatencyPreset | 'by-name';
  /** The median of the time to the first token, of a prompt without tokens; of embeddings to the answer. */
  readonly ttftMs?: number;
  /** The deviation of the logarithm of that time, which is normal (0). */
  readonly ttftSigma?: number;
  /** What each token of the prompt adds to the median. */
  readonly msPerPromptToken?: number;
  /** The mean speed after the first token; `false` for all at once. */
  readonly tokensPerSecond?: number | false;
  /** The deviation of the logarithm of the time of a token (0). */
  readonly tokenSigma?: number;
}

/** Latencies by deployment; `*` is every deployment that is not named. */
export type Latencies = Readonly<Record<string, Latency>>;
