import type { Latencies } from './latency/latency.ts';
import type { CacheCounts } from './prompt-cache/prompt-cache.ts';
import type { QuotaState } from './quota/quota-state.ts';
import type { Quotas } from './quota/quota.ts';
import type { CutRequest } from './quota/read-cut.ts';
import type { Closing } from './realtime/read-closing.ts';
import type { Counters } from './records/request-log.ts';
import type { RecordedRequest } from './records/request-record.ts';
import type { Script } from './script/step.ts';

/** A mock that runs. */
export interface Mock {
  readonly name: string;
  /** The base URL where it answers as Azure OpenAI, such as `http://127.0.0.1:8081`. */
  readonly url: string;
  /** The URL of its control endpoint, including `/_mock`. */
  readonly controlUrl: string;
  /** The last requests, oldest first. */
  readonly requests: readonly RecordedRequest[];
  readonly counters: Counters;
  /** Requests that have arrived and are not over. */
  readonly openRequests: number;
  /** Connections that are open. */
  readonly connections: number;
  /** Starts a script, as steps or in the script language, from now; throws an Error that names every problem. */
  setScript(script: Script | string): void;
  /** The quotas, their remainders and the spending over time. */
  readonly quota: QuotaState;
  /** Starts other quotas, unspent, or none with `{}`; throws an Error that names every problem. */
  setQuota(quota: Quotas | string): void;
  /**
   * Cuts the limits of standard deployments for a time, from now or later; throws an Error that names every problem.
   */
  cutQuota(cut: CutRequest): void;
  /** How much of the sent prompts came from the prompt cache, by deployment. */
  readonly cache: Readonly<Record<string, CacheCounts>>;
  /** How fast its deployments answer. */
  readonly latency: Latencies;
  /** Sets how fast deployments answer from now on, `{}` for at once; throws an Error that names every problem. */
  setLatency(latency: Latencies | string): void;
  /** Closes every realtime session with a code (1001) and a reason; throws an Error that names every problem. */
  closeSessions(closing?: Closing): void;
  /** Resolves with the first request that is received in full after this call. */
  nextRequest(): Promise<RecordedRequest>;
  /** Resolves when no request is open. */
  idle(): Promise<void>;
  /**
   * Closes all sessions, forgets all requests, counts, spending, prompts and stored objects, and starts the first
   * script, quotas and latencies again.
   */
  reset(): void;
  /** Closes the port and every connection at once. */
  stop(): Promise<void>;
}
