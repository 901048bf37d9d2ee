import type { IncomingHttpHeaders } from 'node:http';
import type { FailoverRequest } from '@spillway/core';
import type { Config } from '../config/schema.ts';
import { readPrompt } from '../prompt/read-prompt.ts';
import { createPriorityOf } from './priority-of.ts';

/** The part of a route that matters to the pool. */
interface RoutedOperation {
  readonly deployment: string;
  readonly operation: string;
  readonly createsObject: boolean;
}

/** Returns what the pool and the failover must know of a request. */
export type RoutingRequestOf = (
  headers: IncomingHttpHeaders,
  route: RoutedOperation,
  body: Buffer | undefined,
) => FailoverRequest;

/** Makes the function that reads a request for the pool; its prompt only where the strategy has a use for it. */
export function createRoutingRequestOf({
  priorityClasses,
  strategy,
}: Pick<Config, 'priorityClasses' | 'strategy'>): RoutingRequestOf {
  const priorityOf = priorityClasses && createPriorityOf(priorityClasses);
  const regardsHeadroom = strategy === 'most-headroom';
  return (headers, { deployment, operation, createsObject }, body) => {
    const prompt = regardsHeadroom ? readPrompt(operation, body) : undefined;
    return {
      deployment,
      createsObject,
      estimate: prompt?.estimate,
      affinityKey: prompt?.affinityKey,
      priorityClass: priorityOf?.(headers),
    };
  };
}
