import { stderr, stdout } from 'node:process';
import { makeKey, sha256 } from '../client/keys.ts';

/** Where a command writes. */
interface Output {
  write(text: string): unknown;
}

const NAME = /^[\w.-]{1,64}$/;
const USAGE = `Usage: spillway keys create [--name NAME]

Makes a key for a client. It is shown once, and nowhere else: the configuration has its SHA-256 only.
`;

/**
 * The command `spillway keys`.
 *
 * @param args what follows `keys`
 * @returns the process' exit code
 */
export function run(args: readonly string[], out: Output = stdout, errors: Output = stderr): number {
  const [command, ...options] = args;
  const isHelp = command === undefined || command === '--help' || command === '-h';
  if (isHelp) {
    out.write(USAGE);
    return command === undefined ? 2 : 0;
  }
  const name = command === 'create' ? readName(options) : undefined;
  if (name === undefined) {
    errors.write(USAGE);
    return 2;
  }
  if (!NAME.test(name)) {
    errors.write('A name has letters, digits, dots, dashes and underscores, at most 64.\n');
    return 2;
  }
  const key = makeKey();
  out.write(
    `${key}\n\n# The key is shown this once. This goes into the configuration:\n${snippetOf(name, key)}`,
  );
  return 0;
}

/** Undefined for options that there are not. */
function readName(options: readonly string[]): string | undefined {
  const [first, second, ...more] = options;
  if (first === undefined) return 'NAME';
  const [, written] = /^--name=(.*)$/.exec(first) ?? [];
  if (written !== undefined) return second === undefined ? written : undefined;
  return first === '--name' && more.length === 0 ? second : undefined;
}

function snippetOf(name: string, key: string): string {
  return `clients:\n  - name: ${JSON.stringify(name)}\n    keys:\n      - sha256: '${sha256(key)}'\n`;
}
