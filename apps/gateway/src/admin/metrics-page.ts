import { performance } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { getHeapStatistics } from 'node:v8';
import type { Backend } from '@spillway/core';
import type { ClientConfig } from '../client/client.ts';
import { lastExpiryMs } from '../client/last-expiry.ts';
import { takesKeys, takesTokens } from '../config/auth-mode.ts';
import type { Config } from '../config/schema.ts';
import { residentBytes } from '../overload/memory-meter.ts';
import type { Runtime } from '../proxy/runtime.ts';
import type { Reloader } from '../reload/reloader.ts';
import type { EventLoopDelay } from '../telemetry/event-loop-delay.ts';
import { type CollectedMetrics, type Format, renderMetrics } from '../telemetry/metrics/exposition.ts';
import type { DeploymentNames } from '../telemetry/metrics/deployment-names.ts';
import type { Registry } from '../telemetry/metrics/registry.ts';
import type { RequestMetrics } from '../telemetry/metrics/request-metrics.ts';
import { MAX_READ_DEPLOYMENTS, readState } from '../telemetry/metrics/state-readings.ts';
import { version } from '../version.ts';
import type { ProcessReport } from './live-state.ts';

const US_PER_SECOND = 1_000_000;

/** The sources of the metrics. */
export interface MetricsParts {
  readonly current: () => Pick<Runtime, 'pool' | 'room' | 'nowMs' | 'clients' | 'config'>;
  readonly describeProcess: () => ProcessReport;
  readonly delay: EventLoopDelay;
  readonly memoryLimitBytes: number;
  readonly registry: Registry;
  /** Only the number of left-out series is shown. */
  readonly conventions: Pick<Registry, 'dropped'> | undefined;
  readonly requests: RequestMetrics;
  readonly reloader: Pick<Reloader, 'report'>;
  readonly wrongTokens: { readonly count: number };
}

/** Returns a page with the current metrics. Requests continue in between, as there may be thousands of series. */
export async function collectMetrics(parts: MetricsParts, format: Format): Promise<string> {
  const { families, readings } = readMetrics(parts);
  let page = '';
  for (const piece of renderMetrics(families, readings, format)) {
    page += piece;
    await nextTurn();
  }
  return page;
}

/** Returns the current metrics. */
export function readMetrics({
  current,
  describeProcess,
  delay,
  memoryLimitBytes,
  registry,
  conventions,
  requests,
  reloader,
  wrongTokens,
}: MetricsParts): CollectedMetrics {
  const { pool, room, nowMs, clients, config } = current();
  const now = nowMs();
  const atMs = Date.now();
  const { user, system } = process.cpuUsage();
  const { p99Ms, maxMs } = delay.worst;
  const readings = readState({
    process: {
      ...describeProcess(),
      wrongTokens: wrongTokens.count,
      version,
      nodeVersion: process.versions.node,
      startedAtMs: performance.timeOrigin,
      droppedSeries: registry.dropped + (conventions?.dropped ?? 0),
      residentBytes: residentBytes(),
      heapBytes: getHeapStatistics().used_heap_size,
      memoryLimitBytes,
      cpuSeconds: (user + system) / US_PER_SECOND,
      delayP99Ms: p99Ms,
      delayMaxMs: maxMs,
    },
    reload: reloader.report,
    waiting: room?.sizes,
    retriesLeft: pool.retries?.leftAt(now),
    reports: pool.report(now, (backend) => namedAt(backend, requests.names, pool.size)),
    names: requests.names,
    clients: (config.clients ?? []).map((configured) => ({
      name: configured.name,
      budgets: clients.byName.get(configured.name)?.budgets?.report(now, atMs) ?? [],
      keysExpireMs: hasOnlyKeys(configured, config) ? lastExpiryMs(configured) : undefined,
    })),
    atMs,
    nowMs: now,
  });
  return { families: registry.families, readings };
}

function hasOnlyKeys({ entra }: ClientConfig, config: Config): boolean {
  return takesKeys(config) && (entra === undefined || !takesTokens(config));
}

/**
 * Returns the deployments of a backend that are reported before their first request. Of very many only those are
 * reported that have had one, as the others would leave them no room.
 */
function namedAt(backend: Backend, names: DeploymentNames, backends: number): readonly string[] {
  return names.requested.length * backends > MAX_READ_DEPLOYMENTS ? [] : names.at(backend);
}

/** Returns the format that an `Accept` header prefers; Prometheus' own if it names neither. */
export function formatFor(accept = '*/*'): Format {
  let openmetrics = 0;
  let prometheus = 0;
  for (const range of accept.split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const parameter = (name: string) =>
      parameters
        .find((one) => one.startsWith(`${name}=`))
        ?.slice(name.length + 1)
        .replaceAll('"', '');
    const quality = Number(parameter('q') ?? 1);
    const wanted = parameter('version');
    if (type === 'application/openmetrics-text' && (wanted ?? '1.0.0') === '1.0.0')
      openmetrics = Math.max(openmetrics, quality);
    else if (['text/plain', 'text/*', '*/*'].includes(type) && (wanted ?? '0.0.4') === '0.0.4')
      prometheus = Math.max(prometheus, quality);
  }
  return openmetrics > 0 && openmetrics >= prometheus ? 'openmetrics' : 'prometheus';
}
