import { logNormal, seeded } from '../random.ts';
import { latencyPresets, presetOf } from './presets.ts';
import type { Random } from '../random.ts';
import type { Latencies, Latency } from './latency.ts';
import type { ContentFilter, Rhythm } from './paced-frames.ts';
import type { Speed } from './presets.ts';

/** When the parts of one answer come. */
export interface Pace {
  /** Time until an unstreamed answer with this many tokens. */
  readonly wholeMs: (tokens: number) => number;
  /** Time to the first token. */
  readonly firstMs: number;
  /** How the tokens after the first come; undefined when all come at once. */
  readonly rhythm: Rhythm | undefined;
}

/** The latencies of a mock's deployments, and the random source that they are drawn from. */
export class RunningLatency {
  readonly #seed: number;
  readonly #timeScale: number;
  readonly #filter: ContentFilter;
  #latencies: Latencies = {};
  #isOn = false;
  #random: Random;

  /** All times are divided by the time scale. */
  constructor(latencies: Latencies, seed: number, timeScale: number, filter: ContentFilter) {
    this.#seed = seed;
    this.#timeScale = timeScale;
    this.#filter = filter;
    this.#random = seeded(seed);
    this.start(latencies);
  }

  /** Uses other latencies from now on, drawn from the beginning. */
  start(latencies: Latencies): void {
    this.#latencies = latencies;
    this.#isOn = Object.keys(latencies).length > 0;
    this.#random = seeded(this.#seed);
  }

  /** Whether any deployment takes time. */
  get isOn(): boolean {
    return this.#isOn;
  }

  get latencies(): Latencies {
    return this.#latencies;
  }

  /** Draws the speed of the answer to one call of a deployment; undefined when it is answered at once. */
  paceOf(deployment: string, promptTokens: () => number): Pace | undefined {
    const latency = Object.hasOwn(this.#latencies, deployment)
      ? this.#latencies[deployment]
      : this.#latencies['*'];
    if (latency === undefined) return undefined;

    const speed = speedOf(latency, deployment);
    const random = this.#random;
    const medianMs =
      speed.ttftMs + (speed.msPerPromptToken === 0 ? 0 : speed.msPerPromptToken * promptTokens());
    const firstMs = (medianMs * logNormal(random, speed.ttftSigma)) / this.#timeScale;
    if (speed.tokensPerSecond === false) return { wholeMs: () => firstMs, firstMs, rhythm: undefined };

    const { tokenSigma } = speed;
    const tokenMs = 1000 / speed.tokensPerSecond / this.#timeScale;
    // A log-normal number of median 1 has this mean: without it the speed would be lower than configured.
    const usualMs = tokenMs / Math.exp(tokenSigma ** 2 / 2);
    return {
      firstMs,
      wholeMs: (tokens) => firstMs + Math.max(0, tokens - 1) * tokenMs,
      rhythm: {
        nextTokenMs: () => usualMs * logNormal(random, tokenSigma),
        nextBlock: this.#filter === 'default' ? () => 20 + Math.floor(random() * 41) : () => 1,
      },
    };
  }
}

function speedOf({ preset, ...given }: Latency, deployment: string): Speed {
  const base =
    preset === undefined ? atOnce : latencyPresets[preset === 'by-name' ? presetOf(deployment) : preset];
  return { ...base, ...given };
}

const atOnce: Speed = { ttftMs: 0, ttftSigma: 0, msPerPromptToken: 0, tokensPerSecond: false, tokenSigma: 0 };
