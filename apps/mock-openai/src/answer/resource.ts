import { RunningLatency } from '../latency/running-latency.ts';
import { PromptCache } from '../prompt-cache/prompt-cache.ts';
import { seedOf } from '../random.ts';
import { StoredObjects } from '../stored/stored-objects.ts';
import type { Latencies } from '../latency/latency.ts';
import type { ContentFilter } from '../latency/paced-frames.ts';
import type { MockOptions } from '../options/options.ts';

/** The state of a running mock, as far as its answers depend on it. */
export interface Resource {
  readonly name: string;
  readonly region: string;
  readonly apiKey: string | undefined;
  readonly deployments: ReadonlySet<string> | undefined;
  readonly latency: RunningLatency;
  readonly contentFilter: ContentFilter;
  readonly seed: number;
  readonly completionTokens: number;
  readonly maxBodyBytes: number | undefined;
  /** The objects kept between requests: files, responses and the like. */
  readonly stored: StoredObjects;
  readonly promptCache: PromptCache;
}

/** Fills in the values that were left out. */
export function toResource(options: MockOptions, latencies: Latencies = {}): Resource {
  const { name = 'mock', contentFilter = 'default', timeScale = 1 } = options;
  const seed = seedOf(options.seed ?? 0, name);
  return {
    name,
    region: options.region ?? 'East US',
    apiKey: options.apiKey,
    deployments: options.deployments === undefined ? undefined : new Set(options.deployments),
    latency: new RunningLatency(latencies, seed, timeScale, contentFilter),
    contentFilter,
    seed,
    completionTokens: options.completionTokens ?? 16,
    maxBodyBytes: options.maxBodyBytes,
    stored: new StoredObjects(),
    promptCache: new PromptCache(options.promptCache ?? true, () => performance.now() * timeScale),
  };
}
