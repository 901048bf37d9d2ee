import { parseArgs } from 'node:util';
import { backendKinds } from './backends/backend-kinds.ts';
import { policies } from './replicas/policies.ts';
import type { SimulationSettings } from './result/simulation-result.ts';

/** The simulation to run, or all problems of the command line. */
export type OptionsResult =
  | {
      readonly kind: 'options';
      readonly settings: SimulationSettings;
      /** The names of the policies to compare. */
      readonly policies: readonly string[];
    }
  | { readonly kind: 'wrong'; readonly problems: readonly string[] };

interface NumberOption {
  readonly usual: number;
  readonly least: number;
  readonly most: number;
  readonly isWhole: boolean;
  readonly says: string;
}

const MINUTE_MS = 60_000;
/** The default kind of simulated backends. */
const USUAL_KIND = 'azure';

/** Every numeric option, with its allowed values. */
export const numberOptions = {
  backends: { usual: 50, least: 1, most: 1000, isWhole: true, says: 'backends, every fifth provisioned' },
  replicas: { usual: 100, least: 1, most: 1000, isWhole: true, says: 'replicas of the gateway' },
  minutes: { usual: 60, least: 1, most: 1440, isWhole: true, says: 'virtual minutes of traffic' },
  load: {
    usual: 1,
    least: 0.1,
    most: 10,
    isWhole: false,
    says: 'tokens asked for, x what the quotas allow',
  },
  seed: {
    usual: 1,
    least: 0,
    most: 2 ** 32 - 1,
    isWhole: true,
    says: 'of all random choices; the same seed gives the same result',
  },
} as const satisfies Readonly<Record<string, NumberOption>>;

type NumberName = keyof typeof numberOptions;

/** Reads the command line's options; every problem names the allowed values. */
export function readOptions(args: readonly string[]): OptionsResult {
  const problems: string[] = [];
  const given = new Map<string, string | undefined>();
  for (const token of tokensOf(args)) {
    if (token.kind === 'positional') problems.push(`"${token.value}" is no option; ${allowedNames}`);
    else if (token.kind === 'option' && !optionNames.includes(token.name))
      problems.push(`there is no option "${token.rawName}"; ${allowedNames}`);
    else if (token.kind === 'option') given.set(token.name, token.value);
  }
  const numbers = Object.fromEntries(
    Object.entries<NumberOption>(numberOptions).map(([name, option]) => [
      name,
      given.has(name) ? readNumber(name, option, given.get(name), problems) : option.usual,
    ]),
  ) as Record<NumberName, number>;
  const kind = given.has('kind') ? readKind(given.get('kind'), problems) : USUAL_KIND;
  const names = given.has('policy') ? readPolicies(given.get('policy'), problems) : [...policies.keys()];
  if (problems.length > 0) return { kind: 'wrong', problems };
  const { minutes, ...settings } = numbers;
  return {
    kind: 'options',
    settings: { kind, ...settings, durationMs: minutes * MINUTE_MS },
    policies: names,
  };
}

const optionNames: readonly string[] = [...Object.keys(numberOptions), 'kind', 'policy'];
const allowedNames = `the options are ${optionNames.map((name) => `--${name}`).join(', ')}`;

function tokensOf(args: readonly string[]) {
  const options = Object.fromEntries(optionNames.map((name) => [name, { type: 'string' as const }]));
  return parseArgs({ args: [...args], options, strict: false, tokens: true }).tokens;
}

function readNumber(
  name: string,
  { least, most, isWhole }: NumberOption,
  text: string | undefined,
  problems: string[],
): number {
  const value = text === undefined || text.trim() === '' ? Number.NaN : Number(text);
  if (value >= least && value <= most && (!isWhole || Number.isInteger(value))) return value;
  const found = text === undefined ? 'nothing' : `"${text}"`;
  problems.push(`--${name}: ${found} is not a ${isWhole ? 'whole ' : ''}number from ${least} to ${most}`);
  return Number.NaN;
}

function readKind(text: string | undefined, problems: string[]): string {
  const name = text ?? '';
  if (!backendKinds.has(name))
    problems.push(`--kind: there is no kind "${name}"; there are ${[...backendKinds.keys()].join(', ')}`);
  return name;
}

/** One policy, or several with commas between. */
function readPolicies(text: string | undefined, problems: string[]): string[] {
  const names = (text ?? '').split(',').map((name) => name.trim());
  for (const name of names) {
    if (!policies.has(name))
      problems.push(`--policy: there is no policy "${name}"; there are ${[...policies.keys()].join(', ')}`);
  }
  return names;
}
