import { checkField, flag, numberFrom, oneOf, text, texts, wholeNumber } from '../fields/field.ts';
import { contentFilters } from '../latency/paced-frames.ts';
import { readLatencies } from '../latency/read-latencies.ts';
import { readQuotas } from '../quota/read-quotas.ts';
import { readScript } from '../script/read-script.ts';
import type { Field } from '../fields/field.ts';
import type { MockOptions } from './options.ts';

const port = wholeNumber(0, 65_535);

/**
 * The allowed values of each option of a mock, except its script, quota and latency, which are languages of their own.
 */
export const optionFields: Readonly<
  Record<Exclude<keyof MockOptions, 'script' | 'quota' | 'latency'>, Field>
> = {
  name: text,
  region: text,
  host: text,
  port,
  controlPort: port,
  apiKey: text,
  deployments: texts,
  timeScale: numberFrom(0, Infinity, true),
  contentFilter: oneOf(contentFilters),
  seed: wholeNumber(0, 0xffffffff),
  completionTokens: wholeNumber(1, 100_000),
  promptCache: flag,
  maxBodyBytes: wholeNumber(0, 4_000_000_000),
  recordLimit: wholeNumber(0, 1_000_000),
  recordBodies: flag,
};

/** Checks the options of one mock; every problem names its place, such as `dev.json[1].port`. */
function checkOptions(options: unknown, place: string): string[] {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    return [`${place}: ${JSON.stringify(options)} is not an object of options`];
  }
  return Object.entries(options).flatMap(([name, value]) => {
    const here = `${place}.${name}`;
    if (name === 'script') return placed(readScript(value), here);
    if (name === 'quota') return placed(readQuotas(value), here);
    if (name === 'latency') return placed(readLatencies(value), here);
    if (isOptionName(name)) return checkField(optionFields[name], value, here);
    return [
      `${here}: no such option (there are ${Object.keys(optionFields).join(', ')}, script, quota, latency)`,
    ];
  });
}

/** Checks a list of mocks that will run together: their options, and that no two want the same port. */
export function checkInstances(list: unknown, place: string): string[] {
  if (!Array.isArray(list) || list.length === 0)
    return [`${place}: is not a list of mocks with at least one in it`];
  const problems = list.flatMap((options, index) => checkOptions(options, `${place}[${index}]`));
  const owners = new Map<unknown, string>();
  for (const [index, options] of (list as unknown[]).entries()) {
    if (typeof options !== 'object' || options === null) continue;
    for (const [name, value] of Object.entries(options)) {
      if ((name !== 'port' && name !== 'controlPort') || value === 0) continue;
      const here = `${place}[${index}].${name}`;
      const owner = owners.get(value);
      if (owner === undefined) owners.set(value, here);
      else problems.push(`${here}: ${String(value)} is taken by ${owner}`);
    }
  }
  return problems;
}

function placed(
  result: { readonly kind: string; readonly problems?: readonly string[] },
  place: string,
): string[] {
  return (result.problems ?? []).map((problem) =>
    problem.startsWith('[') ? `${place}${problem}` : `${place}: ${problem}`,
  );
}

function isOptionName(name: string): name is keyof typeof optionFields {
  return Object.hasOwn(optionFields, name);
}
