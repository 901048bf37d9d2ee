import type { IncomingHttpHeaders } from 'node:http';
import { type FailoverRequest, strategies } from '@spillway/core';
import type { Config } from '../config/schema.ts';
import type { Client } from '../client/client.ts';
import type { RequestContent } from '../route/request-content.ts';
import { expectTokens } from '../usage/expect-tokens.ts';
import type { BilledRequest } from './client-bill.ts';
import { createPriorityOf } from './priority-of.ts';

/** The part of a route that matters to the pool. */
interface RoutedOperation {
  readonly deployment: string;
  readonly operation: string;
  readonly createsObject: boolean;
  readonly content: RequestContent | undefined;
}

/** Returns the facts about a request that the pool and the failover need. */
export type RoutingRequestOf = (
  request: RoutedRequest,
  route: RoutedOperation,
) => FailoverRequest & Pick<BilledRequest, 'isOutputOpen' | 'allowedTokens' | 'expected'>;

interface RoutedRequest {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly caller?: Client | undefined;
}

/** Creates the function that reads a request for the pool; its prompt only where the strategy uses it. */
export function createRoutingRequestOf({
  priorityClasses,
  strategy,
}: Pick<Config, 'priorityClasses' | 'strategy'>): RoutingRequestOf {
  const priorityOf = priorityClasses && createPriorityOf(priorityClasses);
  const { regardsHeadroom } = strategies[strategy];
  return ({ method, headers, caller }, { deployment, operation, createsObject, content }) => {
    const isCharged = regardsHeadroom || caller?.budgets !== undefined;
    const prompt = isCharged ? content?.prompt : undefined;
    const isExpected = caller?.budgets !== undefined && content !== undefined && prompt === undefined;
    return {
      deployment,
      method,
      operation,
      createsObject,
      estimate: prompt?.estimate,
      isOutputOpen: prompt?.isOutputOpen,
      allowedTokens: prompt?.allowedTokens,
      expected: isExpected
        ? expectTokens({ method, operation, deployment, body: content.body, ...sizeOf(headers) })
        : undefined,
      affinityKey: prompt?.affinityKey,
      priorityClass: priorityOf ? priorityOf(headers, caller) : caller?.priorityClass,
    };
  };
}

function sizeOf(headers: IncomingHttpHeaders) {
  return { contentType: headers['content-type'], contentLength: headers['content-length'] };
}
