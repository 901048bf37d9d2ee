import { stderr, stdout } from 'node:process';
import { parseArgs } from 'node:util';
import { makeKey, sha256 } from '../client/keys.ts';

/** The output of a command. */
interface Output {
  write(text: string): unknown;
}

const NAME = /^[\w.-]{1,64}$/;

/**
 * The command `spillway keys`.
 *
 * @param args the arguments after `keys`
 * @returns the process' exit code
 */
export function run(args: readonly string[], out: Output = stdout, errors: Output = stderr): number {
  let name: string;
  try {
    name = readName(args);
  } catch (error) {
    errors.write(`${(error as Error).message}\nUsage: spillway keys create [--name NAME]\n`);
    return 2;
  }
  const key = makeKey();
  out.write(
    `${key}\n\n# The key is shown this once. This goes into the configuration:\n${snippetOf(name, key)}`,
  );
  return 0;
}

/** @throws Error that describes the mistake in the command line */
function readName([command, ...options]: readonly string[]): string {
  if (command !== 'create') throw new Error('The only action for keys is create.');
  const { name = 'NAME' } = parseArgs({ args: [...options], options: { name: { type: 'string' } } }).values;
  if (NAME.test(name)) return name;
  throw new Error(
    `"${name}" is not a valid name: it may have letters, digits, dots, dashes and underscores, at most 64.`,
  );
}

function snippetOf(name: string, key: string): string {
  return `clients:\n  - name: ${JSON.stringify(name)}\n    keys:\n      - sha256: '${sha256(key)}'\n`;
}
