import type { IncomingHttpHeaders } from 'node:http';
import { type FailoverRequest, strategies } from '@spillway/core';
import type { Config } from '../config/schema.ts';
import type { RequestContent } from '../route/request-content.ts';
import { createPriorityOf } from './priority-of.ts';

/** The part of a route that matters to the pool. */
interface RoutedOperation {
  readonly deployment: string;
  readonly operation: string;
  readonly createsObject: boolean;
  readonly content: RequestContent | undefined;
}

/** Returns what the pool and the failover must know of a request. */
export type RoutingRequestOf = (request: RoutedRequest, route: RoutedOperation) => FailoverRequest;

interface RoutedRequest {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
}

/** Makes the function that reads a request for the pool; its prompt only where the strategy has a use for it. */
export function createRoutingRequestOf({
  priorityClasses,
  strategy,
}: Pick<Config, 'priorityClasses' | 'strategy'>): RoutingRequestOf {
  const priorityOf = priorityClasses && createPriorityOf(priorityClasses);
  const { regardsHeadroom } = strategies[strategy];
  return ({ method, headers }, { deployment, operation, createsObject, content }) => {
    const prompt = regardsHeadroom ? content?.prompt : undefined;
    return {
      deployment,
      method,
      operation,
      createsObject,
      estimate: prompt?.estimate,
      affinityKey: prompt?.affinityKey,
      priorityClass: priorityOf?.(headers),
    };
  };
}
