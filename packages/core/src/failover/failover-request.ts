import type { RoutingRequest } from '../routing-request.ts';
import type { Repeatability } from './decide-next-step.ts';

/** What a failover needs to know of a request. */
export interface FailoverRequest extends Repeatability, RoutingRequest {}
