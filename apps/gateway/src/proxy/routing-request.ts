import type { IncomingHttpHeaders } from 'node:http';
import type { FailoverRequest } from '@spillway/core';
import type { Config } from '../config/schema.ts';
import { createPriorityOf } from './priority-of.ts';
import { readPrompt } from '../prompt/read-prompt.ts';

/** What a wish is read from, beside the headers. */
interface WishingRequest {
  readonly deployment: string;
  readonly operation: string;
  readonly createsObject: boolean;
}

/** Answers what a request wants of the pool. */
export type WishOf = (
  headers: IncomingHttpHeaders,
  request: WishingRequest,
  body: Buffer | undefined,
) => FailoverRequest;

/** Makes the function that answers what a request wants: of its prompt only what the strategy has a use for is read. */
export function createRoutingRequestOf({
  priorityClasses,
  strategy,
}: Pick<Config, 'priorityClasses' | 'strategy'>): WishOf {
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
