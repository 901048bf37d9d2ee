import type { AcceptedRequest } from '../request/accept.ts';
import type { Route } from '../route/classify-route.ts';
import { meteringOf } from '../usage/metering.ts';
import { BatchFiles } from '../usage/batch-files.ts';
import type { MeterOptions } from '../usage/meter-options.ts';
import { PendingUsage } from '../usage/pending-usage.ts';
import { RequestMeter } from '../usage/request-meter.ts';
import { UsageRefusals } from '../usage/usage-refusals.ts';

/** The memory of a process's meters, whatever its configuration. */
export interface MeterMemory {
  readonly pending: PendingUsage;
  readonly refusals: UsageRefusals;
  readonly batches: BatchFiles;
}

/** Creates the memory of a new process. */
export function createMeterMemory(): MeterMemory {
  return { pending: new PendingUsage(), refusals: new UsageRefusals(), batches: new BatchFiles() };
}

/** Returns the meter of a request; undefined where the end of the answer reports everything of interest. */
export type MeterOf = (
  request: Pick<AcceptedRequest<unknown>, 'method' | 'headers' | 'caller'>,
  route: Pick<Route, 'operation' | 'content'>,
  session: Pick<MeterOptions, 'onUsage' | 'onUntold'>,
) => RequestMeter | undefined;

/**
 * Creates the function that gives meters to requests of clients with budgets, and to any request whose usage is
 * reported later or belongs to an earlier one.
 */
export function createMeterOf({ pending, refusals }: Omit<MeterMemory, 'batches'>): MeterOf {
  return ({ method, caller }, { operation, content }, { onUsage, onUntold }) => {
    const isMetered = caller?.budgets !== undefined || isBackground(method, operation, content);
    if (!isMetered) return undefined;
    return new RequestMeter({ client: caller?.name, pending, refusals, onUsage, onUntold });
  };
}

function isBackground(method: string, operation: string, content: Route['content']): boolean {
  if (!operation.startsWith('responses')) return false;
  return content?.isBackground === true || meteringOf(method, operation).told === 'of-earlier';
}
