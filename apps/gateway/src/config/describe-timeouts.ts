import type { ConfigProblem } from './config-error.ts';
import type { Config, ConfigInput } from './schema.ts';

/** Returns a problem if attempts may take longer than their request. */
export function describeTimeouts(
  { timeouts: { attemptMs, overallMs } }: Pick<Config, 'timeouts'>,
  { timeouts: written }: Pick<Partial<ConfigInput>, 'timeouts'>,
  keyOf: (path: readonly PropertyKey[]) => string,
): ConfigProblem[] {
  // A user who shortens only the whole time means the attempts too.
  if (written?.attemptMs === undefined || attemptMs <= overallMs) return [];
  return [
    {
      key: keyOf(['timeouts', 'attemptMs']),
      found: `${attemptMs} ms, but after ${overallMs} a request ends with a 504`,
      allowed: `at most timeouts.overallMs (${overallMs}), or a longer timeouts.overallMs`,
    },
  ];
}
