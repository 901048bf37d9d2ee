import { percentile } from '@spillway/simulation';
import type { Band, Chart, Series } from '../report/plot/chart.ts';
import { colours } from '../report/plot/colours.ts';
import type { ScenarioResult } from './scenario-result.ts';
import type { Scenario } from './scenario.ts';

const BIN_MS = 250;
/** Percentiles of fewer answers would jump. */
const LATENCY_BIN_MS = 500;

/** Requests sent this shortly before the end may have had no time for an answer. */
const CUT_OFF_MS = 1_000;

interface Moment {
  readonly atMs: number;
}

/**
 * Returns a scenario's plots: each backend's answers, the clients' answers, their times, and the number of attempts.
 */
export function chartScenario(scenario: Scenario, result: ScenarioResult): Chart[] {
  return [
    chartBackends(scenario, result),
    chartClients(scenario, result),
    chartLatency(scenario, result),
    chartAttempts(scenario, result),
  ];
}

function chartBackends({ durationMs, backends, changes }: Scenario, result: ScenarioResult): Chart {
  const rows = result.backends.map(({ name, priority, calls }) => ({
    label: `${name} (priority ${priority})`,
    series: statusSeries(calls.filter(isOver(durationMs)), durationMs),
    bands: changes
      .filter(({ backend, script }) => backend === name && script.startsWith('throttle'))
      .map(({ atMs, forMs = durationMs - atMs }): Band => ({ from: atMs / 1000, to: (atMs + forMs) / 1000 })),
  }));
  const isThrottled = changes.length > 0;
  return {
    title: `Requests at each of the ${backends.length} backends`,
    says: isThrottled
      ? 'Shaded: the backend is throttled, and answers every request with 429.'
      : 'No backend is throttled.',
    xTitle: 'seconds',
    yTitle: 'requests/s',
    kind: 'stacked',
    rows,
  };
}

function chartClients({ durationMs }: Scenario, { clients }: ScenarioResult): Chart {
  return {
    title: 'What clients saw',
    says: `${clients.answers.length.toLocaleString('en')} answers, and ${clients.errors} errors of connections.`,
    xTitle: 'seconds',
    yTitle: 'answers/s',
    kind: 'stacked',
    rows: [{ series: statusSeries(clients.answers, durationMs) }],
  };
}

function chartLatency({ durationMs }: Scenario, { clients }: ScenarioResult): Chart {
  const series = ([0.5, 0.9, 0.99] as const).map((share): Series => {
    const name = `p${share * 100}` as 'p50' | 'p90' | 'p99';
    const points = binned(clients.answers, durationMs, LATENCY_BIN_MS).flatMap(({ fromMs, inBin }) => {
      const latenciesMs = inBin.map(({ latencyMs }) => latencyMs);
      return inBin.length === 0 ? [] : [[fromMs / 1000, rounded(percentile(latenciesMs, share))] as const];
    });
    return { name, colour: colours[name], points };
  });
  return {
    title: 'Latency of clients’ answers',
    says: 'Percentiles of each half second, from a request to its last byte. Refusals count too.',
    xTitle: 'seconds',
    yTitle: 'ms',
    kind: 'lines',
    rows: [{ series }],
  };
}

function chartAttempts({ durationMs }: Scenario, { clients, backends }: ScenarioResult): Chart {
  const attempts = binned(
    backends.flatMap(({ calls }) => [...calls]),
    durationMs,
    BIN_MS,
  );
  const answers = binned(clients.answers, durationMs, BIN_MS);
  const points = attempts.flatMap(({ fromMs, inBin }, index) => {
    const answered = answers[index]?.inBin.length ?? 0;
    return answered === 0 ? [] : [[fromMs / 1000, rounded(inBin.length / answered)] as const];
  });
  return {
    title: 'Attempts per answer',
    says: '1 is one attempt at a backend for each answer; more are retries, and 0 is an answer by the gateway alone.',
    xTitle: 'seconds',
    yTitle: 'attempts',
    kind: 'lines',
    rows: [{ series: [{ name: 'attempts per answer', colour: colours.attempts, points }] }],
  };
}

/** Requests cut off by the end of the run say nothing about their backend. */
function isOver(durationMs: number) {
  return ({ atMs, status }: Moment & { readonly status: number | undefined }) =>
    status !== undefined || atMs < durationMs - CUT_OFF_MS;
}

/** Rates by status; statuses that never came have no series, so that a legend names only visible ones. */
function statusSeries(
  all: readonly (Moment & { readonly status: number | undefined })[],
  durationMs: number,
): Series[] {
  const kinds = [
    { name: '200', colour: colours.served, has: (status?: number) => status === 200 },
    { name: '429', colour: colours.throttled, has: (status?: number) => status === 429 },
    { name: 'other', colour: colours.failed, has: (status?: number) => status !== 200 && status !== 429 },
  ];
  const bins = binned(all, durationMs, BIN_MS);
  const series = kinds.map(({ name, colour, has }) => ({
    name,
    colour,
    points: bins.map(
      ({ fromMs, inBin }) =>
        [fromMs / 1000, (inBin.filter(({ status }) => has(status)).length * 1000) / BIN_MS] as const,
    ),
  }));
  return series.filter(({ name, points }) => name === '200' || points.some(([, rate]) => rate > 0));
}

function binned<T extends Moment>(all: readonly T[], durationMs: number, binMs: number) {
  const bins = Array.from(
    { length: Math.ceil(durationMs / binMs) },
    (_, index): { fromMs: number; inBin: T[] } => ({
      fromMs: index * binMs,
      inBin: [],
    }),
  );
  for (const one of all) bins[Math.floor(one.atMs / binMs)]?.inBin.push(one);
  return bins;
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
