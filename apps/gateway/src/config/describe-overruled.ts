import { isDeepStrictEqual } from 'node:util';
import type { ConfigProblem } from './config-error.ts';
import { valueAt } from './describe-issue.ts';
import type { Setting } from './environment.ts';

/** Returns a problem for each key of the file that has no effect, as a variable sets something else. */
export function describeOverruled(
  fromFile: Readonly<Record<string, unknown>>,
  settings: readonly Setting[],
  locate: (path: readonly PropertyKey[]) => string,
): ConfigProblem[] {
  return settings.flatMap(({ variable, path, value }) => {
    const own = valueAt(fromFile, path);
    if (own === undefined || isDeepStrictEqual(own, value)) return [];
    return {
      key: locate(path),
      found: `a value that has no effect, as the variable ${variable} sets another`,
      allowed: 'only one of the two, or the same in both',
    };
  });
}
