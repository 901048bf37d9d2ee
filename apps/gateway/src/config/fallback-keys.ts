import { z } from 'zod';
import { anyKeyOf, mapOf, text } from './fields.ts';

const FALLBACKS = 'a list of fallbacks, each of which begins with "- "';

const fallback = mapOf({
  deployment: text().describe('The deployment that requests name.'),
  whenSpent: text()
    .describe(
      'The deployment that serves instead when the client’s budget for the first is spent, or the quota of every backend that ' +
        'has the first.',
    )
    .optional(),
  whenTooLong: text()
    .describe(
      'The deployment that serves instead when the first refuses a prompt as too long (`context_length_exceeded`).',
    )
    .optional(),
})
  .refine(({ whenSpent, whenTooLong }) => whenSpent !== undefined || whenTooLong !== undefined, {
    message: 'a map with at least one of whenSpent and whenTooLong',
  })
  .meta(anyKeyOf('whenSpent', 'whenTooLong'));

/** Deployments that serve in place of others. */
export const fallbacks = z
  .array(fallback, FALLBACKS)
  .meta({ allowed: FALLBACKS })
  .describe(
    'Deployments that serve in place of others; the response says so in the header `x-spillway-fallback`. A fallback is ' +
      'admitted like any request: the client must be allowed to use that deployment, and pays from its budget for it. ' +
      'Embeddings never fall back.',
  );
