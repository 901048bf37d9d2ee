import type { IncomingHttpHeaders } from 'node:http';
import type { Client } from '../client/client.ts';
import type { AnswerUsage } from '../telemetry/exchange.ts';
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
 * Returns the meter of a request; undefined where nobody wants to know exactly what it takes.
 *
 * @param onUsage hears of each usage in a session when it is told
 */
export type MeterOf = (
  request: { readonly headers: IncomingHttpHeaders; readonly caller?: Client | undefined },
  onUsage: (usage: AnswerUsage) => void,
) => RequestMeter | undefined;

/** Makes the function that gives a meter to the requests of clients with budgets. */
export function createMeterOf({ pending, refusals }: MeterMemory): MeterOf {
  return ({ caller }, onUsage) =>
    caller?.budgets && new RequestMeter({ client: caller.name, pending, refusals, onUsage });
}
