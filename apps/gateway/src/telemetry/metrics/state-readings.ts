import {
  type BackendReport,
  deploymentKey,
  type DeploymentSnapshot,
  isInCooldown,
  type PriorityClass,
} from '@spillway/core';
import { type ClientReadings, readClient } from './client-readings.ts';
import type { DeploymentNames } from './deployment-names.ts';
import type { Reading } from './exposition.ts';
import { type Metric, renderLabels } from './metric.ts';
import { stateMetrics } from './state-metric-list.ts';

type Name = keyof typeof stateMetrics;
type State = DeploymentSnapshot['availability'];

const STATES: readonly State[] = ['available', 'probing', 'full', 'cooling', 'throttled', 'draining'];
const STATE_LABELS = STATES.map((state) => [state, renderLabels(['state'], [state])] as const);
const MS = 1000;
/** Deployments at backends whose states and limits are read. Each has up to fourteen series. */
export const MAX_READ_DEPLOYMENTS = 1400;

/** The process's own values when metrics are collected. */
interface ProcessReadings {
  readonly version: string;
  readonly nodeVersion: string;
  /** By the wall clock, in ms. */
  readonly startedAtMs: number;
  readonly connections: number;
  readonly inFlight: number;
  readonly keptBytes: number;
  readonly escapedErrors: number;
  /** From operators, or others. */
  readonly wrongTokens: number;
  readonly droppedLogLines: number;
  readonly droppedSpans: number;
  readonly droppedSeries: number;
  readonly isStateKept?: boolean | undefined;
  readonly residentBytes: number;
  readonly heapBytes: number;
  readonly memoryLimitBytes: number;
  readonly cpuSeconds: number;
  readonly delayP99Ms: number;
  readonly delayMaxMs: number;
}

/** The results of reloads. */
interface ReloadReadings {
  readonly result: 'started' | 'applied' | 'refused';
  readonly applied: number;
  readonly refused: number;
  /** By the wall clock, in ms. */
  readonly lastSuccessMs: number;
}

/** The sources of the values when metrics are collected. */
export interface StateSources {
  readonly process: ProcessReadings;
  readonly reload: ReloadReadings;
  readonly waiting: Readonly<Record<PriorityClass, number>> | undefined;
  readonly retriesLeft: number | undefined;
  readonly reports: readonly BackendReport[];
  readonly clients: readonly ClientReadings[];
  readonly names: DeploymentNames;
  /** The same moment on the wall clock and on the pool's clock. */
  readonly atMs: number;
  readonly nowMs: number;
}

/** The values of all metrics that are read rather than counted. */
class Readings {
  readonly #values = new Map<Metric, Map<string, number>>();

  /**
   * @param labels the rendered labels, shared by all metrics that have the same ones: rendering takes longer than
   * anything else here
   */
  set(name: Name, value: number | undefined, labels = ''): void {
    if (value === undefined) return;
    const metric: Metric = stateMetrics[name];
    let values = this.#values.get(metric);
    if (values === undefined) this.#values.set(metric, (values = new Map()));
    values.set(labels, value);
  }

  get all(): Reading[] {
    return [...this.#values].map(([metric, values]) => ({ metric, values }));
  }
}

/** Reads the state at the moment that metrics are collected. */
export function readState({
  process,
  reload,
  waiting,
  retriesLeft,
  reports,
  clients,
  ...context
}: StateSources): Reading[] {
  const readings = new Readings();
  readProcess(readings, process);
  readReload(readings, reload);
  for (const [priorityClass, count] of Object.entries(waiting ?? {}))
    readings.set('waiting', count, renderLabels(stateMetrics.waiting.labels, [priorityClass]));
  readings.set('retriesLeft', retriesLeft);
  let deploymentsLeft = MAX_READ_DEPLOYMENTS;
  for (const report of reports) {
    const deployments = report.deployments.slice(0, deploymentsLeft);
    deploymentsLeft -= deployments.length;
    readBackend(readings, { ...report, deployments }, context);
  }
  for (const client of clients)
    readClient(client, (name, value, labels) => readings.set(name, value, labels));
  return readings.all;
}

function readProcess(readings: Readings, process: ProcessReadings): void {
  const { labels } = stateMetrics.buildInfo;
  readings.set('buildInfo', 1, renderLabels(labels, [process.version, process.nodeVersion]));
  readings.set('startTime', process.startedAtMs / MS);
  readings.set('connections', process.connections);
  readings.set('inFlight', process.inFlight);
  readings.set('keptBytes', process.keptBytes);
  readings.set('residentMemory', process.residentBytes);
  readings.set('heapUsed', process.heapBytes);
  readings.set('memoryLimit', process.memoryLimitBytes);
  readings.set('cpu', process.cpuSeconds);
  readings.set('eventLoopDelayP99', process.delayP99Ms / MS);
  readings.set('eventLoopDelayMax', process.delayMaxMs / MS);
  readings.set('escapedErrors', process.escapedErrors);
  readings.set('wrongTokens', process.wrongTokens);
  readings.set('droppedLogLines', process.droppedLogLines);
  readings.set('droppedSpans', process.droppedSpans);
  readings.set('droppedSeries', process.droppedSeries);
  if (process.isStateKept !== undefined) readings.set('stateKept', process.isStateKept ? 1 : 0);
}

function readReload(readings: Readings, { result, applied, refused, lastSuccessMs }: ReloadReadings): void {
  const { labels } = stateMetrics.configReloads;
  readings.set('configReloads', applied, renderLabels(labels, ['applied']));
  readings.set('configReloads', refused, renderLabels(labels, ['refused']));
  readings.set('configReloadSuccessful', result === 'refused' ? 0 : 1);
  readings.set('configReloadSuccess', lastSuccessMs / MS);
}

type Context = Pick<StateSources, 'names' | 'atMs' | 'nowMs'>;

function readBackend(readings: Readings, { asWhole, deployments }: BackendReport, context: Context): void {
  const { name, priority } = asWhole.backend;
  const whole = renderLabels(stateMetrics.backendInFlight.labels, [name, String(priority)]);
  readings.set('backendInFlight', asWhole.inFlight, whole);
  readStates(readings, 'backendState', asWhole, whole);
  const alone = renderLabels(stateMetrics.backendCooldownEnd.labels, [name]);
  readCooldown(readings, 'backendCooldownEnd', asWhole, alone, context);
  for (const { deployment, state, headroom } of deployments) {
    const label = context.names.labelOf(deployment, false);
    // A deployment that only the pool knows has no label.
    if (deploymentKey(label) !== deploymentKey(deployment)) continue;
    const labels = renderLabels(stateMetrics.headroom.labels, [name, label]);
    readStates(readings, 'deploymentState', state, labels);
    readCooldown(readings, 'deploymentCooldownEnd', state, labels, context);
    readings.set('headroom', headroom.share, labels);
    readings.set('utilization', headroom.utilization, labels);
    readings.set('limitTokens', headroom.limitTokens, labels);
    readings.set('remainingTokens', headroom.remainingTokens, labels);
    readings.set('limitRequests', headroom.limitRequests, labels);
    readings.set('remainingRequests', headroom.remainingRequests, labels);
  }
}

function readStates(
  readings: Readings,
  name: Name,
  { availability }: DeploymentSnapshot,
  labels: string,
): void {
  for (const [state, label] of STATE_LABELS)
    readings.set(name, availability === state ? 1 : 0, `${labels},${label}`);
}

/** 0 where nothing is in cooldown, so that the series exists when a cooldown begins. */
function readCooldown(
  readings: Readings,
  name: Name,
  snapshot: DeploymentSnapshot,
  labels: string,
  { atMs, nowMs }: Context,
): void {
  const { recoversAtMs } = snapshot;
  const endsMs = isInCooldown(snapshot) && recoversAtMs > nowMs ? atMs + recoversAtMs - nowMs : 0;
  readings.set(name, Math.round(endsMs) / MS, labels);
}
