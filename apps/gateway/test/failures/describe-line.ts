import type { LogLine } from '../testing/log-lines.ts';

interface LoggedAttempt {
  readonly backend: string;
  readonly outcome: string;
  readonly status?: number;
  readonly failure?: string;
}

/**
 * Returns the content of a request's log line in a few words: its status, ending and cause, and the result of each
 * attempt.
 */
export function describeLine(line: LogLine): string {
  const attempts = (line['attempts'] as LoggedAttempt[]).map(describeAttempt);
  const cause = line['cause'] === undefined ? '' : ` (${line['cause']})`;
  return [`${line['status']} ${line['ending']}${cause}`, ...attempts].join(', ');
}

function describeAttempt({ backend, outcome, status, failure }: LoggedAttempt): string {
  const detail = status ?? failure;
  return `${backend} ${outcome}${detail === undefined ? '' : ` (${detail})`}`;
}
