/** One problem of the configuration. Never holds a secret. */
export interface ConfigProblem {
  /** The variable, or the file, line and key. */
  readonly key: string;
  /** The value found there, safe to print. */
  readonly found: string;
  readonly allowed: string;
  /** Whether it is a file that is not here, but may be where the configuration will be used. */
  readonly isFileAbsent?: boolean;
}

/** Describes a problem in a line. */
export function describeProblem({ key, found, allowed }: ConfigProblem): string {
  return `${key}: found ${found}; allowed: ${allowed}`;
}

/** Everything that is wrong with the configuration, all at once. */
export class ConfigError extends Error {
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    const lines = problems.map((problem) => `  ${describeProblem(problem)}`);
    super(['The configuration is wrong:', ...lines].join('\n'));
    this.name = 'ConfigError';
    this.problems = problems;
  }
}
