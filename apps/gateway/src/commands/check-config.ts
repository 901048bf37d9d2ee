import { parseArgs } from 'node:util';
import { ConfigError, type ConfigProblem, describeProblem } from '../config/config-error.ts';
import { readOnce } from '../config/file-reading.ts';
import { type LoadedConfig, readConfig, readFileAlone } from '../config/load.ts';
import { poolBackendOf } from '../config/pool-settings.ts';
import { STAND_IN, unsetIn, variablesIn } from '../config/stand-ins.ts';

/** Checks a configuration. Returns 0 if it is valid, 1 if it is not, and 2 if the command line names none. */
export function run(args: readonly string[]): number {
  let positionals: string[];
  try {
    ({ positionals } = parseArgs({ args: [...args], allowPositionals: true }));
  } catch (error) {
    return refuse((error as Error).message);
  }
  const [named, second] = positionals;
  const file = named === '-' ? '/dev/stdin' : named;
  if (second !== undefined) return refuse(`One file at a time: there is "${second}" as well.`);
  if (file === '') return refuse('The name of the file is empty.');
  return file === undefined ? check(readConfig, () => false) : checkFile(file);
}

function refuse(message: string): number {
  process.stderr.write(`${message}\nUsage: spillway check-config [FILE]\n`);
  return 2;
}

/** Checks a file by itself: the environment of the check says nothing about the place where it will be used. */
function checkFile(file: string): number {
  const reading = readOnce(file);
  const source = reading.bytes?.toString('utf8') ?? '';
  const places = source
    .split('\n')
    .flatMap((line, index) => (unsetIn(line).length > 0 ? [`${file}:${index + 1} `] : []));
  const isOpen = ({ key, found, isFileAbsent = false }: ConfigProblem) =>
    isFileAbsent ||
    (places.some((place) => key.startsWith(place)) &&
      (found.includes(STAND_IN) || found.includes('(not shown)')));
  return check(() => readFileAlone(file, variablesIn(source), { reading }), isOpen, unsetIn(source));
}

/**
 * @param isOpen whether a problem may not exist where the configuration will be used
 * @param unset the variables that it names and that are not set here
 */
function check(
  read: () => LoadedConfig,
  isOpen: (problem: ConfigProblem) => boolean,
  unset: readonly string[] = [],
): number {
  const unknown = unset.length === 0 ? '' : `  variables that are not set here: ${unset.join(', ')}\n`;
  try {
    process.stdout.write(`${describe(read())}\n${unknown}`);
    return 0;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const problems = error.problems.filter((problem) => !isOpen(problem));
    if (problems.length > 0) {
      process.stderr.write(`${new ConfigError(problems).message}\n`);
      return 1;
    }
    const open = error.problems.map(({ key, found, isFileAbsent = false }) =>
      isFileAbsent ? `  ${key}: ${found}` : `  ${key}`,
    );
    const heading = 'ok, except for what depends on variables and files that are missing here:';
    process.stdout.write(`${[heading, ...open].join('\n')}\n${unknown}`);
    return 0;
  }
}

/** Summarises a valid configuration, without its secrets. */
function describe({ config, warnings }: LoadedConfig): string {
  const backends = config.backends.map((backend) => {
    const { name, priority, weight } = poolBackendOf(backend);
    const credential = (backend.apiKey ?? backend.apiKeyFile) ? 'a key' : 'Microsoft Entra ID';
    return `  ${name}: priority ${priority}, weight ${weight}, ${new URL(backend.url).host}, by ${credential}`;
  });
  const clients = config.clients ?? [];
  const counts = [
    countOf(backends, 'backend'),
    ...(clients.length === 0 ? [] : [countOf(clients, 'client')]),
  ];
  const told = warnings.map((warning) => `  probably a mistake: ${describeProblem(warning)}`);
  const sum = `ok: ${counts.join(', ')}, ${config.strategy}, on ${config.host}:${config.port}`;
  return [sum, ...backends, ...told].join('\n');
}

function countOf({ length }: readonly unknown[], noun: string): string {
  return `${length} ${noun}${length === 1 ? '' : 's'}`;
}
