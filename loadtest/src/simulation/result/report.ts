import { renderTable } from '@spillway/simulation';
import type { Figures } from './figures.ts';
import type { SimulationSettings } from './simulation-result.ts';

/** A policy's figures, and the time it took to compute them. */
export interface PolicyReport {
  readonly policy: string;
  readonly figures: Figures;
  /** In wall-clock time, and in processor time. */
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
}

/** Renders the simulated setup, in one line. */
export function renderSettings(settings: SimulationSettings): string {
  const { kind, backends, replicas, durationMs, load, seed } = settings;
  return `${backends} backends (${kind}), ${replicas} replicas, ${durationMs / 60_000} minutes at ${load} x the quotas, seed ${seed}`;
}

/** Renders the policies' figures side by side. */
export function renderFigures(reports: readonly PolicyReport[]): string {
  const header = [
    'policy',
    'requests',
    'quota served',
    'backend 429s per 1,000',
    'attempts per success',
    'client 429s',
    'avoidable',
    'fairness',
    'replicas served',
    'seconds',
    'CPU',
  ];
  const rows = reports.map(({ policy, figures, wallSeconds, cpuSeconds }) => [
    policy,
    String(figures.requests),
    percent(figures.quotaShare),
    figures.backendRefusalsPerThousand.toFixed(1),
    figures.attemptsPerSuccess.toFixed(3),
    percent(figures.refusedShare),
    percent(figures.avoidableShare),
    figures.fairness.toFixed(4),
    `${percent(figures.worstReplica)} to ${percent(figures.bestReplica)}`,
    wallSeconds.toFixed(1),
    cpuSeconds.toFixed(1),
  ]);
  return renderTable(header, rows);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}
