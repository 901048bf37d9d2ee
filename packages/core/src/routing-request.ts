import type { PriorityClass } from './priority-class.ts';
import type { TokenEstimate } from './token-estimate.ts';

/** What a request wants of the pool. */
export interface RoutingRequest {
  /** The deployment the client asked for. */
  readonly deployment: string;
  /** The name of the one backend that has what the request is about, so that no other can serve it. */
  readonly owner?: string | undefined;
  /** What it is expected to take of the quota; without it, it counts as a request and nothing more. */
  readonly estimate?: TokenEstimate | undefined;
  /** Requests with the same key share a prompt's beginning, which a backend may have cached; any 32-bit number. */
  readonly affinityKey?: number | undefined;
  /** How urgent it is (`standard`). */
  readonly priorityClass?: PriorityClass | undefined;
}
