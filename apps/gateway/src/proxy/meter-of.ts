import type { AcceptedRequest } from '../request/accept.ts';
import type { Route } from '../route/classify-route.ts';
import { meteringOf } from '../usage/metering.ts';
import { PendingUsage } from '../usage/pending-usage.ts';
import { type MeterOptions, RequestMeter } from '../usage/request-meter.ts';
import { UsageRefusals } from '../usage/usage-refusals.ts';

/** What a process knows for its meters, whatever its configuration is. */
export interface MeterMemory {
  readonly pending: PendingUsage;
  readonly refusals: UsageRefusals;
}

/** Makes what a new process knows. */
export function createMeterMemory(): MeterMemory {
  return { pending: new PendingUsage(), refusals: new UsageRefusals() };
}

/** Returns the meter of a request; undefined where its answer's end tells all that anybody wants to know. */
export type MeterOf = (
  request: Pick<AcceptedRequest<unknown>, 'method' | 'headers' | 'caller'>,
  route: Pick<Route, 'operation' | 'content'>,
  session: Pick<MeterOptions, 'onUsage' | 'onUntold'>,
) => RequestMeter | undefined;

/** Makes the function that gives a meter to what clients with budgets ask for, and to all that is told later or of earlier. */
export function createMeterOf({ pending, refusals }: MeterMemory): MeterOf {
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
