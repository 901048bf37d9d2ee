import { showFigure } from '@spillway/simulation';
import { type Comparison, type Difference, NOISE_SHARE } from '../compare-reports.ts';
import type { Chart } from '../plot/chart.ts';
import { renderChart } from '../plot/render-charts.ts';
import { type Report, type ReportRun } from '../report.ts';
import { escapeHtml as e } from './escape-html.ts';
import { css } from './style.ts';

/** Renders a report as one self-contained page, with or without scripts, that begins with the failures. */
export async function renderPage(report: Report, comparison: Comparison | undefined): Promise<string> {
  const charts = await renderCharts(report.charts);
  const runs = await Promise.all(report.runs.map(renderRun));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${e(report.title)}</title>
<style>${css}</style>
</head>
<body>
<main>
<header><h1>${e(report.title)}</h1><p class="made">${e(report.madeAt)}</p></header>
${renderLead(report)}
${comparison === undefined ? '' : renderComparison(comparison)}
${renderFigures(report)}
${renderNotes(report)}
${charts}
${runs.join('\n')}
</main>
</body>
</html>
`;
}

/** The failures and their causes, or that there were none. */
function renderLead({ runs }: Report): string {
  const failed = runs.flatMap((run, place) =>
    run.verdicts.filter(({ isMet }) => !isMet).map((verdict) => ({ run, place, verdict })),
  );
  const total = runs.reduce((sum, { verdicts }) => sum + verdicts.length, 0);
  if (total === 0)
    return `<section class="lead"><h2>Nothing was expected</h2><p>These runs have no expectations; the figures say how they went.</p></section>`;
  if (failed.length === 0)
    return `<section class="lead good"><h2>Nothing broke</h2><p>All ${total} expectations were met.</p></section>`;
  const items = failed.map(
    ({ run, place, verdict: { claim, found, why } }) =>
      `<li><a href="#${idOf(place)}">${e(run.name)}</a>: expected “${e(claim)}”, found ${e(found)}` +
      `${why === undefined ? '' : `<br><strong>Why:</strong> ${e(why)}`}</li>`,
  );
  return `<section class="lead bad"><h2>${failed.length} of ${total} expectations failed</h2><ul>${items.join('')}</ul></section>`;
}

function renderComparison({ since, better, worse, unmatched }: Comparison): string {
  const others = unmatched.length === 0 ? '' : `<p>Not compared: ${e(unmatched.join(', '))}.</p>`;
  const noise = `<p>Figures that moved by less than ${NOISE_SHARE * 100} % count as the same.</p>`;
  return `<section><h2>Compared with ${e(since)}</h2>${renderDifferences('Worse', worse)}${renderDifferences('Better', better)}${others}${noise}</section>`;
}

function renderDifferences(title: string, differences: readonly Difference[]): string {
  if (differences.length === 0) return `<p>${title}: nothing.</p>`;
  return `<h3>${title}</h3><ul>${differences.map(renderDifference).join('')}</ul>`;
}

function renderDifference({ run, name, before, now }: Difference): string {
  return `<li>${e(run)}, ${e(name)}: ${e(before)} → <strong>${e(now)}</strong></li>`;
}

/** All figures of all runs: one run per row, as there are more runs than a screen is wide. */
function renderFigures({ runs }: Report): string {
  const names = [...new Set(runs.flatMap(({ figures }) => figures.map(({ name }) => name)))];
  const rows = runs.map(({ name, figures }) => [
    name,
    ...names.map((column) => {
      const figure = figures.find((one) => one.name === column);
      return figure === undefined ? '' : showFigure(figure);
    }),
  ]);
  return `<section><h2>Figures</h2>${renderTable(['run', ...names], rows)}</section>`;
}

function renderNotes({ notes = [] }: Report): string {
  if (notes.length === 0) return '';
  return `<section><h2>Assumed</h2><ul>${notes.map((note) => `<li>${e(note)}</li>`).join('')}</ul></section>`;
}

async function renderRun(run: ReportRun, place: number): Promise<string> {
  if (run.charts.length === 0 && run.verdicts.length === 0) return '';
  const verdicts = run.verdicts.map(
    ({ claim, isMet, found }) =>
      `<li class="${isMet ? 'met' : 'missed'}"><b>${isMet ? 'met' : 'failed'}</b> ${e(claim)}: ${e(found)}</li>`,
  );
  return `<section class="run" id="${idOf(place)}"><h2>${e(run.name)}</h2><p>${e(run.shows)}</p>
<ul class="verdicts">${verdicts.join('')}</ul>
${await renderCharts(run.charts)}</section>`;
}

async function renderCharts(charts: readonly Chart[]): Promise<string> {
  const figures = await Promise.all(charts.map(renderFigure));
  return figures.length === 0 ? '' : `<div class="charts">${figures.join('\n')}</div>`;
}

async function renderFigure(chart: Chart): Promise<string> {
  const [wide, narrow] = await Promise.all([renderChart(chart, 'wide'), renderChart(chart, 'narrow')]);
  const show = (svg: string, size: string) => `<div class="${size}">${embed(svg, chart.title)}</div>`;
  return `<figure><h3>${e(chart.title)}</h3>${show(wide, 'wide')}${show(narrow, 'narrow')}<figcaption>${e(chart.says)}</figcaption></figure>`;
}

/** Within a page, an SVG needs no namespaces. It is one image: parts with roles of their own would be images without a name. */
function embed(svg: string, title: string): string {
  return svg
    .replace(/<[^>]+>/g, (tag) => tag.replace(/ (?:xmlns(?::xlink)?|role|aria-[a-z]+)="[^"]*"/g, ''))
    .replace('<svg ', `<svg role="img" aria-label="${e(title)}" `);
}

function renderTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const head = header.map((cell) => `<th>${e(cell)}</th>`).join('');
  const body = rows.map((row) => `<tr>${row.map((cell) => `<td>${e(cell)}</td>`).join('')}</tr>`).join('');
  // On a narrow screen it scrolls, by the keyboard too.
  return `<div class="table" tabindex="0"><table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>`;
}

/** Not the name, which may have any characters. */
function idOf(place: number): string {
  return `run-${place + 1}`;
}
