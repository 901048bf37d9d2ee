import type { MeterOf } from '../../src/proxy/meter-of.ts';
import type { AnswerUsage, Metered } from '../../src/telemetry/exchange.ts';
import { PendingUsage } from '../../src/usage/pending-usage.ts';
import { UsageRefusals } from '../../src/usage/usage-refusals.ts';
import { RequestMeter } from '../../src/usage/request-meter.ts';

/** The meters of a gateway whose clients all have budgets. */
export interface Meters {
  readonly meterOf: MeterOf;
  /** Usages that were reported in sessions. */
  readonly told: AnswerUsage[];
  /** Waits for the next finished request. */
  next(): Promise<Metered>;
}

/** Meters every request; `x-client` names its client. */
export function meterAll(): Meters {
  const pending = new PendingUsage();
  const refusals = new UsageRefusals();
  const metered: Metered[] = [];
  const waiters: ((metered: Metered) => void)[] = [];
  const told: AnswerUsage[] = [];
  const meterOf: MeterOf = ({ headers }) => {
    const client = String(headers['x-client'] ?? 'chat');
    const meter = new RequestMeter({ client, pending, refusals, onUsage: (usage) => void told.push(usage) });
    const end = meter.end.bind(meter);
    meter.end = () => {
      const one = end();
      const waiter = waiters.shift();
      if (waiter === undefined) metered.push(one);
      else waiter(one);
      return one;
    };
    return meter;
  };
  const next = async () =>
    metered.shift() ?? (await new Promise<Metered>((resolve) => waiters.push(resolve)));
  return { meterOf, told, next };
}
