import type { Quotas } from './quota/quota.ts';
import type { Script } from './step.ts';

/** How a mock starts; everything may be left out. */
export interface MockOptions {
  /** What logs and replies call it (`mock`). */
  readonly name?: string | undefined;
  /** The display name of its Azure region, sent as `x-ms-region` (`East US`). */
  readonly region?: string | undefined;
  /** The address to listen on (`127.0.0.1`). */
  readonly host?: string | undefined;
  /** The port to listen on; 0, the default, takes any free one. */
  readonly port?: number | undefined;
  /** Moves the control endpoint to a port of its own; 0 takes any free one. */
  readonly controlPort?: number | undefined;
  /** The only key that is accepted; without one every key is, and none. */
  readonly apiKey?: string | undefined;
  /** The deployments which exist; without them every name answers. */
  readonly deployments?: readonly string[] | undefined;
  /** What it does, as steps or in the script language; ok when left out. */
  readonly script?: Script | string | undefined;
  /** What deployments may spend, as an object by deployment (`*` is every other) or as text; unlimited when left out. */
  readonly quota?: Quotas | string | undefined;
  /** How many times as fast as real time the quota's time passes (1): at 60 its minute takes a second. */
  readonly timeScale?: number | undefined;
  /** Time before the headers of an ok answer (0). */
  readonly latencyMs?: number | undefined;
  /** Time between the chunks of an ok stream (0). */
  readonly tokenDelayMs?: number | undefined;
  /** Length of a reply, unless the request asks for less (16). */
  readonly completionTokens?: number | undefined;
  /** How many requests are remembered (1000). */
  readonly recordLimit?: number | undefined;
  /** Whether their bodies are remembered too (true). */
  readonly recordBodies?: boolean | undefined;
}

/** What a mock is while it runs, as far as its answers depend on it. */
export interface Resource {
  readonly name: string;
  readonly region: string;
  readonly apiKey: string | undefined;
  readonly deployments: ReadonlySet<string> | undefined;
  readonly latencyMs: number;
  readonly tokenDelayMs: number;
  readonly completionTokens: number;
}

/** Fills in what was left out. */
export function toResource(options: MockOptions): Resource {
  return {
    name: options.name ?? 'mock',
    region: options.region ?? 'East US',
    apiKey: options.apiKey,
    deployments: options.deployments === undefined ? undefined : new Set(options.deployments),
    latencyMs: options.latencyMs ?? 0,
    tokenDelayMs: options.tokenDelayMs ?? 0,
    completionTokens: options.completionTokens ?? 16,
  };
}
