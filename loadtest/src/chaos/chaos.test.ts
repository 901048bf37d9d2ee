import { expect, test } from 'vitest';
import { answers } from './answers/answers.ts';
import { backends } from './backends/backends.ts';
import type { Program } from './program.ts';
import { renderResult } from './render-result.ts';
import { requests } from './requests/requests.ts';
import { runProgram } from './run-program.ts';
import { sessions } from './sessions/sessions.ts';
import { slow } from './slow/slow.ts';

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
    // Says how to run a case again.
    expect(renderResult(result, options)).toMatch(/: held$/);
  });
