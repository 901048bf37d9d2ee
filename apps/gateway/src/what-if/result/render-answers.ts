import { renderTable, showFigure } from '@spillway/simulation';
import {
  type Answer,
  countUnproven,
  figuresOf,
  type Outcome,
  percent,
  quotaUsesOf,
  waitOf,
} from './answers.ts';
import { limitOf, splitQuotas } from '../quotas/find-quotas.ts';
import type { UnprovenDeployment } from '../quotas/find-unproven.ts';
import { countOf, whole } from './describe-assumptions.ts';
import { findShortages, type Shortage } from './find-shortages.ts';

const MINUTE_MS = 60_000;
const MAX_SHORTAGES = 12;
const MAX_UNPROVEN = 12;

/** Renders the results of a replay, and its assumptions. */
export function renderOutcome({ requests, startMs, lastedMs, assumptions, answers }: Outcome): string {
  const minutes = (lastedMs / MINUTE_MS).toFixed(1);
  return [
    `${countOf(requests, 'request')} in ${minutes} minutes, from ${new Date(startMs).toISOString()}`,
    ['assumed:', ...assumptions.map((line) => `  - ${line}`)].join('\n'),
    renderAnswers(answers, startMs),
  ].join('\n\n');
}

/** Renders the answers side by side, then one by one. */
function renderAnswers(answers: readonly Answer[], startMs: number): string {
  const figures = answers.map(figuresOf);
  const names = [...new Set(figures.flat().map(({ name }) => name))];
  const rows = names.map((name) => [
    name,
    ...figures.map((ofAnswer) => {
      const figure = ofAnswer.find((one) => one.name === name);
      return figure === undefined ? '' : showFigure(figure);
    }),
  ]);
  const sideBySide = renderTable(['', ...answers.map(({ name }) => name)], rows);
  return [sideBySide, ...answers.map((answer) => renderAnswer(answer, startMs))].join('\n\n');
}

function renderAnswer(answer: Answer, startMs: number): string {
  const parts = [
    ...renderUnproven(answer),
    renderShortages(answer, startMs),
    renderBackends(answer),
    renderQuotas(answer),
  ];
  if (answer.findings.byClass.size > 0) parts.push(renderClasses(answer));
  return [`== ${answer.name}`, ...parts].join('\n\n');
}

function renderUnproven({ unproven, findings }: Answer): string[] {
  if (unproven.length === 0) return [];
  const { requests } = findings.total;
  const share = showFigure({ value: percent(countUnproven(unproven), requests), unit: '%' });
  const others = unproven.length - MAX_UNPROVEN;
  const lines = [
    `WARNING: ${whole(countUnproven(unproven))} of ${whole(requests)} requests (${share}) are for deployments that no backend here is known to have:`,
    ...unproven.slice(0, MAX_UNPROVEN).map((one) => `  ${describeUnproven(one)}`),
    ...(others > 0 ? [`  and ${others} other deployments`] : []),
    'They are replayed as if every backend had them, by the same name. If none has, their clients get a 404, and the others have',
    'more room. Name them in `deployments` or `quotas` of the backends that have them.',
  ];
  return [lines.join('\n')];
}

/** Names may be whatever clients sent. */
export function describeUnproven({ deployment, requests }: UnprovenDeployment): string {
  const name = deployment.length > MAX_NAME ? `${deployment.slice(0, MAX_NAME)}…` : deployment;
  return `${JSON.stringify(name)}: ${countOf(requests, 'request')}`;
}

const MAX_NAME = 80;

function renderShortages({ findings }: Answer, startMs: number): string {
  const shortages = findShortages(findings.byMinute);
  if (shortages.length === 0) return 'no client gets a 429';
  const lines = shortages
    .slice(0, MAX_SHORTAGES)
    .map((shortage) => `  ${describeShortage(shortage, startMs)}`);
  const others = shortages.length - MAX_SHORTAGES;
  return [
    'clients get 429s (UTC):',
    ...lines,
    ...(others > 0 ? [`  and in ${others} other stretches`] : []),
  ].join('\n');
}

/** Describes when and how many; minutes are counted from the first request, so that none is cut in two. */
export function describeShortage(
  { fromMinute, toMinute, requests, refused }: Shortage,
  startMs: number,
): string {
  const [from, to] = [fromMinute, toMinute + 1].map((minute) =>
    new Date(startMs + minute * MINUTE_MS).toISOString().slice(0, 19).replace('T', ' '),
  );
  return `${from} to ${to?.slice(11)}: ${whole(refused)} of ${whole(requests)} requests`;
}

function renderBackends({ findings }: Answer): string {
  const rows = [...findings.backends].map(([name, { priority, served, servedTokens, refused }]) => [
    name,
    String(priority),
    whole(served),
    showFigure({ value: percent(served, findings.total.served), unit: '%' }),
    whole(servedTokens),
    whole(refused),
  ]);
  return renderTable(['backend', 'priority', 'served', 'of all', 'tokens', 'its 429s'], rows);
}

function renderQuotas(answer: Answer): string {
  const { shown, others } = splitQuotas(answer.quotas);
  const rows = quotaUsesOf(answer, shown).map(
    ({ name, isProvisioned, tokensPerMinute, meanShare, p99Share, fullShare }) => {
      const isLimited = Number.isFinite(tokensPerMinute);
      const show = (share: number | null) =>
        isLimited ? showFigure({ value: percent(share ?? Number.NaN, 1), unit: '%' }) : '–';
      return [
        `${name}${isProvisioned ? ' (PTU)' : ''}`,
        isLimited ? whole(tokensPerMinute) : 'none',
        show(meanShare),
        show(p99Share),
        show(fullShare),
      ];
    },
  );
  if (others.length > 0)
    rows.push([countOf(others.length, 'other quota'), whole(limitOf(others)), '', '', '']);
  return renderTable(['quota', 'tokens/min', 'in use', 'p99', 'time full'], rows);
}

function renderClasses({ findings }: Answer): string {
  const rows = [...findings.byClass].map(([name, count]) => [
    name,
    whole(count.requests),
    showFigure({ value: percent(count.served, count.requests), unit: '%' }),
    whole(count.refused),
    whole(count.waitsMs.length),
    showFigure({ value: waitOf(count, 0.5), unit: 's' }),
    showFigure({ value: waitOf(count, 0.99), unit: 's' }),
  ]);
  return renderTable(['class', 'requests', 'served', '429s', 'waited', 'p50', 'p99'], rows);
}
