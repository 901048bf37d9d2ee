import type { Figure } from '@spillway/simulation';
import type { ReportRun } from '../report/report.ts';
import type { Verdict } from '../report/verdict.ts';
import { chartScenario } from './chart-scenario.ts';
import type { ScenarioResult } from './scenario-result.ts';
import type { Scenario } from './scenario.ts';

/** Returns a scenario's part of the report. */
export function reportScenario(
  scenario: Scenario,
  result: ScenarioResult,
  verdicts: readonly Verdict[],
): ReportRun {
  const { name, shows } = scenario;
  return {
    name,
    shows,
    verdicts,
    figures: figuresOf(scenario, result),
    charts: chartScenario(scenario, result),
  };
}

function figuresOf({ durationMs }: Scenario, { clients, backends }: ScenarioResult): Figure[] {
  const { answers, errors, latencyP50Ms, latencyP99Ms } = clients;
  const served = answers.filter(({ status }) => status === 200).length;
  const refused = answers.filter(({ status }) => status === 429).length;
  const calls = backends.flatMap((backend) => [...backend.calls]);
  const firstPriority = Math.min(...backends.map(({ priority }) => priority));
  const spilled = backends
    .filter(({ priority }) => priority > firstPriority)
    .reduce((sum, backend) => sum + backend.calls.filter(({ status }) => status === 200).length, 0);
  return [
    { name: 'answers/s', value: perSecond(answers.length, durationMs), unit: '', better: 'higher' },
    { name: 'served', value: percent(served, answers.length), unit: '%', better: 'higher' },
    { name: 'client 429s', value: refused, unit: '' },
    {
      name: 'other failures',
      value: answers.length - served - refused + errors,
      unit: '',
      better: 'lower',
    },
    {
      name: 'backend 429s',
      value: calls.filter(({ status }) => status === 429).length,
      unit: '',
      better: 'lower',
    },
    { name: 'attempts per answer', value: ratio(calls.length, answers.length), unit: '', better: 'lower' },
    { name: 'spilled', value: percent(spilled, served), unit: '%' },
    { name: 'latency p50', value: tenths(latencyP50Ms), unit: 'ms', better: 'lower' },
    { name: 'latency p99', value: tenths(latencyP99Ms), unit: 'ms', better: 'lower' },
  ];
}

function perSecond(count: number, durationMs: number): number {
  return Math.round((count * 1000) / durationMs);
}

function percent(part: number, whole: number): number | null {
  return whole === 0 ? null : Math.round((1000 * part) / whole) / 10;
}

function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : Math.round((1000 * part) / whole) / 1000;
}

function tenths(ms: number): number | null {
  return Number.isNaN(ms) ? null : Math.round(ms * 10) / 10;
}
