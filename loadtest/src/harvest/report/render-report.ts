import { renderTable } from '@spillway/simulation';
import type { RunFigures } from '../measure-run.ts';
import { attemptsPerSuccess, nameOf, perThousand, servedShare, type HarvestRow } from './harvest-row.ts';

interface Column {
  readonly name: string;
  readonly show: (figures: RunFigures) => string;
}

const spending: readonly Column[] = [
  { name: 'requests', show: ({ requests }) => String(requests) },
  { name: 'offered', show: ({ offeredTokens, allowedTokens }) => percent(offeredTokens / allowedTokens) },
  { name: 'served', show: (figures) => percent(servedShare(figures)) },
  { name: 'of offered', show: ({ servedTokens, offeredTokens }) => percent(servedTokens / offeredTokens) },
  { name: 'backend 429s', show: (figures) => oneDigit(perThousand(figures.backendRefusals, figures)) },
  { name: 'client 429s', show: (figures) => oneDigit(perThousand(figures.refused, figures)) },
  { name: 'avoidable', show: ({ avoidable }) => String(avoidable.knowably) },
  { name: 'strictly', show: ({ avoidable }) => String(avoidable.atThatMoment) },
  { name: 'attempts', show: ({ attempts, requests }) => (attempts / requests).toFixed(3) },
  { name: 'per success', show: (figures) => attemptsPerSuccess(figures).toFixed(3) },
  { name: 'failed', show: ({ failed }) => String(failed) },
  { name: 'cached', show: ({ cachedTokens, promptTokens }) => percent(cachedTokens / promptTokens) },
];

const times: readonly Column[] = [
  { name: 'added p50', show: ({ added }) => milliseconds(added.p50Ms) },
  { name: 'p99', show: ({ added }) => milliseconds(added.p99Ms) },
  { name: 'openings', show: ({ late }) => String(late.count) },
  { name: 'late p50', show: ({ late }) => milliseconds(late.p50Ms) },
  { name: 'p99', show: ({ late }) => milliseconds(late.p99Ms) },
  { name: 'max', show: ({ late }) => milliseconds(late.maxMs) },
  { name: 'idle p50', show: ({ idle }) => milliseconds(idle.p50Ms) },
  { name: 'p99', show: ({ idle }) => milliseconds(idle.p99Ms) },
  { name: 'max', show: ({ idle }) => milliseconds(idle.maxMs) },
  { name: 'driver late p99', show: ({ driverLateP99Ms }) => milliseconds(driverLateP99Ms) },
];

const legend = `offered, served: tokens, of what the quotas allowed; 429s: per 1,000 client requests; attempts: per client request,
and all of them per success; cached: of the prompt tokens of successes. Times in real ms. added: to the backend's own time;
late: how long a backend's room stayed unused while a request wanted it; idle: the same, wanted or not.`;

// Half of a message's travel time: beyond it the machine was busy with other work, and all times reflect that.
const mostLateMs = 25;

/** Renders all runs as two tables: the usage and its cost, and the times. */
export function renderReport(rows: readonly HarvestRow[]): string {
  const disturbed = rows.filter(({ figures }) => figures.driverLateP99Ms > mostLateMs).map(nameOf);
  const warning = `Requests were sent late, so these figures are unreliable: ${disturbed.join(', ')}`;
  const parts = [tableOf(spending, rows), tableOf(times, rows), legend];
  return [...parts, ...(disturbed.length > 0 ? [warning] : [])].join('\n\n');
}

function tableOf(columns: readonly Column[], rows: readonly HarvestRow[]): string {
  return renderTable(
    ['run', ...columns.map(({ name }) => name)],
    rows.map((row) => [nameOf(row), ...columns.map(({ show }) => show(row.figures))]),
  );
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function oneDigit(number: number): string {
  return number.toFixed(1);
}

function milliseconds(number: number): string {
  return Number.isNaN(number) ? '-' : number.toFixed(1);
}
