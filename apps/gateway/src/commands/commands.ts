import { optionsHelp } from '../what-if/options-help.ts';

/** A command's module, which is loaded when the command is run. */
interface CommandModule {
  /**
   * Runs the command.
   *
   * @param args what follows its name
   * @returns the exit code; undefined if the process goes on
   */
  run(args: readonly string[]): Promise<number | undefined> | number | undefined;
}

/** A command of `spillway`. */
export interface Command {
  /** What follows its name, such as `[FILE]`; empty if nothing may. */
  readonly usage: string;
  /** What it does, in a line. */
  readonly summary: string;
  /** What else there is to say of it. */
  readonly help?: string;
  readonly load: () => Promise<CommandModule>;
}

/** All commands by name. */
export const commands: Readonly<Record<string, Command>> = {
  serve: {
    usage: '',
    summary: 'Starts the gateway. So does spillway without a command.',
    load: () => import('./serve.ts'),
  },
  'check-config': {
    usage: '[FILE]',
    summary: 'Checks a configuration, and says all that is wrong with it.',
    help: `With FILE, that file is checked by itself: of the environment only the variables that it names count, and they need
not be set. Without, what serve would start with is checked: the environment, and the file in SPILLWAY_CONFIG.
Certificates that it names are read; nothing is connected to. Exits with 0 if it is right, and with 1 if it is not.`,
    load: () => import('./check-config.ts'),
  },
  keys: {
    usage: 'create [--name NAME]',
    summary: 'Makes a key for a client, which is shown once.',
    help: 'Prints the key, and what the configuration has of it: its SHA-256.',
    load: () => import('./keys.ts'),
  },
  simulate: {
    usage: '--log FILE --config FILE',
    summary: 'Says what would have happened with another configuration.',
    help: `${optionsHelp}

Exits with 1 if that cannot be told. \`pnpm spillway-simulate\`, in a clone of the repository, also draws it.`,
    load: () => import('./simulate.ts'),
  },
};
