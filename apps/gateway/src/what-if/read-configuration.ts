import { readFileSync } from 'node:fs';
import { ConfigError } from '../config/config-error.ts';
import { readFileAlone } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { STAND_IN, unsetIn, variablesIn } from '../config/stand-ins.ts';

/**
 * Reads a configuration file as the gateway does, in a place where it does not run: of the environment, only the variables that
 * the file names count, secrets need not be there, and files of keys and certificates are not looked for.
 *
 * @throws Error with every problem at once
 */
export function readConfiguration(file: string): Config {
  const source = sourceOf(file);
  try {
    return readFileAlone(file, variablesIn(source), true).config;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const unset = unsetIn(source);
    const hint = unset.length === 0 ? '' : `\nNot set here, and taken for ${STAND_IN}…: ${unset.join(', ')}`;
    throw new Error(`--config: ${file}\n${error.message}${hint}`, { cause: error });
  }
}

/** A file that cannot be read is told of by the gateway's own reader. */
function sourceOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
