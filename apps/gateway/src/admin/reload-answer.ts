import { z } from 'zod';
import type { ConfigProblem } from '../config/config-error.ts';
import type { ReloadReport } from '../reload/reload-report.ts';

const problems = z.array(z.strictObject({ key: z.string(), found: z.string(), allowed: z.string() }));

/** The result of a reload, for operators. */
export const reloadAnswer = z.strictObject({
  file: z
    .string()
    .optional()
    .describe('Left out if all settings come from the environment: there is nothing to read again.'),
  result: z
    .enum(['started', 'applied', 'refused'])
    .describe(
      'Of the last time; `started` if there was none, `refused` if the previous configuration is still in effect.',
    ),
  trigger: z.enum(['change', 'SIGHUP', 'operator']).optional().describe('Why it was read again.'),
  at: z.string().describe('When that was, in ISO 8601.'),
  lastSuccessAt: z.string().describe('When the configuration in effect was read, in ISO 8601.'),
  problems: problems.describe('All problems of the configuration that was read last.'),
  warnings: problems.describe('Probable mistakes in the configuration in effect.'),
  needsRestart: z
    .array(z.string())
    .describe('Keys that have changed, but keep their old values until a restart.'),
  applied: z.int().min(0).describe('How often since the start.'),
  refused: z.int().min(0),
});

/** Describes the result of a reload. */
export function describeReload(report: ReloadReport): z.output<typeof reloadAnswer> {
  const { atMs, lastSuccessMs, problems: wrong, warnings, needsRestart, ...rest } = report;
  return {
    ...rest,
    at: new Date(atMs).toISOString(),
    lastSuccessAt: new Date(lastSuccessMs).toISOString(),
    problems: wrong.map(asPlain),
    warnings: warnings.map(asPlain),
    needsRestart: [...needsRestart],
  };
}

function asPlain({ key, found, allowed }: ConfigProblem): ConfigProblem {
  return { key, found, allowed };
}
