import { expect, test } from 'vitest';
import { answers } from '../src/chaos/programs/answers/answers.ts';
import { backends } from '../src/chaos/programs/backends/backends.ts';
import { clients } from '../src/chaos/programs/clients/clients.ts';
import type { Program } from '../src/chaos/programs/program.ts';
import { requests } from '../src/chaos/programs/requests/requests.ts';
import { sessions } from '../src/chaos/programs/sessions/sessions.ts';
import { slow } from '../src/chaos/programs/slow/slow.ts';
import { renderResult } from '../src/chaos/run/render-result.ts';
import { runProgram } from '../src/chaos/run/run-program.ts';

const LIMIT_MS = 300_000;

const briefly: readonly (readonly [Program, number])[] = [
  [requests, 200],
  [answers, 200],
  [backends, 1000],
  [sessions, 80],
  [slow, 60],
];

for (const [program, count] of briefly)
  test(`${program.shows} break no invariant`, { timeout: LIMIT_MS }, async () => {
    const options = { seed: 1, share: count / program.count };
    const result = await runProgram(program, options, () => {});
    expect(result.cases).toBe(count);
    expect(result.answers).toBeGreaterThan(0);
    expect(result.arrivals).toBeGreaterThan(0);
    // Includes the command that runs a case again.
    expect(renderResult(result, options)).toMatch(/: held$/);
  });

test(`${clients.shows} break no invariant`, { timeout: LIMIT_MS }, async () => {
  const options = { seed: 1, share: 6 / clients.count };
  const result = await clients.run(options, () => {});
  expect(result.cases).toBe(6);
  expect(result.answers).toBeGreaterThan(100);
  expect(renderResult(result, options)).toMatch(/: held\n/);
});
