import type { Config } from '../config/schema.ts';
import { EventLoopDelay } from '../telemetry/event-loop-delay.ts';
import type { LiveTraffic } from '../telemetry/live/live-traffic.ts';
import type { Registry } from '../telemetry/metrics/registry.ts';
import type { RequestMetrics } from '../telemetry/metrics/request-metrics.ts';
import type { AdminParts } from './admin-parts.ts';
import { type AdminServer, listenAdmin } from './listen-admin.ts';
import { type LiveParts, LiveState } from './live-state.ts';

export type { AdminServer } from './listen-admin.ts';

type OperatorParts = Omit<LiveParts, 'traffic' | 'delay'> &
  Pick<AdminParts, 'current' | 'log'> & {
    /** What is counted, if anybody is to see it. */
    readonly counts: OperatorCounts | undefined;
  };

/** What is counted of requests for operators. */
export interface OperatorCounts {
  readonly traffic: LiveTraffic;
  readonly registry: Registry;
  readonly requests: RequestMetrics;
}

/**
 * Starts what operators look at and work with, unless it is off.
 *
 * @throws ConfigError if the address cannot be listened on
 */
export async function startAdmin(
  { counts, ...parts }: OperatorParts,
  { admin }: Pick<Config, 'admin'>,
): Promise<AdminServer | undefined> {
  if (admin === false || counts === undefined) return undefined;
  const delay = new EventLoopDelay();
  const live = new LiveState({ ...parts, traffic: counts.traffic, delay });
  const metrics = { ...parts, ...counts, delay };
  try {
    return await listenAdmin(admin, { ...parts, live, metrics });
  } catch (error) {
    live.stop();
    throw error;
  }
}
