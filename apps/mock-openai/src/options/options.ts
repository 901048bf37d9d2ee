import type { Latencies } from '../latency/latency.ts';
import type { ContentFilter } from '../latency/paced-frames.ts';
import type { Quotas } from '../quota/quota.ts';
import type { Script } from '../script/step.ts';

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
  /** How many times as fast as real time quotas, latencies and the prompt cache's time pass (1): at 60 a minute takes a second. */
  readonly timeScale?: number | undefined;
  /** How fast deployments answer, as an object by deployment (`*` is every other) or as text; at once when left out. */
  readonly latency?: Latencies | string | undefined;
  /** How the content filter lets streams through: in blocks, or token by token with its results apart (`default`). */
  readonly contentFilter?: ContentFilter | undefined;
  /** What chances and latencies are drawn from, together with the name; the same seed draws the same (0). */
  readonly seed?: number | undefined;
  /** Length of a reply, unless the request asks for less (16). */
  readonly completionTokens?: number | undefined;
  /** Whether its deployments cache the beginnings of long prompts (true). */
  readonly promptCache?: boolean | undefined;
  /** The longest body that is taken (25 MiB of audio, 512 MiB of a file's upload, else 100 MiB). */
  readonly maxBodyBytes?: number | undefined;
  /** How many requests are remembered (1000). */
  readonly recordLimit?: number | undefined;
  /** Whether their bodies are remembered too (true). */
  readonly recordBodies?: boolean | undefined;
}
