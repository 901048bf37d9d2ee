import type { IncomingHttpHeaders } from 'node:http';
import { type FailoverRequest, strategies, type TokenEstimate } from '@spillway/core';
import { isForm } from '../body/form-field.ts';
import type { Config } from '../config/schema.ts';
import type { Client } from '../client/client.ts';
import type { RequestContent } from '../route/request-content.ts';
import { BYTES_PER_TOKEN } from '../usage/estimate-tokens.ts';
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
  /** Set if only part of the body is kept. */
  readonly upload?: unknown;
}

/** Creates the function that reads a request for the pool; its prompt only where the strategy uses it. */
export function createRoutingRequestOf({
  priorityClasses,
  strategy,
}: Pick<Config, 'priorityClasses' | 'strategy'>): RoutingRequestOf {
  const priorityOf = priorityClasses && createPriorityOf(priorityClasses);
  const { regardsHeadroom } = strategies[strategy];
  return (request, { deployment, operation, createsObject, content }) => {
    const { method, headers, caller, upload } = request;
    const isCharged = regardsHeadroom || caller?.budgets !== undefined;
    const prompt = isCharged ? content?.prompt : undefined;
    const isUnread = upload !== undefined || prompt === undefined;
    const isExpected = caller?.budgets !== undefined && content !== undefined && isUnread;
    return {
      deployment,
      method,
      operation,
      createsObject,
      estimate: prompt?.estimate,
      isOutputOpen: prompt?.isOutputOpen,
      allowedTokens: prompt?.allowedTokens,
      expected: isExpected
        ? withUnread(
            prompt?.estimate ??
              expectTokens({ method, operation, deployment, body: content.body, ...sizeOf(headers) }),
            request,
          )
        : undefined,
      affinityKey: prompt?.affinityKey,
      priorityClass: priorityOf ? priorityOf(headers, caller) : caller?.priorityClass,
    };
  };
}

function sizeOf(headers: IncomingHttpHeaders) {
  return { contentType: headers['content-type'], contentLength: headers['content-length'] };
}

/** No model takes a longer prompt. */
const MAX_UNREAD_TOKENS = 1_000_000;

/** Only the beginning of JSON that is too large to be kept is read: all the rest may be a prompt. */
function withUnread(
  estimate: TokenEstimate | undefined,
  { headers, upload }: RoutedRequest,
): TokenEstimate | undefined {
  if (estimate === undefined || upload === undefined || isForm(headers['content-type'])) return estimate;
  const bytes = Number(headers['content-length'] ?? Number.POSITIVE_INFINITY);
  const unreadTokens = Math.min(Math.ceil(bytes / BYTES_PER_TOKEN), MAX_UNREAD_TOKENS);
  return { ...estimate, promptTokens: Math.max(estimate.promptTokens, unreadTokens) };
}
