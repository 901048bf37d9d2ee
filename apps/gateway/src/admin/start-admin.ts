import type { Config } from '../config/schema.ts';
import { EventLoopDelay } from '../telemetry/event-loop-delay.ts';
import type { LiveTraffic } from '../telemetry/live/live-traffic.ts';
import type { Otlp } from '../telemetry/otlp/start-otlp.ts';
import type { Registry } from '../telemetry/metrics/registry.ts';
import type { RequestMetrics } from '../telemetry/metrics/request-metrics.ts';
import type { UsageHistory } from '../telemetry/usage/usage-history.ts';
import type { AdminParts } from './admin-parts.ts';
import { readMetrics } from './metrics-page.ts';
import { type AdminServer, listenAdmin } from './listen-admin.ts';
import { type LiveParts, LiveState } from './live-state.ts';
import { WrongTokens } from './wrong-tokens.ts';

export type { AdminServer } from './listen-admin.ts';

type OperatorParts = Omit<LiveParts, 'traffic' | 'delay'> &
  Pick<AdminParts, 'current' | 'reloader' | 'log'> & {
    /** The counters; undefined if nobody is to see them. */
    readonly counts: OperatorCounts | undefined;
    /** The usage of clients; undefined if nobody is to see it. */
    readonly usage: UsageHistory | undefined;
    readonly otlp: Pick<Otlp, 'sendMetrics'>;
  };

const TICK_MS = 1000;

/** Counters of requests for operators. */
export interface OperatorCounts {
  readonly traffic: LiveTraffic;
  readonly registry: Registry;
  readonly requests: RequestMetrics;
  /** Counters under the names of OpenTelemetry’s conventions, which are only pushed. */
  readonly conventions: Pick<Registry, 'families' | 'dropped'> | undefined;
}

/**
 * Starts the operators' listener, unless it is off, and pushes metrics where that is configured.
 *
 * @throws ConfigError if the address cannot be listened on
 */
export async function startAdmin(
  { counts, usage, otlp, ...parts }: OperatorParts,
  { admin }: Pick<Config, 'admin'>,
): Promise<AdminServer | undefined> {
  if (counts === undefined) return undefined;
  const delay = new EventLoopDelay();
  const wrongTokens = new WrongTokens(parts.log);
  const metrics = { ...parts, ...counts, delay, wrongTokens };
  otlp.sendMetrics?.(() => {
    const { families, readings } = readMetrics(metrics);
    return { families: [...families, ...(counts.conventions?.families ?? [])], readings };
  });
  if (admin === false || usage === undefined) {
    setInterval(() => delay.tick(), TICK_MS).unref();
    return undefined;
  }
  const live = new LiveState({ ...parts, traffic: counts.traffic, delay });
  try {
    return await listenAdmin(admin, { ...parts, live, metrics, usage, wrongTokens });
  } catch (error) {
    live.stop();
    throw error;
  }
}
