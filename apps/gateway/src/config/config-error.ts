/** One problem of the configuration. Never holds a secret. */
export interface ConfigProblem {
  /** The variable, or the file, line and key. */
  readonly key: string;
  /** The value found there, safe to print. */
  readonly found: string;
  readonly allowed: string;
  /** Whether the problem is a file that is missing here, but may exist where the configuration will be used. */
  readonly isFileAbsent?: boolean;
}

/** Describes a problem in one line. */
export function describeProblem({ key, found, allowed }: ConfigProblem): string {
  return `${key}: found ${found}; allowed: ${allowed}`;
}

/** All problems of a configuration at once. */
export class ConfigError extends Error {
  readonly problems: readonly ConfigProblem[];
  /** The files that the configuration names, where only these are wrong. */
  readonly files: readonly string[];

  constructor(problems: readonly ConfigProblem[], files: readonly string[] = []) {
    const lines = problems.map((problem) => `  ${describeProblem(problem)}`);
    super(['The configuration is wrong:', ...lines].join('\n'));
    this.name = 'ConfigError';
    this.problems = problems;
    this.files = files;
  }
}
