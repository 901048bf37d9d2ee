import type { Latencies } from '../latency/latency.ts';
import type { ContentFilter } from '../latency/paced-frames.ts';
import type { Quotas } from '../quota/quota.ts';
import type { Script } from '../script/step.ts';

/** The start options of a mock; all are optional. */
export interface MockOptions {
  /** Its name in logs and replies (`mock`). */
  readonly name?: string | undefined;
  /** The display name of its Azure region, sent as `x-ms-region` (`East US`). */
  readonly region?: string | undefined;
  /** The address to listen on (`127.0.0.1`). */
  readonly host?: string | undefined;
  /** The port to listen on; 0, the default, takes any free one. */
  readonly port?: number | undefined;
  /** Moves the control endpoint to a port of its own; 0 takes any free one. */
  readonly controlPort?: number | undefined;
  /** The only accepted key; without it any key, or none, is accepted. */
  readonly apiKey?: string | undefined;
  /** The deployments that exist; without them every name answers. */
  readonly deployments?: readonly string[] | undefined;
  /** Its behaviour, as steps or in the script language; ok when left out. */
  readonly script?: Script | string | undefined;
  /** The quotas of deployments, as an object by deployment (`*` is every other) or as text; unlimited when left out. */
  readonly quota?: Quotas | string | undefined;
  /**
   * The factor by which the time of quotas, latencies and the prompt cache passes faster than real time (1): at 60 a
   * minute takes a second.
   */
  readonly timeScale?: number | undefined;
  /** How fast deployments answer, as an object by deployment (`*` is every other) or as text; at once when left out. */
  readonly latency?: Latencies | string | undefined;
  /** How the content filter lets streams through: in blocks, or token by token with its results apart (`default`). */
  readonly contentFilter?: ContentFilter | undefined;
  /** The seed of chances and latencies, together with the name; the same seed draws the same (0). */
  readonly seed?: number | undefined;
  /** Length of a reply, unless the request asks for less (16). */
  readonly completionTokens?: number | undefined;
  /** Whether its deployments cache the beginnings of long prompts (true). */
  readonly promptCache?: boolean | undefined;
  /** The longest accepted body (25 MiB of audio, 512 MiB of a file's upload, else 100 MiB). */
  readonly maxBodyBytes?: number | undefined;
  /** How many requests are remembered (1000). */
  readonly recordLimit?: number | undefined;
  /** Whether their bodies are remembered too (true). */
  readonly recordBodies?: boolean | undefined;
}
