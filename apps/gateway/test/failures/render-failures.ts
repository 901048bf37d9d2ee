import type { FailureRow } from './failure-row.ts';
import type { Observed } from './run-row.ts';

/** A part of the table, and what its rows have in common. */
export interface Chapter {
  readonly title: string;
  readonly rows: readonly FailureRow[];
}

/** Answers the failure table as Markdown, from what was observed of each row. */
export function renderFailures(
  chapters: readonly Chapter[],
  observed: ReadonlyMap<FailureRow, Observed>,
): string {
  return [
    '# What happens when something fails',
    '',
    'Every row was played over real sockets by `apps/gateway/test/failures/failures.test.ts`, which wrote this page; do not edit.',
    '`pnpm exec vitest run failures --update` writes it anew.',
    '',
    'Backend `a` is preferred to `b`, which is well unless a row says otherwise. The client asks for a chat completion of',
    '`gpt-4o`. A rest is 10 s where the backend does not say how long, at least 5 s and at most 60 s',
    '(`cooldown.defaultMs`, `floorMs`, `ceilingMs`). Of a backend that has not served yet, the first failure is enough; of one',
    'that has, see the last table. The client sees status, `error.code` or `object` of the body, the backend and',
    'the number of attempts (`x-spillway-backend`, `x-spillway-attempts`), and the headers named. The log has one line for',
    'each request: its status, ending and (of the gateway’s own errors) cause, then the outcome of each attempt. 499 in the log is a client that left.',
    '',
    ...chapters.flatMap(({ title, rows }) => [
      `## ${title}`,
      '',
      '| what happens | the client sees | who rests | the log says |',
      '| --- | --- | --- | --- |',
      ...rows.flatMap((row) => renderRow(row, observed.get(row))),
      '',
    ]),
  ].join('\n');
}

function renderRow({ title }: FailureRow, observed: Observed | undefined): string[] {
  if (observed === undefined) return [];
  const cells = [[title], observed.sees, [observed.rests], observed.logged];
  return [`| ${cells.map(renderCell).join(' | ')} |`];
}

function renderCell(lines: readonly string[]): string {
  return lines.map(escape).join('<br>') || 'nothing';
}

function escape(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
}
