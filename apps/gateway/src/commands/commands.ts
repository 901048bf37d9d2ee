import { optionsHelp } from '../what-if/options-help.ts';

/** A command's module, loaded when the command runs. */
interface CommandModule {
  /**
   * Runs the command.
   *
   * @param args the arguments after its name
   * @returns the exit code; undefined if the process goes on
   */
  run(args: readonly string[]): Promise<number | undefined> | number | undefined;
}

/** A command of `spillway`. */
export interface Command {
  /** The arguments, such as `[FILE]`; empty if there are none. */
  readonly usage: string;
  /** A one-line description. */
  readonly summary: string;
  /** Further help. */
  readonly help?: string;
  readonly load: () => Promise<CommandModule>;
}

/** All commands by name. */
export const commands: Readonly<Record<string, Command>> = {
  serve: {
    usage: '',
    summary: 'Starts the gateway. So does spillway without a command.',
    help: `It is configured by environment variables, by the YAML file that SPILLWAY_CONFIG names, or by both. It logs to stdout,
and exits with 1 if the configuration is wrong. SIGTERM drains and ends it, SIGHUP reads the file again.`,
    load: () => import('./serve.ts'),
  },
  'check-config': {
    usage: '[FILE]',
    summary: 'Checks a configuration, and lists every problem.',
    help: `With FILE, or - for stdin, that file is checked by itself, such as in CI: of the environment only the variables that
it names count. They, and the files of keys and certificates that it names, may be missing: what could not be checked is listed.
Without FILE, the configuration of serve is checked: the environment, and the file in SPILLWAY_CONFIG.
No connection is made. Exits with 0 if the configuration is right, and with 1 if it is not.`,
    load: () => import('./check-config.ts'),
  },
  keys: {
    usage: 'create [--name NAME]',
    summary: 'Makes a key for a client, which is shown once.',
    help: `Prints the key, and the lines for the configuration, which has its SHA-256 only. Nothing is sent or stored.
NAME has letters, digits, dots, dashes and underscores, at most 64.`,
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
