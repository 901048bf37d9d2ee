import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { fromCaller } from '../report/write-report.ts';
import type { GivenQuota } from './quotas/quota-truth.ts';

/** What is asked. */
export interface Options {
  readonly logs: readonly string[];
  readonly configs: readonly { readonly name: string; readonly file: string }[];
  readonly given: ReadonlyMap<string, GivenQuota>;
  readonly reportFolder: string | undefined;
}

/**
 * Reads the command line.
 *
 * @throws Error that names every problem
 */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      log: { type: 'string', multiple: true },
      config: { type: 'string', multiple: true },
      quota: { type: 'string', multiple: true },
      report: { type: 'string' },
    },
  });
  const { log = [], config = [], quota = [], report } = values;
  const problems: string[] = [];
  if (log.length === 0) problems.push('--log is missing; say the file that has the log of the gateway');
  if (config.length === 0)
    problems.push('--config is missing; say the configuration to try, such as spillway.yaml');
  const given = readQuotas(quota, problems);
  if (problems.length > 0) throw new Error(problems.join('\n'));
  const isNameUnique = new Set(config.map((file) => basename(file))).size === config.length;
  return {
    logs: log.map(fromCaller),
    configs: config.map((file) => ({ name: isNameUnique ? basename(file) : file, file: fromCaller(file) })),
    given,
    reportFolder: report === undefined ? undefined : fromCaller(report),
  };
}

function readQuotas(texts: readonly string[], problems: string[]): Map<string, GivenQuota> {
  const given = new Map<string, GivenQuota>();
  for (const text of texts) {
    const [, name = '', tokens = '', requests] = /^(.+)=(none|\d+)(?:,(\d+))?$/.exec(text) ?? [];
    const tpm = tokens === 'none' ? Infinity : Number(tokens);
    if (name === '' || tpm === 0 || requests === '0')
      problems.push(
        `--quota: "${text}"; allowed: backend=tokens a minute, such as east=30000, east=30000,180 or east=none`,
      );
    else given.set(name, { tpm, rpm: requests === undefined ? undefined : Number(requests) });
  }
  return given;
}
