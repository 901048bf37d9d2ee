import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { Environment } from '../../config/environment.ts';
import { version } from '../../version.ts';
import type { Sink } from '../exchange.ts';
import type { Log } from '../log.ts';
import type { CollectedMetrics } from '../metrics/exposition.ts';
import type { BeginTrace } from '../tracing/request-trace.ts';
import { ExportWatch } from './export-watch.ts';
import { type OtlpSettings, type Protocol, readOtlpSettings } from './otlp-settings.ts';
import { createBeginTrace } from './sampler.ts';
import { pushMetrics } from './metric-push.ts';
import { hearRejected } from './rejected-items.ts';
import { SpanSink } from './span-sink.ts';
import { resourceOf } from './resource.ts';

/** The telemetry sent to an OTLP receiver. */
export interface Otlp {
  readonly beginTrace: BeginTrace | undefined;
  readonly sinks: readonly Sink[];
  /** Begins to push metrics; undefined if none are to be sent. */
  readonly sendMetrics: ((collect: () => CollectedMetrics) => void) | undefined;
  /** Spans that no receiver has taken. */
  readonly droppedSpans: number;
  /** Sends the rest. Resolves when it has been taken, or has taken too long; never rejects. */
  stop(): Promise<void>;
}

/** The longest part of the process’s end that a slow receiver gets. */
const FLUSH_MS = 2000;

const NOTHING: Otlp = {
  beginTrace: undefined,
  sinks: [],
  sendMetrics: undefined,
  droppedSpans: 0,
  stop: () => Promise.resolve(),
};

/**
 * Starts to send traces and metrics, if the environment names a receiver. OpenTelemetry is loaded only then.
 *
 * @param nodeVersion such as `24.1.0`
 */
export async function startOtlp(env: Environment, log: Log, nodeVersion: string): Promise<Otlp> {
  const settings = readOtlpSettings(env);
  if (settings === undefined) return NOTHING;
  for (const complaint of settings.complaints) log.warn(complaint);
  if (Object.keys(settings.protocols).length === 0) return NOTHING;
  if (!isSupported(nodeVersion)) {
    log.warn({ node: nodeVersion }, 'nothing is sent by OTLP: OpenTelemetry needs Node 22.15 or later');
    return NOTHING;
  }
  try {
    return await start(settings, env, log);
  } catch (error) {
    warnOf(error, 'nothing is sent by OTLP: OpenTelemetry cannot be started', log);
    return NOTHING;
  }
}

/** Whatever is wrong with telemetry, requests are served. */
function warnOf(error: unknown, what: string, log: Log): void {
  // The message may contain a secret from a variable.
  log.warn({ reason: error instanceof Error ? error.name : typeof error }, what);
}

async function start({ protocols, numbers }: OtlpSettings, env: Environment, log: Log): Promise<Otlp> {
  const sdk = await import('./otel-sdk.ts');
  // The exporters' results are watched, which logs an error once instead of each time.
  sdk.setGlobalErrorHandler(() => {});
  const watches = {
    traces: new ExportWatch<ReadableSpan[]>('traces', log, ({ length }) => length),
    // Values that are not taken now are part of the next push.
    metrics: new ExportWatch<ResourceMetrics>('metrics', log, () => 0),
  };
  hearRejected(sdk, (signal, count) => watches[signal].noteRejected(count));
  const resource = resourceOf(sdk);
  const { traces, metrics } = protocols;
  const scope = { name: 'spillway', version };
  const spans = traces && new SpanSink({ sdk, resource, scope }, traces, numbers, watches.traces);
  const pushes: { shutdown(): Promise<void> }[] = [];
  const push = (protocol: Protocol, collect: () => CollectedMetrics) => {
    try {
      pushes.push(pushMetrics({ sdk, resource, watch: watches.metrics }, protocol, numbers, collect));
    } catch (error) {
      warnOf(error, 'no metrics are sent by OTLP: OpenTelemetry cannot be started', log);
    }
  };
  log.info({ traces, metrics }, 'OpenTelemetry is sent by OTLP');
  return {
    beginTrace: spans && createBeginTrace(sdk, env, log),
    sinks: spans === undefined ? [] : [spans],
    sendMetrics: metrics && ((collect) => push(metrics, collect)),
    get droppedSpans() {
      return spans?.dropped ?? 0;
    },
    stop: () => within(FLUSH_MS, Promise.allSettled([spans?.stop(), ...pushes.map((one) => one.shutdown())])),
  };
}

/** Resolves when it is done, has failed or has lasted too long. */
function within(ms: number, work: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    const end = () => {
      clearTimeout(timer);
      resolve();
    };
    work.then(end, end);
  });
}

function isSupported(nodeVersion: string): boolean {
  const [major = 0, minor = 0] = nodeVersion.split('.').map(Number);
  return major > 22 || (major === 22 && minor >= 15);
}
