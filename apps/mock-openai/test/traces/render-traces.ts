import { isSame } from './trace.ts';
import type { AskedTrace } from './trace.ts';

const begin = '<!-- prettier-ignore-start -->';
const end = '<!-- prettier-ignore-end -->';

/** Writes traces as tables under their titles, and puts them into a text between the two comments that enclose them. */
export function putTraces(
  text: string,
  sections: readonly (readonly [string, readonly AskedTrace[]])[],
): string {
  const start = text.indexOf(begin);
  const stop = text.indexOf(end);
  if (start < 0 || stop < start) throw new Error(`There must be ${begin} and ${end}.`);
  const tables = sections.flatMap(([title, traces]) => [`### ${title}`, '', ...renderTable(traces), '']);
  return `${text.slice(0, start + begin.length)}\n\n${tables.join('\n')}\n${text.slice(stop)}`;
}

function renderTable(traces: readonly AskedTrace[]): string[] {
  return [
    '| what | trace in the wild | the mock | same? |',
    '| --- | --- | --- | --- |',
    ...traces.map((trace) => `| ${renderCells(trace).join(' | ')} |`),
  ];
}

function renderCells(trace: AskedTrace): string[] {
  const { what, grade, source, wild, mock, why } = trace;
  const verdict = wild.length === 0 ? '–' : isSame(trace) ? 'yes' : 'no';
  return [
    `${what} (${grade}: ${source})`,
    wild.length === 0 ? 'none is known' : renderLines(wild),
    renderLines(mock),
    why === undefined ? verdict : `${verdict}: ${why}`,
  ];
}

function renderLines(lines: readonly string[]): string {
  return lines
    .filter((line) => line !== '')
    .map((line) => `\`${line.replaceAll('|', String.raw`\|`)}\``)
    .join('<br>');
}
