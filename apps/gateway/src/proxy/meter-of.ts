import type { AcceptedRequest } from '../request/accept.ts';
import type { Route } from '../route/classify-route.ts';
import type { AnswerUsage } from '../telemetry/exchange.ts';
import { meteringOf } from '../usage/metering.ts';
import { PendingUsage } from '../usage/pending-usage.ts';
import { RequestMeter } from '../usage/request-meter.ts';
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

/**
 * Returns the meter of a request; undefined where its answer's end tells all that anybody wants to know.
 *
 * @param onUsage hears of each usage in a session when it is told
 */
export type MeterOf = (
  request: Pick<AcceptedRequest<unknown>, 'method' | 'headers' | 'caller'>,
  route: Pick<Route, 'operation' | 'content'>,
  onUsage: (usage: AnswerUsage) => void,
) => RequestMeter | undefined;

/** Makes the function that gives a meter to what clients with budgets ask for, and to all that is told later or of earlier. */
export function createMeterOf({ pending, refusals }: MeterMemory): MeterOf {
  return ({ method, caller }, { operation, content }, onUsage) => {
    const isMetered = caller?.budgets !== undefined || isBackground(method, operation, content);
    return isMetered ? new RequestMeter({ client: caller?.name, pending, refusals, onUsage }) : undefined;
  };
}

function isBackground(method: string, operation: string, content: Route['content']): boolean {
  if (!operation.startsWith('responses')) return false;
  return content?.isBackground === true || meteringOf(method, operation).told === 'of-earlier';
}
