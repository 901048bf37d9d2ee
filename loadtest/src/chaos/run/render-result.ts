import { invariants } from '../evidence/findings.ts';
import type { Result, RunOptions } from '../programs/program.ts';

const MEGABYTE = 1_048_576;
const MAX_TEXT = 3000;

/** Renders a program's result: one line, and every invariant that was broken. */
export function renderResult(result: Result, options: RunOptions): string {
  const { program, findings, seconds, cases, answers, arrivals, logLines, grownBytes, notes } = result;
  const counts = [
    `${format(cases)} ${program.unit}`,
    `${format(answers)} answers`,
    `${format(arrivals)} requests at backends`,
    `${format(logLines)} log lines`,
    `${(grownBytes / MEGABYTE).toFixed(0)} MB more`,
    `${seconds.toFixed(1)} s`,
  ];
  const broken = [...findings.counts].map(([invariant, count]) => `${invariant} (${count})`);
  const verdict = broken.length === 0 ? 'held' : `broken: ${broken.join(', ')}`;
  const lines = [...(notes === undefined ? [] : [`  ${notes}`]), ...renderFindings(result, options)];
  return [`${program.name}: ${counts.join(', ')}: ${verdict}`, ...lines].join('\n');
}

function renderFindings({ program, findings }: Result, { seed }: RunOptions): string[] {
  return findings.kept.map(({ invariant, caseIndex, text }) => {
    const lines = [`  ${invariant}, that is: ${invariants[invariant]}`, text];
    if (caseIndex !== undefined && caseIndex < program.count * 100)
      lines.push(
        `again: pnpm chaos --only ${program.name} --seed ${seed} --case ${caseIndex}`,
        program.describeCase?.(seed, caseIndex) ?? '',
      );
    return lines.map((line) => shorten(line).replaceAll('\n', '\n    ')).join('\n    ');
  });
}

function shorten(text: string): string {
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)} … (${text.length} characters)`;
}

function format(count: number): string {
  return count.toLocaleString('en-US');
}
