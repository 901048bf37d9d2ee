import type { Environment } from './environment.ts';

/** A value for a variable that is not set here. As long as a secret has to be. */
export const STAND_IN = 'unset-variable-';

const VARIABLE = /\$\{(\w+)\}/g;

/** Returns the variables that a file names, with a stand-in for each that is not set here. */
export function variablesIn(source: string): Environment {
  return Object.fromEntries(namesIn(source).map((name) => [name, process.env[name] ?? `${STAND_IN}${name}`]));
}

/** Returns the variables in a text that are not set here, each once. */
export function unsetIn(text: string): string[] {
  return [...new Set(namesIn(text))].filter((name) => process.env[name] === undefined);
}

function namesIn(text: string): string[] {
  return [...text.matchAll(VARIABLE)].map(([, name = '']) => name);
}
