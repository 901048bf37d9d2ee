import { version } from '../version.ts';
import { type Command, commands } from './commands.ts';

/** The exit code for a command line that cannot be understood. */
const MISUSED = 2;

/**
 * Runs the command of a command line; without a command, the gateway.
 *
 * @returns the exit code; undefined if the process goes on
 */
export async function runCommand([name = 'serve', ...args]: readonly string[]): Promise<number | undefined> {
  if (name !== 'serve') endIfUnwritable();
  if (name === '--version' || name === '-v') return say(version);
  if (name === '--help' || name === '-h' || name === 'help') return say(describeAll());
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) return refuse(await describeUnknown(name));
  if (args.includes('--help') || args.includes('-h')) return say(describe(name, command));
  if (command.usage === '' && args.length > 0)
    return refuse(`spillway ${name} takes no arguments, but there is "${args[0]}".`);
  const { run } = await command.load();
  return run(args);
}

/** The reader may leave, and a disk may be full: a key that nobody has seen must not seem to have been shown. */
function endIfUnwritable(): void {
  process.stderr.on('error', () => {});
  process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
    process.stderr.write(`The output could not be written (${code}).\n`);
    process.exit(1);
  });
}

function say(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}

function refuse(text: string): number {
  process.stderr.write(`${text}\nspillway --help lists the commands.\n`);
  return MISUSED;
}

async function describeUnknown(name: string): Promise<string> {
  const { nearestOf } = await import('../config/meant-key.ts');
  const nearest = nearestOf(name, [...Object.keys(commands), '--help', '--version']);
  const hint = nearest === undefined ? '' : ` Did you mean ${nearest}?`;
  return `There is no ${name.startsWith('-') ? 'option' : 'command'} "${name}".${hint}`;
}

function describe(name: string, { usage, summary, help }: Command): string {
  const told = help === undefined ? [summary] : [summary, help];
  return [`Usage: ${`spillway ${name} ${usage}`.trim()}`, ...told].join('\n\n');
}

function describeAll(): string {
  const rows = Object.entries(commands).map(([name, { usage, summary }]) => [
    `${name} ${usage}`.trim(),
    summary,
  ]);
  const width = Math.max(...rows.map(([left = '']) => left.length));
  return [
    'Usage: spillway [COMMAND]',
    '',
    ...rows.map(([left = '', summary = '']) => `  ${left.padEnd(width)}  ${summary}`),
    '',
    '  --version, -v and --help, -h; COMMAND --help explains one command.',
    '',
    'The gateway is configured by environment variables, by the YAML file that SPILLWAY_CONFIG names, or by both.',
  ].join('\n');
}
