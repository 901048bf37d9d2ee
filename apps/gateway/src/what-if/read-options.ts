import { basename, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { STDIN } from './log/open-log.ts';
import type { GivenQuota } from './quotas/quota-truth.ts';

/** A command line that cannot be understood. Its message lists every problem. */
export class Misuse extends Error {}

/** The options of a command line. */
export interface Options {
  readonly logs: readonly string[];
  readonly configs: readonly { readonly name: string; readonly file: string }[];
  readonly given: ReadonlyMap<string, GivenQuota>;
  readonly jsonFile: string | undefined;
  readonly reportFolder: string | undefined;
}

/**
 * Reads the command line.
 *
 * @param folder the base of relative paths
 * @throws Misuse that names every problem
 */
export function readOptions(args: readonly string[], folder: string): Options {
  const { log = [], config = [], quota = [], json, report } = parse(args);
  const problems: string[] = [];
  if (log.length === 0) problems.push('--log is missing; say the file that has the log of the gateway');
  if (config.length === 0)
    problems.push('--config is missing; say the configuration to try, such as spillway.yaml');
  for (const [name, values] of Object.entries({ log, config, json: [json], report: [report] }))
    if (values.includes('')) problems.push(`--${name} is empty; say a file`);
  const given = readQuotas(quota, problems);
  if (problems.length > 0) throw new Misuse(problems.join('\n'));
  const pathOf = (file: string) => resolve(folder, file);
  const isNameUnique = new Set(config.map((file) => basename(file))).size === config.length;
  return {
    // A file that is named twice is replayed once.
    logs: [...new Set(log.map((file) => (file === STDIN ? file : pathOf(file))))],
    configs: config.map((file) => ({ name: isNameUnique ? basename(file) : file, file: pathOf(file) })),
    given,
    jsonFile: json === undefined ? undefined : pathOf(json),
    reportFolder: report === undefined ? undefined : pathOf(report),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        log: { type: 'string', multiple: true },
        config: { type: 'string', multiple: true },
        quota: { type: 'string', multiple: true },
        json: { type: 'string' },
        report: { type: 'string' },
      },
    }).values;
  } catch (error) {
    throw new Misuse((error as Error).message);
  }
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
