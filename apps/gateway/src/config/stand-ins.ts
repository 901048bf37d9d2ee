import type { Environment } from './environment.ts';

/** A value for a variable that is not set here. As long as a secret has to be. */
export const STAND_IN = 'unset-variable-';

const VARIABLE = /\$\{(\w+)\}/g;
const COMMENT_LINE = /^\s*#.*/gm;

/** Returns the variables that a file names, with a stand-in for each that is not set here. */
export function variablesIn(source: string): Environment {
  return Object.fromEntries(namesIn(source).map((name) => [name, process.env[name] ?? `${STAND_IN}${name}`]));
}

/** Returns the variables in a file, or in a line of it, that are not set here, each once; comment lines need none. */
export function unsetIn(source: string): string[] {
  return [...new Set(namesIn(source.replaceAll(COMMENT_LINE, '')))].filter(
    (name) => process.env[name] === undefined,
  );
}

function namesIn(text: string): string[] {
  return [...text.matchAll(VARIABLE)].map(([, name = '']) => name);
}
