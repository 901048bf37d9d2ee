import { createHash } from 'node:crypto';
import { ConfigError, type ConfigProblem } from '../config/config-error.ts';
import type { Environment } from '../config/environment.ts';
import { type FileReading, readOnce } from '../config/file-reading.ts';
import { readFileAlone } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { STAND_IN, unsetIn, variablesIn } from '../config/stand-ins.ts';

/** Stand-ins for variables where a text would be invalid, and where a replay does not depend on the value. */
const SHAPES: readonly (readonly [key: RegExp, shapeOf: (name: string) => string])[] = [
  [/\.sha256$/, (name) => createHash('sha256').update(name).digest('hex')],
  [/\.(tenants|audiences|applications)\[\d+\]$/, () => '00000000-0000-4000-8000-000000000000'],
  [/[ .]port$/, () => '0'],
];

/**
 * Reads a configuration file as the gateway does, in a place where it does not run: of the environment, only the
 * variables that the file names count, secrets may be missing, and key and certificate files are not read.
 *
 * @throws Error with every problem at once
 */
export function readConfiguration(file: string): Config {
  const reading = readOnce(file);
  const source = reading.bytes?.toString('utf8') ?? '';
  const variables = variablesIn(source);
  try {
    const shapes = findShapes(file, reading, variables);
    return readFileAlone(file, { ...variables, ...shapes }, { reading, isElsewhere: true }).config;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const unset = unsetIn(source);
    const hint =
      unset.length === 0 ? '' : `\nNot set here, and replaced by ${STAND_IN}…: ${unset.join(', ')}`;
    throw new Error(`--config: ${file}\n${error.message}${hint}`, { cause: error });
  }
}

/** Finds variables that are not set here, and that no text can stand for. */
function findShapes(file: string, reading: FileReading, variables: Environment): Environment {
  const lines = reading.bytes?.toString('utf8').split('\n') ?? [];
  const shapes = problemsOf(file, reading, variables).flatMap(({ key }) => {
    const [, shapeOf] = SHAPES.find(([pattern]) => pattern.test(key)) ?? [];
    const number = key.startsWith(`${file}:`) ? Number.parseInt(key.slice(file.length + 1), 10) : 0;
    const names = unsetIn(lines[number - 1] ?? '');
    // Of several variables in a line it is unclear which one is meant, but a text may stand for a hash too.
    const isSure = names.length === 1 || key.endsWith('.sha256');
    return shapeOf !== undefined && isSure ? names.map((name) => [name, shapeOf(name)]) : [];
  });
  return Object.fromEntries(shapes);
}

function problemsOf(file: string, reading: FileReading, variables: Environment): readonly ConfigProblem[] {
  try {
    readFileAlone(file, variables, { reading, isElsewhere: true });
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems;
  }
}
