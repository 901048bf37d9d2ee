import type { Wish } from './backend-pool.ts';
import type { Repeatability } from './decide-next-step.ts';

/** What a failover needs to know of a request. */
export interface FailoverRequest extends Repeatability, Wish {}
