import { readFileSync } from 'node:fs';
import { type Config, loadConfig } from '@spillway/gateway/config';

/** What stands for a variable that is not set here: a replay calls no backend, and needs no key. */
const PLACEHOLDER = 'unset-';

/**
 * Reads a configuration file as the gateway does. Of the environment, only the variables that the file names count; secrets
 * need not be there.
 *
 * @throws ConfigError with every problem at once
 */
export function readConfiguration(file: string): Config {
  return loadConfig({ ...namedVariables(file), SPILLWAY_CONFIG: file });
}

function namedVariables(file: string): Record<string, string> {
  const names = [...sourceOf(file).matchAll(/\$\{(\w+)\}/g)].map(([, name = '']) => name);
  return Object.fromEntries(names.map((name) => [name, process.env[name] ?? `${PLACEHOLDER}${name}`]));
}

/** A file that cannot be read is told of by the gateway's own reader. */
function sourceOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
