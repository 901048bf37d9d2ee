import type { FailureRow } from './failure-row.ts';
import type { Observed } from './run-row.ts';

/** A part of the table: rows with one subject. */
export interface Chapter {
  readonly title: string;
  readonly rows: readonly FailureRow[];
}

/** Returns the failure table as Markdown, from the observations of each row. */
export function renderFailures(
  chapters: readonly Chapter[],
  observed: ReadonlyMap<FailureRow, Observed>,
): string {
  return [
    '# What happens when something fails',
    '',
    '`apps/gateway/test/failures/failures.test.ts` played every row over real sockets and wrote this page; do not edit.',
    '`pnpm exec vitest run failures --update` rewrites it.',
    '',
    'The gateway prefers backend `a` to `b`. Both work unless a row says otherwise. The client asks for a chat completion of',
    '`gpt-4o`.',
    '',
    '- **The client sees**: the status, `error.code` or `object` of the body, the backend (`x-spillway-backend`), the number of',
    '  attempts (`x-spillway-attempts`), and other headers by name.',
    '- **Who cools down**: 10 s where the backend does not say how long, at least 5 s and at most 60 s (`cooldown.defaultMs`,',
    '  `floorMs`, `ceilingMs`). One failure is enough for a backend that has not served yet; the last table has those that have.',
    '- **The log says**, in one line per request: the status, the ending, the cause (if the gateway answered itself), then the',
    '  outcome of each attempt. `abandoned`: the client left, or was cut off because it read nothing. `interrupted`: the backend',
    '  or the gateway broke off. 499: the client left before its response began.',
    '',
    ...chapters.flatMap(({ title, rows }) => [
      `## ${title}`,
      '',
      '| what happens | the client sees | who cools down | the log says |',
      '| --- | --- | --- | --- |',
      ...rows.flatMap((row) => renderRow(row, observed.get(row))),
      '',
    ]),
  ].join('\n');
}

function renderRow({ title }: FailureRow, observed: Observed | undefined): string[] {
  if (observed === undefined) return [];
  const cells = [[title], observed.sees, [observed.cooldowns], observed.logged];
  return [`| ${cells.map(renderCell).join(' | ')} |`];
}

function renderCell(lines: readonly string[]): string {
  return lines.map(escape).join('<br>') || 'nothing';
}

function escape(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
}
