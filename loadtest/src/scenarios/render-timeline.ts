import { renderTable } from '@spillway/simulation';
import type { ScenarioResult } from './scenario-result.ts';

/** A long run gets longer rows. */
const MAX_SHORT_ROWS = 40;

/** Renders a run, one row per half second, or for five: each backend's answers, and the clients'. */
export function renderTimeline({ clients, backends }: ScenarioResult, durationMs: number): string {
  const rowMs = durationMs <= MAX_SHORT_ROWS * 500 ? 500 : 5_000;
  const header = ['second', ...backends.map(({ name, priority }) => `${name} (${priority})`), 'their 429s'];
  const rows: string[][] = [];
  for (let fromMs = 0; fromMs < durationMs; fromMs += rowMs) {
    const isInRow = ({ atMs }: { readonly atMs: number }): boolean => atMs >= fromMs && atMs < fromMs + rowMs;
    const calls = backends.map((backend) => backend.calls.filter(isInRow));
    const answers = clients.answers.filter(isInRow);
    rows.push([
      (fromMs / 1000).toFixed(1),
      ...calls.map((ofBackend) => show(ofBackend.filter(({ status }) => status !== 429).length)),
      show(calls.flat().filter(({ status }) => status === 429).length),
      show(answers.filter(({ status }) => status === 200).length),
      show(answers.filter(({ status }) => status === 429).length),
      show(answers.filter(({ status }) => status !== 200 && status !== 429).length),
    ]);
  }
  const table = renderTable([...header, 'clients: 200', '429', 'other'], rows);
  const { latencyP50Ms, latencyP99Ms, answers } = clients;
  return `${table}\n${answers.length} answers, latency p50 ${latencyP50Ms.toFixed(0)} ms, p99 ${latencyP99Ms.toFixed(0)} ms`;
}

function show(count: number): string {
  return count === 0 ? '.' : String(count);
}
