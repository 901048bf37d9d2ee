import { parseArgs } from 'node:util';
import type { ProgramHead, RunOptions } from './programs/program.ts';

/** The run to make, or all problems of the command line. */
export type OptionsResult<P extends ProgramHead> =
  | { readonly kind: 'options'; readonly options: RunOptions; readonly programs: readonly P[] }
  | { readonly kind: 'wrong'; readonly problems: readonly string[] };

/** Every option, with its description. */
export const optionTexts = {
  seed: 'seed of all random choices; 1 if left out',
  share: 'of the cases to run, from 0.0001 to 100; 1 if left out',
  only: 'the programs to run, with commas between them; all if left out',
  node: 'the Node binary that runs the gateway; this one if left out',
  gateway: 'another built file of the gateway, such as that of an older version',
  case: 'the number of the only case to run, as a broken invariant names it',
} as const;

type OptionName = keyof typeof optionTexts;

const names = Object.keys(optionTexts) as OptionName[];
const allowed = `the options are ${names.map((name) => `--${name}`).join(', ')}`;

/** Reads the command line; every problem names the allowed values. */
export function readOptions<P extends ProgramHead>(
  args: readonly string[],
  programs: readonly P[],
): OptionsResult<P> {
  const problems: string[] = [];
  const given = readGiven(args, problems);
  const number = (name: OptionName, usual: number, least: number, most: number, isWhole: boolean) => {
    const text = given.get(name);
    if (text === undefined) return usual;
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (value >= least && value <= most && (!isWhole || Number.isInteger(value))) return value;
    problems.push(`--${name}: "${text}" is not a ${isWhole ? 'whole ' : ''}number from ${least} to ${most}`);
    return usual;
  };
  const options: RunOptions = {
    seed: number('seed', 1, 0, 2 ** 32 - 1, true),
    share: number('share', 1, 0.0001, 100, false),
    onlyCase: given.has('case') ? number('case', 0, 0, 10_000_000, true) : undefined,
    node: given.get('node'),
    gateway: given.get('gateway'),
  };
  const chosen = choosePrograms(given.get('only'), programs, problems);
  return problems.length > 0 ? { kind: 'wrong', problems } : { kind: 'options', options, programs: chosen };
}

function readGiven(args: readonly string[], problems: string[]): Map<OptionName, string> {
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]));
  const given = new Map<OptionName, string>();
  for (const token of parseArgs({ args: [...args], options, strict: false, tokens: true }).tokens) {
    if (token.kind === 'positional') problems.push(`"${token.value}" is no option; ${allowed}`);
    if (token.kind !== 'option') continue;
    const name = names.find((known) => known === token.name);
    if (name === undefined) problems.push(`there is no option "${token.rawName}"; ${allowed}`);
    else if (token.value === undefined || token.value === '') problems.push(`--${name} has no value`);
    else given.set(name, token.value);
  }
  return given;
}

function choosePrograms<P extends ProgramHead>(
  only: string | undefined,
  programs: readonly P[],
  problems: string[],
): P[] {
  if (only === undefined) return [...programs];
  const chosen = only.split(',').map((name) => name.trim());
  for (const name of chosen)
    if (programs.every((program) => program.name !== name))
      problems.push(
        `--only: there is no program "${name}"; there are ${programs.map((program) => program.name).join(', ')}`,
      );
  return programs.filter(({ name }) => chosen.includes(name));
}
