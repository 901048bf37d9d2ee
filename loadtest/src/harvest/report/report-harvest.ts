import type { Figure } from '@spillway/simulation';
import type { Report, ReportRun } from '../../report/report.ts';
import type { Verdict } from '../../report/verdict.ts';
import { contestants } from '../contestants.ts';
import { attemptsPerSuccess, nameOf, perThousand, servedShare, type HarvestRow } from './harvest-row.ts';
import { chartHarvest } from './harvest-charts.ts';
import { judgeTargets } from './judge-targets.ts';

/** Returns the report of a harvest. */
export function reportHarvest(rows: readonly HarvestRow[], madeAt: string): Report {
  const runs = rows.map(reportRun);
  const verdicts = runs.flatMap((run) => run.verdicts);
  return {
    version: 1,
    kind: 'harvest',
    title: `Spillway harvest: ${titleOf(verdicts)}`,
    madeAt,
    charts: chartHarvest(rows),
    runs,
  };
}

function titleOf(verdicts: readonly Verdict[]): string {
  if (verdicts.length === 0) return 'no targets';
  const missed = verdicts.filter(({ isMet }) => !isMet).length;
  return missed === 0 ? 'every target met' : `${missed} ${missed === 1 ? 'target' : 'targets'} missed`;
}

function reportRun(row: HarvestRow): ReportRun {
  const shows = contestants.find(({ name }) => name === row.contestant)?.shows ?? row.contestant;
  const offered = `${row.load} times the tokens that the quotas allow`;
  return {
    name: nameOf(row),
    shows: `${shows}, at ${offered}`,
    figures: figuresOf(row),
    verdicts: judgeTargets([row]).map((verdict) => explain(verdict, row)),
    charts: [],
  };
}

/**
 * Suggests an explanation for a missed target: a busy machine, which is late with everything, is the first thing to
 * rule out.
 */
function explain(judged: Verdict, row: HarvestRow): Verdict {
  const verdict = { ...judged, claim: judged.claim.replace(`${nameOf(row)}: `, '') };
  if (verdict.isMet) return verdict;
  const { driverLateP99Ms, backendRefusals, refused, avoidable, failed } = row.figures;
  const late = `the load test itself sent its requests up to ${driverLateP99Ms.toFixed(1)} ms late (p99)`;
  const counts = `${backendRefusals} backend 429s, ${refused} client 429s (${avoidable.knowably} avoidable), ${failed} other failures`;
  return { ...verdict, why: `${counts}; ${late}` };
}

function figuresOf({ figures }: HarvestRow): Figure[] {
  return [
    figure('requests', figures.requests, ''),
    figure('offered', (100 * figures.offeredTokens) / figures.allowedTokens, '%'),
    figure('served', 100 * servedShare(figures), '%', 'higher'),
    figure('backend 429s per 1,000', perThousand(figures.backendRefusals, figures), '', 'lower'),
    figure('client 429s per 1,000', perThousand(figures.refused, figures), '', 'lower'),
    figure('avoidable', figures.avoidable.knowably, '', 'lower'),
    figure('attempts per success', attemptsPerSuccess(figures), '', 'lower', 3),
    figure('failed', figures.failed, '', 'lower'),
    figure('cached', (100 * figures.cachedTokens) / figures.promptTokens, '%', 'higher'),
    figure('added p50', figures.added.p50Ms, 'ms', 'lower'),
    figure('added p99', figures.added.p99Ms, 'ms', 'lower'),
    figure('late p99', figures.late.p99Ms, 'ms', 'lower'),
    figure('idle p99', figures.idle.p99Ms, 'ms'),
    figure('driver late p99', figures.driverLateP99Ms, 'ms'),
  ];
}

/** JSON has no `NaN`. */
function rounded(value: number, digits: number): number | null {
  return Number.isFinite(value) ? Number(value.toFixed(digits)) : null;
}

function figure(name: string, value: number, unit: string, better?: Figure['better'], digits = 1): Figure {
  return { name, value: rounded(value, digits), unit, better };
}
