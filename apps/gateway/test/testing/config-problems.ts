import { ConfigError, type ConfigProblem } from '../../src/config/config-error.ts';
import type { Environment } from '../../src/config/environment.ts';
import { loadConfig } from '../../src/config/load.ts';

/** Returns all problems of a configuration; empty if it is valid. */
export function problemsOf(env: Environment): readonly ConfigProblem[] {
  try {
    loadConfig(env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

/** Returns the keys of the problems. */
export function wrongKeys(env: Environment): string[] {
  return problemsOf(env).map(({ key }) => key);
}
