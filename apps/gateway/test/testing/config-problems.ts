import { ConfigError, type ConfigProblem } from '../../src/config/config-error.ts';
import type { Environment } from '../../src/config/environment.ts';
import { loadConfig } from '../../src/config/load.ts';

/** Returns everything that is wrong with a configuration; nothing if it is right. */
export function problemsOf(env: Environment): readonly ConfigProblem[] {
  try {
    loadConfig(env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

/** Returns where something is wrong. */
export function wrongKeys(env: Environment): string[] {
  return problemsOf(env).map(({ key }) => key);
}
