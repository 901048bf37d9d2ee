import type { Config } from '../config/schema.ts';
import { EventLoopDelay } from '../telemetry/event-loop-delay.ts';
import type { LiveTraffic } from '../telemetry/live/live-traffic.ts';
import type { AdminParts } from './admin-parts.ts';
import { type AdminServer, listenAdmin } from './listen-admin.ts';
import { type LiveParts, LiveState } from './live-state.ts';

export type { AdminServer } from './listen-admin.ts';

type OperatorParts = Omit<LiveParts, 'traffic' | 'delay'> &
  Pick<AdminParts, 'current' | 'log'> & {
    /** What went where, if anybody is to see it. */
    readonly traffic: LiveTraffic | undefined;
  };

/**
 * Starts what operators look at and work with, unless it is off.
 *
 * @throws ConfigError if the address cannot be listened on
 */
export async function startAdmin(
  { traffic, ...parts }: OperatorParts,
  { admin }: Pick<Config, 'admin'>,
): Promise<AdminServer | undefined> {
  if (admin === false || traffic === undefined) return undefined;
  const delay = new EventLoopDelay();
  const live = new LiveState({ ...parts, traffic, delay });
  try {
    return await listenAdmin(admin, { ...parts, live });
  } catch (error) {
    live.stop();
    throw error;
  }
}
